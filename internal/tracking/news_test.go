package tracking

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/locale"
)

// newsOf lists the news of the only order that the statements come to, as "Tue 24 12:00 Occasion subject instance" in Amsterdam.
func newsOf(t *testing.T, s Setting, now time.Time, statements ...Statement) []string {
	t.Helper()
	o := hear(statements...).only(t)
	var all []string
	for _, n := range NewsOf(o, Project(o, s, now), s, now) {
		all = append(all, line(s, n))
	}
	return all
}

func line(s Setting, n News) string {
	return strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s", n.At.In(s.Zone).Format("Mon 2 15:04"), n.Occasion, n.Subject, n.Instance)), " ")
}

// only keeps the lines of some occasions.
func only(lines []string, occasions ...Occasion) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool {
		return !slices.ContainsFunc(occasions, func(o Occasion) bool { return strings.Contains(l+" ", " "+string(o)+" ") })
	})
}

func ids(all []News) []string {
	var ids []string
	for _, n := range all {
		ids = append(ids, n.ID())
	}
	return ids
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// sent are an order and its shipment with the given numbers, which the shop hands over a day later.
func sent(numbers ...string) []Statement {
	shipment := shipmentSaid("shopify", "77", hours(24), numbers...)
	shipment.Shipment.Phase = Shipped
	shipment.Phases = []PhaseChange{{Phase: Shipped, At: hours(24), Heard: hours(24)}}
	return []Statement{orderSaid("shopify", "4501", "#1001", t0, nil), shipment}
}

// with adds what one carrier source says of a number, heard a minute after its last scan.
func with(statements []Statement, number string, scans ...Scan) []Statement {
	return append(slices.Clip(statements), trackerSaid("easypost", number, scans[len(scans)-1].Told.Add(time.Minute), scans...))
}

func dated(statements []Statement, number string, heard time.Time, eta ETA) []Statement {
	eta.Source = ETAFromCarrier
	s := trackerSaid("easypost", number, heard)
	s.Dates = []StatedDate{{ETA: eta, At: heard, Heard: heard}}
	return append(slices.Clip(statements), s)
}

func day(t time.Time) *ETA {
	d := locale.DayOf(t, time.UTC)
	return daysETA(d, d, ETAFromCarrier)
}

func TestAnOrdinaryJourneyTellsEachStepOnce(t *testing.T) {
	s := testSetting()
	got := newsOf(t, s, hours(200), with(sent("3S1"), "3S1",
		scanned(LabelCreated, hours(23), ""), scanned(HandedToCarrier, hours(30), "Amsterdam"), scanned(InTransit, hours(40), "Utrecht"),
		scanned(InTransit, hours(41), "Utrecht"), scanned(OutForDelivery, hours(46), "Amsterdam"), scanned(Delivered, hours(50), "Amsterdam"))...)
	same(t, got,
		"Tue 24 12:00 OrderReceived",
		"Wed 25 11:00 LabelCreated Parcel:3S1",
		"Wed 25 12:00 Shipped Shipment:shopify/77",
		"Wed 25 18:00 HandedToCarrier Parcel:3S1",
		"Thu 26 04:00 InTransit Parcel:3S1",
		"Thu 26 10:00 OutForDelivery Parcel:3S1 2026-11-26",
		"Thu 26 14:00 Delivered Parcel:3S1 2026-11-26",
	)
}

func TestEveryParcelAndEveryDayIsNewsOfItsOwn(t *testing.T) {
	tests := map[string]struct {
		statements []Statement
		occasions  []Occasion
		want       []string
	}{
		"two parcels at two pick-up points": {
			statements: with(with(sent("3S1", "3S2"), "3S1", scanned(AvailableForPickup, hours(30), "Kiosk Noord")), "3S2", scanned(AvailableForPickup, hours(54), "Kiosk Zuid")),
			occasions:  []Occasion{Occasion(AvailableForPickup)},
			want:       []string{"Wed 25 18:00 AvailableForPickup Parcel:3S1 kiosk noord", "Thu 26 18:00 AvailableForPickup Parcel:3S2 kiosk zuid"},
		},
		"two attempts on two days without a scan between": {
			statements: with(sent("3S1"), "3S1", scanned(DeliveryAttemptFailed, hours(30), ""), scanned(DeliveryAttemptFailed, hours(31), ""), scanned(DeliveryAttemptFailed, hours(54), "")),
			occasions:  []Occasion{Occasion(DeliveryAttemptFailed)},
			want:       []string{"Wed 25 18:00 DeliveryAttemptFailed Parcel:3S1 2026-11-25", "Thu 26 18:00 DeliveryAttemptFailed Parcel:3S1 2026-11-26"},
		},
		"delivered, under way again, delivered": {
			statements: with(sent("3S1"), "3S1", scanned(Delivered, hours(30), ""), scanned(InTransit, hours(52), ""), scanned(Delivered, hours(72), "")),
			occasions:  []Occasion{Occasion(Delivered)},
			want:       []string{"Wed 25 18:00 Delivered Parcel:3S1 2026-11-25", "Fri 27 12:00 Delivered Parcel:3S1 2026-11-27"},
		},
		"a second delay after the first is over": {
			statements: with(sent("3S1"), "3S1", Scan{Status: InTransit, Told: hours(30), Delayed: true}, scanned(OutForDelivery, hours(40), ""), Scan{Status: InTransit, Told: hours(60), Delayed: true}),
			occasions:  []Occasion{Delayed},
			want:       []string{"Fri 27 00:00 Delayed Parcel:3S1 2026-11-27"},
		},
		"waits at one place, then at another": {
			statements: with(sent("3S1"), "3S1", scanned(AvailableForPickup, hours(30), "Kiosk Noord"), scanned(AvailableForPickup, hours(54), "KIOSK  Zuid")),
			occasions:  []Occasion{Occasion(AvailableForPickup)},
			want:       []string{"Wed 25 18:00 AvailableForPickup Parcel:3S1 kiosk noord", "Thu 26 18:00 AvailableForPickup Parcel:3S1 kiosk zuid"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			same(t, only(newsOf(t, testSetting(), hours(80), test.statements...), test.occasions...), test.want...)
		})
	}
}

func TestAnEarlierScanThatIsKnownLaterIsNotToldTwice(t *testing.T) {
	s, now := testSetting(), hours(100)
	told := hear(with(sent("3S1"), "3S1", scanned(Delivered, hours(54), ""))...).only(t)
	completed := hear(append(with(sent("3S1"), "3S1", scanned(Delivered, hours(54), "")),
		trackerSaid("easypost", "3S1", hours(60), scanned(Delivered, hours(30), "")))...).only(t)
	before := ids(NewsOf(told, Project(told, s, now), s, now))
	for _, n := range NewsOf(completed, Project(completed, s, now), s, now) {
		if n.Occasion != Occasion(Delivered) {
			continue
		}
		if n.Instance != "2026-11-25" || !slices.ContainsFunc(n.Also, func(id string) bool { return slices.Contains(before, id) }) {
			t.Errorf("%s, also %v: not known as what was told: %v", n.ID(), n.Also, before)
		}
	}
}

func TestWhatGoesBackIsNeverDelivered(t *testing.T) {
	s := testSetting()
	refused := newsOf(t, s, hours(200), with(sent("3S1"), "3S1",
		scanned(OutForDelivery, hours(30), ""), scanned(ReturnInTransit, hours(34), ""), scanned(OutForDelivery, hours(60), ""), scanned(Delivered, hours(70), ""))...)
	same(t, refused[1:],
		"Wed 25 12:00 Shipped Shipment:shopify/77",
		"Wed 25 18:00 OutForDelivery Parcel:3S1 2026-11-25",
		"Wed 25 22:00 ReturnInTransit Parcel:3S1",
		"Fri 27 10:00 ReturnedToSender Parcel:3S1",
	)

	back := shipmentSaid("shopify", "r1", hours(80), "3R1")
	back.Shipment.Direction, back.Shipment.Phase = Return, ReturnRequested
	back.Phases = []PhaseChange{{Phase: ReturnRequested, At: hours(80), Heard: hours(80)}, {Phase: ReturnReceived, At: hours(120), Heard: hours(120)}}
	own := newsOf(t, s, hours(200), with([]Statement{orderSaid("shopify", "4501", "#1001", t0, nil), back}, "3R1",
		scanned(LabelCreated, hours(81), ""), scanned(HandedToCarrier, hours(90), ""), scanned(OutForDelivery, hours(100), ""), scanned(Delivered, hours(110), ""))...)
	same(t, only(own, Occasion(ReturnRequested), Occasion(ReturnInTransit), Occasion(ReturnReceived), Occasion(OutForDelivery), Occasion(Delivered), Occasion(Shipped)),
		"Fri 27 20:00 ReturnRequested Shipment:shopify/r1",
		"Sat 28 06:00 ReturnInTransit Parcel:3R1",
		"Sun 29 02:00 ReturnReceived Parcel:3R1",
	)
}

func TestAPickupIsNeverSentAndNeverLate(t *testing.T) {
	s := testSetting()
	s.Methods = []bundle.DeliveryMethod{{Name: "counter", Titles: []string{"Ophalen"}, Method: bundle.MethodPickup}}
	order := orderSaid("shopify", "4501", "#1001", t0, func(o *OrderSaid) { o.MethodTitle = " ophalen" })
	shipment := shipmentSaid("shopify", "77", hours(24))
	shipment.Phases = []PhaseChange{{Phase: Shipped, At: hours(24), Heard: hours(24)}, {Phase: ReadyToCollect, At: hours(26), Heard: hours(26)}}
	got := newsOf(t, s, hours(400), order, shipment)
	same(t, only(got, Occasion(Shipped), Occasion(ReadyToCollect), LateWithoutNews), "Wed 25 14:00 ReadyToCollect Shipment:shopify/77")
}

func TestACancellationThatWasTakenBackAndCameAgainIsNews(t *testing.T) {
	order := func(at time.Time, phase Phase, log ...PhaseChange) Statement {
		s := orderSaid("shopify", "4501", "#1001", at, func(o *OrderSaid) { o.Phase = phase })
		s.Phases = log
		return s
	}
	first := order(hours(1), OrderCancelled, PhaseChange{Phase: OrderCancelled, At: hours(1), Heard: hours(1)})
	undone := order(hours(20), AwaitingProcessing)
	again := order(hours(50), OrderCancelled, PhaseChange{Phase: OrderCancelled, At: hours(50), Heard: hours(50)})
	cancelled := func(statements ...Statement) []string {
		return only(newsOf(t, testSetting(), hours(60), statements...), Occasion(OrderCancelled))
	}
	same(t, cancelled(first), "Tue 24 13:00 OrderCancelled 2026-11-24")
	same(t, cancelled(first, undone))
	same(t, cancelled(first, undone, again), "Thu 26 14:00 OrderCancelled 2026-11-26")
}

func TestACancellationThatIsRepeatedBeganOnce(t *testing.T) {
	said := func(day float64, phase Phase) []Statement {
		at := hours(24 * day)
		order := orderSaid("shopify", "4501", "#1001", at, func(o *OrderSaid) { o.Phase = phase })
		shipment := shipmentSaid("shopify", "77", at)
		order.Phases = []PhaseChange{{Phase: phase, At: at, Heard: at}}
		if phase == OrderCancelled {
			phase = Cancelled
		}
		shipment.Shipment.Phase, shipment.Phases = phase, []PhaseChange{{Phase: phase, At: at, Heard: at}}
		return []Statement{order, shipment}
	}
	story := slices.Concat(said(1, Packed), said(2, OrderCancelled), said(3, OrderCancelled))
	cancelled := func() []string {
		return only(newsOf(t, testSetting(), hours(300), story...), Occasion(OrderCancelled), Occasion(Cancelled))
	}
	first := "Thu 26 12:00 Cancelled Shipment:shopify/77"
	same(t, cancelled(), first, "Thu 26 12:00 OrderCancelled 2026-11-26")
	story = slices.Concat(story, said(4, Packed), said(5, OrderCancelled), said(7, OrderCancelled))
	again := []string{"Sun 29 12:00 Cancelled Shipment:shopify/77 2026-11-29", "Sun 29 12:00 OrderCancelled 2026-11-29"}
	for seed := range uint64(40) {
		rand.New(rand.NewPCG(seed, 7)).Shuffle(len(story), func(i, k int) { story[i], story[k] = story[k], story[i] })
		same(t, cancelled(), again...)
	}
}

func TestACancellationOfTwoSourcesBeganWithTheFirst(t *testing.T) {
	said := func(source string, at float64) Statement {
		s := orderSaid(source, "4501", "#1001", hours(at), func(o *OrderSaid) { o.Phase = OrderCancelled })
		s.Phases = []PhaseChange{{Phase: OrderCancelled, At: hours(at), Heard: hours(at)}}
		return s
	}
	o := hear(said("shopify", 2), said("api", 80)).only(t)
	if !o.CancelledAt.Equal(hours(2)) {
		t.Errorf("cancelled at %s", o.CancelledAt)
	}
}

func TestAReplacedShipmentIsSilent(t *testing.T) {
	replacing := shipmentSaid("shopify", "78", hours(60), "3S2")
	replacing.Shipment.Replaces = "77"
	got := newsOf(t, testSetting(), hours(400), append(with(sent("3S1"), "3S1", scanned(InTransit, hours(30), ""), scanned(Lost, hours(50), "")), replacing)...)
	for _, l := range got {
		if strings.Contains(l, "3S1") || strings.Contains(l, "shopify/77") {
			t.Errorf("told of what was replaced: %s", l)
		}
	}
	same(t, only(got, LateWithoutNews, NoFirstScan), "Wed 2 17:00 NoFirstScan Parcel:3S2") // reckoned from when it was made
}

func TestTheShopperIsAskedToActWhileThereIsSomethingToDo(t *testing.T) {
	duties := Scan{Status: InCustoms, Told: hours(30), ActionRequired: true, Reason: ReasonDutiesDue, Action: &RequiredAction{By: hours(100)}}
	asked := with(sent("3S1"), "3S1", duties)
	o := hear(asked...).only(t)
	all := NewsOf(o, Project(o, testSetting(), hours(31)), testSetting(), hours(31))
	i := slices.IndexFunc(all, func(n News) bool { return n.Occasion == ActionRequired })
	if i < 0 || all[i].Instance != "DutiesDue 2026-11-25" || !all[i].Until.Equal(hours(100)) {
		t.Fatalf("not asked to pay until then: %v", ids(all))
	}
	same(t, only(newsOf(t, testSetting(), hours(60), with(sent("3S1"), "3S1", duties, scanned(InTransit, hours(50), ""))...), ActionRequired))
}

func TestADateIsNewsWhenItNamesAnotherDay(t *testing.T) {
	friday, saturday := hours(72), hours(96)
	window := func(at time.Time, from, to int) ETA {
		return ETA{From: at.Truncate(24 * time.Hour).Add(hoursOf(from)), To: at.Truncate(24 * time.Hour).Add(hoursOf(to))}
	}
	type said struct {
		at  float64
		eta ETA
	}
	tests := map[string]struct {
		unpromised bool
		dates      []said
		want       []string
	}{
		"within the promise":              {dates: []said{{30, *day(friday)}}},
		"first date of all":               {unpromised: true, dates: []said{{30, *day(friday)}}, want: []string{"Wed 25 18:00 EtaFirstKnown Parcel:3S1"}},
		"another day, less than a day on": {dates: []said{{30, window(friday, 15, 17)}, {40, window(saturday, 14, 16)}}, want: []string{"Thu 26 04:00 EtaMoved Parcel:3S1 2026-11-28"}},
		"there and back":                  {dates: []said{{30, *day(saturday)}, {40, *day(friday)}}, want: []string{"Thu 26 04:00 EtaMoved Parcel:3S1 2026-11-27"}},
		"some hours on the same day":      {unpromised: true, dates: []said{{30, window(friday, 9, 11)}, {40, window(friday, 14, 16)}}, want: []string{"Thu 26 04:00 EtaMoved Parcel:3S1 2026-11-27T17:00"}},
		"an hour on the same day":         {unpromised: true, dates: []said{{30, window(friday, 9, 11)}, {40, window(friday, 10, 12)}}, want: []string{"Wed 25 18:00 EtaFirstKnown Parcel:3S1"}},
		"a day that has passed":           {dates: []said{{70, *day(hours(24))}}},
		"the same again":                  {dates: []said{{30, *day(saturday)}, {50, *day(saturday)}}, want: []string{"Wed 25 18:00 EtaMoved Parcel:3S1 2026-11-28"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := testSetting()
			if test.unpromised {
				s.Promise = bundle.Promise{}
			}
			statements := with(sent("3S1"), "3S1", scanned(InTransit, hours(29), ""))
			for _, d := range test.dates {
				statements = dated(statements, "3S1", hours(d.at), d.eta)
			}
			same(t, only(newsOf(t, s, hours(71), statements...), EtaFirstKnown, EtaMoved), test.want...)
		})
	}
}

func TestAfterAnAttemptOnlyWhatTheCarrierSaysSinceCounts(t *testing.T) {
	statements := dated(with(sent("3S1"), "3S1", scanned(InTransit, hours(29), "")), "3S1", hours(30), *day(hours(96)))
	statements = with(statements, "3S1", scanned(DeliveryAttemptFailed, hours(50), ""))
	same(t, only(newsOf(t, testSetting(), hours(51), statements...), EtaMoved))
	statements = dated(statements, "3S1", hours(52), *day(hours(96)))
	same(t, only(newsOf(t, testSetting(), hours(53), statements...), EtaMoved), "Thu 26 16:00 EtaMoved Parcel:3S1 2026-11-28")
}

func TestASentParcelIsToldOnceWhoeverNamesItsShipment(t *testing.T) {
	s, now := testSetting(), hours(60)
	order := sent()[0]
	tracker := trackerSaid("easypost", "3S1", hours(31), scanned(HandedToCarrier, hours(30), ""))
	tracker.Tracker.Order = OrderHint{Number: "#1001", Postcode: "1017 AB"}
	platform := shipmentSaid("sendcloud", "9", hours(32), "3S1")
	platform.Shipment.Order = OrderHint{Number: "#1001", Postcode: "1017 AB"}
	platform.Phases = []PhaseChange{{Phase: Shipped, At: hours(32), Heard: hours(32)}}
	shop := sent("3S1")[1]
	known := []Statement{order, tracker}
	var told []string
	for _, next := range []Statement{platform, shop} {
		for _, n := range newsAt(hear(known...).only(t), s, now) {
			told = append(told, n.ID())
		}
		known = append(known, next)
		for _, n := range newsAt(hear(known...).only(t), s, now) {
			again := slices.ContainsFunc(n.Also, func(id string) bool { return slices.Contains(told, id) })
			if n.Occasion == Occasion(Shipped) && !again && !slices.Contains(told, n.ID()) {
				t.Errorf("after %s: %s is told again, also %v; told %v", next.Key.Source, n.ID(), n.Also, told)
			}
		}
	}
}

func TestAnOrderThatWasToldAsSentIsNotSentAgain(t *testing.T) {
	order := sent()[0]
	order.Order.Phase = Shipped
	order.Phases = []PhaseChange{{Phase: Shipped, At: hours(24), Heard: hours(24)}}
	same(t, only(newsOf(t, testSetting(), hours(40), order), Occasion(Shipped)), "Wed 25 12:00 Shipped")
	second := shipmentSaid("shopify", "78", hours(50), "3S2")
	second.Phases = []PhaseChange{{Phase: Shipped, At: hours(50), Heard: hours(50)}}
	o := hear(append(with(sent("3S1"), "3S1", scanned(InTransit, hours(26), "")), second)...).only(t)
	var again []string
	for _, n := range newsAt(o, testSetting(), hours(60)) {
		if n.Occasion == Occasion(Shipped) && !slices.Contains(n.Also, "Shipped||") {
			again = append(again, line(testSetting(), n))
		}
	}
	same(t, again, "Thu 26 14:00 Shipped Shipment:shopify/78")
}

func TestSeveralPiecesAreDeliveredWithTheLastOfThem(t *testing.T) {
	pieces := func(delivered int) []string {
		statements := with(sent("3S1"), "3S1", scanned(Delivered, hours(30), ""), scanned(Delivered, hours(54), ""))
		statements[len(statements)-1].Tracker.Pieces = &Pieces{Total: 2, Delivered: delivered}
		return only(newsOf(t, testSetting(), hours(60), statements...), Occasion(Delivered))
	}
	same(t, pieces(1))
	same(t, pieces(2), "Thu 26 18:00 Delivered Parcel:3S1 2026-11-26")
}

func TestMoneyThatGoesBackIsToldOnce(t *testing.T) {
	order := orderSaid("shopify", "4501", "#1001", t0, func(o *OrderSaid) {
		o.Refunds = []Refund{{AmountMinor: 500, At: hours(10)}, {AmountMinor: 9000, At: hours(100)}}
	})
	back := shipmentSaid("shopify", "r1", hours(80), "3R1")
	back.Shipment.Direction, back.Shipment.Phase = Return, Refunded
	back.Phases = []PhaseChange{{Phase: Refunded, At: hours(101), Heard: hours(101)}}
	same(t, only(newsOf(t, testSetting(), hours(200), order, back), Occasion(Refunded)), "Tue 24 22:00 Refunded 2026-11-24", "Sat 28 16:00 Refunded 2026-11-28")
}

func TestADayThatALastingDelayMovesAgainIsNews(t *testing.T) {
	late := func(at, eta time.Time) Statement {
		s := trackerSaid("easypost", "3S1", at, Scan{Status: InTransit, Told: at, Delayed: true})
		s.Dates = []StatedDate{{ETA: *day(eta), At: at, Heard: at}}
		return s
	}
	got := newsOf(t, testSetting(), hours(60), append(sent("3S1"), late(hours(30), hours(96)), late(hours(54), hours(192)))...)
	var told []string
	for _, n := range got {
		if strings.Contains(n, "Delayed") || strings.Contains(n, "Eta") {
			told = append(told, n)
		}
	}
	same(t, told, "Wed 25 18:00 Delayed Parcel:3S1 2026-11-25", "Thu 26 18:00 EtaMoved Parcel:3S1 2026-12-02")
}

func TestAReturnThatIsLostIsNotOnItsWay(t *testing.T) {
	back := shipmentSaid("shopify", "r1", hours(80), "3R1")
	back.Shipment.Direction, back.Shipment.Phase = Return, ReturnRequested
	for status, want := range map[Status][]string{
		Lost: {"Sat 28 06:00 Lost Parcel:3R1 2026-11-28"}, Damaged: {"Sat 28 06:00 Damaged Parcel:3R1 2026-11-28"}, Disposed: nil,
	} {
		got := newsOf(t, testSetting(), hours(100), with(append(sent("3S1"), back), "3R1", scanned(status, hours(90), ""))...)
		var told []string
		for _, n := range got {
			if strings.Contains(n, "3R1") {
				told = append(told, n)
			}
		}
		same(t, told, want...)
	}
}

func TestABoxOfTwoOrdersIsSentOnce(t *testing.T) {
	second := orderSaid("shopify", "4502", "#1002", t0, nil)
	box := func(ref, order string) Statement {
		s := shipmentSaid("shopify", ref, hours(24), "3SBOX")
		s.Shipment.Order.ExternalID, s.Shipment.Phase = order, Shipped
		s.Phases = []PhaseChange{{Phase: Shipped, At: hours(24), Heard: hours(24)}}
		return s
	}
	all := hear(orderSaid("shopify", "4501", "#1001", t0, nil), second, box("77", "4501"), box("78", "4502")).orders()
	if len(all) != 2 {
		t.Fatalf("%d orders", len(all))
	}
	s := testSetting()
	for _, o := range all {
		for _, n := range NewsOf(o, Project(o, s, hours(30)), s, hours(30)) {
			if n.Occasion == Occasion(Shipped) {
				same(t, []string{line(s, n)}, "Wed 25 12:00 Shipped Parcel:"+NormalNumber("3SBOX"))
			}
		}
	}
}

func TestASecondRefundOfADayIsNews(t *testing.T) {
	order := orderSaid("shopify", "4501", "#1001", hours(9), func(o *OrderSaid) {
		o.Refunds = []Refund{{AmountMinor: 300, At: hours(1)}, {AmountMinor: 700, At: hours(1).Add(20 * time.Second)}, {AmountMinor: 2000, At: hours(8)}}
	})
	got := only(newsOf(t, testSetting(), hours(10), order), Occasion(Refunded))
	same(t, got, "Tue 24 13:00 Refunded 2026-11-24", "Tue 24 20:00 Refunded 2026-11-24T20:00")
	o := hear(order).only(t)
	if first, second := o.RefundedAt(hours(1)), o.RefundedAt(hours(8)); first != 1000 || second != 2000 {
		t.Errorf("refunded %d and %d", first, second)
	}
}

// A simple system adds the number of what it sends later to the same list.
func TestANumberAddedToAListIsAParcelOfItsOwnFromThenOn(t *testing.T) {
	list := func(heard time.Time, numbers ...string) Statement {
		s := shipmentSaid("api", "1/parcels", heard, numbers...)
		s.Phases = []PhaseChange{{Phase: Shipped, At: hours(1), Heard: hours(1)}}
		return s
	}
	order := orderSaid("api", "4501", "#1001", t0, nil)
	for _, c := range []struct {
		name  string
		later Statement
		want  int
	}{
		{"another number", list(hours(200), "3SX", "3SY"), 2},
		{"two numbers told one after the other", list(hours(1.5), "3SX", "3SY"), 1},
		{"a corrected number", list(hours(200), "3SY"), 1},
		{"the same list again", list(hours(200), "3SX"), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := hear(order, list(hours(1), "3SX"), c.later).only(t)
			s := testSetting()
			sent := 0
			for _, n := range NewsOf(list, Project(list, s, hours(300)), s, hours(300)) {
				if n.Occasion == Occasion(Shipped) {
					sent++
				}
			}
			if sent != c.want {
				t.Errorf("told %d times that something was sent, want %d", sent, c.want)
			}
		})
	}
}

// A label tells of a parcel that the shop has not listed yet; one that the newest list leaves out was not used.
func TestALabelCountsUntilAListLeavesItOut(t *testing.T) {
	order, first := orderSaid("api", "4501", "#1001", t0, nil), shipmentSaid("api", "1/parcels", hours(1), "3SX")
	label := trackerSaid("api", "3SY", hours(2), scanned(LabelCreated, hours(1), ""))
	label.Tracker.Order.Number = "#1001"
	for _, c := range []struct {
		name string
		all  []Statement
		want int
	}{
		{"newer than the list", []Statement{order, first, label}, 2},
		{"older than the list", []Statement{order, first, label, shipmentSaid("api", "1/parcels", hours(3), "3SX")}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if o := hear(c.all...).only(t); len(Project(o, testSetting(), hours(4)).Parcels) != c.want {
				t.Errorf("shipments: %+v", o.Shipments)
			}
		})
	}
}
