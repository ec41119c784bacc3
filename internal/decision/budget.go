package decision

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// budgetSpan is the time over which messages count for the budget of an order: a subscription has a new budget for each delivery.
const budgetSpan = 30 * 24 * time.Hour

// usesBudget reports whether a message uses up a budget: it was accepted since the given time or, when news is queued, it may yet be.
func (q *question) usesBudget(t Told, since time.Time) bool {
	if !t.Accepted.IsZero() {
		return t.Accepted.After(since)
	}
	return t.Waiting && q.Stage == AtQueue
}

// After how many messages, of any kind, about one order within budgetSpan the page alone shows further news. Critical news, the delivery
// that completes the order, and all occasions that messageLimit does not name are always sent.
const (
	maxBeforeRoutine  = 5 // further Routine news
	maxBeforeNoAction = 4 // further Important news that demands no action
	maxBeforeSilence  = 6 // further news that a parcel is not scanned, or goes back
	// maxInTwoSpans is the limit, beside those, within twice the span: an order may be sent in parts over months.
	maxInTwoSpans = 7
)

// noActionOccasions demand nothing of the shopper, and the page shows them.
var noActionOccasions = []tracking.Occasion{
	tracking.EtaMoved, tracking.Delayed, tracking.Occasion(tracking.Exception),
}

// silenceOccasions are about a parcel of which the shopper gets no other message for long, or whose cause was told before.
var silenceOccasions = []tracking.Occasion{tracking.Stalled, tracking.NoFirstScan, tracking.NextLegMissing, tracking.Occasion(tracking.ReturnInTransit)}

// messageLimit returns after how many messages about the order this news is not sent; 0 = it is always sent.
func (q *question) messageLimit() int {
	switch {
	case q.completes(), q.News.Reopens():
		return 0
	case q.rule.Level == bundle.Routine:
		return maxBeforeRoutine
	case q.rule.Level != bundle.Important:
		return 0
	case q.News.Occasion == tracking.Occasion(tracking.OutForDelivery) && q.Journey.Total < 2, q.sentByShopper():
		return maxBeforeRoutine
	case q.News.Occasion == tracking.Occasion(tracking.OutForDelivery), slices.Contains(noActionOccasions, q.News.Occasion):
		return maxBeforeNoAction
	case slices.Contains(silenceOccasions, q.News.Occasion):
		return maxBeforeSilence
	default:
		return 0
	}
}

// sentByShopper reports whether the news is that a return of the shopper is under way to the shop.
func (q *question) sentByShopper() bool {
	return q.News.Occasion == tracking.Occasion(tracking.ReturnInTransit) &&
		slices.ContainsFunc(q.parcelsOf(q.News.Subject), func(p *tracking.ParcelJourney) bool { return p.Direction == tracking.Return })
}

func messageLimitReached(q *question) objection {
	limit := q.messageLimit()
	if limit == 0 {
		return objection{}
	}
	if all := q.messages(budgetSpan); all >= limit {
		return objectionOf(fmt.Sprintf("The recipient has got %d messages about the order in 30 days, which is the limit for this news; the page shows it.", all))
	}
	if all := q.messages(2 * budgetSpan); all >= maxInTwoSpans {
		return objectionOf(fmt.Sprintf("The recipient has got %d messages about the order in 60 days, which is the limit for this news; the page shows it.", all))
	}
	return objection{}
}

// messages returns how many messages about the order the recipient has had lately.
func (q *question) messages(span time.Duration) (all int) {
	for _, t := range q.History {
		if t.OrderID == q.Order.ID && q.usesBudget(t, q.Now.Add(-span)) {
			all++
		}
	}
	return all
}

func budget(q *question) objection {
	if q.rule.Level != bundle.Routine || q.completes() {
		return objection{}
	}
	used := q.routineMessages(q.Now.Add(-budgetSpan), func(t Told) bool { return t.OrderID == q.Order.ID })
	if limit := q.Policy.Budget.RoutinePerOrder; used >= limit {
		return objectionOf(fmt.Sprintf("The order's budget of %d routine messages in 30 days is used up.", limit))
	}
	return objection{}
}

// completes reports whether with this delivery everything of the order has arrived.
func (q *question) completes() bool {
	return q.News.Occasion == tracking.Occasion(tracking.Delivered) && q.Journey.Outcome == tracking.AllArrived
}

func dailyBudget(q *question) objection {
	limit := q.Policy.Budget.PerRecipientPerDay
	if limit == 0 || q.rule.Level != bundle.Routine {
		return objection{}
	}
	midnight := locale.DayOf(q.Now, q.zone()).In(q.zone())
	if q.routineMessages(midnight.Add(-time.Nanosecond), func(Told) bool { return true }) < limit {
		return objection{}
	}
	return objectionOf(fmt.Sprintf("The recipient's budget of %d routine messages a day is used up.", limit))
}

// routineMessages counts the routine messages that use up a budget.
func (q *question) routineMessages(since time.Time, of func(Told) bool) int {
	used := 0
	for _, t := range q.History {
		if t.Level == bundle.Routine && of(t) && q.usesBudget(t, since) {
			used++
		}
	}
	return used
}

func minimumGap(q *question) objection {
	gap := time.Duration(q.Policy.Budget.MinimumGapSeconds) * time.Second
	if gap == 0 || q.rule.Level != bundle.Routine {
		return objection{}
	}
	var latest time.Time
	for _, t := range q.History {
		if t.OrderID == q.Order.ID && t.Level == bundle.Routine && t.Accepted.After(latest) {
			latest = t.Accepted
		}
	}
	if until := latest.Add(gap); !latest.IsZero() && until.After(q.Now) {
		return objection{words: "The latest routine message about this order was sent less than the policy's minimum gap ago.", until: until}
	}
	return objection{}
}

// burstSpan is how long after a message an older one about the same is still part of its burst.
const burstSpan = 5 * time.Minute

// burst leaves of several routine messages about the same only that with the newest news: of those that wait at the same time, and of
// those that were claimed in another order. Parcels that differ in anything the shopper cares about are told of one by one.
func burst(q *question) objection {
	if q.Stage != AtSend || q.rule.Level != bundle.Routine {
		return objection{}
	}
	for _, t := range q.History {
		near := t.Waiting || q.Now.Sub(t.Accepted) < burstSpan
		if near && t.OrderID == q.Order.ID && t.Level == bundle.Routine && q.newer(t) && q.related(t) {
			return objectionOf(fmt.Sprintf("A message with newer news of the same subject is sent instead: %s.", t.Occasion))
		}
	}
	return objection{}
}

// related reports whether one message can stand for both: its subject contains the other, or both say the same of parcels that are alike.
func (q *question) related(t Told) bool {
	if isOrder(q.News.Subject) || q.speaksOf(t) {
		return true
	}
	theirs := q.parcelsOf(t.Subject)
	return slices.ContainsFunc(theirs, func(p *tracking.ParcelJourney) bool { return q.contains(q.News.Subject, p) }) ||
		t.Occasion == q.News.Occasion && len(theirs) > 0 && q.allParcels(func(p *tracking.ParcelJourney) bool { return q.alike(p, theirs[0]) })
}

// alike reports whether all that a message tells of a parcel, but for its number, holds for another one, too.
func (q *question) alike(a, b *tracking.ParcelJourney) bool {
	same := a.Carrier == b.Carrier && a.Status == b.Status && a.Place == b.Place && (a.ETA == nil) == (b.ETA == nil)
	return same && (a.ETA == nil || a.ETA.LastDay(q.Journey.Zone) == b.ETA.LastDay(q.Journey.Zone))
}

// newer orders all news, so that of any number of messages exactly one has nothing newer.
func (q *question) newer(t Told) bool {
	return cmp.Or(t.At.Compare(q.News.At), cmp.Compare(t.id(), q.News.ID())) > 0
}

// saidBy lists, for an occasion, the other occasions whose messages have the same information and more.
var saidBy = map[tracking.Occasion][]tracking.Occasion{
	tracking.Occasion(tracking.DeliveryAttemptFailed): {tracking.ActionRequired, tracking.LastAttempt},
	tracking.Occasion(tracking.InCustoms):             {tracking.ActionRequired},
	tracking.Occasion(tracking.Exception):             {tracking.ActionRequired},
	tracking.EtaMoved:                                 {tracking.Delayed},
	tracking.LastAttempt:                              {tracking.ActionRequired},
}

// saidOnReopening are the occasions of a scan that the message on a delivery that was taken back tells as well: it says where the
// parcel is.
var saidOnReopening = occasions(tracking.OutForDelivery, tracking.Exception, tracking.InTransit, tracking.HandedToCarrier, tracking.InCustoms)

func (t Told) reopens() bool {
	return tracking.News{Occasion: t.Occasion, Instance: t.Instance}.Reopens()
}

// refundedWith finds the message on the order's cancellation that says how much went back: it has not been sent yet, or was sent when the
// refund was known.
func (q *question) refundedWith() (t Told, ok bool) {
	if q.News.Occasion != tracking.Occasion(tracking.Refunded) || !isOrder(q.News.Subject) || q.Order.RefundedAt(q.News.At) == 0 || q.Order.Money.Currency == "" {
		return Told{}, false
	}
	known := q.News.At
	if q.News.Heard.After(known) {
		known = q.News.Heard
	}
	i := slices.IndexFunc(q.History, func(t Told) bool {
		knew := t.Waiting || q.Stage == AtSend && !t.Accepted.IsZero() && !t.Accepted.Before(known)
		return knew && t.OrderID == q.Order.ID && t.Occasion == tracking.Occasion(tracking.OrderCancelled)
	})
	if i < 0 {
		return Told{}, false
	}
	return q.History[i], true
}

// sameMoment is how far apart two facts of one scan may be.
const sameMoment = time.Minute

// saidTogether makes one message of one scan that is news in two ways, and of a parcel that waits and must be collected soon.
func saidTogether(q *question) objection {
	if t, ok := q.refundedWith(); ok {
		return objectionOf(fmt.Sprintf("The message on %s has the same information.", t.Occasion))
	}
	for _, t := range q.History {
		told := t.Waiting || !t.Accepted.IsZero()
		said := slices.Contains(saidBy[q.News.Occasion], t.Occasion) || t.reopens() && slices.Contains(saidOnReopening, q.News.Occasion) && !q.News.Reopens()
		if !told || !q.sameSubject(t) {
			continue
		}
		if said && t.At.Sub(q.News.At).Abs() <= sameMoment || q.reminds(t) {
			return objectionOf(fmt.Sprintf("The message on %s has the same information.", t.Occasion))
		}
	}
	return objection{}
}

// reminds reports whether a message says until when the parcel waits of which the news tells that it is there.
func (q *question) reminds(t Told) bool {
	return q.News.Occasion == tracking.Occasion(tracking.AvailableForPickup) && t.Occasion == tracking.PickupExpiring && t.At.After(q.News.At)
}

// sameSubject reports whether a message is about what the news is about.
func (q *question) sameSubject(t Told) bool {
	return t.OrderID == q.Order.ID && t.Subject.String() == q.News.Subject.String()
}
