package journey

import (
	"fmt"
	"time"
	_ "time/tzdata" // bare machines have no zone files
)

// Sources of the merchant Fjällro, as its Shop and its CarrierIntegration name them.
const (
	FjallroShopSource    = "webshop"
	FjallroCarrierSource = "easypost"
)

// LindenShopper is the mail address of who ordered; one for each order, so that its mails can be told from others.
func LindenShopper(number string) string { return fmt.Sprintf("sanne+%s@shopper.example", number) }

// FjallroShopper is the mail address of who ordered.
func FjallroShopper(number string) string { return fmt.Sprintf("astrid+%s@shopper.example", number) }

// Linden is an order of the Dutch merchant and the whole way of its parcel, which ends shortly before now. Everything
// comes in through the source api.
func Linden(number string, now time.Time) []Webhook {
	at := before(now)
	return mailing(API(Order{
		Number: number, PlacedAt: at(26 * time.Hour), Locale: "nl",
		Name: "Sanne de Vries", Email: LindenShopper(number),
		Street: "Voorbeeldstraat 12", Postcode: "1234 AB", City: "Utrecht", Country: "NL",
		Item: "Linnen plaid", SKU: "PLAID-01", PriceMinor: 5495, Currency: "EUR",
		Carrier: "postnl", Parcel: "3SLIND" + digits(number), Arrives: promised(now, "Europe/Amsterdam"),
		Scans: []Scan{
			{Status: "LabelCreated", At: at(22 * time.Hour), Location: "Utrecht", Text: "De zending is aangemeld"},
			{Status: "InTransit", At: at(12 * time.Hour), Location: "Nieuwegein", Text: "Zending is gesorteerd"},
			{Status: "OutForDelivery", At: at(3 * time.Hour), Location: "Utrecht", Text: "Bezorger is onderweg"},
			{Status: "Delivered", At: at(5 * time.Minute), Location: "Utrecht", Text: "Zending is bezorgd"},
		},
	}), "OrderReceived", "", "Shipped", "OutForDelivery", "Delivered")
}

// Fjallro is an order of the Swedish merchant: Shopify tells of the order and of the parcel's number, EasyPost of
// its way. Its own policy mails about the label as well.
func Fjallro(number string, now time.Time) []Webhook {
	at := before(now)
	order := Order{
		Number: number, PlacedAt: at(26 * time.Hour), Locale: "sv",
		Name: "Astrid Lund", Email: FjallroShopper(number),
		Street: "Exempelgatan 7", Postcode: "123 45", City: "Umeå", Country: "SE",
		Item: "Fjällkängor", SKU: "KANGA-42", PriceMinor: 189900, Currency: "SEK",
		Carrier: "PostNord", Parcel: "FJ" + digits(number) + "SE", Arrives: promised(now, "Europe/Stockholm"),
		Scans: []Scan{
			{Status: "pre_transit", Detail: "label_created", At: at(22 * time.Hour), Location: "Östersund", Text: "Försändelsen är föranmäld"},
			{Status: "in_transit", Detail: "arrived_at_facility", At: at(12 * time.Hour), Location: "Sundsvall", Text: "Försändelsen är under transport"},
			{Status: "out_for_delivery", Detail: "out_for_delivery", At: at(3 * time.Hour), Location: "Umeå", Text: "Försändelsen är lastad för utkörning"},
			{Status: "delivered", Detail: "arrived_at_destination", At: at(5 * time.Minute), Location: "Umeå", Text: "Försändelsen är utlämnad"},
		},
	}
	hooks := []Webhook{
		ShopifyOrder(FjallroShopSource, order),
		ShopifyFulfillment(FjallroShopSource, order, at(22*time.Hour+time.Minute)),
	}
	hooks = append(hooks, EasyPostTracker(FjallroCarrierSource, order)...)
	return mailing(hooks, "OrderReceived", "LabelCreated", "", "Shipped", "OutForDelivery", "Delivered")
}

// mailing notes what the merchant's policy mails about, one occasion or "" for each webhook.
func mailing(hooks []Webhook, occasions ...string) []Webhook {
	for i := range hooks {
		hooks[i].Mails = occasions[i]
	}
	return hooks
}

func before(now time.Time) func(time.Duration) time.Time {
	return func(ago time.Duration) time.Time { return now.Add(-ago).Truncate(time.Second) }
}

// promised is a time on the day that a carrier would name, in the words of where the parcel goes: not this machine's day,
// and not one that ends while the way is still being told.
func promised(now time.Time, zone string) time.Time {
	there, err := time.LoadLocation(zone)
	if err != nil {
		panic(err) // the zones are linked in
	}
	return now.Add(time.Hour).In(there)
}

// digits are nine digits that belong to one order.
func digits(number string) string { return fmt.Sprintf("%09d", id("parcel", number)%1_000_000_000) }
