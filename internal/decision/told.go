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

// sameBox is how far apart two orders may know of one scan of a parcel that carries both.
const sameBox = 24 * time.Hour

func alreadyTold(q *question) objection {
	for _, t := range q.History {
		if !q.same(t) {
			continue
		}
		if !t.Accepted.IsZero() {
			return object(fmt.Sprintf("%s was told on %s.", q.News.Occasion, t.Accepted.In(locale.OrUTC(q.zone())).Format("2006-01-02 15:04")))
		}
		if t.Waiting && q.Stage == AtQueue {
			return object("A message with this news is waiting to be sent already.")
		}
	}
	return objection{}
}

// same reports whether the message tells this very news.
func (q *question) same(t Told) bool {
	if t.Occasion != q.News.Occasion {
		return false
	}
	if t.OrderID != q.Order.ID {
		// A number in several orders of one recipient is one box, and is told once. A number that is used again is another parcel.
		return !whole(q.News.Subject) && t.id() == q.News.ID() && t.At.Sub(q.News.At).Abs() <= sameBox
	}
	if q.News.Occasion == tracking.Occasion(tracking.Shipped) && whole(q.News.Subject) {
		return true // what is said of the order was told when a part of it left
	}
	if len(t.IDs) == 0 && t.Instance == "" { // of a version that knew no identities: what had come about by then was told
		about := q.sameSubject(t) || whole(t.Subject)
		return about && (t.id() == q.News.ID() || !q.News.At.After(t.At.Add(legacySlack)))
	}
	known := append(slices.Clone(t.IDs), t.id())
	return slices.ContainsFunc(append(slices.Clone(q.News.Also), q.News.ID()), func(id string) bool { return slices.Contains(known, id) })
}

// dayTold is asked about a day: a new one corrects that which this recipient was told last.
func dayTold(q *question) objection {
	if q.News.Occasion != tracking.EtaMoved && q.News.Occasion != tracking.EtaFirstKnown {
		return objection{}
	}
	eta := q.eta()
	if eta == nil || q.passed(*eta) {
		return object("The day has passed, or is no longer expected.")
	}
	last, waiting := q.lastDay()
	if waiting && q.Stage == AtQueue {
		return objection{} // which day it names is known when it has been sent
	}
	return q.corrects(last, *eta)
}

// corrects compares a day with the last one that was told.
func (q *question) corrects(last *Told, eta tracking.ETA) objection {
	if last != nil && last.Day == eta.LastDay(q.Journey.Zone) && !q.shifted(*last, eta) {
		return object(fmt.Sprintf("The recipient was told of %s already.", last.Day))
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
	return q.sameSubject(t) || whole(t.Subject) || slices.ContainsFunc(q.parcels, holds)
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
	if whole(q.News.Subject) {
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

func (q *question) passed(eta tracking.ETA) bool { return eta.End(q.Journey.Zone).Before(q.Now) }

// heardLately is asked about a silence: there is none where anything of the order has reached the recipient since it began.
func heardLately(q *question) objection {
	if q.News.Occasion != tracking.SilentOrder {
		return objection{}
	}
	if q.News.Instance != "" {
		return cmp.Or(q.quietLately(), q.soonTold())
	}
	since := q.News.At.Add(-time.Duration(q.Policy.Watch.SilentOrderHours) * time.Hour)
	for _, t := range q.History {
		if t.OrderID == q.Order.ID && !t.Accepted.IsZero() && !t.Accepted.Before(since) {
			return object(fmt.Sprintf("The recipient has not been left without news: %s was told.", t.Occasion))
		}
	}
	return q.soonTold()
}

// soonTold waits for other messages about the order that are about to be sent: then the recipient has news.
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

// quietSpan is how long after a message another one that has nothing new to say is welcome.
const quietSpan = 5 * 24 * time.Hour

// quietLately waits until the recipient has not been written to for some days.
func (q *question) quietLately() objection {
	var latest time.Time
	for _, t := range q.History {
		if t.OrderID == q.Order.ID && t.Accepted.After(latest) {
			latest = t.Accepted
		}
	}
	if until := latest.Add(quietSpan); !latest.IsZero() && until.After(q.Now) {
		return objection{words: "The recipient was written to about this order a few days ago.", until: until}
	}
	return objection{}
}

// latenessTold is asked about a parcel that did not come on its day: the recipient may know that already.
func latenessTold(q *question) objection {
	if q.News.Occasion != tracking.LateWithoutNews {
		return objection{}
	}
	due := q.due(q.News.Instance, q.News.At)
	for _, t := range q.History {
		if !t.Accepted.IsZero() && q.speaksOf(t) && q.tellsLate(t, due) {
			return object(fmt.Sprintf("The recipient knows that it comes later: %s was told.", t.Occasion))
		}
	}
	return objection{}
}

// tellsLate reports whether the recipient of the message does not expect the parcel on the day on which it is due: a later day was named, or
// the message told on that day or after it that the parcel does not come. A message that named the due day itself set the
// expectation that is broken.
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
