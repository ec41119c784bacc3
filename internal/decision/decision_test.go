package decision_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/decision"
	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// noon is a Monday, 13:00 in Amsterdam.
var noon = time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)

var (
	amsterdam = zone("Europe/Amsterdam")
	newYork   = zone("America/New_York")

	order     = tracking.Subject{}
	shipmentA = tracking.Subject{Kind: tracking.SubjectShipment, Ref: "shop/1"}
	shipmentB = tracking.Subject{Kind: tracking.SubjectShipment, Ref: "shop/2"}
	parcelA   = tracking.Subject{Kind: tracking.SubjectParcel, Ref: "A"}
	parcelB   = tracking.Subject{Kind: tracking.SubjectParcel, Ref: "B"}
)

const thisOrder, anotherOrder = "order1", "order2"

// Occasions that are phases or statuses.
var (
	orderReceived  = tracking.Occasion(tracking.OrderReceived)
	shipped        = tracking.Occasion(tracking.Shipped)
	orderCancelled = tracking.Occasion(tracking.OrderCancelled)
	refunded       = tracking.Occasion(tracking.Refunded)
	onTheRound     = tracking.Occasion(tracking.OutForDelivery)
	attemptFailed  = tracking.Occasion(tracking.DeliveryAttemptFailed)
	collectable    = tracking.Occasion(tracking.AvailableForPickup)
	delivered      = tracking.Occasion(tracking.Delivered)
	lost           = tracking.Occasion(tracking.Lost)
)

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// asked returns an ordinary question, when news is found, about parcel A, which reached its status a minute ago; nothing has been told.
func asked(occasion tracking.Occasion, now tracking.Status) decision.Input {
	at := noon.Add(-time.Minute)
	return decision.Input{
		Policy: bundle.BuiltinPolicy(), Activity: bundle.Live, Now: noon, Stage: decision.AtQueue,
		News:      tracking.News{Occasion: occasion, Subject: parcelA, Instance: "1", At: at},
		Recipient: decision.Recipient{HasAddress: true, Zone: amsterdam},
		Order: tracking.Order{ID: thisOrder, Shipments: []tracking.Shipment{
			{Subject: shipmentA, Direction: tracking.Outbound}, {Subject: shipmentB, Direction: tracking.Outbound},
		}},
		Journey: tracking.Journey{Zone: amsterdam, Outcome: tracking.Open, Parcels: []tracking.ParcelJourney{
			{Subject: parcelA, Shipment: 0, Direction: tracking.Outbound, Carrier: "postnl", Number: "A", Status: now, Since: at},
			{Subject: parcelB, Shipment: 1, Direction: tracking.Outbound, Carrier: "dhl", Number: "B"},
		}},
	}
}

// about asks about a whole order or shipment.
func about(subject tracking.Subject, occasion tracking.Occasion, now tracking.Status) decision.Input {
	in := asked(occasion, now)
	in.News.Subject = subject
	return in
}

// a returns parcel A of the question.
func a(in *decision.Input) *tracking.ParcelJourney { return &in.Journey.Parcels[0] }

// accepted returns a message on the same order that a channel took an hour ago.
func accepted(occasion tracking.Occasion, subject tracking.Subject, instance string) decision.Told {
	n := tracking.News{Occasion: occasion, Subject: subject, Instance: instance}
	return decision.Told{
		OrderID: thisOrder, Occasion: occasion, Subject: subject, Instance: instance, IDs: []string{n.ID()}, Level: bundle.Important,
		At: noon.Add(-time.Hour), Accepted: noon.Add(-time.Hour),
	}
}

// expect fails unless the rule decided with the action.
func expect(t *testing.T, in decision.Input, action decision.Action, rule decision.Rule) decision.Verdict {
	t.Helper()
	v := decision.Decide(in)
	if v.Action != action || v.Rule != rule {
		t.Errorf("%s by %s (%s), expected %s by %s", v.Action, v.Rule, v.Words, action, rule)
	}
	if !strings.HasSuffix(v.Words, ".") {
		t.Errorf("words: %q", v.Words)
	}
	return v
}

func TestEachRuleHasItsCase(t *testing.T) {
	segment := bundle.Segment{Name: "trade", CustomerTags: []string{"b2b"}, Rules: []bundle.Rule{{Occasion: string(onTheRound), Level: bundle.PageOnly}}}
	for _, c := range []struct {
		name     string
		occasion tracking.Occasion
		now      tracking.Status
		change   func(*decision.Input)
		rule     decision.Rule // decision.RuleNews = it is sent
	}{
		{"an ordinary occasion", shipped, tracking.InTransit, nil, decision.RuleNews},
		{"a suspended shop is mute", lost, tracking.Lost, func(in *decision.Input) { in.Activity = bundle.Suspended }, decision.RuleSuspended},
		{"a rehearsal decides as live", shipped, tracking.InTransit, func(in *decision.Input) { in.Activity = bundle.Rehearsal }, decision.RuleNews},
		{"a test order is never told", lost, tracking.Lost, func(in *decision.Input) { in.Order.Test = true }, decision.RuleTestOrder},
		{"but for a rehearsal", lost, tracking.Lost, func(in *decision.Input) { in.Order.Test, in.Activity = true, bundle.Rehearsal }, decision.RuleNews},
		{"a marketplace writes itself", lost, tracking.Lost, func(in *decision.Input) { in.Order.Marketplace = true }, decision.RuleMarketplace},
		{"a gift's recipient is not told of money", refunded, tracking.InTransit, func(in *decision.Input) { in.Recipient.Role = tracking.RoleGift }, decision.RuleGiftRecipient},
		{"but of the parcel", onTheRound, tracking.OutForDelivery, func(in *decision.Input) { in.Recipient.Role = tracking.RoleGift }, decision.RuleNews},
		{"an occasion without a rule", tracking.Occasion(tracking.InTransit), tracking.InTransit, nil, decision.RulePageOnly},
		{"one that the policy shows on the page", tracking.EtaFirstKnown, tracking.InTransit, nil, decision.RulePageOnly},
		{"a segment has rules of its own", onTheRound, tracking.OutForDelivery, func(in *decision.Input) {
			in.Policy.Segments, in.Recipient.Tags = []bundle.Segment{segment}, []string{"vip", "b2b"}
		}, decision.RulePageOnly},
		{"which hold for its recipients only", onTheRound, tracking.OutForDelivery, func(in *decision.Input) {
			in.Policy.Segments, in.Recipient.Tags = []bundle.Segment{segment}, []string{"vip"}
		}, decision.RuleNews},
		{"and leave the policy's other rules alone", shipped, tracking.InTransit, func(in *decision.Input) {
			in.Policy.Segments, in.Recipient.Tags = []bundle.Segment{segment}, []string{"b2b"}
		}, decision.RuleNews},
		{"true at the import", lost, tracking.Lost, func(in *decision.Input) { in.MutedUntil = in.News.At }, decision.RuleMuted},
		{"true after the import", lost, tracking.Lost, func(in *decision.Input) { in.MutedUntil = in.News.At.Add(-time.Second) }, decision.RuleNews},
		{"queued before the upgrade", lost, tracking.Lost, func(in *decision.Input) { in.MutedUntil, in.Stage = in.Now, decision.AtSend }, decision.RuleNews},
		{"no address", shipped, tracking.InTransit, func(in *decision.Input) { in.Recipient.HasAddress = false }, decision.RuleNoAddress},
		{"three days old", lost, tracking.Lost, func(in *decision.Input) {
			in.News.At = noon.Add(-72*time.Hour - time.Second)
			a(in).Since = in.News.At
		}, decision.RuleTooOld},
		{"just not three days old", lost, tracking.Lost, func(in *decision.Input) {
			in.News.At = noon.Add(-72 * time.Hour)
			a(in).Since = in.News.At
		}, decision.RuleNews},
		{"news that says itself when it ends", lost, tracking.Lost, func(in *decision.Input) { in.News.Until = noon.Add(-time.Second) }, decision.RuleTooOld},
		{"also when that is later than usual", collectable, tracking.AvailableForPickup, func(in *decision.Input) {
			in.News.At, a(in).Since, in.News.Until = noon.Add(-96*time.Hour), noon.Add(-96*time.Hour), noon.Add(time.Hour)
		}, decision.RuleNews},
		{"the budget is used up", shipped, tracking.InTransit, func(in *decision.Input) { in.Policy.Budget.RoutinePerOrder = 0 }, decision.RuleBudget},
		{"important news ignores the budget", onTheRound, tracking.OutForDelivery, func(in *decision.Input) { in.Policy.Budget.RoutinePerOrder = 0 }, decision.RuleNews},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := asked(c.occasion, c.now)
			if c.change != nil {
				c.change(&in)
			}
			action := decision.Suppress
			if c.rule == decision.RuleNews {
				action = decision.Send
			}
			expect(t, in, action, c.rule)
		})
	}
}

func TestWhatTheShopperMustDoIsCriticalWhateverThePolicySays(t *testing.T) {
	for _, c := range []struct {
		occasion tracking.Occasion
		policy   bundle.Level
		level    bundle.Level
	}{
		{tracking.ActionRequired, "", bundle.Critical},
		{tracking.ActionRequired, bundle.PageOnly, bundle.Critical},
		{tracking.Occasion(tracking.ParcelCancelled), bundle.PageOnly, bundle.Important},
		{tracking.Occasion(tracking.Disposed), bundle.Routine, bundle.Important},
		{tracking.Occasion(tracking.Disposed), bundle.Critical, bundle.Critical},
	} {
		in := asked(c.occasion, tracking.Status(c.occasion))
		a(&in).Action = &tracking.RequiredAction{Reason: tracking.ReasonDutiesDue}
		in.Policy.Rules = nil
		if c.policy != "" {
			in.Policy.Rules = []bundle.Rule{{Occasion: string(c.occasion), Level: c.policy}}
		}
		if v := decision.Decide(in); v.Action != decision.Send || v.Level != c.level {
			t.Errorf("%s, rated %q: %s as %s by %s", c.occasion, c.policy, v.Action, v.Level, v.Rule)
		}
	}
}

func TestAnActionIsNotAskedForOnceItIsDone(t *testing.T) {
	in := asked(tracking.ActionRequired, tracking.InCustoms)
	if v := expect(t, in, decision.Suppress, decision.RuleActionDone); !v.Superseded {
		t.Error("it is not called superseded")
	}
	a(&in).Action, a(&in).ActionAt = &tracking.RequiredAction{Reason: tracking.ReasonDutiesDue}, in.News.At
	expect(t, in, decision.Send, decision.RuleNews)
	a(&in).ActionAt = noon
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
}

func TestPreferencesEndWhatTheySay(t *testing.T) {
	all := []decision.Preference{decision.PreferenceEverything, decision.PreferenceKeyMoments, decision.PreferenceOnlyProblems, decision.PreferenceNothing}
	if !slices.Equal(all, decision.Preferences()) {
		t.Fatal("there is another preference")
	}
	for _, c := range []struct {
		occasion tracking.Occasion
		now      tracking.Status
		until    int // how many of the preferences, from the most to the least, let it pass
	}{
		{tracking.Occasion(tracking.ReturnRequested), "", 1},
		{shipped, tracking.InTransit, 2},
		{onTheRound, tracking.OutForDelivery, 2},
		{delivered, tracking.Delivered, 2},
		{tracking.Occasion(tracking.Exception), tracking.Exception, 3},
		{collectable, tracking.AvailableForPickup, 3},
		{attemptFailed, tracking.DeliveryAttemptFailed, 3}, // critical, and still not sent to who wants nothing
		{tracking.Occasion(tracking.PickupExpired), tracking.PickupExpired, 3},
	} {
		for i, p := range all {
			in := asked(c.occasion, c.now)
			in.Preference = p
			if i < c.until {
				expect(t, in, decision.Send, decision.RuleNews)
			} else {
				expect(t, in, decision.Suppress, decision.RulePreference)
			}
		}
	}
}

func TestAProblemThatThePolicyCallsRoutineIsNotOneOfTheProblems(t *testing.T) {
	in := asked(tracking.Occasion(tracking.Exception), tracking.Exception)
	in.Policy.Rules = []bundle.Rule{{Occasion: string(tracking.Exception), Level: bundle.Routine}}
	in.Preference = decision.PreferenceOnlyProblems
	expect(t, in, decision.Suppress, decision.RulePreference)
}

func TestACarrierWhoInformsIsLeftToDoSo(t *testing.T) {
	notice := func(carrier string, occasion tracking.Occasion, who bundle.Responsible) bundle.CarrierRules {
		return bundle.CarrierRules{Name: carrier, Notices: []bundle.Notice{{Occasion: string(occasion), Responsible: who}}}
	}
	for _, c := range []struct {
		name     string
		carriers []bundle.CarrierRules
		rule     decision.Rule
	}{
		{"the carrier does", []bundle.CarrierRules{notice("postnl", onTheRound, bundle.ResponsibleCarrier)}, decision.RuleCarrierInforms},
		{"the shop does", []bundle.CarrierRules{notice("postnl", onTheRound, bundle.ResponsibleShop)}, decision.RuleNews},
		{"another carrier does", []bundle.CarrierRules{notice("dhl", onTheRound, bundle.ResponsibleCarrier)}, decision.RuleNews},
		{"on another occasion", []bundle.CarrierRules{notice("postnl", delivered, bundle.ResponsibleCarrier)}, decision.RuleNews},
		{"the first word counts", []bundle.CarrierRules{
			notice("postnl", delivered, bundle.ResponsibleShop), notice("postnl", onTheRound, bundle.ResponsibleShop),
			notice("postnl", onTheRound, bundle.ResponsibleCarrier),
		}, decision.RuleNews},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := asked(onTheRound, tracking.OutForDelivery)
			in.Carriers = c.carriers
			action := decision.Suppress
			if c.rule == decision.RuleNews {
				action = decision.Send
			}
			expect(t, in, action, c.rule)
		})
	}
	in := about(order, orderReceived, "")
	in.Carriers = []bundle.CarrierRules{notice("postnl", orderReceived, bundle.ResponsibleCarrier), notice("dhl", orderReceived, bundle.ResponsibleCarrier)}
	expect(t, in, decision.Send, decision.RuleNews) // no carrier speaks of the order
}

func TestAChannelThatIsNotActiveFallsThroughToMailAndSaysSo(t *testing.T) {
	in := asked(shipped, tracking.InTransit)
	in.Policy.Rules = []bundle.Rule{{Occasion: string(shipped), Level: bundle.Routine, Channels: []string{"WhatsApp", "SMS", "Email"}}}
	v := expect(t, in, decision.Send, decision.RuleChannelNotActive)
	if v.Channel != decision.Email || !strings.Contains(v.Words, "WhatsApp, SMS") {
		t.Errorf("%+v", v)
	}
}

func TestNewsWaitsForAnAddressUntilItIsStale(t *testing.T) {
	in := asked(shipped, tracking.InTransit)
	in.Recipient.HasAddress = false
	if v := expect(t, in, decision.Suppress, decision.RuleNoAddress); !v.WaitsForAddress {
		t.Error("it does not wait")
	}
	in.Now = in.News.At.Add(decision.Age(shipped) + time.Second)
	if v := expect(t, in, decision.Suppress, decision.RuleTooOld); v.WaitsForAddress {
		t.Error("it waits for ever")
	}
	in = asked(onTheRound, tracking.Delivered)
	in.Recipient.HasAddress = false
	if v := expect(t, in, decision.Suppress, decision.RuleSuperseded); v.WaitsForAddress {
		t.Error("what is over waits")
	}
}

func TestQuietHoursAreThoseOfTheRecipient(t *testing.T) {
	in := asked(shipped, tracking.InTransit)
	in.Recipient.Zone = newYork // 07:00 there, 13:00 at the destination
	v := expect(t, in, decision.Defer, decision.RuleQuietHours)
	if want := locale.At(locale.DayOf(noon, newYork), "08:00", newYork); !v.NotBefore.Equal(want) {
		t.Errorf("until %s", v.NotBefore)
	}
	in.Recipient.Zone = nil
	expect(t, in, decision.Send, decision.RuleNews)
	in.Policy.QuietHours = &bundle.QuietHours{Start: "13:00", End: "13:30"}
	expect(t, in, decision.Defer, decision.RuleQuietHours) // the destination's zone stands in for the recipient's
	in.Policy.QuietHours = nil
	in.Recipient.Zone = newYork
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestQuietHoursEndByTheClockWhenItIsPutForward(t *testing.T) {
	in := asked(shipped, tracking.InTransit)
	in.Now = time.Date(2026, 3, 28, 21, 30, 0, 0, amsterdam) // clocks go from 02:00 to 03:00 in this night
	in.News.At = in.Now
	if v := decision.Decide(in); v.NotBefore.Sub(in.Now) != 9*time.Hour+30*time.Minute {
		t.Errorf("deferred by %s", v.NotBefore.Sub(in.Now))
	}
}

func TestCriticalNewsIgnoresQuietHoursAndBudgets(t *testing.T) {
	in := asked(lost, tracking.Lost)
	in.Now = time.Date(2026, 11, 16, 23, 0, 0, 0, amsterdam)
	in.Policy.Budget = bundle.Budget{RoutinePerOrder: 0, PerRecipientPerDay: 1, MinimumGapSeconds: 86400}
	told := accepted(shipped, shipmentA, "")
	told.Level = bundle.Routine
	in.History = []decision.Told{told}
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestOutForDeliveryIsNotKeptForTheNextMorning(t *testing.T) {
	in := asked(onTheRound, tracking.OutForDelivery)
	in.Now = time.Date(2026, 11, 16, 21, 30, 0, 0, amsterdam)
	in.News.At = in.Now.Add(-time.Hour)
	a(&in).Since = in.News.At
	expect(t, in, decision.Suppress, decision.RuleTooOld)

	in.Now = time.Date(2026, 11, 16, 6, 30, 0, 0, amsterdam)
	in.News.At = in.Now
	a(&in).Since = in.News.At
	expect(t, in, decision.Defer, decision.RuleQuietHours) // at eight it is still news

	in.News.At = time.Date(2026, 11, 15, 20, 0, 0, 0, amsterdam)
	a(&in).Since = in.News.At
	in.Now = time.Date(2026, 11, 16, 9, 0, 0, 0, amsterdam) // 13 hours later, and yet another day
	expect(t, in, decision.Suppress, decision.RuleTooOld)
}

func TestABudgetCountsThirtyDaysAndItsOwnOrder(t *testing.T) {
	in := asked(shipped, tracking.InTransit)
	in.Policy.Budget = bundle.Budget{RoutinePerOrder: 2}
	told := func(order string, ago time.Duration) decision.Told {
		n := accepted(orderReceived, tracking.Subject{}, order)
		n.OrderID, n.Level, n.Accepted = order, bundle.Routine, noon.Add(-ago)
		return n
	}
	in.History = []decision.Told{told(thisOrder, 31*24*time.Hour), told(thisOrder, time.Hour), told(anotherOrder, time.Hour)}
	expect(t, in, decision.Send, decision.RuleNews)
	in.History = append(in.History, told(thisOrder, 29*24*time.Hour))
	expect(t, in, decision.Suppress, decision.RuleBudget)
	in.History[3].Level = bundle.Important
	expect(t, in, decision.Send, decision.RuleNews)

	waiting := told(thisOrder, 0)
	waiting.Accepted, waiting.Waiting, waiting.At = time.Time{}, true, noon.Add(-2*time.Hour)
	in.History = append(in.History, waiting)
	expect(t, in, decision.Suppress, decision.RuleBudget)
	in.Stage = decision.AtSend
	expect(t, in, decision.Send, decision.RuleNews) // the other one has not been sent, and may never be
	in.History[4].Waiting = false
	in.Stage = decision.AtQueue
	expect(t, in, decision.Send, decision.RuleNews) // it failed
}

// What is sent in parts over months is told of on and on, and still not too often.
func TestSevenMessagesInSixtyDaysAreEnoughOfWhatIsRoutine(t *testing.T) {
	in := asked(shipped, tracking.InTransit)
	for i := range 7 {
		n := accepted(orderReceived, tracking.Subject{}, string(rune('a'+i)))
		n.Accepted = noon.Add(-40 * 24 * time.Hour)
		in.History = append(in.History, n)
	}
	expect(t, in, decision.Suppress, decision.RuleMessageLimit)
	in.History[0].Accepted = noon.Add(-61 * 24 * time.Hour)
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestTheDailyBudgetCountsAllOrdersOnTheRecipientsDay(t *testing.T) {
	in := asked(shipped, tracking.InTransit)
	in.Policy.Budget = bundle.Budget{RoutinePerOrder: 9, PerRecipientPerDay: 1}
	told := accepted(shipped, shipmentB, "")
	told.OrderID, told.Level = anotherOrder, bundle.Routine
	midnight := locale.DayOf(noon, amsterdam).In(amsterdam)
	for accepted, rule := range map[time.Time]decision.Rule{midnight: decision.RuleDailyBudget, midnight.Add(-time.Second): decision.RuleNews} {
		told.Accepted = accepted
		in.History = []decision.Told{told}
		action := decision.Send
		if rule == decision.RuleDailyBudget {
			action = decision.Suppress
		}
		expect(t, in, action, rule)
	}
}

func TestTheMinimumGapDefersRoutineNewsOfOneOrder(t *testing.T) {
	in := asked(shipped, tracking.InTransit)
	in.Policy.Budget.MinimumGapSeconds = 7200
	told := accepted(orderReceived, order, "")
	told.Level = bundle.Routine
	in.History = []decision.Told{told}
	if v := expect(t, in, decision.Defer, decision.RuleMinimumGap); !v.NotBefore.Equal(noon.Add(time.Hour)) {
		t.Errorf("until %s", v.NotBefore)
	}
	in.History[0].OrderID = anotherOrder
	expect(t, in, decision.Send, decision.RuleNews)
	in.History[0] = accepted(attemptFailed, parcelA, "")
	expect(t, in, decision.Send, decision.RuleNews) // only routine messages keep a distance
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
