package tracking

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/locale"
)

func TestWhoWasPromisedADayIsToldThatEvening(t *testing.T) {
	moving := with(sent("3S1"), "3S1", scanned(InTransit, hours(30), ""))
	order := []Statement{orderSaid("shopify", "4501", "#1001", t0, nil)}
	sentWhole := orderSaid("shopify", "4501", "#1001", t0, func(o *OrderSaid) { o.Phase = Shipped })
	packed := append(slices.Clip(order), shipmentSaid("shopify", "77", hours(24)))
	heardLate := trackerSaid("easypost", "3S1", hours(85.5), scanned(InTransit, hours(70), "Utrecht"))
	tests := map[string]struct {
		statements []Statement
		now        time.Time
		want       []string
	}{
		"before the evening":                     {statements: moving, now: hours(76)},
		"the promise":                            {statements: moving, now: hours(77), want: []string{"Fri 27 17:00 LateWithoutNews Parcel:3S1 2026-11-27"}},
		"an order that was sent as a whole":      {statements: []Statement{sentWhole}, now: hours(77), want: []string{"Fri 27 17:00 NoFirstScan"}},
		"an order that was never sent":           {statements: order, now: hours(77), want: []string{"Fri 27 17:00 LateWithoutNews 2026-11-27"}},
		"a shipment that was packed":             {statements: packed, now: hours(77), want: []string{"Fri 27 17:00 LateWithoutNews Shipment:shopify/77 2026-11-27"}},
		"sent, and no number":                    {statements: sent(), now: hours(77), want: []string{"Fri 27 17:00 NoFirstScan Shipment:shopify/77"}},
		"sent, and no carrier tells of it":       {statements: sent("3S1"), now: hours(77), want: []string{"Fri 27 17:00 NoFirstScan Parcel:3S1"}},
		"heard of late, and more may come":       {statements: append(slices.Clip(moving), heardLate), now: hours(90), want: []string{"Sat 28 02:30 LateWithoutNews Parcel:3S1 2026-11-27"}},
		"the carrier's earlier day":              {statements: dated(moving, "3S1", hours(31), *day(hours(48))), now: hours(60), want: []string{"Thu 26 17:00 LateWithoutNews Parcel:3S1 2026-11-26"}},
		"the carrier's later day":                {statements: dated(moving, "3S1", hours(31), *day(hours(24 * 6))), now: hours(77)},
		"a window until seven":                   {statements: dated(moving, "3S1", hours(31), ETA{From: hours(75), To: hours(79)}), now: hours(90), want: []string{"Fri 27 19:00 LateWithoutNews Parcel:3S1 2026-11-27"}},
		"still on the round":                     {statements: with(moving, "3S1", scanned(OutForDelivery, hours(70), "")), now: hours(90), want: []string{"Fri 27 20:30 LateWithoutNews Parcel:3S1 2026-11-27"}},
		"on the round on another day":            {statements: with(moving, "3S1", scanned(OutForDelivery, hours(46), "")), now: hours(90), want: []string{"Thu 26 20:30 LateWithoutNews Parcel:3S1 2026-11-26"}},
		"a new day is named after the round":     {statements: dated(with(moving, "3S1", scanned(OutForDelivery, hours(46), "")), "3S1", hours(52), *day(hours(24 * 6))), now: hours(90)},
		"the day is named in its evening":        {statements: dated(moving, "3S1", hours(54), *day(hours(48))), now: hours(90), want: []string{"Thu 26 20:30 LateWithoutNews Parcel:3S1 2026-11-26"}},
		"delivered":                              {statements: with(moving, "3S1", scanned(Delivered, hours(70), "")), now: hours(90)},
		"waits to be collected":                  {statements: with(moving, "3S1", scanned(AvailableForPickup, hours(70), "")), now: hours(90)},
		"tried on that day":                      {statements: with(moving, "3S1", scanned(DeliveryAttemptFailed, hours(74), "")), now: hours(90)},
		"tried on the day before":                {statements: with(moving, "3S1", scanned(DeliveryAttemptFailed, hours(50), "")), now: hours(90), want: []string{"Fri 27 17:00 LateWithoutNews Parcel:3S1 2026-11-27"}},
		"goes back":                              {statements: with(moving, "3S1", scanned(ReturnInTransit, hours(50), "")), now: hours(90)},
		"delayed, and no new day":                {statements: with(moving, "3S1", Scan{Status: InTransit, Told: hours(50), Delayed: true}), now: hours(90), want: []string{"Fri 27 17:00 LateWithoutNews Parcel:3S1 2026-11-27"}},
		"the second parcel after the first came": {statements: with(with(sent("3S1", "3S2"), "3S1", scanned(Delivered, hours(50), "")), "3S2", scanned(InTransit, hours(30), "")), now: hours(90), want: []string{"Fri 27 17:00 LateWithoutNews Parcel:3S2 2026-11-27"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			same(t, only(newsOf(t, testSetting(), test.now, test.statements...), LateWithoutNews, NoFirstScan), test.want...)
		})
	}
}

func TestALateOrderIsNotToldAgainWhenItsParcelBecomesKnown(t *testing.T) {
	s := testSetting()
	before := hear(orderSaid("shopify", "4501", "#1001", t0, nil)).only(t)
	after := hear(with(sent("3S1"), "3S1", scanned(InTransit, hours(100), ""))...).only(t)
	known := ids(NewsOf(before, Project(before, s, hours(90)), s, hours(90)))
	for _, n := range NewsOf(after, Project(after, s, hours(110)), s, hours(110)) {
		if n.Occasion == LateWithoutNews && !slices.ContainsFunc(n.Also, func(id string) bool { return slices.Contains(known, id) }) {
			t.Errorf("%s, also %v, is told again", n.ID(), n.Also)
		}
	}
}

func TestTestOrdersAndWatchesThatAreOffTellNothingByTime(t *testing.T) {
	moving := with(sent("3S1"), "3S1", scanned(InTransit, hours(30), ""))
	watched := []Occasion{LateWithoutNews, Stalled, NoFirstScan, SilentOrder, NextLegMissing, PickupExpiring}
	off := testSetting()
	off.Watch = bundle.Watch{}
	same(t, only(newsOf(t, off, hours(2000), moving...), watched...))

	test := append([]Statement{orderSaid("shopify", "4501", "#1001", t0, func(o *OrderSaid) { o.Test = true })}, moving[1:]...)
	same(t, only(newsOf(t, testSetting(), hours(2000), test...), watched...))
}

func TestSilenceIsToldInBusinessTime(t *testing.T) {
	label := with(sent("3S1"), "3S1", scanned(LabelCreated, hours(26), ""))
	tests := map[string]struct {
		statements []Statement
		change     func(*Setting)
		want       []string
	}{
		"no first scan":                {statements: label, want: []string{"Fri 27 12:00 NoFirstScan Parcel:3S1"}},
		"no first scan over a weekend": {statements: label, change: func(s *Setting) { s.Watch.NoFirstScanHours = 72 }, want: []string{"Mon 30 12:00 NoFirstScan Parcel:3S1"}},
		"no source follows the number": {statements: sent("3S1")},
		"stalled over a weekend":       {statements: with(sent("3S1"), "3S1", scanned(InTransit, hours(30), "Utrecht")), want: []string{"Tue 1 18:00 Stalled Parcel:3S1 InTransit2026-11-25 17:00:00 +0000 UTCUtrecht"}},
		"a lane that is slower":        {statements: with(sent("3S1"), "3S1", scanned(InTransit, hours(30), "Utrecht")), change: slowLane, want: []string{"Thu 3 18:00 Stalled Parcel:3S1 InTransit2026-11-25 17:00:00 +0000 UTCUtrecht"}},
		"customs":                      {statements: with(sent("3S1"), "3S1", scanned(InCustoms, hours(30), "")), want: []string{"Mon 30 18:00 Stalled Parcel:3S1 customs:InCustoms2026-11-25 17:00:00 +0000 UTC"}},
		"customs that ask for money":   {statements: with(sent("3S1"), "3S1", Scan{Status: InCustoms, Told: hours(30), ActionRequired: true, Reason: ReasonDutiesDue})},
		"waits to be collected":        {statements: with(sent("3S1"), "3S1", scanned(AvailableForPickup, hours(30), ""))},
		"has arrived":                  {statements: with(sent("3S1"), "3S1", scanned(Delivered, hours(30), ""))},
		"to and fro": {
			statements: with(sent("3S1"), "3S1", scanned(InTransit, hours(30), "A"), scanned(InTransit, hours(31), "B"), scanned(InTransit, hours(32), "a"), scanned(InTransit, hours(33), "b"), scanned(InTransit, hours(34), "A"), scanned(Delivered, hours(35), "C")),
		},
		"to and fro, and still there": {
			statements: with(sent("3S1"), "3S1", scanned(InTransit, hours(30), "A"), scanned(InTransit, hours(31), "B"), scanned(InTransit, hours(32), "a"), scanned(InTransit, hours(33), "b"), scanned(InTransit, hours(34), "A")),
			want:       []string{"Wed 25 21:00 Stalled Parcel:3S1 loop:InTransit2026-11-25 20:00:00 +0000 UTCb", "Tue 1 22:00 Stalled Parcel:3S1 InTransit2026-11-25 21:00:00 +0000 UTCA"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := testSetting()
			s.Promise = bundle.Promise{} // what is late is told as that
			if test.change != nil {
				test.change(&s)
			}
			same(t, only(newsOf(t, s, hours(24*20), test.statements...), Stalled, NoFirstScan, NextLegMissing), test.want...)
		})
	}
}

func slowLane(s *Setting) {
	s.Lanes = Lanes{{"NL", "NL", "postnl"}: {Parcels: MinLaneParcels, GapHoursP95: 144}, {"NL", "NL", "dhl"}: {Parcels: MinLaneParcels - 1, GapHoursP95: 500}}
}

func TestTheSecondLegOfAParcelIsMissed(t *testing.T) {
	legs := func(statements []Statement) []Statement {
		tracker := trackerSaid("easypost", "CN1", hours(40), scanned(HandedToCarrier, hours(40), "Shenzhen"))
		tracker.Tracker.Legs = []Leg{{Carrier: "yun", Number: "CN1", Role: RoleFirstMile}, {Carrier: "postnl", Number: "3S1", Role: RoleLastMile}}
		return append(slices.Clip(statements), tracker)
	}
	same(t, only(newsOf(t, testSetting(), hours(24*20), legs(sent("CN1"))...), NextLegMissing, Stalled),
		"Wed 2 04:00 NextLegMissing Parcel:CN1 HandedToCarrier2026-11-26 03:00:00 +0000 UTCShenzhen")
	taken := append(legs(sent("CN1")), trackerSaid("easypost", "3S1", hours(60), scanned(InTransit, hours(60), "Schiphol")))
	same(t, only(newsOf(t, testSetting(), hours(24*20), taken...), NextLegMissing))
}

func TestTheShopperIsWarnedBeforeTheLastAttemptAndTheEndOfTheHold(t *testing.T) {
	s := testSetting()
	s.Carriers = []bundle.CarrierRules{{Name: "postnl", MaxDeliveryAttempts: 2, PickupHoldDays: 7}}
	attempt := with(sent("3S1"), "3S1", scanned(DeliveryAttemptFailed, hours(30), ""))
	same(t, only(newsOf(t, s, hours(31), attempt...), LastAttempt), "Wed 25 18:00 LastAttempt Parcel:3S1 2026-11-25")
	same(t, only(newsOf(t, testSetting(), hours(31), attempt...), LastAttempt))

	waits := with(sent("3S1"), "3S1", scanned(AvailableForPickup, hours(30), "Kiosk"))
	same(t, only(newsOf(t, s, hours(24*7), waits...), PickupExpiring), "Mon 30 10:00 PickupExpiring Parcel:3S1 2026-12-02")
	same(t, only(newsOf(t, s, hours(24*7), with(waits, "3S1", scanned(Delivered, hours(50), ""))...), PickupExpiring))

	until := with(sent("3S1"), "3S1", scanned(AvailableForPickup, hours(30), "Kiosk"))
	until[len(until)-1].Tracker.Pickup = &PickupPoint{Name: "Kiosk", Until: locale.Day{Year: 2026, Month: 11, Day: 26}}
	same(t, only(newsOf(t, s, hours(24*7), until...), PickupExpiring), "Thu 26 10:00 PickupExpiring Parcel:3S1 2026-11-26")
}

func TestThePromiseKnowsWhenTheShopAndTheRoadRest(t *testing.T) {
	amsterdam := testSetting().Zone
	at := func(text string) time.Time {
		instant, err := time.ParseInLocation("2006-01-02 15:04", text, amsterdam)
		if err != nil {
			t.Fatal(err)
		}
		return instant
	}
	base := testSetting()
	base.Promise.CutOff = "15:00"
	tests := map[string]struct {
		placed string
		change func(*Setting, *Order)
		want   string
	}{
		"a working day":      {placed: "2026-11-24 12:00", want: "2026-11-26 2026-11-27"},
		"after the cut-off":  {placed: "2026-11-24 15:01", want: "2026-11-27 2026-11-30"},
		"on a Saturday":      {placed: "2026-11-28 10:00", want: "2026-12-02 2026-12-03"},
		"over Christmas":     {placed: "2026-12-23 10:00", want: "2026-12-28 2026-12-29"},
		"the shop is closed": {placed: "2026-11-24 12:00", change: func(s *Setting, _ *Order) { s.Promise.ClosedDays = []string{"11-25"} }, want: "2026-11-27 2026-11-30"},
		"a pre-order": {placed: "2026-11-24 12:00", change: func(_ *Setting, o *Order) {
			o.Lines = []Line{{ID: "1", AvailableFrom: locale.Day{Year: 2027, Month: 2, Day: 1}}}
		}, want: "2027-02-03 2027-02-04"},
		"a pre-order beside what is there": {placed: "2026-11-24 12:00", change: func(_ *Setting, o *Order) {
			o.Lines = []Line{{ID: "1", AvailableFrom: locale.Day{Year: 2027, Month: 2, Day: 1}}, {ID: "2"}}
		}, want: "2026-11-26 2026-11-27"},
		"a promise before the goods are there": {placed: "2026-11-24 12:00", change: func(_ *Setting, o *Order) {
			o.Lines, o.Promise = []Line{{ID: "1", AvailableFrom: locale.Day{Year: 2027, Month: 2, Day: 1}}}, day(hours(24*7))
		}, want: "2027-02-03 2027-02-04"},
		"the order's own":          {placed: "2026-11-24 12:00", change: func(_ *Setting, o *Order) { o.Promise = day(hours(24 * 7)) }, want: "2026-12-01 2026-12-01"},
		"a quicker method":         {placed: "2026-11-24 12:00", change: express, want: "2026-11-26 2026-11-26"},
		"no destination that fits": {placed: "2026-11-24 12:00", change: func(s *Setting, _ *Order) { s.Promise.Transit[0].Countries = []string{"DE"} }},
		"nothing is to come":       {placed: "2026-11-24 12:00", change: func(_ *Setting, o *Order) { o.Lines = []Line{{ID: "1", State: LineRefunded}} }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, o := base, Order{PlacedAt: at(test.placed), To: Address{Country: "NL"}}
			s.Promise.Transit = slices.Clone(base.Promise.Transit)
			if test.change != nil {
				test.change(&s, &o)
			}
			got := ""
			if e := Promised(o, nil, s); e != nil {
				got = e.From.Format(time.DateOnly) + " " + e.To.Format(time.DateOnly)
			}
			if got != test.want {
				t.Errorf("promised %q, want %q", got, test.want)
			}
		})
	}
}

func express(s *Setting, o *Order) {
	o.MethodTitle = "Express"
	s.Methods = []bundle.DeliveryMethod{{Name: "express", Titles: []string{"express"}, Method: bundle.MethodParcel, MinBusinessDays: 1, MaxBusinessDays: 1}}
}

func TestThePageSaysThatAParcelStandsStill(t *testing.T) {
	s := testSetting()
	s.Promise = bundle.Promise{} // else it is late before that
	moving := hear(with(sent("3S1"), "3S1", scanned(InTransit, hours(30), "Utrecht"))...).only(t)
	label := hear(with(sent("3S1"), "3S1", scanned(LabelCreated, hours(26), ""))...).only(t)
	unseen := hear(sent("3S1")...).only(t)
	nameless := hear(sent()...).only(t)
	for _, o := range []Order{unseen, nameless} {
		if j := Project(o, testSetting(), hours(24*10)); j.State != NoFirstScan || !j.Late {
			t.Errorf("sent, due and not heard of: %s, late %t", j.State, j.Late)
		}
	}
	for _, test := range []struct {
		order  Order
		now    time.Time
		state  Occasion
		silent bool
	}{
		{moving, hours(100), Occasion(InTransit), false},
		{moving, hours(24 * 10), Stalled, true},
		{label, hours(30), Occasion(LabelCreated), false},
		{label, hours(24 * 10), NoFirstScan, true},
	} {
		j := Project(test.order, s, test.now)
		if j.State != test.state || j.Parcels[0].State != test.state || j.Parcels[0].Silent != test.silent {
			t.Errorf("at %s: %s, parcel %s, silent %t; want %s", test.now, j.State, j.Parcels[0].State, j.Parcels[0].Silent, test.state)
		}
	}
}

func TestTheEveningBeforeAParcelComesIsNews(t *testing.T) {
	moving := with(sent("3S1"), "3S1", scanned(InTransit, hours(26), ""))
	window := ETA{From: hours(96), To: hours(98)} // Saturday
	tests := map[string]struct {
		statements []Statement
		want       []string
	}{
		"the carrier has named a window": {statements: dated(moving, "3S1", hours(30), window), want: []string{"Fri 27 17:00 ArrivesTomorrow Parcel:3S1 2026-11-28"}},
		"moved to tomorrow this evening": {statements: dated(moving, "3S1", hours(80), window)},
		"named on the day itself":        {statements: dated(moving, "3S1", hours(90), window)},
		"one of two days":                {statements: dated(moving, "3S1", hours(30), ETA{From: hours(72), To: hours(98)})},
		"only promised":                  {statements: moving},
		"an attempt failed since":        {statements: with(dated(moving, "3S1", hours(30), window), "3S1", scanned(DeliveryAttemptFailed, hours(50), ""))},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			same(t, only(newsOf(t, testSetting(), hours(24*5), test.statements...), ArrivesTomorrow), test.want...)
		})
	}
	o := hear(dated(moving, "3S1", hours(30), window)...).only(t)
	for _, n := range newsAt(o, testSetting(), hours(24*5)) {
		if n.Occasion == ArrivesTomorrow && !n.Until.Equal(hours(84)) {
			t.Errorf("told until %s, want until the day begins", n.Until)
		}
	}
}

func TestWhatIsLateAfterItsDayWasNamedLate(t *testing.T) {
	moving := with(sent("3S1"), "3S1", scanned(InTransit, hours(26), ""))
	late := func(statements ...Statement) []string {
		return only(newsOf(t, testSetting(), hours(24*6), statements...), LateWithoutNews)
	}
	thursday := *day(hours(48))
	same(t, late(dated(moving, "3S1", hours(58), thursday)...), "Fri 27 00:00 LateWithoutNews Parcel:3S1 2026-11-26")
	repeated := dated(dated(moving, "3S1", hours(30), thursday), "3S1", hours(55), thursday)
	same(t, late(repeated...), "Thu 26 17:00 LateWithoutNews Parcel:3S1 2026-11-26")

	shop := sent("3S1")
	shop[1].Dates = []StatedDate{{ETA: *daysETA(locale.DayOf(hours(96), time.UTC), locale.DayOf(hours(96), time.UTC), ETAFromOrder), At: hours(40), Heard: hours(40)}}
	same(t, late(dated(with(shop, "3S1", scanned(InTransit, hours(26), "")), "3S1", hours(30), thursday)...), "Thu 26 17:00 LateWithoutNews Parcel:3S1 2026-11-26")
}

func TestALetterIsSentAndNeverLate(t *testing.T) {
	s := testSetting()
	s.Methods = []bundle.DeliveryMethod{{Name: "letter", Titles: []string{"Brief"}, Method: bundle.MethodLetter}}
	letter := sent()
	letter[0].Order.MethodTitle = "Brief"
	same(t, only(newsOf(t, s, hours(24*30), letter...), LateWithoutNews, Stalled, Occasion(Shipped)), "Wed 25 12:00 Shipped Shipment:shopify/77")
	if e := Project(hear(letter...).only(t), s, hours(30)).ETA; e == nil {
		t.Error("a letter on its way has no day")
	}
}

func TestTheRestOfASplitOrderIsLateOnItsOwnDay(t *testing.T) {
	rest := func(available locale.Day) []string {
		statements := with(sent("3S1"), "3S1", scanned(Delivered, hours(50), ""))
		statements[0].Order.Lines[1].AvailableFrom = available
		statements[1].Shipment.Lines = []LineShare{{ID: "l1", Quantity: locale.Units(1)}}
		return only(newsOf(t, testSetting(), hours(24*30), statements...), LateWithoutNews)
	}
	same(t, rest(locale.Day{}), "Fri 27 17:00 LateWithoutNews 2026-11-27")
	same(t, rest(locale.Day{Year: 2026, Month: 12, Day: 7}), "Thu 10 17:00 LateWithoutNews 2026-12-10")
	same(t, rest(locale.Day{Year: 2027, Month: 12, Day: 7}))
}

func TestARoundEndsByItselfAlsoWhenANewDayIsKnown(t *testing.T) {
	o := hear(dated(with(sent("3S1"), "3S1", scanned(OutForDelivery, hours(46), "")), "3S1", hours(50), *day(hours(24 * 7)))...).only(t)
	s := testSetting()
	s.Promise, s.Watch = bundle.Promise{}, bundle.Watch{}
	midnight := time.Date(2026, 11, 27, 0, 0, 0, 0, s.Zone)
	if next := NextLook(o, s, hours(51)); !next.Equal(midnight) {
		t.Errorf("next look at %s, want %s: the round is over", next, midnight)
	}
}

func TestAParcelThatIsKnownAfterTheDayIsNotCalledLateAtOnce(t *testing.T) {
	again := shipmentSaid("shopify", "78", hours(24*6), "3S2")
	again.Phases = []PhaseChange{{Phase: Shipped, At: hours(24 * 6), Heard: hours(24 * 6)}}
	statements := append(with(sent("3S1"), "3S1", scanned(Delivered, hours(50), "")), again, trackerSaid("easypost", "3S2", hours(24*6), scanned(LabelCreated, hours(24*6), "")))
	same(t, only(newsOf(t, testSetting(), hours(24*7), statements...), LateWithoutNews, NoFirstScan))
	same(t, only(newsOf(t, testSetting(), hours(24*9), statements...), LateWithoutNews, NoFirstScan), "Wed 2 12:00 NoFirstScan Parcel:3S2")
}

func TestOfWhatNoCarrierScansNoWordIsMissed(t *testing.T) {
	order := func(method Method, phase Phase) Statement {
		return orderSaid("shopify", "4501", "#1001", t0, func(o *OrderSaid) { o.Method, o.Phase = method, phase })
	}
	letter := shipmentSaid("shopify", "77", hours(1))
	letter.Shipment.Phase, letter.Shipment.Method = Shipped, MethodLetter
	letter.Phases = []PhaseChange{{Phase: Shipped, At: hours(1), Heard: hours(1)}}
	for name, tt := range map[string]struct {
		statements []Statement
		silent     bool
	}{
		"nothing but files":       {statements: []Statement{order(MethodDigital, OrderReceived)}},
		"a letter that has left":  {statements: []Statement{order("", OrderReceived), letter}},
		"letters that have left":  {statements: []Statement{order(MethodLetter, Shipped)}},
		"a letter to be written":  {statements: []Statement{order(MethodLetter, OrderReceived)}, silent: true},
		"something for a carrier": {statements: []Statement{order("", OrderReceived)}, silent: true},
	} {
		got := newsOf(t, testSetting(), hours(24*20), tt.statements...)
		if found := slices.ContainsFunc(got, func(n string) bool { return strings.Contains(n, string(SilentOrder)) }); found != tt.silent {
			t.Errorf("%s: %s", name, strings.Join(got, ", "))
		}
	}
}

func TestWhoSendsSomethingBackIsNotAskedToMissWhatHadLeftBefore(t *testing.T) {
	left := shipmentSaid("shopify", "77", hours(1))
	left.Shipment.Phase = Shipped
	left.Phases = []PhaseChange{{Phase: Shipped, At: hours(1), Heard: hours(1)}}
	back := shipmentSaid("shopify", "78", hours(24*8))
	back.Shipment.Direction = Return
	back.Phases = []PhaseChange{{Phase: ReturnRequested, At: hours(24 * 8), Heard: hours(24 * 8)}}
	order := orderSaid("shopify", "4501", "#1001", t0, func(*OrderSaid) {})
	quiet := func(statements ...Statement) int {
		return len(only(newsOf(t, testSetting(), hours(24*20), statements...), SilentOrder))
	}
	if without, with := quiet(order, left), quiet(order, left, back); with >= without {
		t.Errorf("%d times word is missed of what had left before the return, %d without a return", with, without)
	}
}

func TestTwoParcelsDueOnDifferentDaysAreBothMissed(t *testing.T) {
	due := func(ref, number string, hour float64) Statement {
		s := shipmentSaid("shopify", ref, hours(1), number)
		s.Shipment.Promise = day(hours(hour))
		s.Phases = []PhaseChange{{Phase: Shipped, At: hours(1), Heard: hours(1)}}
		return s
	}
	order := orderSaid("shopify", "4501", "#1001", t0, func(*OrderSaid) {})
	count := func(second float64) (ids, shared int) {
		o := hear(order, due("77", "3S1", 48), due("78", "3S2", second)).only(t)
		s := testSetting()
		known := map[string]int{}
		for _, n := range newsAt(o, s, hours(24*20)) {
			if n.Occasion != NoFirstScan {
				continue
			}
			ids++
			for _, also := range n.Also {
				known[also]++
			}
		}
		for _, times := range known {
			shared = max(shared, times)
		}
		return ids, shared
	}
	if ids, shared := count(72); ids != 2 || shared > 1 {
		t.Errorf("%d parcels are missed, and %d of them share an identity, want 2 and none", ids, shared)
	}
	if ids, shared := count(48); ids != 2 || shared != 2 {
		t.Errorf("%d parcels are missed on one day, and %d share an identity, want 2: one message is for both", ids, shared)
	}
}
