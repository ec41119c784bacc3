package tracking_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/tracking"
)

var monday = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

func promise() tracking.Promise {
	return tracking.Promise{HandlingBusinessDays: 1, CutOff: "15:00", Transit: []bundle.Transit{
		{Name: "home", Countries: []string{"NL"}, MinBusinessDays: 1, MaxBusinessDays: 2},
		{Name: "elsewhere", MinBusinessDays: 3, MaxBusinessDays: 6},
	}}
}

func amsterdam(t interface{ Fatal(...any) }) *time.Location {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// said is one thing that reaches the order: a change, or events of a parcel.
type said struct {
	change *tracking.OrderChange
	events *tracking.ParcelEvents
}

func (s said) apply(o *tracking.Order) {
	if s.change != nil {
		tracking.Apply(o, *s.change)
		return
	}
	tracking.ApplyEvents(o, *s.events)
}

func genEvent() *rapid.Generator[tracking.Event] {
	return rapid.Custom(func(t *rapid.T) tracking.Event {
		e := tracking.Event{
			Status:   rapid.SampledFrom(append(tracking.Statuses(), "")).Draw(t, "status"),
			Time:     monday.Add(time.Duration(rapid.IntRange(0, 72).Draw(t, "hour")) * time.Hour),
			Location: rapid.SampledFrom([]string{"", "Utrecht", "Arnhem"}).Draw(t, "location"),
			Delayed:  rapid.Bool().Draw(t, "delayed"),
		}
		if rapid.Bool().Draw(t, "forecasts") {
			day := monday.Truncate(24*time.Hour).AddDate(0, 0, rapid.IntRange(1, 5).Draw(t, "day"))
			e.ETA = &tracking.ETA{From: day, To: day, DayOnly: true, Source: tracking.ETAFromCarrier}
		}
		// The whole content is the identity: an event does not change under its key.
		e.Key = fmt.Sprint(e.Status, e.Time.Unix(), e.Location, e.Delayed, e.ETA != nil && e.ETA.From.Day() > 0, e.ETA)
		if e.ETA != nil {
			e.Key = fmt.Sprint(e.Status, e.Time.Unix(), e.Location, e.Delayed, e.ETA.From.Unix())
		}
		return e
	})
}

func genHistory() *rapid.Generator[[]said] {
	return rapid.Custom(func(t *rapid.T) []said {
		all := []said{{change: &tracking.OrderChange{At: monday, Order: tracking.Order{
			Number: "#1001", PlacedAt: monday, Phase: tracking.OrderReceived, To: tracking.Address{Country: "NL"},
		}}}}
		for _, phase := range rapid.SliceOfNDistinct(rapid.SampledFrom(tracking.Phases()), 0, 3, rapid.ID[tracking.Phase]).Draw(t, "phases") {
			at := monday.Add(time.Duration(rapid.IntRange(1, 48).Draw(t, "at")) * time.Hour)
			all = append(all, said{change: &tracking.OrderChange{At: at, Order: tracking.Order{Phase: phase}}})
		}
		for _, e := range rapid.SliceOfN(genEvent(), 0, 12).Draw(t, "events") {
			number := rapid.SampledFrom([]string{"A1", "B2"}).Draw(t, "parcel")
			all = append(all, said{events: &tracking.ParcelEvents{Carrier: "postnl", Number: number, Events: []tracking.Event{e}}})
		}
		return all
	})
}

// journey plays a history; parcels are compared in one order, whichever was heard of first.
func journey(t interface{ Fatal(...any) }, history []said) tracking.Journey {
	var o tracking.Order
	for _, s := range history {
		s.apply(&o)
	}
	slices.SortFunc(o.Parcels, func(a, b tracking.Parcel) int { return cmpString(a.Number, b.Number) })
	return tracking.Project(o, promise(), amsterdam(t), monday.Add(80*time.Hour))
}

func cmpString(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestTheOrderOfArrivalAndRepetitionsChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := genHistory().Draw(t, "history")
		shuffled := rapid.Permutation(slices.Concat(history, history)).Draw(t, "shuffled and doubled")
		if diff := cmp.Diff(journey(t, history), journey(t, shuffled)); diff != "" {
			t.Fatalf("the journey depends on the order of arrival:\n%s", diff)
		}
	})
}

func TestNothingHappensBetweenEqualJourneys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := genHistory().Draw(t, "history")
		j := journey(t, history)
		if got := tracking.Happened(j, journey(t, slices.Concat(history, history))); len(got) > 0 {
			t.Fatalf("something happened: %+v", got)
		}
	})
}

func TestADeliveryIsNotUndoneByAnythingEarlier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		delivered := tracking.Event{Key: "door", Status: tracking.Delivered, Time: monday.Add(40 * time.Hour)}
		o := tracking.Order{PlacedAt: monday}
		tracking.ApplyEvents(&o, tracking.ParcelEvents{Number: "A1", Events: []tracking.Event{delivered}})
		for _, e := range rapid.SliceOfN(genEvent(), 1, 8).Draw(t, "events") {
			if e.Time.After(delivered.Time) {
				continue
			}
			if e.Status.Terminal() && e.Time.Equal(delivered.Time) {
				continue // two ends at one instant: neither is earlier
			}
			tracking.ApplyEvents(&o, tracking.ParcelEvents{Number: "A1", Events: []tracking.Event{e}})
			if j := tracking.Project(o, promise(), time.UTC, monday); j.State != tracking.Occasion(tracking.Delivered) || j.ETA != nil {
				t.Fatalf("after %+v the order is %s, ETA %v", e, j.State, j.ETA)
			}
		}
	})
}

// Whatever the history, an occasion is new at most once: told piece by piece, no piece repeats another's.
func TestAnOccasionHappensOnce(t *testing.T) {
	repeatable := []tracking.Occasion{tracking.EtaMoved, tracking.EtaFirstKnown, tracking.Occasion(tracking.Delivered)}
	rapid.Check(t, func(t *rapid.T) {
		var o tracking.Order
		var before tracking.Journey
		seen := map[tracking.Occurrence]bool{}
		for _, s := range genHistory().Draw(t, "history") {
			s.apply(&o)
			after := tracking.Project(o, promise(), time.UTC, monday)
			for _, happened := range tracking.Happened(before, after) {
				happened.At = time.Time{}
				if seen[happened] && !slices.Contains(repeatable, happened.Occasion) {
					t.Fatalf("%+v happened twice", happened)
				}
				seen[happened] = true
			}
			before = after
		}
	})
}
