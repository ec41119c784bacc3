package decision

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// id returns the identity of the news that the message tells.
func (t Told) id() string {
	return tracking.News{Occasion: t.Occasion, Subject: t.Subject, Instance: t.Instance}.ID()
}

// legacySlack is by how much the time of news may have changed since a version that knew no identities told it.
const legacySlack = time.Minute

// sharedParcelSpan is by how much the times of one scan may differ in two orders that are in the same parcel.
const sharedParcelSpan = 24 * time.Hour

func alreadyTold(q *question) objection {
	for _, t := range q.History {
		if !q.isSameNews(t) {
			continue
		}
		if !t.Accepted.IsZero() {
			return objectionOf(fmt.Sprintf("The recipient was already told of %s on %s.", q.News.Occasion, t.Accepted.In(locale.OrUTC(q.zone())).Format("2006-01-02 15:04")))
		}
		if t.Waiting && q.Stage == AtQueue {
			return objectionOf("A message with this news is already waiting to be sent.")
		}
	}
	return objection{}
}

// isSameNews reports whether the message is about the same news.
func (q *question) isSameNews(t Told) bool {
	if t.Occasion != q.News.Occasion {
		return false
	}
	if t.OrderID != q.Order.ID {
		// A number in several orders of one recipient is one box, and is told once. A number that is used again is another parcel.
		return !isOrder(q.News.Subject) && t.id() == q.News.ID() && t.At.Sub(q.News.At).Abs() <= sharedParcelSpan
	}
	if q.News.Occasion == tracking.Occasion(tracking.Shipped) && isOrder(q.News.Subject) {
		return true // what is said of the order was told when a part of it left
	}
	if len(t.IDs) == 0 && t.Instance == "" { // of a version that knew no identities: what had come about by then was told
		about := q.sameSubject(t) || isOrder(t.Subject)
		return about && (t.id() == q.News.ID() || !q.News.At.After(t.At.Add(legacySlack)))
	}
	known := append(slices.Clone(t.IDs), t.id())
	return slices.ContainsFunc(append(slices.Clone(q.News.Also), q.News.ID()), func(id string) bool { return slices.Contains(known, id) })
}

// dayTold applies to news of a delivery day: it suppresses the day that the recipient was told last.
func dayTold(q *question) objection {
	if q.News.Occasion != tracking.EtaMoved && q.News.Occasion != tracking.EtaFirstKnown {
		return objection{}
	}
	eta := q.eta()
	if eta == nil || q.isPast(*eta) {
		return objectionOf("The stated delivery day has passed, or was withdrawn.")
	}
	last, waiting := q.lastDay()
	if waiting && q.Stage == AtQueue {
		return objection{} // which day it names is known when it has been sent
	}
	return q.dayUnchanged(last, *eta)
}

// dayUnchanged compares a day with the last one that was told.
func (q *question) dayUnchanged(last *Told, eta tracking.ETA) objection {
	if last != nil && last.Day == eta.LastDay(q.Journey.Zone) && !q.shifted(*last, eta) {
		return objectionOf(fmt.Sprintf("The recipient was already told to expect it on %s.", last.Day))
	}
	return objection{}
}

// lastDay finds the latest message that named a day of the subject, or of what contains it. It says, too, whether one is waiting.
func (q *question) lastDay() (last *Told, waiting bool) {
	for i, t := range q.History {
		if !q.speaksOf(t) || t.Occasion == tracking.EtaMoved && t.Accepted.IsZero() {
			continue
		}
		waiting = waiting || t.Waiting
		if !t.Day.IsZero() && !t.Accepted.IsZero() && (last == nil || t.after(*last)) {
			last = &q.History[i]
		}
	}
	return last, waiting
}

// after orders messages by when they reached the recipient.
func (t Told) after(u Told) bool {
	return cmp.Or(t.Accepted.Compare(u.Accepted), t.At.Compare(u.At), cmp.Compare(t.id(), u.id())) > 0
}

// speaksOf reports whether a message is about the subject of the news, or about its shipment or order.
func (q *question) speaksOf(t Told) bool {
	if t.OrderID != q.Order.ID {
		return false
	}
	holds := func(p *tracking.ParcelJourney) bool { return q.contains(t.Subject, p) }
	return q.sameSubject(t) || isOrder(t.Subject) || slices.ContainsFunc(q.parcels, holds)
}

// shifted reports whether the window within one day has moved by what the policy calls news.
func (q *question) shifted(t Told, eta tracking.ETA) bool {
	limit := time.Duration(q.Policy.Watch.EtaShiftHours) * time.Hour
	if limit == 0 || t.To.IsZero() || eta.DayOnly {
		return false
	}
	return eta.From.Sub(t.From).Abs() >= limit || eta.To.Sub(t.To).Abs() >= limit
}

// eta returns what is expected now of the subject; nil = nothing.
func (q *question) eta() *tracking.ETA {
	if isOrder(q.News.Subject) {
		return q.Journey.ETA
	}
	var latest *tracking.ETA
	for _, p := range q.parcels {
		if p.ETA != nil && (latest == nil || p.ETA.End(q.Journey.Zone).After(latest.End(q.Journey.Zone))) {
			latest = p.ETA
		}
	}
	if s := q.shipment(); latest == nil && s != nil {
		return s.Promise
	}
	return latest
}

func (q *question) isPast(eta tracking.ETA) bool { return eta.End(q.Journey.Zone).Before(q.Now) }

// heardLately applies to the news that an order is silent: it suppresses it if the recipient has got a message about the order since the
// silence began.
func heardLately(q *question) objection {
	if q.News.Occasion != tracking.SilentOrder {
		return objection{}
	}
	if q.News.Instance != "" {
		return cmp.Or(q.toldLately(), q.soonTold())
	}
	since := q.News.At.Add(-time.Duration(q.Policy.Watch.SilentOrderHours) * time.Hour)
	for _, t := range q.History {
		if t.OrderID == q.Order.ID && !t.Accepted.IsZero() && !t.Accepted.Before(since) {
			return objectionOf(fmt.Sprintf("The recipient has got a message about the order since the silence began: %s.", t.Occasion))
		}
	}
	return q.soonTold()
}

// soonTold defers news of a silence while another message about the order is about to be sent, which ends the silence.
func (q *question) soonTold() objection {
	for _, t := range q.History {
		if t.Waiting && t.OrderID == q.Order.ID && t.Occasion != tracking.SilentOrder {
			return objection{words: fmt.Sprintf("A message about this order is about to be sent: %s.", t.Occasion), until: q.Now.Add(soonSent)}
		}
	}
	return objection{}
}

// soonSent is how long a message that only ends a silence waits for another one to be sent.
const soonSent = 15 * time.Minute

// quietOrderPause is the least time between any message and one without new information.
const quietOrderPause = 5 * 24 * time.Hour

// toldLately defers news of a silence until quietOrderPause after the latest message about the order.
func (q *question) toldLately() objection {
	var latest time.Time
	for _, t := range q.History {
		if t.OrderID == q.Order.ID && t.Accepted.After(latest) {
			latest = t.Accepted
		}
	}
	if until := latest.Add(quietOrderPause); !latest.IsZero() && until.After(q.Now) {
		return objection{words: "The recipient has got a message about this order less than five days ago.", until: until}
	}
	return objection{}
}

// latenessTold applies to a parcel that did not come on its day: it suppresses the news if the recipient has been told so before.
func latenessTold(q *question) objection {
	if q.News.Occasion != tracking.LateWithoutNews {
		return objection{}
	}
	due := q.due(q.News.Instance, q.News.At)
	for _, t := range q.History {
		if !t.Accepted.IsZero() && q.speaksOf(t) && q.tellsLate(t, due) {
			return objectionOf(fmt.Sprintf("The recipient knows that it comes later from the message on %s.", t.Occasion))
		}
	}
	return objection{}
}

// tellsLate reports whether a recipient of the message no longer expects the parcel on the day on which it is due: the message named a later
// day, or was sent on that day or after it and said that the parcel does not come. A message that named the due day does not count.
func (q *question) tellsLate(t Told, due locale.Day) bool {
	switch t.Occasion {
	case tracking.EtaMoved:
		return t.Day.After(due)
	case tracking.Delayed:
		return t.Day.After(due) || t.Day.IsZero() && !locale.DayOf(t.At, q.Journey.Zone).Before(due)
	case tracking.LateWithoutNews:
		return !q.due(t.Instance, t.At).Before(due)
	default:
		return false
	}
}

// due returns the day on which something should have come that is late: the instance of such news, or else the day of the news.
func (q *question) due(instance string, at time.Time) locale.Day {
	if day, err := locale.ParseDay(instance); err == nil {
		return day
	}
	return locale.DayOf(at, q.Journey.Zone)
}
