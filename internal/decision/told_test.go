package decision_test

import (
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/decision"
	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

func TestToldIsWhatAChannelAcceptedForThisRecipient(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*decision.Told)
		rule   decision.Rule
	}{
		{"accepted", nil, decision.RuleAlreadyTold},
		{"waiting", func(m *decision.Told) { m.Accepted, m.Waiting = time.Time{}, true }, decision.RuleAlreadyTold},
		{"failed", func(m *decision.Told) { m.Accepted = time.Time{} }, decision.RuleNews},
		{"another instance", func(m *decision.Told) { m.Instance, m.IDs = "2", nil }, decision.RuleNews},
		{"another parcel", func(m *decision.Told) { m.Subject, m.IDs = parcelB, nil }, decision.RuleNews},
		{"another order", func(m *decision.Told) { m.OrderID, m.Subject = anotherOrder, parcelB }, decision.RuleNews},
		{"another order in the same box", func(m *decision.Told) { m.OrderID, m.At = anotherOrder, noon }, decision.RuleAlreadyTold},
		{"a number that is used again", func(m *decision.Told) { m.OrderID, m.At = anotherOrder, noon.AddDate(-1, 0, 0) }, decision.RuleNews},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := asked(attemptFailed, tracking.DeliveryAttemptFailed)
			told := accepted(attemptFailed, parcelA, "1")
			if c.change != nil {
				c.change(&told)
			}
			in.History = []decision.Told{told}
			action := decision.Suppress
			if c.rule == decision.RuleNews {
				action = decision.Send
			}
			expect(t, in, action, c.rule)
		})
	}
}

func TestAMessageIsNotStoppedByItsOwnKindWhenItIsSent(t *testing.T) {
	in := asked(attemptFailed, tracking.DeliveryAttemptFailed)
	waiting := accepted(attemptFailed, parcelA, "1")
	waiting.Accepted, waiting.Waiting = time.Time{}, true
	in.History, in.Stage = []decision.Told{waiting}, decision.AtSend
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestNewsWhoseFactsWereCompletedIsNotToldAgain(t *testing.T) {
	in := asked(attemptFailed, tracking.DeliveryAttemptFailed)
	before := tracking.News{Occasion: attemptFailed, Subject: parcelA, Instance: "0"}
	in.News.Also = []string{before.ID()}
	in.History = []decision.Told{accepted(attemptFailed, parcelA, "0")}
	expect(t, in, decision.Suppress, decision.RuleAlreadyTold)

	in.News.Also = nil // told by its later identity, which knew of this one
	in.History[0].IDs = []string{before.ID(), in.News.ID()}
	expect(t, in, decision.Suppress, decision.RuleAlreadyTold)
}

func TestASecondParcelAtThePickupPointIsTold(t *testing.T) {
	in := asked(collectable, tracking.AvailableForPickup)
	in.News.Subject = parcelB
	in.Journey.Parcels[1].Status, in.Journey.Parcels[1].Since = tracking.AvailableForPickup, in.News.At
	a(&in).Status = tracking.Delivered
	in.History = []decision.Told{accepted(collectable, parcelA, "1")}
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestADeliveryAfterAReopenedOneIsTold(t *testing.T) {
	in := asked(delivered, tracking.Delivered)
	in.News.Instance = "2026-11-16"
	first := accepted(delivered, parcelA, "2026-11-15")
	in.History = []decision.Told{first}
	expect(t, in, decision.Send, decision.RuleNews)
	in.History[0].Accepted = time.Time{} // the relay never took the first one
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestWhatAFormerVersionToldCountsUpToItsTime(t *testing.T) {
	legacy := decision.Told{OrderID: thisOrder, Occasion: delivered, Subject: parcelA, At: noon.Add(-time.Hour), Accepted: noon.Add(-time.Hour)}
	for at, rule := range map[time.Duration]decision.Rule{
		0: decision.RuleAlreadyTold, time.Minute: decision.RuleAlreadyTold, time.Minute + 1: decision.RuleNews,
	} {
		for _, subject := range []tracking.Subject{parcelA, order} {
			in := asked(delivered, tracking.Delivered)
			in.News.At = legacy.At.Add(at)
			a(&in).Since = in.News.At
			legacy.Subject = subject
			in.History = []decision.Told{legacy}
			if v := decision.Decide(in); v.Rule != rule {
				t.Errorf("%s later, of %q: %s", at, subject, v.Rule)
			}
		}
	}
	in := asked(delivered, tracking.Delivered)
	legacy.Subject = parcelB
	legacy.At = noon
	in.History = []decision.Told{legacy}
	expect(t, in, decision.Send, decision.RuleNews)
}

// day returns an expected delivery on a day of this November.
func day(n int) *tracking.ETA {
	at := time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC)
	return &tracking.ETA{From: at, To: at, DayOnly: true, Source: tracking.ETAFromCarrier}
}

// window returns an expected delivery between two hours in Amsterdam.
func window(n, from, to int) *tracking.ETA {
	at := func(hour int) time.Time { return time.Date(2026, 11, n, hour, 0, 0, 0, amsterdam) }
	return &tracking.ETA{From: at(from), To: at(to), Source: tracking.ETAFromCarrier}
}

func named(eta *tracking.ETA, t decision.Told) decision.Told {
	t.Day = locale.DayOf(eta.To, amsterdam)
	if eta.DayOnly {
		t.Day = locale.DayOf(eta.To, time.UTC)
	} else {
		t.From, t.To = eta.From, eta.To
	}
	return t
}

func TestAMovedDayIsComparedWithTheDayThatThisRecipientWasTold(t *testing.T) {
	for _, c := range []struct {
		name      string
		now, told *tracking.ETA
		of        tracking.Subject
		rule      decision.Rule
	}{
		{"another day", day(20), day(19), parcelA, decision.RuleNews},
		{"less than 24 hours, and yet another day", window(20, 15, 17), window(19, 16, 18), parcelA, decision.RuleNews},
		{"a window on the day after", window(20, 20, 22), day(19), parcelA, decision.RuleNews},
		{"the day that was told", day(20), day(20), parcelA, decision.RuleDayTold},
		{"the window became known", window(20, 15, 17), day(20), parcelA, decision.RuleDayTold},
		{"another window on the day", window(20, 18, 20), window(20, 9, 11), parcelA, decision.RuleNews},
		{"hardly another window", window(20, 10, 12), window(20, 9, 11), parcelA, decision.RuleDayTold},
		{"a day that only the page has told", day(20), nil, parcelA, decision.RuleNews},
		{"a day was told with the shipment", day(20), day(19), shipmentA, decision.RuleNews},
		{"a day was told with the order", day(20), day(19), order, decision.RuleNews},
		{"a day was told of another parcel", day(20), day(20), parcelB, decision.RuleNews},
		{"a day was told of another shipment", day(20), day(20), shipmentB, decision.RuleNews},
		{"the new day has passed", day(15), day(14), parcelA, decision.RuleDayTold},
		{"the window has passed", window(16, 9, 12), day(14), parcelA, decision.RuleDayTold},
		{"today", day(16), day(14), parcelA, decision.RuleNews},
		{"no day is known any more", nil, day(14), parcelA, decision.RuleDayTold},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := asked(tracking.EtaMoved, tracking.InTransit)
			a(&in).ETA = c.now
			told := accepted(shipped, c.of, "")
			if c.told != nil {
				told = named(c.told, told)
			}
			in.History = []decision.Told{told}
			action := decision.Suppress
			if c.rule == decision.RuleNews {
				action = decision.Send
			}
			expect(t, in, action, c.rule)
		})
	}
}

func TestOnlyTheLatestDayThatWasToldCounts(t *testing.T) {
	in := asked(tracking.EtaMoved, tracking.InTransit)
	a(&in).ETA = day(19)
	first, second := named(day(19), accepted(shipped, parcelA, "")), named(day(20), accepted(tracking.EtaMoved, parcelA, "20"))
	first.Accepted = first.Accepted.Add(-time.Hour)
	in.History = []decision.Told{second, first}
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestAMovedDayWaitsWithTheMessageThatMayNameTheFormerOne(t *testing.T) {
	in := asked(tracking.EtaMoved, tracking.InTransit)
	a(&in).ETA = day(20)
	waiting := accepted(shipped, parcelA, "")
	waiting.Accepted, waiting.Waiting = time.Time{}, true
	in.History = []decision.Told{waiting}
	expect(t, in, decision.Send, decision.RuleNews)

	sent := named(day(20), accepted(shipped, parcelA, "")) // it named the new day already
	in.History, in.Stage = []decision.Told{sent}, decision.AtSend
	expect(t, in, decision.Suppress, decision.RuleDayTold)
}

func TestASilentOrderIsOneOfWhichNothingReachedTheRecipient(t *testing.T) {
	in := about(order, tracking.SilentOrder, tracking.InTransit)
	in.News.Instance = ""
	expect(t, in, decision.Send, decision.RuleNews)
	told := accepted(shipped, shipmentA, "")
	for ago, action := range map[time.Duration]decision.Action{48 * time.Hour: decision.Suppress, 49 * time.Hour: decision.Send} {
		told.Accepted = in.News.At.Add(-ago)
		in.Now = noon.Add(72 * time.Hour).Add(-time.Minute) // however late it is asked
		in.History = []decision.Told{told}
		if v := decision.Decide(in); v.Action != action {
			t.Errorf("%s ago: %s by %s", ago, v.Action, v.Rule)
		}
	}
	told.Accepted = time.Time{}
	in.History = []decision.Told{told}
	expect(t, in, decision.Send, decision.RuleNews) // the message failed
	told.Accepted, told.OrderID = noon, anotherOrder
	in.History = []decision.Told{told}
	expect(t, in, decision.Send, decision.RuleNews)
	in.Journey.Outcome = tracking.AllArrived
	expect(t, in, decision.Suppress, decision.RuleSuperseded)
}

func TestALateNoticeIsNotNeededWhereTheRecipientKnows(t *testing.T) {
	noDay := func(at time.Time) decision.Told {
		m := accepted(tracking.Delayed, parcelA, "1")
		m.At = at
		return m
	}
	yesterday := noon.AddDate(0, 0, -1)
	earlier := accepted(tracking.LateWithoutNews, parcelA, "2026-11-15") // told after the evening
	for _, c := range []struct {
		name string
		told decision.Told
		rule decision.Rule
	}{
		{"nothing was told", decision.Told{}, decision.RuleNews},
		{"a later day was told", named(day(18), accepted(tracking.EtaMoved, parcelA, "18")), decision.RuleLatenessTold},
		{"a delay with a later day", named(day(18), accepted(tracking.Delayed, parcelA, "1")), decision.RuleLatenessTold},
		{"a delay of today without a day", noDay(noon.Add(-time.Hour)), decision.RuleLatenessTold},
		{"a delay of yesterday without a day", noDay(yesterday), decision.RuleNews},
		{"the day that is broken now was told", named(day(16), accepted(tracking.EtaMoved, parcelA, "16")), decision.RuleNews},
		{"that it is late", accepted(tracking.LateWithoutNews, shipmentA, "2026-11-16"), decision.RuleLatenessTold},
		{"that it was late for an earlier day", earlier, decision.RuleNews},
		{"of another parcel", named(day(18), accepted(tracking.EtaMoved, parcelB, "18")), decision.RuleNews},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := asked(tracking.LateWithoutNews, tracking.InTransit)
			in.News.Instance = "2026-11-16"
			in.History = []decision.Told{c.told}
			action := decision.Suppress
			if c.rule == decision.RuleNews {
				action = decision.Send
			}
			expect(t, in, action, c.rule)
			in.History[0].Accepted = time.Time{}
			expect(t, in, decision.Send, decision.RuleNews) // a message that nobody got makes nobody know
		})
	}
}

func TestOneScanIsOneMessage(t *testing.T) {
	for _, c := range []struct {
		occasion, other tracking.Occasion
		action          decision.Action
	}{
		{attemptFailed, tracking.ActionRequired, decision.Suppress},
		{attemptFailed, tracking.LastAttempt, decision.Suppress},
		{attemptFailed, onTheRound, decision.Send},
		{tracking.Occasion(tracking.Exception), tracking.ActionRequired, decision.Suppress},
	} {
		in := asked(c.occasion, tracking.Status(c.occasion))
		other := accepted(c.other, parcelA, "x")
		other.At, other.Accepted, other.Waiting = in.News.At, time.Time{}, true
		in.History, in.Stage = []decision.Told{other}, decision.AtSend
		if v := decision.Decide(in); v.Action != c.action {
			t.Errorf("%s beside %s: %s by %s", c.occasion, c.other, v.Action, v.Rule)
		}
		in.History[0].At = in.News.At.Add(-2 * time.Hour) // of another scan
		expect(t, in, decision.Send, decision.RuleNews)
	}
}

// After an outage, that the parcel can be collected and that it must be soon become known at once.
func TestOneMessageTellsThatAParcelWaitsAndForHowLong(t *testing.T) {
	in := asked(tracking.Occasion(tracking.AvailableForPickup), tracking.AvailableForPickup)
	reminder := accepted(tracking.PickupExpiring, parcelA, "2026-11-20")
	reminder.At, reminder.Accepted, reminder.Waiting = in.News.At.Add(48*time.Hour), time.Time{}, true
	in.History, in.Stage = []decision.Told{reminder}, decision.AtSend
	expect(t, in, decision.Suppress, decision.RuleSaidTogether)
	in.History[0].Waiting, in.History[0].Accepted = false, in.Now.Add(-time.Second)
	expect(t, in, decision.Suppress, decision.RuleSaidTogether)
	in.History[0].Accepted = time.Time{} // nobody got it
	expect(t, in, decision.Send, decision.RuleNews)
	in.History[0].Waiting, in.History[0].At = true, in.News.At.Add(-time.Hour) // of an earlier pick-up point
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestAMessageThatOnlyEndsASilenceWaitsForOneThatSaysMore(t *testing.T) {
	in := asked(tracking.SilentOrder, tracking.InTransit)
	in.News.Subject = order
	other := accepted(tracking.PickupExpiring, parcelA, "2026-11-20")
	other.Accepted, other.Waiting = time.Time{}, true
	in.History, in.Stage = []decision.Told{other}, decision.AtSend
	expect(t, in, decision.Defer, decision.RuleHeardLately)
	in.History[0].Occasion = tracking.SilentOrder // never two that wait for each other
	expect(t, in, decision.Send, decision.RuleNews)
}

func TestABurstOfRoutineNewsBecomesTheNewestOfIt(t *testing.T) {
	waiting := func(occasion tracking.Occasion, subject tracking.Subject, at time.Time) decision.Told {
		n := accepted(occasion, subject, "x")
		n.Level, n.At, n.Accepted, n.Waiting = bundle.Routine, at, time.Time{}, true
		return n
	}
	asks := func(told decision.Told) decision.Input {
		in := about(shipmentA, shipped, tracking.InTransit)
		in.Stage, in.History = decision.AtSend, []decision.Told{told}
		return in
	}
	newer, older := noon, noon.Add(-2*time.Minute)
	if v := expect(t, asks(waiting(delivered, parcelA, newer)), decision.Suppress, decision.RuleBurst); !v.Superseded {
		t.Error("it is not called superseded")
	}
	expect(t, asks(waiting(orderReceived, order, older)), decision.Send, decision.RuleNews)
	expect(t, asks(waiting(delivered, parcelB, newer)), decision.Send, decision.RuleNews) // another parcel's news stands for itself

	urgent := waiting(attemptFailed, parcelA, newer)
	urgent.Level = bundle.Critical
	expect(t, asks(urgent), decision.Send, decision.RuleNews)

	sent := waiting(delivered, parcelA, newer)
	sent.Waiting, sent.Accepted = false, noon.Add(-time.Minute)
	expect(t, asks(sent), decision.Suppress, decision.RuleBurst) // the newest was sent first
	sent.Accepted = noon.Add(-time.Hour)
	expect(t, asks(sent), decision.Send, decision.RuleNews)
}

func TestParcelsThatAreAlikeAreToldOfOnce(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(b *tracking.ParcelJourney)
		action decision.Action
	}{
		{"alike", func(*tracking.ParcelJourney) {}, decision.Suppress},
		{"another carrier", func(b *tracking.ParcelJourney) { b.Carrier = "dhl" }, decision.Send},
		{"another day", func(b *tracking.ParcelJourney) { b.ETA = day(19) }, decision.Send},
		{"another place", func(b *tracking.ParcelJourney) { b.Place = "Utrecht" }, decision.Send},
		{"not shipped yet", func(b *tracking.ParcelJourney) { b.Status = tracking.LabelCreated }, decision.Send},
	} {
		in := about(shipmentA, shipped, tracking.InTransit)
		a(&in).ETA = day(18)
		b := &in.Journey.Parcels[1]
		b.Carrier, b.Status, b.ETA = "postnl", tracking.InTransit, day(18)
		c.change(b)
		other := accepted(shipped, shipmentB, "")
		other.Level, other.At, other.Accepted, other.Waiting = bundle.Routine, noon, time.Time{}, true
		in.History, in.Stage = []decision.Told{other}, decision.AtSend
		if v := decision.Decide(in); v.Action != c.action {
			t.Errorf("%s: %s by %s", c.name, v.Action, v.Rule)
		}
	}
}

func TestAfterAMessageAQuietOrderWaitsSomeDaysForTheNext(t *testing.T) {
	in := about(order, tracking.SilentOrder, tracking.InTransit)
	in.News.Instance, in.News.Until = "2026-11-30", in.Now.Add(6*24*time.Hour)
	expect(t, in, decision.Send, decision.RuleNews)
	told := accepted(shipped, shipmentA, "")
	told.Accepted = in.Now.Add(-48 * time.Hour)
	in.History = []decision.Told{told}
	if v := decision.Decide(in); v.Action != decision.Defer || v.NotBefore.Sub(in.Now) != 72*time.Hour {
		t.Errorf("%s until %s by %s", v.Action, v.NotBefore, v.Rule)
	}
}
