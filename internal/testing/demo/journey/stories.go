package journey

import "time"

// Split is an order of the Dutch merchant in two parcels, one that comes today and one that comes later, and a cushion that
// has not been sent yet.
func Split(number string, now time.Time) []Webhook {
	at := before(now)
	leaves, _ := theRound(now, amsterdam)
	order := lindenOrder(number, at(26*time.Hour), plaid, stool, cushion)
	first, second := lindenParcel(number, "1"), lindenParcel(number, "2")
	today := promised(now, amsterdam)
	later := today.AddDate(0, 0, 2)
	return mailing([]Webhook{
		apiOrder(order),
		apiPacked(order, "S-1", at(14*time.Hour), first, plaid),
		apiScan(order, first, Scan{Status: "InTransit", At: at(12 * time.Hour), Location: "Nieuwegein", Text: "Zending is gesorteerd"}, object{"eta": onDay(today)}),
		apiPacked(order, "S-2", at(8*time.Hour), second, stool),
		apiScan(order, second, Scan{Status: "HandedToCarrier", At: at(6 * time.Hour), Location: "Zwolle", Text: "Zending is ontvangen"}, object{"eta": onDay(later)}),
		apiScan(order, first, Scan{Status: "OutForDelivery", At: leaves, Location: "Utrecht", Text: "Bezorger is onderweg"}, object{"eta": onDay(today)}),
	}, "OrderReceived", "", "Shipped", "", "Shipped", "OutForDelivery")
}

// patience is how long after now the window ends in which the late parcel should come.
const patience = 10 * time.Second

// Late is an order of the Dutch merchant whose parcel falls silent, and does not come in the window for which it was promised.
// That ends soon after now, when everything else has been told: nothing is late that was heard of after its time.
func Late(number string, now time.Time) []Webhook {
	at := before(now)
	order := lindenOrder(number, at(44*time.Hour), stool)
	if now.In(zoneOf(amsterdam)).Hour() >= 20 {
		// In the evening a late parcel is told of by 20:30 of where it goes. Then it goes where it is still afternoon.
		order.Street, order.Postcode, order.City, order.Country = "Voorbeeldweg 5", "", "Willemstad", "CW"
	}
	return mailing([]Webhook{
		apiOrder(order),
		apiScan(order, order.Parcel, Scan{Status: "InTransit", At: at(40 * time.Hour), Location: "Zwolle", Text: "Zending is gesorteerd"}, object{}),
		apiChange(order, "the promised time, and nothing more", at(30*time.Hour), object{
			"promise": object{"from": now.Add(-2 * time.Hour).Format(time.RFC3339), "to": now.Add(patience).Format(time.RFC3339)},
		}),
	}, "OrderReceived", "Shipped", "LateWithoutNews")
}

// Corrected is an order of the Swedish merchant: the parcel's number was mistyped and is corrected, and the socks, which are
// sold out, are paid back.
func Corrected(number string, now time.Time) []Webhook {
	at := before(now)
	leaves, arrives := theRound(now, stockholm)
	order := fjallroOrder(number, at(26*time.Hour), boots, socks)
	order.Arrives = promised(now, stockholm)
	order.Scans = []Scan{
		{Status: "in_transit", Detail: "arrived_at_facility", At: at(12 * time.Hour), Location: "Sundsvall", Text: "Försändelsen är under transport"},
		{Status: "out_for_delivery", Detail: "out_for_delivery", At: leaves, Location: "Umeå", Text: "Försändelsen är lastad för utkörning"},
		{Status: "delivered", Detail: "arrived_at_destination", At: arrives, Location: "Umeå", Text: "Försändelsen är utlämnad"},
	}
	sent, corrected := at(22*time.Hour), at(20*time.Hour)
	mistyped := shopifyFulfillment(order, fjallroParcel(number, "mistyped"), "success", sent, sent, []Item{boots})
	right := shopifyFulfillment(order, order.Parcel, "success", sent, corrected, []Item{boots})
	hooks := []Webhook{
		ShopifyOrder(FjallroShopSource, order),
		shopifyHook(FjallroShopSource, "fulfillments/create", order, "the parcel's number", sent, mistyped),
		shopifyHook(FjallroShopSource, "fulfillments/update", order, "another number", corrected, right),
		shopifyRefund(FjallroShopSource, order, socks, at(18*time.Hour), right),
	}
	hooks = append(hooks, EasyPostTracker(FjallroCarrierSource, order)...)
	return mailing(hooks, "OrderReceived", "Shipped", "", "Refunded", "EtaMoved", "OutForDelivery", "Delivered")
}

// Duties is an order of the Swedish merchant from Norway, in English: the driver went back with the parcel, because import
// duties are to be paid first.
func Duties(number string, now time.Time) []Webhook {
	at := before(now)
	sent, order := at(30*time.Hour), fjallroOrder(number, at(40*time.Hour), boots)
	order.Locale, order.Name, order.Street, order.Postcode, order.City, order.Country = "en", "Ingrid Berg", "Eksempelveien 3", "0150", "Oslo", "NO"
	hooks := []Webhook{
		ShopifyOrder(FjallroShopSource, order),
		shopifyHook(FjallroShopSource, "fulfillments/create", order, "the parcel's number", sent, shopifyFulfillment(order, order.Parcel, "success", sent, sent, order.Items)),
		apiScan(order, order.Parcel, Scan{Status: "InTransit", At: at(20 * time.Hour), Location: "Svinesund", Text: "Arrived in the country of destination"}, object{"country": "NO"}),
		apiScan(order, order.Parcel, Scan{Status: "DeliveryAttemptFailed", At: at(2 * time.Hour), Location: "Oslo", Text: "Import duties are unpaid"}, object{
			"country": "NO", "reason": "DutiesDue",
			"action": object{"reason": "DutiesDue", "url": "https://carrier.example/pay/" + order.Parcel, "by": now.In(zoneOf(oslo)).AddDate(0, 0, 5).Format(time.DateOnly)},
		}),
	}
	return mailing(hooks, "OrderReceived", "Shipped", "", "ActionRequired")
}

// Pickup is an order of the Dutch merchant whose parcel waits at a pick-up point for four days, and then goes back.
func Pickup(number string, now time.Time) []Webhook {
	at := before(now)
	order := lindenOrder(number, at(47*time.Hour), plaid)
	return mailing([]Webhook{
		apiOrder(order),
		apiScan(order, order.Parcel, Scan{Status: "InTransit", At: at(44 * time.Hour), Location: "Nieuwegein", Text: "Zending is gesorteerd"}, object{}),
		apiScan(order, order.Parcel, Scan{Status: "AvailableForPickup", At: at(40 * time.Hour), Location: "Utrecht", Text: "Zending ligt klaar"}, object{
			"pickup": object{
				"name": "Kiosk Noord", "address": "Meeuwenlaan 12, Utrecht", "code": "4711", "hours": "ma-za 8:00-20:00",
				"until": now.In(zoneOf(amsterdam)).AddDate(0, 0, 4).Format(time.DateOnly),
			},
		}),
		apiScan(order, order.Parcel, Scan{Status: "PickupExpired", At: at(5 * time.Minute), Location: "Utrecht", Text: "Zending is niet opgehaald"}, object{}),
	}, "OrderReceived", "Shipped", "AvailableForPickup", "PickupExpired")
}

// Returned is an order of the Dutch merchant that came, and that the shopper sends back.
func Returned(number string, now time.Time) []Webhook {
	at := before(now)
	order := lindenOrder(number, at(44*time.Hour), plaid)
	back := lindenParcel(number, "return")
	return mailing([]Webhook{
		apiOrder(order),
		apiScan(order, order.Parcel, Scan{Status: "InTransit", At: at(40 * time.Hour), Location: "Nieuwegein", Text: "Zending is gesorteerd"}, object{}),
		apiScan(order, order.Parcel, Scan{Status: "Delivered", At: at(30 * time.Hour), Location: "Utrecht", Text: "Zending is bezorgd"}, object{}),
		apiShipment(order, "R-1", "a return", at(20*time.Hour), object{
			"direction": "Return", "phase": "ReturnRequested", "phaseAt": at(20 * time.Hour), "lines": apiLines([]Item{plaid}),
			"parcels":     []object{{"carrier": order.Carrier, "number": back}},
			"returnLabel": object{"url": "https://linden.example/labels/r-1.pdf", "until": now.In(zoneOf(amsterdam)).AddDate(0, 0, 14).Format(time.DateOnly)},
		}),
		apiScan(order, back, Scan{Status: "InTransit", At: at(8 * time.Hour), Location: "Utrecht", Text: "Zending is ontvangen"}, object{}),
		apiShipment(order, "R-1", "the return's arrival", at(time.Hour), object{"phase": "ReturnReceived", "phaseAt": at(time.Hour)}),
	}, "OrderReceived", "Shipped", "Delivered", "ReturnRequested", "ReturnInTransit", "ReturnReceived")
}

// TwiceNotHome is an order of the Dutch merchant whose parcel could not be delivered on two days.
func TwiceNotHome(number string, now time.Time) []Webhook {
	at := before(now)
	order := lindenOrder(number, at(44*time.Hour), plaid)
	missed := func(ago time.Duration) Webhook {
		return apiScan(order, order.Parcel, Scan{Status: "DeliveryAttemptFailed", At: at(ago), Location: "Utrecht", Text: "Niemand thuis"}, object{"reason": "NotHome"})
	}
	return mailing([]Webhook{
		apiOrder(order),
		apiScan(order, order.Parcel, Scan{Status: "InTransit", At: at(40 * time.Hour), Location: "Nieuwegein", Text: "Zending is gesorteerd"}, object{}),
		missed(27 * time.Hour), // more than the longest day before the other one
		missed(time.Hour),
	}, "OrderReceived", "Shipped", "DeliveryAttemptFailed", "DeliveryAttemptFailed")
}
