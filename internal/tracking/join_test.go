package tracking

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

func TestAParcelEventThatNamesTheOrderNumberJoinsAnOrderOfAnotherSource(t *testing.T) {
	event := trackerSaid("api", "P1001", hours(30), scanned(OutForDelivery, hours(30), "Utrecht"))
	event.Tracker.Order.Number = "1001"
	o := hear(orderSaid("shopify", "4501", "#1001", t0, nil), event).only(t)
	if len(o.Shipments) != 1 || o.Shipments[0].Parcels[0].Number != "P1001" {
		t.Fatalf("shipments: %+v", o.Shipments)
	}
	if j := Project(o, testSetting(), hours(31)); j.State != Occasion(OutForDelivery) {
		t.Errorf("state %s", j.State)
	}
}

func TestANumberThatIsUsedAgainIsAnotherOrder(t *testing.T) {
	kim := func(o *OrderSaid) {
		o.ExternalID, o.PlacedAt = "", hours(24*100)
		o.Customer = Recipient{Name: "Kim", Email: "kim@example.org"}
		o.Destination = Address{Postcode: "9711 AA", City: "Groningen", Country: "NL"}
	}
	noor := func(o *OrderSaid) { o.ExternalID = "" }
	for name, second := range map[string]Statement{
		"a hundred days later": orderSaid("api", "1001@2027-03-04", "1001", hours(24*100), kim),
		"by the same person, who says no more": orderSaid("api", "1001@2027-03-05", "1001", hours(24*101), func(o *OrderSaid) {
			o.ExternalID, o.PlacedAt = "", time.Time{}
		}),
		"the next week": orderSaid("api", "1001@2026-12-01", "1001", hours(24*7), func(o *OrderSaid) {
			kim(o)
			o.PlacedAt = hours(24 * 7)
		}),
		"by another source the next day": orderSaid("erp", "77", "1001", hours(24), func(o *OrderSaid) {
			kim(o)
			o.ExternalID, o.PlacedAt = "77", hours(24)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			all := hear(orderSaid("api", "1001@2026-11-24", "1001", t0, noor), second).orders()
			if len(all) != 2 {
				t.Fatalf("%d orders, want 2", len(all))
			}
			for _, o := range all {
				if (o.Buyer.Name == "Kim") != (o.To.City == "Groningen") {
					t.Errorf("one order mixes two people: %s in %s", o.Buyer.Name, o.To.City)
				}
			}
		})
	}
}

func TestACorrectedAddressIsNoContradiction(t *testing.T) {
	first := orderSaid("api", "1001@2026-11-24", "1001", t0, func(o *OrderSaid) { o.ExternalID = "" })
	for name, correct := range map[string]func(*OrderSaid){
		"the place": func(o *OrderSaid) { o.Destination = Address{Postcode: "3511 AA", City: "Utrecht", Country: "NL"} },
		"the mail":  func(o *OrderSaid) { o.Customer.Email = "noor.j@example.org" },
	} {
		corrected := orderSaid("api", "1001@2026-11-26", "1001", hours(48), func(o *OrderSaid) {
			o.ExternalID = ""
			correct(o)
		})
		want := corrected.Order
		if o := hear(first, corrected).only(t); o.Buyer.Email != want.Customer.Email || o.To != want.Destination {
			t.Errorf("%s: the correction is lost: %+v %+v", name, o.Buyer, o.To)
		}
	}
}

func TestACarriersBareNumberJoinsNoOldOrder(t *testing.T) {
	word := trackerSaid("sendcloud", "3SMARKETPLACE", hours(24*400), scanned(Delivered, hours(24*400), ""))
	word.Tracker.Order.Number = "1001"
	w := hear(orderSaid("shopify", "4501", "#1001", t0, nil), word)
	if len(w.only(t).Shipments) != 0 || len(w.joined.Doubtful) != 1 {
		t.Errorf("joined: %+v", w.joined)
	}
	word.Tracker.Order.Email = "NOOR@example.org"
	if o := hear(orderSaid("shopify", "4501", "#1001", t0, nil), word).only(t); len(o.Shipments) != 1 {
		t.Error("what the recipient confirms does not join")
	}
}

func TestACarriersWordForAStrangerWaitsVisibly(t *testing.T) {
	word := trackerSaid("sendcloud", "3SX", hours(2), scanned(InTransit, hours(2), ""))
	word.Tracker.Order = OrderHint{Number: "1001", Email: "kim@example.org"}
	w := hear(orderSaid("shopify", "4501", "#1001", t0, nil), word)
	if len(w.only(t).Shipments) != 0 || len(w.joined.Doubtful) != 1 {
		t.Errorf("joined: %+v", w.joined)
	}
}

func TestACarriersOwnOrderIDNeverReplacesTheShops(t *testing.T) {
	word := trackerSaid("sendcloud", "3SX", hours(2), scanned(LabelCreated, hours(2), ""))
	word.Tracker.Order = OrderHint{Number: "1001", ExternalID: "sc-42"}
	update := orderSaid("shopify", "4501", "#1001", hours(3), func(o *OrderSaid) { o.Phase = ReadyToShip })
	o := hear(orderSaid("shopify", "4501", "#1001", t0, nil), word, update).only(t)
	if len(o.Shipments) != 1 || o.Phase != ReadyToShip {
		t.Errorf("order: %+v", o)
	}
}

func TestATrackerWithoutAnOrderFollowsAnotherOfItsNumber(t *testing.T) {
	named := trackerSaid("api", "P1001", hours(30), scanned(LabelCreated, hours(29), ""))
	named.Tracker.Order.Number = "1001"
	bare := trackerSaid("easypost", "P1001", hours(31), scanned(InTransit, hours(30), "Utrecht"))
	for _, statements := range [][]Statement{{named, bare}, {bare, named}} {
		o := hear(append(statements, orderSaid("shopify", "4501", "#1001", t0, nil))...).only(t)
		if len(o.Shipments) != 1 || len(o.Shipments[0].Parcels[0].Scans) != 2 {
			t.Errorf("shipments: %+v", o.Shipments)
		}
	}
}

func TestTheCarriersNameNeverSplitsAParcel(t *testing.T) {
	for _, name := range []string{"", "dhl-paket-deutschland", "ontrac"} {
		shop := shipmentSaid("shopify", "77", hours(1), "D10012345678901")
		shop.Shipment.Parcels[0].Carrier = name
		tracker := trackerSaid("easypost", "D1001 2345678901", hours(30), scanned(Delivered, hours(29), "Utrecht"))
		tracker.Tracker.Carrier = "ontrac"
		o := hear(orderSaid("shopify", "4501", "#1001", t0, nil), shop, tracker).only(t)
		if len(o.Shipments) != 1 || len(o.Shipments[0].Parcels) != 1 || o.Shipments[0].Parcels[0].Carrier != "ontrac" {
			t.Errorf("%q: %+v", name, o.Shipments)
		}
	}
}

func TestScansOfAnEarlierUseOfANumberAreNotTheParcels(t *testing.T) {
	old := hours(-24 * 360)
	tracker := trackerSaid("easypost", "3SX", hours(30),
		scanned(InTransit, old, "Groningen"), scanned(Delivered, old.Add(20*time.Hour), "Kerkstraat 3"), scanned(InTransit, hours(29), "Utrecht"))
	o := hear(orderSaid("shopify", "4501", "#1001", t0, nil), shipmentSaid("shopify", "77", hours(1), "3SX"), tracker).only(t)
	if scans := o.Shipments[0].Parcels[0].Scans; len(scans) != 1 || scans[0].Location != "Utrecht" {
		t.Errorf("scans: %+v", scans)
	}
}

func TestScansOfALaterUseOfANumberAreNotTheParcels(t *testing.T) {
	later := hours(24 * 300)
	tracker := trackerSaid("easypost", "3SX", later,
		scanned(InTransit, hours(20), "Utrecht"), scanned(Delivered, hours(40), "Amsterdam"), scanned(OutForDelivery, later, "Maastricht"))
	o := hear(orderSaid("shopify", "4501", "#1001", t0, nil), shipmentSaid("shopify", "77", hours(1), "3SX"), tracker).only(t)
	if scans := o.Shipments[0].Parcels[0].Scans; len(scans) != 2 {
		t.Errorf("scans: %+v", scans)
	}
}

func TestOneNumberInOrdersOfTwoPeopleShowsNothingPersonal(t *testing.T) {
	kim := orderSaid("shopify", "4502", "#1002", hours(1), func(o *OrderSaid) {
		o.Customer = Recipient{Name: "Kim", Email: "kim@example.org"}
		o.Destination = Address{Postcode: "9711 AA", City: "Groningen", Country: "NL"}
	})
	second := shipmentSaid("shopify", "78", hours(2), "3SX")
	second.Shipment.Order.ExternalID = "4502"
	tracker := trackerSaid("easypost", "3SX", hours(30), Scan{ID: "a1", Status: AvailableForPickup, Told: hours(29), Location: "Kiosk Noord"})
	tracker.Tracker.Pickup = &PickupPoint{Name: "Kiosk Noord", Code: "4711"}
	w := hear(orderSaid("shopify", "4501", "#1001", t0, nil), shipmentSaid("shopify", "77", hours(1), "3SX"), kim, second, tracker)
	if page := w.page(t, hours(31)); strings.Contains(page, "Kiosk") || strings.Contains(page, "4711") {
		t.Errorf("a stranger sees the place or the code: %s", page)
	}
}

func TestTwoOrdersOfOnePersonInOneBoxAreBothTold(t *testing.T) {
	again := orderSaid("shopify", "4502", "#1002", hours(1), nil)
	second := shipmentSaid("shopify", "78", hours(2), "3SX")
	second.Shipment.Order.ExternalID = "4502"
	tracker := trackerSaid("easypost", "3SX", hours(30), scanned(AvailableForPickup, hours(29), "Kiosk Noord"))
	w := hear(orderSaid("shopify", "4501", "#1001", t0, nil), shipmentSaid("shopify", "77", hours(1), "3SX"), again, second, tracker)
	for _, o := range w.orders() {
		if p := Project(o, testSetting(), hours(31)).Parcels; len(p) != 1 || p[0].Pickup == nil || p[0].Pickup.Name != "Kiosk Noord" || len(p[0].Together) != 1 {
			t.Errorf("%s: %+v", o.Number, p)
		}
	}
}

// A carrier's platform may name the shipment of one of the orders in the box: the others follow the same number.
func TestATrackerOfOneShipmentIsFollowedInEveryOrderInItsBox(t *testing.T) {
	again := orderSaid("shopify", "4502", "#1002", hours(1), nil)
	second := shipmentSaid("shopify", "78", hours(2), "3SX")
	second.Shipment.Order.ExternalID = "4502"
	tracker := trackerSaid("shopify", "3SX", hours(30), scanned(Delivered, hours(29), "Amsterdam"))
	tracker.Tracker.Shipment = "77"
	stranger := orderSaid("shopify", "4503", "#1003", hours(1), func(o *OrderSaid) {
		o.Customer, o.Destination = Recipient{Email: "kim@example.org"}, Address{Postcode: "9711 AA"}
	})
	w := hear(orderSaid("shopify", "4501", "#1001", t0, nil), shipmentSaid("shopify", "77", hours(1), "3SX"), again, second, stranger, tracker)
	for _, o := range w.orders() {
		p := Project(o, testSetting(), hours(31)).Parcels
		if want := o.Number != "#1003"; want != (len(p) == 1 && p[0].Status == Delivered) {
			t.Errorf("%s: %+v", o.Number, p)
		}
	}
}

// A platform that packs two orders together may state one shipment in both, each time with the lines of that order.
func TestAShipmentThatTwoOrdersListSpeaksForBoth(t *testing.T) {
	listed := func(o *OrderSaid) { o.Shipments = &[]string{"box"} }
	again := orderSaid("api", "4502", "#1002", hours(1), func(o *OrderSaid) {
		listed(o)
		o.Lines = []Line{{ID: "l9", Name: "Gloves", Quantity: locale.Units(1)}}
	})
	first, second := shipmentSaid("api", "box", hours(2), "3SX"), shipmentSaid("api", "box", hours(3), "3SX")
	first.Shipment.Lines, second.Shipment.Lines = []LineShare{{ID: "l1"}}, []LineShare{{ID: "l9"}}
	tracker := trackerSaid("api", "3SX", hours(30), scanned(Delivered, hours(29), "Amsterdam"))
	tracker.Tracker.Shipment = "box"
	w := hear(orderSaid("api", "4501", "#1001", t0, listed), again, first, second, tracker)
	if len(w.joined.Doubtful) != 0 || len(w.orders()) != 2 {
		t.Fatalf("joined: %+v", w.joined)
	}
	for _, o := range w.orders() {
		sh := o.Shipments[0]
		if len(sh.Parcels) != 1 || len(sh.Parcels[0].Scans) != 1 || (len(sh.Lines) == 1) != (o.Number == "#1002") {
			t.Errorf("%s: %+v", o.Number, sh)
		}
	}
}

// A bare number that could be either of two people's is nobody's, whatever joined first.
func TestABareWordBetweenTwoPeopleJoinsNeither(t *testing.T) {
	kim := orderSaid("erp", "9", "1001", hours(1), func(o *OrderSaid) {
		o.Customer, o.Destination = Recipient{Email: "kim@example.org"}, Address{Postcode: "9711 AA"}
	})
	bare := orderSaid("api", "1001@2026-11-24", "1001", hours(2), func(o *OrderSaid) { *o = OrderSaid{Number: "1001", Phase: Packed} })
	w := hear(orderSaid("shopify", "4501", "#1001", t0, nil), bare, kim)
	if len(w.orders()) != 2 || len(w.joined.Doubtful) != 1 {
		t.Errorf("joined: %+v", w.joined)
	}
}

// Many people, few numbers, several sources and years: whatever arrives in whatever order, no order ever holds words of two people.
func TestNoTwoPeopleAreEverJoined(t *testing.T) {
	for seed := range seeds(400) {
		random := rand.New(rand.NewPCG(seed, 7))
		statements := crowd(random)
		want := ""
		for range 5 {
			w := hear(shuffled(random, statements)...)
			for _, o := range w.orders() {
				if owners := ownersOf(o); len(owners) > 1 {
					t.Fatalf("seed %d: order %s holds words of %v", seed, o.Number, owners)
				}
			}
			page := w.page(t, hours(24*900))
			if want != "" && page != want {
				t.Fatalf("seed %d: the order of arrival changes what is shown\n%s\n%s", seed, want, page)
			}
			want = page
		}
	}
}

// crowd makes orders of many people under few numbers. Every text names its owner.
func crowd(random *rand.Rand) []Statement {
	var all []Statement
	pick := func(n int) int { return random.IntN(n) }
	for i := range 3 + pick(6) {
		who := fmt.Sprintf("person%d", i)
		at := hours(float64(24 * pick(900)))
		number := fmt.Sprint(1001 + pick(2))
		source := []string{"shopify", "api", "erp"}[pick(3)]
		parcel := fmt.Sprintf("3S%d", pick(3))
		id := fmt.Sprint(random.Uint32())
		o := orderSaid(source, id, number, at, func(o *OrderSaid) {
			o.ExternalID, o.PlacedAt = id, at
			if source == "api" {
				o.ExternalID = ""
			}
			o.Customer = Recipient{Name: who, Email: who + "@example.org"}
			o.Destination = Address{Street: who, Postcode: fmt.Sprint(1000 + i), Country: "NL"}
			o.Lines, o.Note = []Line{{Name: who, Quantity: o.Lines[0].Quantity}}, who
		})
		all = append(all, o)
		if pick(2) == 0 && source != "api" {
			s := shipmentSaid(source, "f"+id, at.Add(time.Hour), parcel)
			s.Shipment.Order.ExternalID, s.Shipment.CreatedAt = id, at.Add(time.Hour)
			all = append(all, s)
		}
		word := trackerSaid("sendcloud", parcel+fmt.Sprint(pick(2)), at.Add(30*time.Hour), scanned(InTransit, at.Add(29*time.Hour), who))
		word.Key.Ref, word.Tracker.Number = "t"+id, "T"+id
		word.Tracker.Order = OrderHint{Number: number}
		if pick(2) == 0 {
			word.Tracker.Order.Email = who + "@example.org"
			all = append(all, word)
		}
		if pick(3) == 0 {
			bare := orderSaid("api", number+"@"+at.Format(time.DateOnly)+"u", number, at.Add(2*time.Hour), func(o *OrderSaid) { *o = OrderSaid{Number: number, Phase: Packed} })
			all = append(all, bare)
		}
	}
	return all
}

// ownersOf are the people whose words an order holds.
func ownersOf(o Order) []string {
	var owners []string
	add := func(who string) {
		if who != "" && !slices.Contains(owners, who) {
			owners = append(owners, who)
		}
	}
	add(o.Buyer.Name)
	add(o.To.Street)
	add(o.Note)
	for _, l := range o.Lines {
		add(l.Name)
	}
	for _, s := range o.Shipments {
		for _, p := range s.Parcels {
			for _, scan := range p.Scans {
				add(scan.Location)
			}
		}
	}
	return owners
}

func TestANumberThatACancelledShipmentHadIsThatOfTheOrderItWasMovedTo(t *testing.T) {
	kim := orderSaid("shopify", "4502", "#1002", t0, func(o *OrderSaid) {
		o.Customer = Recipient{Name: "Kim", Email: "kim@example.org"}
		o.Destination = Address{Postcode: "9711 AA", City: "Groningen", Country: "NL"}
	})
	cancelled := shipmentSaid("shopify", "77", hours(2), "3SMOVED")
	cancelled.Shipment.Phase = Cancelled
	moved := shipmentSaid("shopify", "78", hours(3), "3SMOVED")
	moved.Shipment.Order.ExternalID = "4502"
	delivered := trackerSaid("easypost", "3SMOVED", hours(30), scanned(Delivered, hours(30), "Groningen"))
	scansOf := func(o Order) (n int) {
		for _, sh := range o.Shipments {
			for _, p := range sh.Parcels {
				n += len(p.Scans)
			}
		}
		return n
	}
	all := hear(orderSaid("shopify", "4501", "#1001", t0, nil), kim, cancelled, moved, delivered).orders()
	if len(all) != 2 || scansOf(all[0]) != 0 || scansOf(all[1]) != 1 {
		t.Errorf("scans of %d orders: %d and %d, want none and one", len(all), scansOf(all[0]), scansOf(all[1]))
	}
	again := shipmentSaid("shopify", "79", hours(3), "3SMOVED") // the same order sends it after all
	if o := hear(orderSaid("shopify", "4501", "#1001", t0, nil), cancelled, again, delivered).only(t); scansOf(o) == 0 {
		t.Error("a number that the same order uses again has lost its scans")
	}
}

func TestNoFactPassesFromOneUseOfANumberToTheNext(t *testing.T) {
	year := 24.0 * 365
	used := func(heard time.Time, signer string) Statement {
		s := trackerSaid("api", "3SX", heard, scanned(Delivered, heard, ""))
		s.Fields = []string{"Number", "Carrier", "Proof", "Instructions"}
		s.Tracker.Proof, s.Tracker.Instructions = &Proof{SignedBy: signer}, "ring at "+signer
		return s
	}
	kim := orderSaid("shopify", "4502", "#2001", hours(year), func(o *OrderSaid) {
		o.PlacedAt, o.Customer = hours(year), Recipient{Name: "Kim", Email: "kim@example.org"}
		o.Destination = Address{Postcode: "9711 AA", City: "Groningen", Country: "NL"}
	})
	second := shipmentSaid("shopify", "78", hours(year+1), "3SX")
	second.Shipment.Order.ExternalID = "4502"
	first := []Statement{orderSaid("shopify", "4501", "#1001", t0, nil), shipmentSaid("shopify", "77", hours(1), "3SX"), used(hours(30), "Bakker")}
	again := append(slices.Clip(first), kim, second)
	if page := hear(again...).page(t, hours(year+2)); strings.Count(page, "Bakker") != strings.Count(hear(first...).page(t, hours(year+2)), "Bakker") {
		t.Error("the next recipient sees who signed before")
	}
	for _, o := range hear(append(again, used(hours(year+30), "Mulder"))...).orders() {
		for _, sh := range o.Shipments {
			for _, p := range sh.Parcels {
				if proof := p.Proof; proof != nil && (proof.SignedBy == "Mulder") != (o.Number == "#2001") {
					t.Errorf("%s: signed by %s", o.Number, proof.SignedBy)
				}
			}
		}
	}
}
