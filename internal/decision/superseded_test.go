package decision_test

import (
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/decision"
	"github.com/wismo-dev/wismo/internal/tracking"
)

func TestNewsOfAStayEndsWithTheStay(t *testing.T) {
	for _, c := range []struct {
		told  tracking.Occasion
		now   tracking.Status // which the parcel reached after the news
		stale bool
	}{
		{shipped, tracking.InTransit, false},
		{shipped, tracking.InCustoms, false},
		{shipped, tracking.OutForDelivery, true},
		{shipped, tracking.Delivered, true},
		{onTheRound, tracking.Delivered, true},
		{onTheRound, tracking.DeliveryAttemptFailed, true},
		{onTheRound, tracking.ReturnInTransit, true},
		{onTheRound, tracking.OutForDelivery, true}, // on another day's round
		{attemptFailed, tracking.InTransit, false},  // back at the depot: the shopper must still know
		{attemptFailed, tracking.Exception, false},
		{attemptFailed, tracking.OutForDelivery, true},
		{attemptFailed, tracking.AvailableForPickup, true},
		{attemptFailed, tracking.Delivered, true},
		{collectable, tracking.Delivered, true},
		{collectable, tracking.AvailableForPickup, true}, // at another point
		{tracking.Occasion(tracking.Exception), tracking.InTransit, true},
		{lost, tracking.Delivered, true},
		{lost, tracking.InTransit, true},
		{tracking.Occasion(tracking.ReturnInTransit), tracking.ReturnedToSender, true},
		{delivered, tracking.InTransit, true}, // reopened
		{delivered, tracking.ReturnInTransit, true},
	} {
		in := asked(c.told, c.now)
		a(&in).Since = noon
		if v := decision.Decide(in); v.Superseded != c.stale {
			t.Errorf("%s while the parcel is %s: %s by %s", c.told, c.now, v.Action, v.Rule)
		}
	}
}

func TestAnAttemptThatIsHeardLateIsStaleOnTheNextRound(t *testing.T) {
	in := asked(attemptFailed, tracking.OutForDelivery)
	in.News.At = noon.Add(-20 * time.Hour)
	a(&in).Since = noon.Add(-3 * time.Hour)
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
	a(&in).Since = noon.Add(-21 * time.Hour) // the round that it failed on
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestOfTwoAttemptsThatAreHeardTogetherTheLaterIsTold(t *testing.T) {
	in := asked(attemptFailed, tracking.DeliveryAttemptFailed)
	in.News.At = noon.Add(-24 * time.Hour)
	a(&in).Since = in.News.At
	a(&in).Steps = []tracking.Step{
		{Occasion: attemptFailed, Time: noon.Add(24 * time.Hour), Future: true},
		{Occasion: attemptFailed, Time: noon.Add(-time.Hour)}, {Occasion: attemptFailed, Time: in.News.At},
	}
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
	in.News.At = noon.Add(-time.Hour)
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestARoundThatWasBookedAfterTheDeliveryIsNotTold(t *testing.T) {
	in := asked(onTheRound, tracking.Delivered)
	a(&in).Since = in.News.At.Add(-5 * time.Minute)
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
}

func TestAnotherParcelsProgressDoesNotMakeNewsStale(t *testing.T) {
	in := asked(onTheRound, tracking.OutForDelivery)
	in.Journey.State = delivered
	in.Journey.Parcels[1].Status, in.Journey.Parcels[1].Since = tracking.Delivered, noon
	expect(t, in, decision.Send, decision.RuleNews)
	in = about(shipmentA, shipped, tracking.InTransit)
	in.Journey.Parcels[1].Status, in.Journey.Parcels[1].Since = tracking.Delivered, noon
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestNewsOfSeveralParcelsIsStaleWithTheLast(t *testing.T) {
	in := about(shipmentA, shipped, tracking.Delivered)
	in.Journey.Parcels[1].Shipment, in.Journey.Parcels[1].Status = 0, tracking.InTransit
	expect(t, in, decision.Send, decision.RuleNews)
	in.Journey.Parcels[1].Status = tracking.OutForDelivery
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
}

func TestAParcelThatTheShopCorrectedIsNotSpokenOf(t *testing.T) {
	in := asked(onTheRound, tracking.OutForDelivery)
	a(&in).Withdrawn = true
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
	in.Journey.Parcels = in.Journey.Parcels[1:]
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
	in = about(shipmentA, shipped, tracking.InTransit)
	in.Order.Shipments[0].ReplacedBy = "3"
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
	in.Order.Shipments = in.Order.Shipments[1:]
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
}

func TestAnOrdersConfirmationStaysNewsUntilSomethingMoves(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*decision.Input)
		stale  bool
	}{
		{"nothing has happened", func(*decision.Input) {}, false},
		{"a label", func(in *decision.Input) { a(in).Status = tracking.LabelCreated }, false},
		{"packed", func(in *decision.Input) { in.Order.Shipments[0].Phase = tracking.Packed }, false},
		{"a parcel is with its carrier", func(in *decision.Input) { a(in).Status = tracking.InTransit }, true},
		{"a shipment left the shop", func(in *decision.Input) { in.Order.Shipments[0].Phase = tracking.Shipped }, true},
		{"the order left the shop", func(in *decision.Input) {
			in.Order.Phases = []tracking.PhaseChange{{Phase: tracking.Shipped, At: noon}}
		}, true},
		{"something comes back", func(in *decision.Input) {
			in.Order.Shipments[0].Direction, in.Order.Shipments[0].Phase, a(in).Direction = tracking.Return, tracking.Shipped, tracking.Return
		}, false},
	} {
		in := about(order, orderReceived, "")
		c.change(&in)
		if v := decision.Decide(in); v.Superseded != c.stale {
			t.Errorf("%s: %s by %s", c.name, v.Action, v.Rule)
		}
	}
}

func TestNewsOfAShipmentIsComparedWithItsOwnPhases(t *testing.T) {
	in := about(shipmentA, tracking.Occasion(tracking.ReadyToCollect), "")
	in.Order.Shipments[1].Phases = []tracking.PhaseChange{{Phase: tracking.Collected, At: noon}}
	expect(t, in, decision.Send, decision.RuleNews)
	in.Order.Shipments[0].Phases = in.Order.Shipments[1].Phases
	expect(t, in, decision.Suppress, decision.RuleSuperseded)

	in = about(shipmentA, tracking.Occasion(tracking.ReturnReceived), "")
	in.Order.Shipments[0].Phases = []tracking.PhaseChange{{Phase: tracking.ReturnReceived, At: in.News.At}}
	a(&in).Status = tracking.ReturnedToSender
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestWhatTheShopperSendsBackIsOnItsWayUntilTheShopHasIt(t *testing.T) {
	in := asked(tracking.Occasion(tracking.ReturnInTransit), tracking.OutForDelivery)
	a(&in).Direction, in.Order.Shipments[0].Direction = tracking.Return, tracking.Return
	expect(t, in, decision.Send, decision.RuleNews)
	a(&in).Status = tracking.Delivered
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
	in.News.Occasion = tracking.Occasion(tracking.ReturnReceived)
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestAParcelThatWasBroughtToAnotherPickupPlaceIsToldOfThere(t *testing.T) {
	in := asked(collectable, tracking.AvailableForPickup)
	a(&in).Place = "Kiosk Zuid"
	a(&in).Steps = []tracking.Step{
		{Occasion: collectable, Time: noon, Location: "KIOSK NOORD"}, {Occasion: collectable, Time: in.News.At, Location: "Kiosk Noord"},
	}
	in.Now = noon.Add(time.Hour)
	expect(t, in, decision.Send, decision.RuleNews)
	a(&in).Steps = append(a(&in).Steps, tracking.Step{Occasion: collectable, Time: noon.Add(time.Minute), Location: "Kiosk Zuid"})
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
}

func TestLatenessOfWhatIsNotSentEndsWhenItIs(t *testing.T) {
	in := about(order, tracking.LateWithoutNews, tracking.Delivered)
	a(&in).Since = noon
	in.Journey.Unsent = []tracking.LineShare{{SKU: "ST-1"}}
	expect(t, in, decision.Send, decision.RuleNews)
	in.Journey.Unsent = nil
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
	in.Order.Shipments, in.Journey.Parcels = nil, nil
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestWhatTimeMadeTrueEndsWithItsCause(t *testing.T) {
	type change = func(p *tracking.ParcelJourney)
	late := func(*tracking.ParcelJourney) {} // the day is not over
	delayed := func(p *tracking.ParcelJourney) { p.Delayed, p.DelayedAt = true, noon.Add(-time.Minute) }
	waits := func(p *tracking.ParcelJourney) { p.Status = tracking.AvailableForPickup }
	last := func(p *tracking.ParcelJourney) { p.Status, p.LastAttempt = tracking.DeliveryAttemptFailed, true }
	scan := func(at time.Time) change {
		return func(p *tracking.ParcelJourney) { p.LastScan = &tracking.Scan{Told: at, Heard: at} }
	}
	reached := func(s tracking.Status) change {
		return func(p *tracking.ParcelJourney) { p.Status, p.Since = s, noon }
	}
	for _, c := range []struct {
		name     string
		occasion tracking.Occasion
		holds    change
		ends     []change
	}{
		{"lateness", tracking.LateWithoutNews, late, []change{
			reached(tracking.Delivered), reached(tracking.DeliveryAttemptFailed), reached(tracking.AvailableForPickup),
			reached(tracking.OutForDelivery),
		}},
		{"a delay", tracking.Delayed, delayed, []change{
			func(p *tracking.ParcelJourney) { p.Delayed = false }, func(p *tracking.ParcelJourney) { p.DelayedAt = noon },
			reached(tracking.OutForDelivery),
		}},
		{"no first scan", tracking.NoFirstScan, func(p *tracking.ParcelJourney) { p.Status = tracking.LabelCreated }, []change{reached(tracking.InTransit)}},
		{"a stall", tracking.Stalled, scan(noon.Add(-time.Hour)), []change{scan(noon), reached(tracking.Delivered)}},
		{"a missing second leg", tracking.NextLegMissing, scan(noon.Add(-time.Hour)), []change{scan(noon)}},
		{"the last attempt", tracking.LastAttempt, last, []change{
			func(p *tracking.ParcelJourney) { p.LastAttempt = false }, reached(tracking.OutForDelivery),
		}},
		{"a pick-up that ends", tracking.PickupExpiring, waits, []change{reached(tracking.Delivered), reached(tracking.PickupExpired)}},
	} {
		in := asked(c.occasion, tracking.InTransit)
		c.holds(a(&in))
		if v := decision.Decide(in); v.Action != decision.Send {
			t.Errorf("%s: %s by %s: %s", c.name, v.Action, v.Rule, v.Words)
		}
		for i, ends := range c.ends {
			in := asked(c.occasion, tracking.InTransit)
			c.holds(a(&in))
			ends(a(&in))
			if v := decision.Decide(in); !v.Superseded {
				t.Errorf("%s, end %d: %s by %s", c.name, i, v.Action, v.Rule)
			}
		}
	}
}

func TestTomorrowIsNotSaidOnTheDayItself(t *testing.T) {
	in := asked(tracking.ArrivesTomorrow, tracking.InTransit)
	for i := range in.Policy.Rules {
		in.Policy.Rules[i].Level = "Important"
	}
	a(&in).ETA = day(17)
	expect(t, in, decision.Send, decision.RuleNews)
	a(&in).ETA = day(16)
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
}

func TestWhatWasCancelledIsNotToldOnButWhereItGoes(t *testing.T) {
	cancelOrder := func(in *decision.Input) { in.Order.Cancelled = true }
	cancelShipment := func(in *decision.Input) {
		in.Order.Shipments[0].Phase, a(in).Phase = tracking.Cancelled, tracking.Cancelled
	}
	for _, c := range []struct {
		name     string
		subject  tracking.Subject
		occasion tracking.Occasion
		now      tracking.Status
		cancel   func(*decision.Input)
		rule     decision.Rule
	}{
		{"the confirmation of a cancelled order", order, orderReceived, "", cancelOrder, decision.RuleCancelled},
		{"the cancellation itself", order, orderCancelled, "", cancelOrder, decision.RuleNews},
		{"its refund", order, refunded, "", cancelOrder, decision.RuleNews},
		{"a label of it", parcelA, tracking.NoFirstScan, tracking.LabelCreated, cancelOrder, decision.RuleCancelled},
		{"a parcel of it that could not be stopped", parcelA, onTheRound, tracking.OutForDelivery, cancelOrder, decision.RuleNews},
		{"which is never late", parcelA, tracking.Stalled, tracking.InTransit, cancelOrder, decision.RuleCancelled},
		{"a cancelled shipment", parcelA, tracking.NoFirstScan, tracking.LabelCreated, cancelShipment, decision.RuleCancelled},
		{"another shipment", parcelB, tracking.NoFirstScan, tracking.LabelCreated, cancelShipment, decision.RuleNews},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := about(c.subject, c.occasion, c.now)
			c.cancel(&in)
			action := decision.Suppress
			if c.rule == decision.RuleNews {
				action = decision.Send
			}
			expect(t, in, action, c.rule)
		})
	}
}

func TestACancellationThatWasTakenBackIsNotTold(t *testing.T) {
	expect(t, about(order, orderCancelled, ""), decision.Suppress, decision.RuleSuperseded)
	in := about(shipmentA, tracking.Occasion(tracking.Cancelled), "")
	for i := range in.Policy.Rules {
		in.Policy.Rules[i].Level = "Important"
	}
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
	in.Order.Shipments[0].Phase = tracking.Cancelled
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestWhatIsExpectedOnALaterDayIsNotToldLate(t *testing.T) {
	in := asked(tracking.LateWithoutNews, tracking.InTransit)
	in.News.Instance = "2026-11-16"
	a(&in).ETA = day(16)
	expect(t, in, decision.Send, decision.RuleNews) // it has some hours left and does not come
	a(&in).ETA = day(19)
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
}
