package decision_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/decision"
	"github.com/wismo-dev/wismo/internal/tracking"
)

var noon = time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)

// asked is an ordinary question about a parcel that is now in the given status.
func asked(occasion tracking.Occasion, now tracking.Status) decision.Input {
	in := decision.Input{
		Policy: bundle.BuiltinPolicy(), Activity: bundle.Live, HasAddress: true, Now: noon,
		Occurrence: tracking.Occurrence{Occasion: occasion, At: noon.Add(-time.Minute)},
		Journey:    tracking.Journey{State: tracking.Occasion(now)},
	}
	if now != "" {
		in.Occurrence.Parcel = "postnl:A"
		in.Journey.Parcels = []tracking.ParcelJourney{{Carrier: "postnl", Number: "A", Status: now, Since: noon}}
	}
	if slices.Contains([]tracking.Occasion{"OrderReceived", "Shipped", "Delivered", "OrderCancelled"}, occasion) {
		in.Occurrence.Parcel = ""
	}
	return in
}

func TestEachRuleHasItsCase(t *testing.T) {
	for _, c := range []struct {
		name     string
		occasion tracking.Occasion
		now      tracking.Status
		change   func(*decision.Input)
		rule     string // "" = it is sent
	}{
		{name: "an ordinary occasion", occasion: "Shipped", now: "InTransit"},
		{name: "suspended", occasion: "Shipped", now: "InTransit", change: func(in *decision.Input) { in.Activity = bundle.Suspended }, rule: "suspended"},
		{name: "rehearsal decides as live", occasion: "Shipped", now: "InTransit", change: func(in *decision.Input) { in.Activity = bundle.Rehearsal }},
		{name: "nobody to write to", occasion: "Shipped", now: "InTransit", change: func(in *decision.Input) { in.HasAddress = false }, rule: "no-address"},
		{name: "unlisted", occasion: "InTransit", now: "InTransit", rule: "page-only"},
		{name: "listed for the page", occasion: "EtaFirstKnown", now: "InTransit", rule: "page-only"},
		{name: "told before", occasion: "Shipped", now: "InTransit", change: func(in *decision.Input) {
			in.History = []decision.Told{{Occasion: "Shipped"}}
		}, rule: "already-told"},
		{name: "a second parcel in trouble is told of", occasion: "Lost", now: "Lost", change: func(in *decision.Input) {
			in.History = []decision.Told{{Occasion: "Lost", Parcel: "postnl:B"}}
		}},
		{name: "the same parcel in the same trouble is not", occasion: "Lost", now: "Lost", change: func(in *decision.Input) {
			in.History = []decision.Told{{Occasion: "Lost", Parcel: "postnl:A"}}
		}, rule: "already-told"},
		{name: "cancelled meanwhile", occasion: "OrderReceived", change: func(in *decision.Input) { in.Journey.State = "OrderCancelled" }, rule: "cancelled"},
		{name: "the cancellation itself", occasion: "OrderCancelled", change: func(in *decision.Input) { in.Journey.State = "OrderCancelled" }},
		{name: "a day late for the round", occasion: "OutForDelivery", now: "OutForDelivery", change: func(in *decision.Input) {
			in.Occurrence.At = noon.Add(-17 * time.Hour)
		}, rule: "too-old"},
		{name: "an import", occasion: "Lost", now: "Lost", change: func(in *decision.Input) {
			in.Occurrence.At = noon.Add(-decision.MaxAge - time.Second)
		}, rule: "too-old"},
		{name: "unsubscribed from routine", occasion: "Shipped", now: "InTransit", change: func(in *decision.Input) { in.Unsubscribed = true }, rule: "unsubscribed"},
		{name: "unsubscribed from important", occasion: "OutForDelivery", now: "OutForDelivery", change: func(in *decision.Input) { in.Unsubscribed = true }, rule: "unsubscribed"},
		{name: "not from the critical", occasion: "PickupExpired", now: "PickupExpired", change: func(in *decision.Input) { in.Unsubscribed = true }},
		{name: "the budget is used up", occasion: "Shipped", now: "InTransit", change: func(in *decision.Input) {
			in.Policy.Budget.RoutinePerOrder = 1
			in.History = []decision.Told{{Occasion: "OrderReceived", Level: bundle.Routine}}
		}, rule: "budget"},
		{name: "important news ignores the budget", occasion: "OutForDelivery", now: "OutForDelivery", change: func(in *decision.Input) {
			in.Policy.Budget.RoutinePerOrder = 0
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := asked(c.occasion, c.now)
			if c.change != nil {
				c.change(&in)
			}
			d := decision.Decide(in)
			if sent := d.Action == decision.Send; sent != (c.rule == "") || (!sent && d.Rule != c.rule) {
				t.Errorf("%s by %s: %s", d.Action, d.Rule, d.Words)
			}
			if d.Words == "" || !strings.HasSuffix(d.Words, ".") {
				t.Errorf("words: %q", d.Words)
			}
		})
	}
}

func TestNewerNewsMakesOlderStale(t *testing.T) {
	for _, c := range []struct {
		told  tracking.Occasion
		now   tracking.Status
		stale bool
	}{
		{"OrderReceived", "LabelCreated", false},
		{"OrderReceived", "InTransit", true},
		{"Shipped", "InTransit", false},
		{"Shipped", "InCustoms", false},
		{"Shipped", "OutForDelivery", true},
		{"OutForDelivery", "OutForDelivery", false},
		{"OutForDelivery", "Delivered", true},
		{"OutForDelivery", "DeliveryAttemptFailed", true},
		{"DeliveryAttemptFailed", "InTransit", false}, // back at the depot: the shopper must still know
		{"DeliveryAttemptFailed", "AvailableForPickup", true},
		{"AvailableForPickup", "Delivered", true},
		{"Exception", "InTransit", false},
		{"Exception", "OutForDelivery", true},
		{"Lost", "Delivered", true},
		{"OutForDelivery", "ReturnInTransit", true},
		{"ReturnInTransit", "ReturnedToSender", true},
		{"Delivered", "ReturnInTransit", true},
	} {
		in := asked(c.told, c.now)
		if got := decision.Decide(in); got.Superseded != c.stale {
			t.Errorf("%s while the parcel is %s: %s by %s", c.told, c.now, got.Action, got.Rule)
		}
	}
}

func TestAnotherParcelsProgressDoesNotMakeNewsStale(t *testing.T) {
	in := asked("OutForDelivery", "OutForDelivery")
	in.Journey.Parcels = append(in.Journey.Parcels, tracking.ParcelJourney{Carrier: "postnl", Number: "B", Status: "Delivered", Since: noon})
	if d := decision.Decide(in); d.Action != decision.Send {
		t.Errorf("%s: %s", d.Rule, d.Words)
	}
}

func TestAChannelThatIsNotActiveFallsThroughToMailAndSaysSo(t *testing.T) {
	in := asked("Shipped", "InTransit")
	in.Policy.Rules = []bundle.Rule{{Occasion: "Shipped", Level: bundle.Routine, Channels: []string{"WhatsApp", "SMS", "Email"}}}
	d := decision.Decide(in)
	if d.Action != decision.Send || d.Channel != decision.Email || !strings.Contains(d.Words, "WhatsApp, SMS") {
		t.Errorf("%+v", d)
	}
}

func TestTheBuiltinPolicySpeaksOfOccasionsThatExist(t *testing.T) {
	p := bundle.BuiltinPolicy()
	if !slices.IsSortedFunc(p.Rules, func(a, b bundle.Rule) int { return strings.Compare(a.Occasion, b.Occasion) }) {
		t.Error("the rules are not sorted")
	}
	for _, r := range p.Rules {
		if !slices.Contains(tracking.Occasions(), tracking.Occasion(r.Occasion)) {
			t.Errorf("%s is no occasion", r.Occasion)
		}
	}
}

// Whatever happens to an order, in whatever order: the budget holds, nothing is told twice, a suspended shop is mute.
func TestNoStreamOfEventsBreaksTheBudgetOrTellsTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy := bundle.BuiltinPolicy()
		policy.Budget.RoutinePerOrder = rapid.IntRange(0, 6).Draw(t, "budget")
		for i := range policy.Rules {
			policy.Rules[i].Level = rapid.SampledFrom([]bundle.Level{bundle.Critical, bundle.Important, bundle.Routine, bundle.PageOnly}).Draw(t, policy.Rules[i].Occasion)
		}
		activity := rapid.SampledFrom([]bundle.Activity{bundle.Live, bundle.Rehearsal, bundle.Suspended}).Draw(t, "activity")
		order := tracking.Order{PlacedAt: noon, Phase: tracking.OrderReceived}
		var before tracking.Journey
		var history []decision.Told
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			at := noon.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "hour")) * time.Hour)
			e := tracking.Event{Status: rapid.SampledFrom(tracking.Statuses()).Draw(t, "status"), Time: at, Delayed: rapid.Bool().Draw(t, "delayed")}
			number := rapid.SampledFrom([]string{"A", "B"}).Draw(t, "parcel")
			tracking.ApplyEvents(&order, tracking.ParcelEvents{Carrier: "x", Number: number, Events: []tracking.Event{e}})
			after := tracking.Project(order, tracking.Promise{}, time.UTC, at)
			for _, happened := range tracking.Happened(before, after) {
				d := decision.Decide(decision.Input{
					Policy: policy, Activity: activity, Occurrence: happened, Journey: after, HasAddress: true, History: history, Now: at,
				})
				if d.Action == decision.Send {
					history = append(history, decision.Told{Occasion: happened.Occasion, Parcel: d.Parcel, Level: d.Level})
				}
			}
			before = after
		}
		check(t, policy, activity, history)
	})
}

func check(t *rapid.T, policy bundle.Policy, activity bundle.Activity, history []decision.Told) {
	if activity == bundle.Suspended && len(history) > 0 {
		t.Fatalf("a suspended shop sent %+v", history)
	}
	routine, seen := 0, map[decision.Told]bool{}
	for _, told := range history {
		if told.Level == bundle.Routine {
			routine++
		}
		if told.Level != bundle.Critical && told.Parcel != "" {
			t.Fatalf("%+v is told each parcel", told)
		}
		if seen[told] {
			t.Fatalf("%+v was told twice", told)
		}
		seen[told] = true
	}
	if routine > policy.Budget.RoutinePerOrder {
		t.Fatalf("%d routine messages, the budget is %d", routine, policy.Budget.RoutinePerOrder)
	}
}
