package decision_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/decision"
	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// TestNoStreamOfNewsBreaksAnInvariant lets news of two orders happen at any pace to a recipient under any policy, with a channel that
// fails now and then, and looks at every verdict and at everything that the channel accepted.
func TestNoStreamOfNewsBreaksAnInvariant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(10, 60).Draw(t, "steps") {
			w.pass(time.Duration(rapid.SampledFrom([]int{0, 1, 4, 30, 120, 600, 1500}).Draw(t, "minutes")) * time.Minute)
			w.happen(t)
		}
		w.pass(4 * 24 * time.Hour)
		w.check(t)
	})
}

// world is a Shop with one recipient, and what a notifier would keep of it.
type world struct {
	in     decision.Input // what never changes
	now    time.Time
	orders []tracking.Order
	states []tracking.Journey
	queue  []*queued
	broken func() bool // the channel refuses a message
	fail   func(format string, args ...any)
}

// queued is a message with its news; the ledger of the recipient is made of its Told.
type queued struct {
	decision.Told
	news      tracking.News
	order     int
	notBefore time.Time
}

func newWorld(t *rapid.T) *world {
	start := rapid.SampledFrom([]time.Time{
		noon, time.Date(2026, 3, 28, 18, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 18, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC),
	}).Draw(t, "start")
	w := &world{now: start, fail: t.Fatalf, broken: func() bool { return rapid.IntRange(0, 4).Draw(t, "broken") == 0 }}
	w.in = decision.Input{
		Policy: policy(t), Activity: rapid.SampledFrom([]bundle.Activity{bundle.Live, bundle.Live, bundle.Live, bundle.Rehearsal, bundle.Suspended}).Draw(t, "activity"),
		Preference: rapid.SampledFrom(append(decision.Preferences(), decision.PreferenceEverything, decision.PreferenceEverything, "")).Draw(t, "preference"),
		Recipient: decision.Recipient{
			HasAddress: true, Tags: []string{"b2b"},
			Zone: zone(rapid.SampledFrom([]string{"Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"}).Draw(t, "zone")),
		},
	}
	for i := range 2 {
		id := fmt.Sprintf("order%d", i)
		ref := func(kind tracking.SubjectKind, n int) tracking.Subject {
			return tracking.Subject{Kind: kind, Ref: fmt.Sprintf("%d/%d", i, n)}
		}
		o, j := tracking.Order{ID: id}, tracking.Journey{Zone: amsterdam, Outcome: tracking.Open}
		for n := range 2 {
			o.Shipments = append(o.Shipments, tracking.Shipment{Subject: ref(tracking.SubjectShipment, n), Direction: tracking.Outbound})
			j.Parcels = append(j.Parcels, tracking.ParcelJourney{
				Subject: ref(tracking.SubjectParcel, n), Shipment: n, Direction: tracking.Outbound, Carrier: "postnl",
			})
		}
		w.orders, w.states = append(w.orders, o), append(w.states, j)
	}
	return w
}

// policy returns any policy: each occasion at any level, any budget, any quiet hours.
func policy(t *rapid.T) bundle.Policy {
	p := bundle.Policy{
		Budget: bundle.Budget{
			RoutinePerOrder: rapid.IntRange(0, 5).Draw(t, "an order"), PerRecipientPerDay: rapid.IntRange(0, 3).Draw(t, "a day"),
			MinimumGapSeconds: rapid.SampledFrom([]int{0, 0, 300, 43200}).Draw(t, "gap"),
		},
		QuietHours: rapid.SampledFrom([]*bundle.QuietHours{nil, {Start: "21:00", End: "08:00"}, {Start: "00:00", End: "06:30"}, {Start: "12:00", End: "14:00"}}).Draw(t, "quiet"),
		Watch:      bundle.Watch{SilentOrderHours: 48, EtaShiftHours: 4},
	}
	shift := rapid.IntRange(0, 3).Draw(t, "levels")
	for i, o := range tracking.Occasions() {
		level := []bundle.Level{bundle.Routine, bundle.Important, bundle.Routine, bundle.Critical, bundle.PageOnly}[(i+shift)%5]
		p.Rules = append(p.Rules, bundle.Rule{Occasion: string(o), Level: level})
	}
	return p
}

// happen lets one thing happen to one parcel, and news be found of it: perhaps late, perhaps once more.
func (w *world) happen(t *rapid.T) {
	i, n := rapid.IntRange(0, 1).Draw(t, "order"), rapid.IntRange(0, 1).Draw(t, "parcel")
	p := &w.states[i].Parcels[n]
	heardLate := time.Duration(rapid.SampledFrom([]int{0, 0, 1, 30, 90 * 60}).Draw(t, "late")) * time.Minute
	news := tracking.News{
		Occasion: rapid.SampledFrom(tracking.Occasions()).Draw(t, "occasion"), Subject: p.Subject,
		Instance: fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "instance")), At: w.now.Add(-heardLate),
	}
	switch rapid.IntRange(0, 5).Draw(t, "subject") {
	case 0:
		news.Subject = order
	case 1:
		news.Subject = w.orders[i].Shipments[n].Subject
	}
	if s := tracking.Status(news.Occasion); slices.Contains(tracking.Statuses(), s) && !news.At.Before(p.Since) {
		p.Status, p.Since = s, news.At
	}
	to := locale.DayOf(w.now, time.UTC).AddDays(rapid.IntRange(0, 2).Draw(t, "days")).In(time.UTC)
	p.ETA = &tracking.ETA{From: to, To: to, DayOnly: true}
	p.Late, p.Delayed, p.Action = true, true, &tracking.RequiredAction{Reason: tracking.ReasonDutiesDue}
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		w.find(i, news)
	}
}

// find asks about news and queues its message.
func (w *world) find(i int, news tracking.News) {
	v := w.ask(i, news, nil, decision.AtQueue)
	if v.Action == decision.Suppress {
		return
	}
	w.queue = append(w.queue, &queued{
		news: news, order: i, notBefore: v.NotBefore,
		Told: decision.Told{
			OrderID: w.orders[i].ID, Occasion: news.Occasion, Subject: news.Subject, Instance: news.Instance, IDs: []string{news.ID()},
			Level: v.Level, At: news.At, Waiting: true,
		},
	})
}

// pass lets time pass, and sends what is due meanwhile in the order in which it is due.
func (w *world) pass(d time.Duration) {
	end := w.now.Add(d)
	for {
		var next *queued
		for _, m := range w.queue {
			if m.Waiting && !m.notBefore.After(end) && (next == nil || m.notBefore.Before(next.notBefore)) {
				next = m
			}
		}
		if next == nil {
			break
		}
		if next.notBefore.After(w.now) {
			w.now = next.notBefore
		}
		w.send(next)
	}
	w.now = end
}

func (w *world) send(m *queued) {
	switch v := w.ask(m.order, m.news, m, decision.AtSend); {
	case v.Action == decision.Defer:
		m.notBefore = v.NotBefore
	case v.Action == decision.Suppress:
		m.Waiting = false
	case w.broken():
		m.notBefore = w.now.Add(17 * time.Minute)
	default:
		m.Waiting, m.Accepted, m.Level = false, w.now, v.Level
		if eta := w.states[m.order].Parcels[0].ETA; eta != nil {
			m.Day = locale.DayOf(eta.To, time.UTC)
		}
	}
}

// ask decides twice, with the history in two orders.
func (w *world) ask(i int, news tracking.News, itself *queued, stage decision.Stage) decision.Verdict {
	in := w.in
	in.News, in.Order, in.Journey, in.Now, in.Stage = news, w.orders[i], w.states[i], w.now, stage
	for _, m := range w.queue {
		if m != itself {
			in.History = append(in.History, m.Told)
		}
	}
	v := decision.Decide(in)
	slices.Reverse(in.History)
	again := decision.Decide(in)
	if v.Action != again.Action || v.Rule != again.Rule || !v.NotBefore.Equal(again.NotBefore) {
		w.fail("the order of the history decides: %+v and %+v", v, again)
	}
	w.holds(v)
	return v
}

// holds looks at what must hold of every verdict, for how long a message is kept and what may keep it.
func (w *world) holds(v decision.Verdict) {
	longest := 13 * time.Hour
	if v.Rule == decision.RuleHeardLately {
		longest = 5 * 24 * time.Hour
	}
	if ahead := v.NotBefore.Sub(w.now); v.Action == decision.Defer && (ahead <= 0 || ahead > longest) {
		w.fail("deferred by %s: %+v", ahead, v)
	}
	limits := []decision.Rule{decision.RuleMessageLimit, decision.RuleBudget, decision.RuleDailyBudget, decision.RuleMinimumGap, decision.RuleQuietHours, decision.RuleBurst}
	if v.Level == bundle.Critical && v.Rule != decision.RuleHeardLately && (v.Action == decision.Defer || slices.Contains(limits, v.Rule)) {
		w.fail("critical news is held back: %+v", v)
	}
}

// check looks at everything that was accepted.
func (w *world) check(t *rapid.T) {
	seen := map[string]bool{}
	var routine []*queued
	for _, m := range w.queue {
		if m.Waiting {
			t.Fatalf("%s waits for ever", m.news.ID())
		}
		if m.Accepted.IsZero() {
			continue
		}
		if id := m.OrderID + m.news.ID(); seen[id] {
			t.Fatalf("%s was told twice", id)
		} else {
			seen[id] = true
		}
		if w.in.Activity == bundle.Suspended || w.in.Preference == decision.PreferenceNothing || m.Level == bundle.PageOnly {
			t.Fatalf("%s was told as %s", m.news.ID(), m.Level)
		}
		w.notQuiet(t, m)
		if m.Level == bundle.Routine {
			routine = append(routine, m)
		}
	}
	for _, m := range routine {
		w.withinBudget(t, routine, m)
	}
}

func (w *world) notQuiet(t *rapid.T, m *queued) {
	q := w.in.Policy.QuietHours
	if q == nil || m.Level == bundle.Critical {
		return
	}
	clock := m.Accepted.In(w.in.Recipient.Zone).Format("15:04")
	over := q.Start > q.End
	if over && (clock >= q.Start || clock < q.End) || !over && clock >= q.Start && clock < q.End {
		t.Fatalf("%s was sent at %s", m.news.ID(), clock)
	}
}

// withinBudget counts what was sent up to and with a message; all of it happens within 30 days.
func (w *world) withinBudget(t *rapid.T, all []*queued, m *queued) {
	b := w.in.Policy.Budget
	ofOrder, ofDay := 0, 0
	for _, x := range all {
		if x.Accepted.After(m.Accepted) {
			continue
		}
		if locale.DayOf(x.Accepted, w.in.Recipient.Zone) == locale.DayOf(m.Accepted, w.in.Recipient.Zone) {
			ofDay++
		}
		if x.OrderID == m.OrderID {
			ofOrder++
			w.apart(t, x, m)
		}
	}
	if ofOrder > b.RoutinePerOrder || b.PerRecipientPerDay > 0 && ofDay > b.PerRecipientPerDay {
		t.Fatalf("%d of the order, %d of the day, the budget is %+v", ofOrder, ofDay, b)
	}
}

// apart wants the minimum gap between two messages of one order.
func (w *world) apart(t *rapid.T, x, m *queued) {
	gap := time.Duration(w.in.Policy.Budget.MinimumGapSeconds) * time.Second
	if ago := m.Accepted.Sub(x.Accepted); x != m && ago < gap {
		t.Fatalf("%s came %s after %s", m.news.ID(), ago, x.news.ID())
	}
}

// TestTheSameQuestionHasTheSameAnswer holds also where much of the question is missing.
func TestTheSameQuestionHasTheSameAnswer(t *testing.T) {
	for _, o := range tracking.Occasions() {
		for _, s := range append(tracking.Statuses(), "") {
			for _, subject := range []tracking.Subject{order, shipmentA, parcelA, {Kind: tracking.SubjectParcel, Ref: "gone"}} {
				in := about(subject, o, s)
				if first := decision.Decide(in); first != decision.Decide(in) || first.Words == "" || first.Rule == "" {
					t.Errorf("%s of %s, %s: %+v", o, subject, s, first)
				}
				decision.Decide(decision.Input{News: in.News, History: []decision.Told{{}}})
			}
		}
	}
}
