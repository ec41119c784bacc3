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

// Zones of those to whom the merchants send.
const (
	amsterdam = "Europe/Amsterdam"
	stockholm = "Europe/Stockholm"
	oslo      = "Europe/Oslo"
)

// What the merchants sell.
var (
	plaid   = Item{Name: "Linnen plaid", SKU: "PLAID-01", PriceMinor: 5495}
	stool   = Item{Name: "Eiken kruk", SKU: "KRUK-02", PriceMinor: 12900}
	cushion = Item{Name: "Wollen kussen", SKU: "KUSSEN-03", PriceMinor: 3995}

	boots = Item{Name: "Fjällkängor", SKU: "KANGA-42", PriceMinor: 189900}
	socks = Item{Name: "Ullsockor", SKU: "SOCKA-07", PriceMinor: 24900}
)

// LindenShopper is the mail address of who ordered; one for each order, so that its mails can be told from others.
func LindenShopper(number string) string { return fmt.Sprintf("sanne+%s@shopper.example", number) }

// FjallroShopper is the mail address of who ordered.
func FjallroShopper(number string) string { return fmt.Sprintf("astrid+%s@shopper.example", number) }

// lindenOrder is an order of the Dutch merchant; everything comes in through the source api.
func lindenOrder(number string, placed time.Time, items ...Item) Order {
	return Order{
		Number: number, PlacedAt: placed, Locale: "nl",
		Name: "Sanne de Vries", Email: LindenShopper(number),
		Street: "Voorbeeldstraat 12", Postcode: "1234 AB", City: "Utrecht", Country: "NL",
		Items: items, Currency: "EUR", Carrier: "postnl", Parcel: lindenParcel(number),
	}
}

// lindenParcel is a number of a Dutch carrier's making; each part of an order has another one.
func lindenParcel(parts ...string) string { return "3SLIND" + digits(parts...) }

// fjallroOrder is an order of the Swedish merchant: Shopify tells of the order and of the parcel's number, EasyPost of its way.
func fjallroOrder(number string, placed time.Time, items ...Item) Order {
	return Order{
		Number: number, PlacedAt: placed, Locale: "sv",
		Name: "Astrid Lund", Email: FjallroShopper(number),
		Street: "Exempelgatan 7", Postcode: "123 45", City: "Umeå", Country: "SE",
		Items: items, Currency: "SEK", Carrier: "PostNord", Parcel: fjallroParcel(number),
	}
}

func fjallroParcel(parts ...string) string { return "FJ" + digits(parts...) + "SE" }

// Linden is an order of the Dutch merchant and the whole way of its parcel, which ends shortly before now.
func Linden(number string, now time.Time) []Webhook {
	at := before(now)
	leaves, arrives := theRound(now, amsterdam)
	order := lindenOrder(number, at(26*time.Hour), plaid)
	order.Arrives = promised(now, amsterdam)
	order.Scans = []Scan{
		{Status: "LabelCreated", At: at(22 * time.Hour), Location: "Utrecht", Text: "De zending is aangemeld"},
		{Status: "InTransit", At: at(12 * time.Hour), Location: "Nieuwegein", Text: "Zending is gesorteerd"},
		{Status: "OutForDelivery", At: leaves, Location: "Utrecht", Text: "Bezorger is onderweg"},
		{Status: "Delivered", At: arrives, Location: "Utrecht", Text: "Zending is bezorgd"},
	}
	return mailing(API(order), "OrderReceived", "", "Shipped", "OutForDelivery", "Delivered")
}

// Fjallro is an order of the Swedish merchant and the whole way of its parcel. Its own policy mails about the label as well.
func Fjallro(number string, now time.Time) []Webhook {
	at := before(now)
	leaves, arrives := theRound(now, stockholm)
	labelled := at(22*time.Hour + time.Minute)
	order := fjallroOrder(number, at(26*time.Hour), boots)
	order.Arrives = promised(now, stockholm)
	order.Scans = []Scan{
		{Status: "pre_transit", Detail: "label_created", At: at(22 * time.Hour), Location: "Östersund", Text: "Försändelsen är föranmäld"},
		{Status: "in_transit", Detail: "arrived_at_facility", At: at(12 * time.Hour), Location: "Sundsvall", Text: "Försändelsen är under transport"},
		{Status: "out_for_delivery", Detail: "out_for_delivery", At: leaves, Location: "Umeå", Text: "Försändelsen är lastad för utkörning"},
		{Status: "delivered", Detail: "arrived_at_destination", At: arrives, Location: "Umeå", Text: "Försändelsen är utlämnad"},
	}
	hooks := []Webhook{
		ShopifyOrder(FjallroShopSource, order),
		shopifyHook(FjallroShopSource, "fulfillments/create", order, "the parcel's number", labelled, shopifyFulfillment(order, order.Parcel, "open", labelled, labelled, order.Items)),
	}
	hooks = append(hooks, EasyPostTracker(FjallroCarrierSource, order)...)
	return mailing(hooks, "OrderReceived", "", "LabelCreated", "Shipped", "OutForDelivery", "Delivered")
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

func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // the zones are linked in
	}
	return zone
}

// UntilOneDay is how long to wait before a journey is told that takes up to need, so that no midnight of where the parcels go
// falls into the telling: of a round of yesterday there is no news. All of the demo's parcels have their midnight together.
func UntilOneDay(now time.Time, need time.Duration) time.Duration {
	there := now.In(zoneOf(amsterdam))
	midnight := time.Date(there.Year(), there.Month(), there.Day()+1, 0, 0, 0, 0, there.Location())
	// Some seconds more, because the driver leaves and arrives on the new day before it is told.
	if left := midnight.Sub(now); left < need {
		return left + 5*time.Second
	}
	return 0
}

// promised is a time on the day that a carrier would name, in the words of where the parcel goes: not this machine's day,
// and not one that ends while the way is still being told.
func promised(now time.Time, zone string) time.Time { return now.Add(time.Hour).In(zoneOf(zone)) }

// theRound is when the driver leaves and arrives, before now and on the same day where the parcel goes: after that day it is
// no longer true that the parcel is out for delivery.
func theRound(now time.Time, zone string) (leaves, arrives time.Time) {
	there := now.In(zoneOf(zone))
	leaves, arrives = there.Add(-3*time.Hour), there.Add(-5*time.Minute)
	if midnight := time.Date(there.Year(), there.Month(), there.Day(), 0, 0, 0, 0, there.Location()); leaves.Before(midnight) {
		leaves = midnight
	}
	if half := leaves.Add(there.Sub(leaves) / 2); arrives.Before(half) {
		arrives = half
	}
	return leaves.Truncate(time.Second), arrives.Truncate(time.Second)
}

// digits are nine digits that belong to one order, or to a part of it.
func digits(parts ...string) string {
	return fmt.Sprintf("%09d", id(append([]string{"parcel"}, parts...)...)%1_000_000_000)
}
