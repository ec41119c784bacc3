package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/corpus"
)

// messageTime is within which time a message must be sent while its reason holds: a night of quiet hours, and some more.
const messageTime = 15 * time.Hour

// freshNews is how old news may be when a source sends it, to need a message.
const freshNews = 24 * time.Hour

// Finish checks the whole journey for messages that should have been sent and were not.
func (c *Checker) Finish() {
	for _, o := range c.journey.Truth.Orders {
		known := c.known(o, c.journey.Truth.Until)
		if !known.tellable() || o.AddressHeardAt.IsZero() {
			continue
		}
		c.confirmed(o)
		c.silent(o)
		c.lateOrder(o)
		for _, p := range known.parcels {
			if p.Direction != corpus.Outbound || !p.Method.Tracked() {
				continue
			}
			c.pickups(o, p.Parcel)
			c.attempts(o, p.Parcel)
			c.actionsTold(o, p.Parcel)
			c.endings(o, p.Parcel)
			c.lateParcel(o, p.Parcel)
		}
	}
	c.coverage()
}

// missing reports a message that was due, unless it was told.
func (c *Checker) missing(o corpus.Order, kind Kind, at time.Time, told bool, format string, args ...any) {
	r := &reading{at: at, where: "mail", order: c.known(o, at)}
	if kind != KnowableNotSaid {
		if !told {
			c.find(r, kind, "", fmt.Sprintf(format, args...))
		}
		return
	}
	c.count(r, []fact{{fmt.Sprintf(format, args...), told}})
}

// told reports whether a message between two times matches, in a line about the parcel or about the whole order.
func (c *Checker) told(o corpus.Order, p *corpus.Parcel, from, to time.Time, words *regexp.Regexp) bool {
	orders := []string{o.Number}
	if p != nil {
		orders = p.Orders
	}
	return slices.ContainsFunc(orders, func(number string) bool {
		return slices.ContainsFunc(c.mails[number], func(m readMail) bool {
			if m.At.Before(from) || m.At.After(to) || number != o.Number && !m.names(o.Number) {
				return false
			}
			return slices.ContainsFunc(m.text, func(l Line) bool {
				about := p == nil || m.About == "" || l.About == "" || isNumber(*p, l.About) || ofOthers.MatchString(l.Words)
				return about && words.MatchString(l.Words)
			})
		})
	})
}

// ofOthers matches a sentence in a message about one parcel that is about others too.
var ofOthers = regexp.MustCompile(`\bmore parcels? of this order\b.*\b(?:too|either)\b`)

// names reports whether a message about a parcel with several orders names this one.
func (m readMail) names(order string) bool {
	return slices.ContainsFunc(m.text, func(l Line) bool { return strings.Contains(l.Words, order) })
}

func isNumber(p corpus.Parcel, number string) bool {
	return slices.ContainsFunc(p.Numbers, func(n corpus.Number) bool { return squeeze(n.Number) == squeeze(number) })
}

// holds reports whether a condition of the parcel is true at a time and still true after messageTime.
func (c *Checker) holds(o corpus.Order, p corpus.Parcel, at time.Time, still func(parcel) bool) bool {
	for _, later := range []time.Time{at, at.Add(messageTime)} {
		order := c.known(o, later)
		i := slices.IndexFunc(order.parcels, func(k parcel) bool { return k.ID == p.ID })
		if i < 0 || order.parcels[i].gone || !still(order.parcels[i]) {
			return false
		}
	}
	return at.Add(messageTime).Before(c.journey.Truth.Until)
}

func later(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }

// confirmed checks that a message confirms the order.
func (c *Checker) confirmed(o corpus.Order) {
	from := later(o.HeardAt, o.AddressHeardAt)
	to := from.Add(24*time.Hour + messageTime)
	if to.After(c.journey.Truth.Until) || c.stale(o) {
		return
	}
	c.missing(o, KnowableNotSaid, from, c.told(o, nil, from, to, anything), "no message confirms the order, although a source sent it with an address")
}

// stale reports whether the order, or an address of it, came too late for a confirmation.
func (c *Checker) stale(o corpus.Order) bool {
	return later(o.HeardAt, o.AddressHeardAt).Sub(o.PlacedAt) > 72*time.Hour || o.HeardAt.Sub(o.PlacedAt) > 48*time.Hour
}

var anything = regexp.MustCompile(`.`)

func (c *Checker) pickups(o corpus.Order, p corpus.Parcel) {
	for _, k := range p.Pickups {
		at := later(k.HeardAt, o.AddressHeardAt)
		if k.HeardAt.IsZero() || k.HeardAt.Sub(k.At) > freshNews || !c.holds(o, p, at, func(known parcel) bool {
			w := known.pickupPoint()
			return w != nil && w.Name == k.Name
		}) {
			continue
		}
		words := regexp.MustCompile(regexp.QuoteMeta(k.Name))
		c.missing(o, KnowableNotSaid, at, c.told(o, &p, at.Add(-time.Minute), at.Add(messageTime), words), "%s can be collected at %s: no message says so", p.ID, k.Name)
	}
}

func (c *Checker) attempts(o corpus.Order, p corpus.Parcel) {
	for _, s := range p.Steps {
		at := later(s.HeardAt, o.AddressHeardAt)
		if s.State != corpus.StateAttemptFailed || s.Unmapped || s.HeardAt.IsZero() || s.HeardAt.Sub(s.At) > freshNews {
			continue
		}
		if !c.holds(o, p, at, func(known parcel) bool { return known.state == s.State && known.since.Equal(reportedTime(s)) }) {
			continue
		}
		told := c.told(o, &p, at.Add(-time.Minute), at.Add(messageTime), stateWords[s.State])
		c.missing(o, KnowableNotSaid, at, told, "%s could not be delivered on %s: no message says so", p.ID, DayOf(s.At, zoneOf(p.Zone)).Format("Mon 2006-01-02"))
	}
}

func (c *Checker) actionsTold(o corpus.Order, p corpus.Parcel) {
	for _, a := range p.Actions {
		at := later(a.HeardAt, o.AddressHeardAt)
		if a.HeardAt.IsZero() || a.HeardAt.Sub(a.At) > freshNews || !c.holds(o, p, at, func(known parcel) bool {
			return slices.ContainsFunc(known.actions(), func(b corpus.Action) bool { return b.What == a.What })
		}) {
			continue
		}
		words, ok := actionWords[a.What]
		if !ok {
			continue
		}
		c.missing(o, KnowableNotSaid, at, c.told(o, &p, at.Add(-time.Minute), at.Add(messageTime), words), "the shopper must act on %s (%s): no message says so", p.ID, a.What)
	}
}

// endings checks that a message reports how the parcel ended.
func (c *Checker) endings(o corpus.Order, p corpus.Parcel) {
	for _, s := range p.Steps {
		words, ends := stateWords[s.State], slices.Contains([]corpus.State{corpus.StateDelivered, corpus.StateLost, corpus.StateReturning, corpus.StateDamaged}, s.State)
		at := later(s.HeardAt, o.AddressHeardAt)
		if !ends || s.Unmapped || s.HeardAt.IsZero() || s.HeardAt.Sub(s.At) > freshNews {
			continue
		}
		if !c.holds(o, p, at, func(known parcel) bool { return known.state == s.State }) {
			continue
		}
		c.missing(o, KnowableNotSaid, at, c.told(o, &p, at.Add(-time.Minute), at.Add(24*time.Hour), words), "%s is %s: no message says so", p.ID, s.State)
	}
}

// noticeTime is how long before the end of its day a statement must come, so that a notice is possible that evening.
const noticeTime = 6 * time.Hour

// lateParcel checks that there is a notice on each promised day that the parcel missed.
func (c *Checker) lateParcel(o corpus.Order, p corpus.Parcel) {
	done := map[corpus.Day]bool{}
	for _, d := range p.Days {
		if done[d.Day] || !c.noticeable(o, d, p.Zone) {
			continue
		}
		done[d.Day] = true
		end := corpus.EndOf(d.Day, p.Zone)
		evening := end.Add(-time.Second)
		if standing, ok := p.DayKnownAt(evening); !ok || standing.Day != d.Day || p.Over(evening) || before(p.ArrivedAt(), end) || !c.holdsAt(o, p, evening) {
			continue
		}
		c.missing(o, LateWithout, evening, c.noticed(o, &p, later(d.HeardAt, o.AddressHeardAt), end),
			"%s was promised for %s and did not arrive: no message that evening or before says so", p.ID, d.Day)
	}
}

// noticeable reports whether a stated day was known early enough, and ended early enough, for a notice on its evening.
func (c *Checker) noticeable(o corpus.Order, d corpus.StatedDay, zone string) bool {
	end := corpus.EndOf(d.Day, zone)
	return !d.HeardAt.IsZero() && !later(d.HeardAt, o.AddressHeardAt).After(end.Add(-noticeTime)) && end.Before(c.journey.Truth.Until)
}

// noticed reports whether a message between two times reports the delay or its reason.
func (c *Checker) noticed(o corpus.Order, p *corpus.Parcel, from, to time.Time) bool {
	return c.told(o, p, from, to, lateWords) || c.told(o, p, from, to, troubleWords)
}

func before(at, end time.Time) bool { return !at.IsZero() && at.Before(end) }

func (c *Checker) holdsAt(o corpus.Order, p corpus.Parcel, at time.Time) bool {
	order := c.known(o, at)
	i := slices.IndexFunc(order.parcels, func(k parcel) bool { return k.ID == p.ID })
	return i >= 0 && order.parcels[i].known && order.parcels[i].outstanding() && !order.parcels[i].arrived() && !order.cancelled
}

// lateOrder checks the same for an order of which nothing was sent.
func (c *Checker) lateOrder(o corpus.Order) {
	for i, d := range o.Days {
		end := corpus.EndOf(d.Day, zoneName(o))
		restated := i+1 < len(o.Days) && heard(o.Days[i+1].HeardAt, end)
		if restated || !c.noticeable(o, d, zoneName(o)) || !c.nothingLeft(o, end) {
			continue
		}
		c.missing(o, LateWithout, end.Add(-time.Second), c.noticed(o, nil, later(d.HeardAt, o.AddressHeardAt), end),
			"the order was promised for %s and was not sent: no message that evening or before says so", d.Day)
	}
}

// nothingLeft reports whether nothing of an order that should be sent is known to be sent, nor has arrived unknown to the sources.
func (c *Checker) nothingLeft(o corpus.Order, end time.Time) bool {
	evening := c.known(o, end.Add(-time.Second))
	return len(evening.outbound()) == 0 && !evening.cancelled && evening.tracked() && !evening.removed() && !c.reallyArrived(o, end)
}

func zoneName(o corpus.Order) string {
	if len(o.Destinations) == 0 {
		return "UTC"
	}
	return o.Destinations[len(o.Destinations)-1].Zone
}

func (c *Checker) reallyArrived(o corpus.Order, end time.Time) bool {
	for _, p := range c.journey.Truth.ParcelsOf(o.Number) {
		if before(p.ArrivedAt(), end) {
			return true
		}
	}
	return false
}

// silent reports an order about which neither a source nor wismo has sent anything for too long.
func (c *Checker) silent(o corpus.Order) {
	if c.limits.Silent == 0 {
		return
	}
	instants := c.instants(o)
	if c.neverTold(o, instants[0]) {
		c.missing(o, SilentOrder, instants[0], false, "no message about the order was ever sent")
		return
	}
	for i := range len(instants) - 1 {
		since, until := instants[i], instants[i+1]
		if until.Sub(since) <= c.limits.Silent || c.mailedSince(o, since) {
			continue
		}
		due := c.silentlyDue(o, since)
		if due.IsZero() || !due.Add(24*time.Hour).Before(until) {
			continue
		}
		k := c.known(o, since)
		c.missing(o, SilentOrder, since.Add(c.limits.Silent), false, "no source has sent anything about the order for %.0f days, and no message was sent since (%s)",
			until.Sub(since).Hours()/24, (&reading{order: k, at: since}).states(scope{all: k.parcels}))
		return
	}
}

// neverTold reports whether an order that needs messages since a time has never had one.
func (c *Checker) neverTold(o corpus.Order, since time.Time) bool {
	some := len(c.mails[o.Number]) > 0 || c.stale(o) || c.journey.Truth.Until.Sub(since) <= 48*time.Hour
	return !some && !c.known(o, since).done()
}

// instants returns when a source sent anything about the order, when a message was sent, and the end of the journey.
func (c *Checker) instants(o corpus.Order) []time.Time {
	from := later(o.HeardAt, o.AddressHeardAt)
	all := []time.Time{from}
	for _, at := range c.heardOf(o) {
		if at.After(from) {
			all = append(all, at)
		}
	}
	for _, m := range c.mails[o.Number] {
		all = append(all, m.At)
	}
	slices.SortFunc(all, time.Time.Compare)
	return append(all, c.journey.Truth.Until)
}

// mailedSince reports whether a message was sent although no source had sent anything for a while.
func (c *Checker) mailedSince(o corpus.Order, since time.Time) bool {
	var last time.Time
	for _, at := range c.heardOf(o) {
		if !at.After(since) && at.After(last) {
			last = at
		}
	}
	return slices.ContainsFunc(c.mails[o.Number], func(m readMail) bool {
		return !m.At.After(since) && m.At.Sub(last) > unasked
	})
}

// unasked is how long after the last statement a message is sent because time has passed, not because of the statement.
const unasked = 24 * time.Hour

// silentlyDue returns by when a message about an order that is silent since then is due; zero = never.
func (c *Checker) silentlyDue(o corpus.Order, since time.Time) time.Time {
	k := c.known(o, since)
	if k.done() {
		return time.Time{}
	}
	due := since.Add(c.limits.Silent)
	open := len(k.outbound()) == 0 || len(k.unsent()) > 0
	for _, p := range k.outbound() {
		if p.outstanding() && p.Method.Tracked() && !k.comesBack(p) {
			open = true
			if d, ok := p.DayKnownAt(since); ok {
				due = later(due, corpus.EndOf(d.Day, p.Zone))
			}
		}
	}
	if !open {
		return time.Time{}
	}
	return later(due, k.promisedUntil(since, c.limits.Silent))
}

// comesBack reports whether something of the parcel is being returned, so it must have arrived.
func (o orderKnown) comesBack(p parcel) bool {
	return slices.ContainsFunc(o.parcels, func(back parcel) bool {
		return back.Direction == corpus.Return && len(back.steps) > 0 &&
			slices.ContainsFunc(back.Contents, func(c corpus.Content) bool { return p.holds(c.Order, c.Line) })
	})
}

// done reports whether no message about the order is needed, ever or until the shopper acts.
func (o orderKnown) done() bool {
	return o.cancelled || !o.tracked() || o.complete() || o.refunded() || slices.ContainsFunc(o.outbound(), func(p parcel) bool {
		return p.arrived() && p.state != corpus.StateDelivered || len(p.actions()) > 0
	})
}

// promisedUntil returns the day until which the shop has announced that nothing happens; zero = it has announced none.
func (o orderKnown) promisedUntil(since time.Time, silent time.Duration) time.Time {
	var until time.Time
	if days := stated(o.Days, since); len(days) > 0 {
		until = corpus.EndOf(days[len(days)-1].Day, zoneName(o.Order))
	}
	for _, l := range o.Lines {
		if l.AvailableFrom != "" {
			until = later(until, corpus.EndOf(l.AvailableFrom, zoneName(o.Order)).Add(silent))
		}
	}
	return until
}

// heardOf returns when a source sent anything about the order.
func (c *Checker) heardOf(o corpus.Order) []time.Time {
	var all []time.Time
	for _, s := range o.Steps {
		all = append(all, s.HeardAt)
	}
	for _, d := range o.Days {
		all = append(all, d.HeardAt)
	}
	for _, p := range c.journey.Truth.ParcelsOf(o.Number) {
		for _, s := range p.Steps {
			all = append(all, s.HeardAt)
		}
		for _, d := range p.Days {
			all = append(all, d.HeardAt)
		}
		for _, n := range p.Numbers {
			all = append(all, n.HeardAt)
		}
	}
	return slices.DeleteFunc(all, time.Time.IsZero)
}

// coverage counts which estimates of wismo's own came true.
func (c *Checker) coverage() {
	for id, s := range c.shown {
		p, ok := c.journey.Truth.Parcel(id)
		if !ok || p.ArrivedAt().IsZero() {
			continue
		}
		c.tally.Estimates++
		if day := DayOf(p.ArrivedAt(), zoneOf(p.Zone)); !day.Before(s.from) && !day.After(s.to) {
			c.tally.Covered++
		}
	}
}
