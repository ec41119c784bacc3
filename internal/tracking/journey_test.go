package tracking

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/locale"
)

// placed is the order of most tests with one shipment of the given numbers.
func placed(numbers ...string) []Statement {
	return []Statement{orderSaid("shopify", "4501", "#1001", t0, nil), shipmentSaid("shopify", "77", hours(1), numbers...)}
}

func project(t *testing.T, now time.Time, statements ...Statement) (Order, Journey) {
	t.Helper()
	o := hear(statements...).only(t)
	return o, Project(o, testSetting(), now)
}

func TestACorrectedNumberLeavesNoGhost(t *testing.T) {
	corrected := shipmentSaid("shopify", "77", hours(3), "3SRIGHT")
	_, j := project(t, hours(50), append(placed("3SWRONG"), corrected,
		trackerSaid("easypost", "3SRIGHT", hours(49), scanned(InTransit, hours(20), ""), scanned(Delivered, hours(48), "")))...)
	if j.State != Occasion(Delivered) || j.Total != 1 || j.Arrived != 1 || j.Outcome != AllArrived {
		t.Errorf("journey: %s, %d of %d, %s", j.State, j.Arrived, j.Total, j.Outcome)
	}
}

func TestAShipmentThatTheOrderNoLongerListsIsGone(t *testing.T) {
	listing := orderSaid("shopify", "4501", "#1001", hours(4), func(o *OrderSaid) { o.Shipments = &[]string{"78"} })
	second := shipmentSaid("shopify", "78", hours(4), "3SB")
	o, _ := project(t, hours(5), append(placed("3SA"), listing, second)...)
	if len(o.Shipments) != 1 || o.Shipments[0].Ref != "78" {
		t.Errorf("shipments: %+v", o.Shipments)
	}
	newer := shipmentSaid("shopify", "77", hours(6), "3SA")
	if o, _ = project(t, hours(7), append(placed("3SA"), listing, second, newer)...); len(o.Shipments) != 2 {
		t.Error("a shipment that is told again after the list is still gone")
	}
}

func TestALineThatIsTakenBackIsGone(t *testing.T) {
	edited := orderSaid("shopify", "4501", "#1001", hours(2), func(o *OrderSaid) { o.Lines[1].Quantity = locale.Quantity{} })
	if o, _ := project(t, hours(3), append(placed(), edited)...); len(o.Lines) != 1 {
		t.Errorf("lines: %+v", o.Lines)
	}
}

func TestARefundedOrderPromisesNothing(t *testing.T) {
	refunded := orderSaid("shopify", "4501", "#1001", hours(2), func(o *OrderSaid) {
		o.Lines[0].Quantity, o.Lines[1].Quantity = locale.Quantity{}, locale.Quantity{}
		o.Money = Money{Currency: "EUR", RefundedMinor: 9000}
	})
	_, j := project(t, hours(3), placed()[0], refunded)
	if j.ETA != nil || j.Outcome != NothingToCome || len(j.Unsent) != 0 {
		t.Errorf("journey: %+v", j)
	}
}

func TestACancellationThatIsTakenBackIsNone(t *testing.T) {
	cancelled := orderSaid("shopify", "4501", "#1001", hours(2), func(o *OrderSaid) { o.Phase = OrderCancelled })
	again := orderSaid("shopify", "4501", "#1001", hours(3), nil)
	if _, j := project(t, hours(4), placed()[0], cancelled); j.State != Occasion(OrderCancelled) {
		t.Errorf("state %s", j.State)
	}
	if _, j := project(t, hours(4), placed()[0], cancelled, again); j.State != Occasion(OrderReceived) || j.ETA == nil {
		t.Errorf("state %s, ETA %v", j.State, j.ETA)
	}
}

func TestHalfAnOrderIsNotTheOrder(t *testing.T) {
	first := shipmentSaid("shopify", "77", hours(1), "3SA")
	first.Shipment.Lines = []LineShare{{ID: "l1", Quantity: locale.Units(1)}}
	_, j := project(t, hours(50), placed()[0], first, trackerSaid("easypost", "3SA", hours(49), scanned(Delivered, hours(48), "")))
	if j.Outcome != Open || len(j.Unsent) != 1 || j.Unsent[0].Name != "Socks" {
		t.Errorf("journey: %s, unsent %+v", j.Outcome, j.Unsent)
	}
}

func TestWhatCannotBeMatchedIsNotClaimedToBeUnsent(t *testing.T) {
	first := shipmentSaid("shopify", "77", hours(1), "3SA")
	first.Shipment.Lines = []LineShare{{Name: "Gift wrap", Quantity: locale.Units(1)}}
	if _, j := project(t, hours(5), placed()[0], first); j.Unsent != nil {
		t.Errorf("unsent %+v", j.Unsent)
	}
}

func TestNothingHappensAfterItWasHeard(t *testing.T) {
	local := trackerSaid("easypost", "3SA", hours(40), Scan{Status: OutForDelivery, Told: hours(45), Guessed: true})
	_, j := project(t, hours(90), append(placed("3SA"), local, trackerSaid("easypost", "3SA", hours(41), scanned(Delivered, hours(41), "")))...)
	if j.State != Occasion(Delivered) {
		t.Errorf("state %s", j.State)
	}
}

func TestAPlannedStepIsNoStatus(t *testing.T) {
	for name, scan := range map[string]Scan{
		"said to be planned": {Status: Delivered, Told: hours(60), Planned: true},
		"five days ahead":    {Status: Delivered, Told: hours(24 * 5)},
	} {
		_, j := project(t, hours(30), append(placed("3SA"), trackerSaid("dpd", "3SA", hours(20), scanned(InTransit, hours(19), ""), scan))...)
		if j.State != Occasion(InTransit) || !j.Parcels[0].Steps[0].Future {
			t.Errorf("%s: %s, %+v", name, j.State, j.Parcels[0].Steps)
		}
	}
}

func TestOutForDeliveryEndsWithItsDay(t *testing.T) {
	statements := append(placed("3SA"), trackerSaid("easypost", "3SA", hours(20), scanned(OutForDelivery, hours(20), "Utrecht")))
	if _, j := project(t, hours(24), statements...); j.State != Occasion(OutForDelivery) {
		t.Errorf("the same day: %s", j.State)
	}
	if _, j := project(t, hours(24*11), statements...); j.State != LateWithoutNews || !j.Late {
		t.Errorf("eleven days later: %s", j.State)
	}
}

func TestAReturnIsNeverDelivered(t *testing.T) {
	ways := map[string][]Scan{
		"told by a status": {scanned(InTransit, hours(20), ""), scanned(ReturnInTransit, hours(30), ""), scanned(Delivered, hours(60), "")},
		"told by a flag":   {scanned(InTransit, hours(20), ""), {Status: InTransit, Told: hours(30), Returning: true}, scanned(Delivered, hours(60), "")},
		"out for delivery at the sender": {
			scanned(ReturnInTransit, hours(30), ""), scanned(OutForDelivery, hours(50), ""), scanned(Delivered, hours(60), ""),
		},
	}
	for name, scans := range ways {
		_, j := project(t, hours(70), append(placed("3SA"), trackerSaid("easypost", "3SA", hours(61), scans...))...)
		if j.State != Occasion(ReturnedToSender) || j.Arrived != 0 {
			t.Errorf("%s: %s, %d arrived", name, j.State, j.Arrived)
		}
	}
}

func TestTheShoppersReturnDoesNotReopenTheOrder(t *testing.T) {
	back := shipmentSaid("shopify", "r1", hours(80), "RET1")
	back.Shipment.Direction = Return
	_, j := project(t, hours(100), append(placed("3SA"), trackerSaid("easypost", "3SA", hours(41), scanned(Delivered, hours(40), "")), back,
		trackerSaid("easypost", "RET1", hours(91), scanned(InTransit, hours(90), "")))...)
	if j.State != Occasion(Delivered) || j.Total != 1 || j.Outcome != AllArrived {
		t.Errorf("journey: %s, %d of %d", j.State, j.Arrived, j.Total)
	}
	if p := j.Parcels[1]; p.Status != ReturnInTransit {
		t.Errorf("the return: %s", p.Status)
	}
}

func TestAParcelFirstSeenOnItsWayBackIsTheShoppersReturn(t *testing.T) {
	back := trackerSaid("api", "RET1", hours(91), scanned(ReturnInTransit, hours(90), ""))
	back.Tracker.Order.Number = "1001"
	_, j := project(t, hours(100), append(placed("3SA"), trackerSaid("easypost", "3SA", hours(41), scanned(Delivered, hours(40), "")), back)...)
	if j.State != Occasion(Delivered) || j.Total != 1 || j.Parcels[1].Direction != Return {
		t.Errorf("journey: %s, %d, %+v", j.State, j.Total, j.Parcels)
	}
}

func TestATimeWithoutAZoneIsTheDestinations(t *testing.T) {
	far := orderSaid("shopify", "4501", "#1001", t0, func(o *OrderSaid) { o.Destination = Address{Country: "US", Region: "OR", Postcode: "97123"} })
	scan := Scan{Status: Delivered, Told: time.Date(2026, 11, 27, 9, 30, 0, 0, time.UTC), Guessed: true}
	o, _ := project(t, hours(100), far, placed("3SA")[1], trackerSaid("easypost", "3SA", hours(90), scan))
	if at := o.Shipments[0].Parcels[0].Scans[0].At().UTC(); at.Hour() != 17 || at.Minute() != 30 {
		t.Errorf("read as %s", at)
	}
}

func TestAProvidersOwnStateWinsOverWhatWasBookedLate(t *testing.T) {
	current := Scan{ID: "now1", Status: Delivered, Told: hours(46), Current: true}
	morning := trackerSaid("easypost", "3SA", hours(46.2), scanned(Delivered, hours(46), ""), scanned(OutForDelivery, hours(46.1), ""), current)
	evening := trackerSaid("easypost", "3SA", hours(56), scanned(InTransit, hours(55), "Depot"), Scan{ID: "now2", Status: Delivered, Told: hours(46), Current: true})
	for _, statements := range [][]Statement{{morning}, {morning, evening}, {evening, morning}} {
		_, j := project(t, hours(57), append(placed("3SA"), statements...)...)
		if j.State != Occasion(Delivered) || !j.Since.Equal(hours(46)) {
			t.Errorf("%s since %s", j.State, j.Since)
		}
	}
}

func TestADepotScanOnTheEveningOfADeliveryUndoesNothing(t *testing.T) {
	_, j := project(t, hours(60), append(placed("3SA"), trackerSaid("dhl", "3SA", hours(56), scanned(Delivered, hours(46), ""), scanned(InTransit, hours(55), "Depot")))...)
	if j.State != Occasion(Delivered) {
		t.Errorf("state %s", j.State)
	}
	_, j = project(t, hours(80), append(placed("3SA"), trackerSaid("dhl", "3SA", hours(70), scanned(Delivered, hours(46), ""), scanned(InTransit, hours(68), "Depot")))...)
	if j.State == Occasion(Delivered) {
		t.Error("a parcel that travels the next day still counts as delivered")
	}
}

func TestTheHeadlineIsWhatComesNext(t *testing.T) {
	first := trackerSaid("easypost", "3SA", hours(40), scanned(OutForDelivery, hours(40), "Umeå"))
	second := trackerSaid("easypost", "3SB", hours(30), scanned(InTransit, hours(30), "Göteborg"))
	second.Dates = []StatedDate{{ETA: ETA{From: hours(96), To: hours(98), Source: ETAFromCarrier}, At: hours(30), Heard: hours(30)}}
	_, j := project(t, hours(41), append(placed("3SA", "3SB"), first, second)...)
	if j.State != Occasion(OutForDelivery) || j.Parcels[j.Lead].Number != "3SA" || j.ETA != j.Parcels[j.Lead].ETA {
		t.Errorf("headline: %s of parcel %d", j.State, j.Lead)
	}
}

func TestThePickUpPlaceIsWhereItWaits(t *testing.T) {
	tracker := trackerSaid("easypost", "3SA", hours(50), scanned(AvailableForPickup, hours(40), "Kiosk Noord"), scanned("", hours(49), "Utrecht sorting centre"))
	_, j := project(t, hours(51), append(placed("3SA"), tracker)...)
	if p := j.Parcels[0]; p.Pickup == nil || p.Pickup.Name != "Kiosk Noord" {
		t.Errorf("pick-up: %+v", p.Pickup)
	}
}

func TestAPickUpIsHeldAsLongAsTheCarrierUsuallyDoes(t *testing.T) {
	o := hear(append(placed("3SA"), trackerSaid("easypost", "3SA", hours(41), scanned(AvailableForPickup, hours(40), "Kiosk")))...).only(t)
	s := testSetting()
	s.Carriers = []bundle.CarrierRules{{Name: "postnl", PickupHoldDays: 7}}
	if p := Project(o, s, hours(42)).Parcels[0]; !p.PickupReckoned || p.Pickup.Until != locale.DayOf(hours(40), s.Zone).AddDays(7) {
		t.Errorf("pick-up: %+v", p.Pickup)
	}
}

func TestAfterAnAttemptOnlyTheCarriersNewWordCounts(t *testing.T) {
	tracker := trackerSaid("easypost", "3SA", hours(44), scanned(OutForDelivery, hours(40), ""), scanned(DeliveryAttemptFailed, hours(43), ""))
	tracker.Dates = []StatedDate{{ETA: ETA{From: hours(90), To: hours(92), Source: ETAFromCarrier}, At: hours(30), Heard: hours(30)}}
	_, j := project(t, hours(45), append(placed("3SA"), tracker)...)
	if j.Parcels[0].ETA != nil {
		t.Errorf("an old day, or our own, is put into the carrier's mouth: %+v", j.Parcels[0].ETA)
	}
	tracker.Dates = append(tracker.Dates, StatedDate{ETA: ETA{From: hours(66), To: hours(68), Source: ETAFromCarrier}, At: hours(44), Heard: hours(44)})
	if _, j = project(t, hours(45), append(placed("3SA"), tracker)...); j.Parcels[0].ETA == nil {
		t.Error("the carrier's new day is not told")
	}
}

func TestOfTwoDatesTheOneStatedLastCounts(t *testing.T) {
	scan := scanned(InTransit, hours(20), "")
	first, second := trackerSaid("api", "3SA", hours(21), scan), trackerSaid("api", "3SA", hours(22), scan)
	day := func(d int) ETA {
		at := time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC)
		return ETA{From: at, To: at, DayOnly: true, Source: ETAFromCarrier}
	}
	first.Dates = []StatedDate{{ETA: day(28), At: hours(20), Heard: hours(21)}}
	second.Dates = []StatedDate{{ETA: day(30), At: hours(20), Heard: hours(22)}}
	for _, statements := range [][]Statement{{first, second}, {second, first}} {
		o, j := project(t, hours(23), append(placed("3SA"), statements...)...)
		if j.ETA == nil || j.ETA.From.Day() != 30 || len(o.Shipments[0].Parcels[0].Scans) != 1 {
			t.Errorf("ETA %+v, scans %+v", j.ETA, o.Shipments[0].Parcels[0].Scans)
		}
	}
}

func TestALostParcelThatWasReplacedLeadsNoMore(t *testing.T) {
	again := shipmentSaid("shopify", "78", hours(60), "3SB")
	again.Shipment.Replaces = "77"
	_, j := project(t, hours(90), append(placed("3SA"), trackerSaid("easypost", "3SA", hours(50), scanned(Lost, hours(49), "")), again,
		trackerSaid("easypost", "3SB", hours(81), scanned(Delivered, hours(80), "")))...)
	if j.State != Occasion(Delivered) || j.Outcome != AllArrived {
		t.Errorf("journey: %s, %s", j.State, j.Outcome)
	}
}

func TestAShipmentThatWasReplacedBeforeItLeftIsNotWaitedFor(t *testing.T) {
	again := shipmentSaid("shopify", "78", hours(60), "3SB")
	again.Shipment.Replaces = "77"
	_, j := project(t, hours(90), append(placed(), again, trackerSaid("easypost", "3SB", hours(81), scanned(Delivered, hours(80), "")))...)
	if j.Total != 1 || j.Outcome != AllArrived {
		t.Errorf("%d parcels, %s", j.Total, j.Outcome)
	}
}

func TestTwoSourcesTellOneAttempt(t *testing.T) {
	carrier := trackerSaid("postnl", "3SA", hours(36), scanned(DeliveryAttemptFailed, hours(35.5), ""))
	carrier.Speaker = RankCarrier
	aggregator := trackerSaid("easypost", "3SA", hours(44), scanned(DeliveryAttemptFailed, hours(37.5), "Amsterdam"))
	if _, j := project(t, hours(45), append(placed("3SA"), carrier, aggregator)...); j.Parcels[0].Attempts != 1 {
		t.Errorf("%d attempts", j.Parcels[0].Attempts)
	}
}

func TestWhatTheShopperMustDoStandsUntilItIsDone(t *testing.T) {
	held := trackerSaid("easypost", "3SA", hours(41), Scan{Status: InCustoms, Reason: ReasonDutiesDue, ActionRequired: true, Told: hours(40)})
	_, j := project(t, hours(45), append(placed("3SA", "3SB"), held, trackerSaid("easypost", "3SB", hours(43), scanned(OutForDelivery, hours(42), "")))...)
	if p := j.Parcels[j.Lead]; p.Action == nil || p.Action.Reason != ReasonDutiesDue || p.ETA != nil {
		t.Errorf("headline of %s: %+v", p.Number, p.Action)
	}
	paid := trackerSaid("easypost", "3SA", hours(60), scanned(InTransit, hours(59), ""))
	if _, j = project(t, hours(61), append(placed("3SA"), held, paid)...); j.Parcels[0].Action != nil {
		t.Error("an action that was done is still asked for")
	}
}

func TestOneNumberForSeveralPiecesIsDeliveredWithTheLast(t *testing.T) {
	tracker := trackerSaid("easypost", "3SA", hours(41), scanned(Delivered, hours(40), ""))
	tracker.Tracker.Pieces = &Pieces{Total: 3, Delivered: 2}
	if _, j := project(t, hours(42), append(placed("3SA"), tracker)...); j.State == Occasion(Delivered) {
		t.Error("two of three pieces count as delivered")
	}
}

func TestALegUnderAnotherNumberIsTheSameParcel(t *testing.T) {
	first := trackerSaid("asendia", "AS1", hours(41), scanned(InTransit, hours(40), "Paris"))
	first.Tracker.Legs = []Leg{{Carrier: "usps", Number: "9400", Role: RoleLastMile}}
	last := trackerSaid("usps", "9400", hours(80), scanned(Delivered, hours(79), "Portland"))
	if _, j := project(t, hours(81), append(placed("AS1"), first, last)...); len(j.Parcels) != 1 || j.State != Occasion(Delivered) {
		t.Errorf("%d parcels, %s", len(j.Parcels), j.State)
	}
}

func TestCollectedAtTheCounterIsNeverSent(t *testing.T) {
	pickup := func(phase Phase, at time.Time) Statement {
		return orderSaid("shopify", "4501", "#1001", at, func(o *OrderSaid) { o.Method, o.Phase = MethodPickup, phase })
	}
	if _, j := project(t, hours(30), pickup(OrderReceived, t0), pickup(Collected, hours(20))); j.State != Occasion(Collected) || j.Late || j.Outcome != AllArrived {
		t.Errorf("journey: %s, %s", j.State, j.Outcome)
	}
}

func TestALetterIsNeverLate(t *testing.T) {
	letter := shipmentSaid("shopify", "77", hours(1))
	letter.Shipment.Method, letter.Shipment.Phase = MethodLetter, Shipped
	if _, j := project(t, hours(24*20), placed()[0], letter); j.Late || j.State != Occasion(Shipped) {
		t.Errorf("journey: %s, late %v", j.State, j.Late)
	}
}

// Whole streams, shuffled, doubled and cut: the same page.
func TestTheOrderOfArrivalChangesNothing(t *testing.T) {
	for seed := range seeds(300) {
		random := rand.New(rand.NewPCG(seed, 3))
		statements := stream(random)
		want := ""
		for range 5 {
			page := hear(shuffled(random, statements)...).page(t, hours(200))
			if want != "" && page != want {
				t.Fatalf("seed %d:\n%s\n%s", seed, want, page)
			}
			want = page
		}
	}
}

// stream is one order with shipments, trackers of two sources, corrections and partial words.
func stream(random *rand.Rand) []Statement {
	pick := func(n int) int { return random.IntN(n) }
	all := []Statement{orderSaid("shopify", "4501", "#1001", hours(float64(pick(30))), nil)}
	numbers := []string{"3SA", "3SB", "3SC"}
	for range 2 + pick(8) {
		at := hours(float64(pick(150)))
		number := numbers[pick(3)]
		switch pick(6) {
		case 0:
			s := orderSaid("shopify", "4501", "#1001", at, func(o *OrderSaid) {
				o.Phase = []Phase{OrderReceived, Packed, OrderCancelled}[pick(3)]
				o.Lines = o.Lines[:1+pick(2)]
				o.Refunds = [][]Refund{nil, {{AmountMinor: 500}}, {{AmountMinor: 500}, {AmountMinor: 500}}, {{AmountMinor: 500, At: at}}}[pick(4)]
				o.Money.RefundedMinor = []int64{0, 500, 1500}[pick(3)]
				if pick(2) == 0 {
					o.Shipments = &[]string{"77", "78"}
				}
			})
			s.Phases = []PhaseChange{{Phase: s.Order.Phase, At: at, Heard: at}}
			all = append(all, s)
		case 1:
			s := orderSaid("shopify", "4501", "", at, nil)
			s.Fields = []string{"Note", "Locale"}
			s.Order = &OrderSaid{Note: number, Locale: "nl"}
			all = append(all, s)
		case 2:
			s := shipmentSaid("shopify", []string{"77", "78"}[pick(2)], at, numbers[:1+pick(3)]...)
			if pick(4) == 0 {
				s.Shipment.Replaces = "77"
			}
			all = append(all, s)
		default:
			source := []string{"easypost", "postnl"}[pick(2)]
			var scans []Scan
			for range 1 + pick(3) {
				scans = append(scans, scanned(Statuses()[pick(len(Statuses()))], at.Add(-time.Duration(pick(40))*time.Hour), numbers[pick(3)]))
			}
			s := trackerSaid(source, number, at, scans...)
			for i := range s.Scans {
				s.Scans[i].Sequence = 0
				s.Scans[i].Planned = pick(5) == 0
			}
			day := at.Add(time.Duration(24*pick(5)) * time.Hour)
			s.Dates = []StatedDate{{ETA: ETA{From: day, To: day, Source: ETAFromCarrier}, At: at, Heard: at}}
			all = append(all, s)
		}
	}
	return all
}

func TestMergingIsTheSameInAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		statements := stream(random)
		var a, b Record
		for _, s := range statements {
			if s.Key.Kind == KindOrder {
				a.Take(s)
			}
		}
		slices.Reverse(statements)
		for _, s := range statements {
			if s.Key.Kind == KindOrder {
				b.Take(s)
				b.Take(s)
			}
		}
		if x, y := *a.Order, *b.Order; x.Note != y.Note || len(x.Lines) != len(y.Lines) || x.Phase != y.Phase {
			t.Fatalf("%+v\n%+v", x, y)
		}
	}
}

func TestParcelsOfAnOrderThatIsSentHaveLeft(t *testing.T) {
	sent := orderSaid("api", "4501", "#1001", t0, func(o *OrderSaid) { o.Phase = Shipped })
	parcels := shipmentSaid("api", "4501/parcels", t0, "3SA")
	parcels.Shipment.Phase = ""
	if _, j := project(t, hours(1), sent, parcels); j.State != Occasion(Shipped) {
		t.Errorf("state %s, want %s: the shop says so of the whole order", j.State, Shipped)
	}
}

func TestAFileBesideAParcelIsNotToBeSent(t *testing.T) {
	order := orderSaid("shopify", "4501", "#1001", t0, func(o *OrderSaid) { o.Lines[1].Method = MethodDigital })
	boots := shipmentSaid("shopify", "77", hours(1), "3SA")
	boots.Shipment.Lines = []LineShare{{ID: "l1", Quantity: locale.Units(1)}}
	_, j := project(t, hours(50), order, boots, trackerSaid("easypost", "3SA", hours(49), scanned(Delivered, hours(48), "")))
	if len(j.Unsent) != 0 || j.Outcome != AllArrived {
		t.Errorf("unsent %+v, %s: the only other line is a file", j.Unsent, j.Outcome)
	}
}

func TestPiecesAreDeliveredWithTheLastOfThem(t *testing.T) {
	some := trackerSaid("easypost", "3SA", hours(48), scanned(Delivered, hours(48), ""))
	some.Tracker.Pieces = &Pieces{Total: 3, Delivered: 1}
	all := trackerSaid("easypost", "3SA", hours(72), scanned(Delivered, hours(48), ""), scanned(Delivered, hours(72), ""), scanned("", hours(80), "Depot"))
	all.Tracker.Pieces = &Pieces{Total: 3, Delivered: 3}
	_, j := project(t, hours(50), append(placed("3SA"), some)...)
	if p := j.Parcels[0]; p.Status == Delivered || slices.ContainsFunc(p.Steps, func(s Step) bool { return !s.Future && s.Occasion == Occasion(Delivered) }) {
		t.Errorf("one of three pieces: %s, steps %+v", p.Status, p.Steps)
	}
	_, j = project(t, hours(90), append(placed("3SA"), some, all)...)
	if p := j.Parcels[0]; p.Status != Delivered || !p.Since.Equal(hours(72)) {
		t.Errorf("all pieces: %s since %s", p.Status, p.Since)
	}
}

func TestACancelledOrderCallsOffWhatHasNotLeft(t *testing.T) {
	cancelled := orderSaid("shopify", "4501", "#1001", hours(2), func(o *OrderSaid) { o.Phase = OrderCancelled })
	_, j := project(t, hours(3), append(placed("3SA"), cancelled)...)
	if p := j.Parcels[0]; p.State != Occasion(ParcelCancelled) || j.Outcome != NothingToCome {
		t.Errorf("announced: %s, %s", p.State, j.Outcome)
	}
	_, j = project(t, hours(6), append(placed("3SA"), cancelled, trackerSaid("easypost", "3SA", hours(5), scanned(InTransit, hours(1.5), "")))...)
	if p := j.Parcels[0]; p.State != Occasion(InTransit) {
		t.Errorf("under way: %s", p.State)
	}
}

func TestAPlanThatHasPassedIsNotToCome(t *testing.T) {
	plan := trackerSaid("easypost", "3SA", hours(30), Scan{Status: OutForDelivery, Told: hours(50), Planned: true})
	for now, want := range map[time.Time]bool{hours(40): true, hours(51): false} {
		_, j := project(t, now, append(placed("3SA"), plan)...)
		dated := slices.ContainsFunc(j.Parcels[0].Steps, func(s Step) bool { return s.Future && !s.Time.IsZero() })
		if dated != want {
			t.Errorf("at %s the plan of %s is to come: %t", now, hours(50), dated)
		}
	}
}

// After a failed attempt the carrier may drive again without naming a day; the day that the shop promised says nothing of that.
func TestWhatIsOutForDeliveryIsExpectedToday(t *testing.T) {
	promised := orderSaid("shopify", "4501", "#1001", t0, func(o *OrderSaid) {
		o.Promise = daysETA(locale.DayOf(hours(24*4), time.UTC), locale.DayOf(hours(24*4), time.UTC), ETAFromPromise)
	})
	tracker := trackerSaid("easypost", "3SX", hours(50), scanned(OutForDelivery, hours(22), "Utrecht"),
		scanned(DeliveryAttemptFailed, hours(26), "Utrecht"), scanned(OutForDelivery, hours(46), "Utrecht"))
	tracker.Dates = []StatedDate{{ETA: *daysETA(locale.DayOf(hours(24), time.UTC), locale.DayOf(hours(24), time.UTC), ETAFromCarrier), At: hours(20), Heard: hours(20)}}
	o := hear(promised, shipmentSaid("shopify", "77", hours(1), "3SX"), tracker).only(t)
	p := Project(o, testSetting(), hours(50)).Parcels[0]
	if today := locale.DayOf(hours(50), time.UTC); p.ETA == nil || p.ETA.LastDay(time.UTC) != today {
		t.Errorf("expected on %+v, want %s", p.ETA, today)
	}
}

// Scans of a shipment that is not known yet are not those of the only parcel that is.
func TestScansOfAShipmentNotHeardOfYetAreNotTheOnlyParcels(t *testing.T) {
	tracker := trackerSaid("shopify", "", hours(30), scanned(HandedToCarrier, hours(29), "Utrecht"))
	tracker.Tracker.Shipment, tracker.Tracker.Order.ExternalID = "78", "4501"
	o := hear(orderSaid("shopify", "4501", "#1001", t0, nil), shipmentSaid("shopify", "77", hours(1), "3SX"), tracker).only(t)
	for _, sh := range o.Shipments {
		if sh.Ref == "77" && len(sh.Parcels[0].Scans) != 0 {
			t.Errorf("shipment 77 has the scans of shipment 78: %+v", sh)
		}
	}
}

func TestAPlannedStepThatHappensCountsWhenItHappens(t *testing.T) {
	told := hours(50)
	plan := Scan{ID: "s", Status: Delivered, Told: told, Heard: hours(20), Planned: true}
	done := Scan{ID: "s", Status: Delivered, Told: told, Heard: hours(51)}
	again := Scan{ID: "s", Status: Delivered, Told: told, Heard: hours(53), Planned: true}
	for _, order := range [][]Scan{{plan, done, again}, {done, plan, again}, {again, plan, done}, {plan, again, done}, {again, done, plan}} {
		var log []Scan
		for _, s := range order {
			takeScan(&log, s)
		}
		if len(log) != 1 || log[0].Ahead() || !log[0].At().Equal(told) || !log[0].Heard.Equal(done.Heard) {
			t.Errorf("%+v", log)
		}
	}
}

func TestADeliveryToTheNextCarrierIsAHandover(t *testing.T) {
	story := func(role LegRole, scans ...Statement) Status {
		first := trackerSaid("api", "CN1", hours(30), scanned(InTransit, hours(26), ""), scanned(Delivered, hours(30), "Depot"))
		first.Tracker.Legs = []Leg{{Carrier: "yun", Number: "CN1", Role: role}, {Carrier: "postnl", Number: "3S1"}}
		_, j := project(t, hours(60), append(append(placed("CN1"), first), scans...)...)
		return j.Parcels[0].Status
	}
	next := func(status Status, at float64) Statement {
		return trackerSaid("postnl", "3S1", hours(at), scanned(status, hours(at), ""))
	}
	if got := story(RoleFirstMile); got != HandedToCarrier {
		t.Errorf("the first leg is %s", got)
	}
	if got := story(RoleLastMile); got != Delivered {
		t.Errorf("the last leg is %s", got)
	}
	if got := story(RoleFirstMile, next(InTransit, 28)); got != Delivered {
		t.Errorf("the first leg is %s after the second one has been scanned", got)
	}
	if got := story(RoleFirstMile, next(Delivered, 33)); got != Delivered {
		t.Errorf("the second leg is %s", got)
	}
}
