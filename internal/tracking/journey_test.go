package tracking_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/internal/tracking"
)

func hours(n int) time.Time { return monday.Add(time.Duration(n) * time.Hour) }

// parcel is a parcel that went through the statuses, one every hour from the given one on.
func parcel(number string, from int, statuses ...tracking.Status) tracking.Parcel {
	p := tracking.Parcel{Carrier: "postnl", Number: number}
	for i, s := range statuses {
		e := tracking.Event{Status: s, Time: hours(from + i), Location: "Utrecht"}
		e.Key = tracking.EventKey(e)
		p.Events = append(p.Events, e)
	}
	return p
}

func project(t *testing.T, o tracking.Order, now time.Time) tracking.Journey {
	t.Helper()
	if o.PlacedAt.IsZero() {
		o.PlacedAt = monday
	}
	return tracking.Project(o, promise(), amsterdam(t), now)
}

func TestTheHeadlineIsTheParcelThatMattersMost(t *testing.T) {
	for _, c := range []struct {
		name      string
		phase     tracking.Phase
		parcels   []tracking.Parcel
		want      tracking.Occasion
		delivered string
	}{
		{"no parcel yet", tracking.Packed, nil, "Packed", "0 of 0"},
		{"nothing is known but the order", "", nil, "OrderReceived", "0 of 0"},
		{"a number without a scan", tracking.ReadyToShip, []tracking.Parcel{parcel("A", 0)}, "ReadyToShip", "0 of 1"},
		{"the least advanced of two", tracking.Shipped,
			[]tracking.Parcel{parcel("A", 1, "InTransit", "OutForDelivery"), parcel("B", 2, "InTransit")}, "InTransit", "0 of 2"},
		{"one has arrived, one is on its way", tracking.Shipped,
			[]tracking.Parcel{parcel("A", 1, "Delivered"), parcel("B", 2, "InTransit")}, "InTransit", "1 of 2"},
		{"one has arrived, of one nothing is heard", tracking.Shipped,
			[]tracking.Parcel{parcel("A", 1, "Delivered"), parcel("B", 2)}, "Shipped", "1 of 2"},
		{"all have arrived", tracking.Shipped,
			[]tracking.Parcel{parcel("A", 1, "Delivered"), parcel("B", 2, "Delivered")}, "Delivered", "2 of 2"},
		{"trouble comes first", tracking.Shipped,
			[]tracking.Parcel{parcel("A", 1, "InTransit"), parcel("B", 2, "DeliveryAttemptFailed")}, "DeliveryAttemptFailed", "0 of 2"},
		{"a cancelled parcel does not count", tracking.Shipped,
			[]tracking.Parcel{parcel("A", 1, "Delivered"), parcel("B", 2, "ParcelCancelled")}, "Delivered", "1 of 1"},
		{"cancelled before it left", tracking.OrderCancelled, []tracking.Parcel{parcel("A", 1, "LabelCreated")}, "OrderCancelled", "0 of 0"},
		{"cancelled too late", tracking.OrderCancelled, []tracking.Parcel{parcel("A", 1, "InTransit")}, "InTransit", "0 of 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := project(t, tracking.Order{Phase: c.phase, Parcels: c.parcels}, hours(10))
			if j.State != c.want {
				t.Errorf("state %s, want %s", j.State, c.want)
			}
			if got := fmt.Sprintf("%d of %d", j.Delivered, j.Total); got != c.delivered {
				t.Errorf("%s delivered, want %s", got, c.delivered)
			}
		})
	}
}

func TestATerminalStateReopensOnlyByALaterCarrierTime(t *testing.T) {
	p := parcel("A", 5, "Delivered")
	o := tracking.Order{PlacedAt: monday, Parcels: []tracking.Parcel{p}}
	for _, c := range []struct {
		hour int
		want tracking.Status
	}{{4, "Delivered"}, {5, "Delivered"}, {6, "ReturnInTransit"}} {
		tracking.ApplyEvents(&o, tracking.ParcelEvents{Number: "A", Events: []tracking.Event{{Status: "ReturnInTransit", Time: hours(c.hour)}}})
		if got := project(t, o, hours(10)).Parcels[0].Status; got != c.want {
			t.Errorf("a return told for hour %d: %s, want %s", c.hour, got, c.want)
		}
	}
}

func TestAnUnknownCodeKeepsTheLastStatusAndStillShowsWhereTheParcelIs(t *testing.T) {
	p := parcel("A", 1, "InTransit")
	p.Events = append(p.Events, tracking.Event{Key: "x", Time: hours(3), Location: "Zwolle", Code: "Q7"})
	j := project(t, tracking.Order{Parcels: []tracking.Parcel{p}}, hours(10))
	if j.State != "InTransit" || !j.Since.Equal(hours(1)) {
		t.Errorf("state %s since %s", j.State, j.Since)
	}
	if diff := cmp.Diff(&tracking.Scan{Time: hours(3), Location: "Zwolle"}, j.LastScan); diff != "" {
		t.Errorf("last scan:\n%s", diff)
	}
}

func TestADelayLastsUntilTheParcelIsOnItsLastLeg(t *testing.T) {
	p := parcel("A", 1, "InTransit", "InTransit", "InCustoms", "OutForDelivery")
	p.Events[0].Delayed = true
	for i, want := range []bool{true, true, true, false} {
		cut := p
		cut.Events = p.Events[:i+1]
		if got := project(t, tracking.Order{Parcels: []tracking.Parcel{cut}}, hours(10)).Delayed; got != want {
			t.Errorf("after %s: delayed %t", cut.Events[i].Status, got)
		}
	}
}

func TestThePromiseCountsBusinessDaysFromTheCutOffToTheDestination(t *testing.T) {
	for _, c := range []struct {
		name, placed, country, from, to string
	}{
		{"in the morning", "2026-11-16T09:00:00Z", "NL", "2026-11-18", "2026-11-19"},
		{"a minute before the cut-off, local time", "2026-11-16T13:59:00Z", "NL", "2026-11-18", "2026-11-19"},
		{"after the cut-off", "2026-11-16T14:01:00Z", "NL", "2026-11-19", "2026-11-20"},
		{"over the weekend", "2026-11-20T16:00:00Z", "NL", "2026-11-25", "2026-11-26"},
		{"elsewhere", "2026-11-16T09:00:00Z", "SE", "2026-11-20", "2026-11-25"},
	} {
		t.Run(c.name, func(t *testing.T) {
			placed, err := time.Parse(time.RFC3339, c.placed)
			if err != nil {
				t.Fatal(err)
			}
			j := project(t, tracking.Order{PlacedAt: placed, To: tracking.Address{Country: c.country}}, placed)
			if j.ETA == nil || j.ETA.Source != tracking.ETAFromPromise || !j.ETA.DayOnly {
				t.Fatalf("ETA %+v", j.ETA)
			}
			if from, to := j.ETA.From.Format(time.DateOnly), j.ETA.To.Format(time.DateOnly); from != c.from || to != c.to {
				t.Errorf("%s to %s, want %s to %s", from, to, c.from, c.to)
			}
		})
	}
}

func TestAnOrderIsLateAfterTheEndOfTheDayInTheShopsZone(t *testing.T) {
	day := time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC)
	o := tracking.Order{Promise: &tracking.ETA{From: day, To: day, DayOnly: true, Source: tracking.ETAFromOrder}}
	midnight := time.Date(2026, 11, 18, 23, 0, 0, 0, time.UTC) // in Amsterdam
	if project(t, o, midnight.Add(-time.Second)).Late {
		t.Error("late before midnight")
	}
	if !project(t, o, midnight).Late {
		t.Error("not late after midnight")
	}
	o.Parcels = []tracking.Parcel{parcel("A", 1, "Delivered")}
	if j := project(t, o, midnight); j.Late || j.ETA != nil {
		t.Error("late although delivered")
	}
}

func TestACarriersWordBeatsThePromise(t *testing.T) {
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	p := parcel("A", 1, "InTransit")
	p.Events[0].ETA = &tracking.ETA{From: day, To: day, DayOnly: true, Source: tracking.ETAFromCarrier}
	j := project(t, tracking.Order{To: tracking.Address{Country: "NL"}, Parcels: []tracking.Parcel{p}}, hours(2))
	if j.ETA.Source != tracking.ETAFromCarrier || !j.ETA.From.Equal(day) {
		t.Errorf("ETA %+v", j.ETA)
	}
}

func TestTheTimelineReadsFromWhatIsToComeDownToTheOrder(t *testing.T) {
	j := project(t, tracking.Order{
		PhaseTimes: map[tracking.Phase]time.Time{tracking.Packed: hours(1)},
		Parcels:    []tracking.Parcel{parcel("A", 2, "LabelCreated", "InTransit")},
	}, hours(10))
	var got []string
	for _, s := range j.Timeline {
		got = append(got, fmt.Sprint(s.Occasion, " ", s.Future))
	}
	want := []string{
		"Delivered true", "OutForDelivery true",
		"InTransit false", "LabelCreated false", "Packed false", "OrderReceived false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Neither the number of steps nor the order in which phases come out of a map is anything that a shopper sees.
func TestOneHistoryHasOneTimeline(t *testing.T) {
	reached := map[tracking.Phase]time.Time{}
	for i, phase := range tracking.Phases()[:6] {
		reached[phase] = hours(i)
	}
	p := parcel("A", 0, "LabelCreated", "HandedToCarrier", "InTransit", "InTransit", "InTransit", "OutForDelivery")
	twin := p.Events[3]
	twin.Delayed, twin.Key = true, "of another code"
	p.Events = append(p.Events, twin)
	o := tracking.Order{Phase: tracking.Shipped, PhaseTimes: reached, Parcels: []tracking.Parcel{p}}
	first := project(t, o, hours(10)).Timeline
	for range 100 {
		if diff := cmp.Diff(first, project(t, o, hours(10)).Timeline); diff != "" {
			t.Fatalf("the timeline of one history is not always the same:\n%s", diff)
		}
	}
}

func TestAPartOfAnOrderThatArrivesIsNotADelivery(t *testing.T) {
	one := project(t, tracking.Order{Parcels: []tracking.Parcel{parcel("A", 1, "InTransit"), parcel("B", 1, "InTransit")}}, hours(1))
	two := project(t, tracking.Order{Parcels: []tracking.Parcel{parcel("A", 1, "InTransit", "Delivered"), parcel("B", 1, "InTransit")}}, hours(2))
	all := project(t, tracking.Order{Parcels: []tracking.Parcel{parcel("A", 1, "InTransit", "Delivered"), parcel("B", 1, "InTransit", "Delivered")}}, hours(2))
	if got := tracking.Happened(one, two); len(got) != 0 {
		t.Errorf("a part: %+v", got)
	}
	want := []tracking.Occurrence{{Occasion: "Delivered", At: hours(2)}}
	if diff := cmp.Diff(want, tracking.Happened(two, all)); diff != "" {
		t.Errorf("all:\n%s", diff)
	}
}

func TestWhatHappenedToANewOrderIsAllThatIsTrueOfIt(t *testing.T) {
	j := project(t, tracking.Order{To: tracking.Address{Country: "NL"}, Parcels: []tracking.Parcel{parcel("A", 1, "LabelCreated", "InTransit")}}, hours(3))
	want := []tracking.Occurrence{
		{Occasion: "OrderReceived", At: monday},
		{Occasion: "LabelCreated", Parcel: "postnl:A", At: hours(1)},
		{Occasion: "Shipped", At: hours(2)},
		{Occasion: "InTransit", Parcel: "postnl:A", At: hours(2)},
	}
	if diff := cmp.Diff(want, tracking.Happened(tracking.Journey{}, j)); diff != "" {
		t.Error(diff)
	}
}

func TestAnETAThatMovesByADayIsAnOccasion(t *testing.T) {
	at := func(days int) tracking.Journey {
		p := parcel("A", 1, "InTransit")
		day := time.Date(2026, 11, 18+days, 0, 0, 0, 0, time.UTC)
		p.Events[0].ETA = &tracking.ETA{From: day, To: day, DayOnly: true, Source: tracking.ETAFromCarrier}
		return tracking.Project(tracking.Order{PlacedAt: monday, Parcels: []tracking.Parcel{p}}, tracking.Promise{}, time.UTC, hours(2))
	}
	o := tracking.Order{PlacedAt: monday, To: tracking.Address{Country: "NL"}, Parcels: []tracking.Parcel{parcel("A", 1, "InTransit")}}
	none := tracking.Project(o, tracking.Promise{}, time.UTC, hours(2))
	promised := project(t, o, hours(2)) // Wednesday the 18th or Thursday
	for _, c := range []struct {
		name          string
		before, after tracking.Journey
		want          tracking.Occasion
	}{{"first known", none, at(0), tracking.EtaFirstKnown}, {"a day later", at(0), at(1), tracking.EtaMoved}, {"the same", at(0), at(0), ""},
		{"within the promise", promised, at(0), ""}, {"after the promise", promised, at(2), tracking.EtaMoved}} {
		got := tracking.Happened(c.before, c.after)
		switch {
		case c.want == "" && len(got) > 0, c.want != "" && (len(got) != 1 || got[0].Occasion != c.want):
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestAChangeNeverErasesAndAnOlderOneOnlyFillsGaps(t *testing.T) {
	var o tracking.Order
	tracking.Apply(&o, tracking.OrderChange{At: hours(2), Order: tracking.Order{Number: "1001", Locale: "nl", Customer: tracking.Customer{Email: "new@example.org"}}})
	tracking.Apply(&o, tracking.OrderChange{At: hours(1), Order: tracking.Order{Locale: "sv", Customer: tracking.Customer{Name: "Noor", Email: "old@example.org"}}})
	tracking.Apply(&o, tracking.OrderChange{At: hours(3)})
	if o.Number != "1001" || o.Locale != "nl" || o.Customer != (tracking.Customer{Name: "Noor", Email: "new@example.org"}) {
		t.Errorf("order: %+v", o)
	}
}

func TestEventsWithoutANumberGoToTheirShipment(t *testing.T) {
	o := tracking.Order{Parcels: []tracking.Parcel{{Number: "A", ShipmentID: "s1"}, {Number: "B", ShipmentID: "s2"}}}
	e := []tracking.Event{{Status: tracking.InTransit, Time: monday}}
	if !tracking.ApplyEvents(&o, tracking.ParcelEvents{ShipmentID: "s2", Events: e}) || len(o.Parcels[1].Events) != 1 {
		t.Error("the shipment's parcel did not get its event")
	}
	if tracking.ApplyEvents(&o, tracking.ParcelEvents{ShipmentID: "s3", Events: e}) {
		t.Error("events of an unknown shipment were put somewhere")
	}
}

func TestWhatACarrierSaysOfThePhaseDoesNotMakeTheShopsNewsOld(t *testing.T) {
	var o tracking.Order
	tracking.Apply(&o, tracking.OrderChange{At: hours(0), Order: tracking.Order{Number: "1", Customer: tracking.Customer{Email: "old@example.org"}}})
	tracking.Apply(&o, tracking.OrderChange{At: hours(2), Order: tracking.Order{Number: "1", Phase: tracking.ReadyToShip}})
	tracking.Apply(&o, tracking.OrderChange{At: hours(1), Order: tracking.Order{Number: "1", Customer: tracking.Customer{Email: "new@example.org"}}})
	if o.Customer.Email != "new@example.org" || o.Phase != tracking.ReadyToShip {
		t.Errorf("the mail goes to %s in phase %s", o.Customer.Email, o.Phase)
	}
}
