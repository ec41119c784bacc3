package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/corpus"
)

// settled is for how long something must hold before a message about it is missed: a night of quiet hours, and some.
const settled = 15 * time.Hour

// fresh is how old news may be when it is heard, to be worth a message.
const freshNews = 24 * time.Hour

// Finish looks at the whole story: what should have been told by message and was not.
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

// missing reports a message that was due and did not come.
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

// told reports whether a message between two instants matches, in what it says of the parcel or of the order as a whole.
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

// ofOthers says, in a message about one parcel, that the same is true of others.
var ofOthers = regexp.MustCompile(`\bmore parcels? of this order\b.*\b(?:too|either)\b`)

// names reports whether a message about a box that carries several orders names this one.
func (m readMail) names(order string) bool {
	return slices.ContainsFunc(m.text, func(l Line) bool { return strings.Contains(l.Words, order) })
}

func isNumber(p corpus.Parcel, number string) bool {
	return slices.ContainsFunc(p.Numbers, func(n corpus.Number) bool { return squeeze(n.Number) == squeeze(number) })
}

// holds reports whether what became known at an instant of the parcel is still so when it has settled.
func (c *Checker) holds(o corpus.Order, p corpus.Parcel, at time.Time, still func(parcel) bool) bool {
	for _, later := range []time.Time{at, at.Add(settled)} {
		order := c.known(o, later)
		i := slices.IndexFunc(order.parcels, func(k parcel) bool { return k.ID == p.ID })
		if i < 0 || order.parcels[i].gone || !still(order.parcels[i]) {
			return false
		}
	}
	return at.Add(settled).Before(c.journey.Truth.Until)
}

func later(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }

// confirmed looks for any message after the first at which one could be sent.
func (c *Checker) confirmed(o corpus.Order) {
	from := later(o.HeardAt, o.AddressHeardAt)
	to := from.Add(24*time.Hour + settled)
	if to.After(c.journey.Truth.Until) || c.stale(o) {
		return
	}
	c.missing(o, KnowableNotSaid, from, c.told(o, nil, from, to, anything), "the order is known, and so is an address: nothing confirms it")
}

// stale reports whether the order, or an address of it, was heard so late that its confirmation is no news.
func (c *Checker) stale(o corpus.Order) bool {
	return later(o.HeardAt, o.AddressHeardAt).Sub(o.PlacedAt) > 72*time.Hour || o.HeardAt.Sub(o.PlacedAt) > 48*time.Hour
}

var anything = regexp.MustCompile(`.`)

func (c *Checker) pickups(o corpus.Order, p corpus.Parcel) {
	for _, k := range p.Pickups {
		at := later(k.HeardAt, o.AddressHeardAt)
		if k.HeardAt.IsZero() || k.HeardAt.Sub(k.At) > freshNews || !c.holds(o, p, at, func(known parcel) bool {
			w := known.waiting()
			return w != nil && w.Name == k.Name
		}) {
			continue
		}
		words := regexp.MustCompile(regexp.QuoteMeta(k.Name))
		c.missing(o, KnowableNotSaid, at, c.told(o, &p, at.Add(-time.Minute), at.Add(settled), words), "%s waits at %s: no message says so", p.ID, k.Name)
	}
}

func (c *Checker) attempts(o corpus.Order, p corpus.Parcel) {
	for _, s := range p.Steps {
		at := later(s.HeardAt, o.AddressHeardAt)
		if s.State != corpus.StateAttemptFailed || s.Unmapped || s.HeardAt.IsZero() || s.HeardAt.Sub(s.At) > freshNews {
			continue
		}
		if !c.holds(o, p, at, func(known parcel) bool { return known.state == s.State && known.since.Equal(counts(s)) }) {
			continue
		}
		told := c.told(o, &p, at.Add(-time.Minute), at.Add(settled), sayings[s.State])
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
		words, ok := asking[a.What]
		if !ok {
			continue
		}
		c.missing(o, KnowableNotSaid, at, c.told(o, &p, at.Add(-time.Minute), at.Add(settled), words), "%s needs the shopper, %s: no message says so", p.ID, a.What)
	}
}

// endings are told whichever way it ends.
func (c *Checker) endings(o corpus.Order, p corpus.Parcel) {
	for _, s := range p.Steps {
		words, ends := sayings[s.State], slices.Contains([]corpus.State{corpus.StateDelivered, corpus.StateLost, corpus.StateReturning, corpus.StateDamaged}, s.State)
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

// notice is how late on its day a statement may be heard so that a notice is still possible that evening.
const notice = 6 * time.Hour

// lateParcel looks for a notice on each promised day that the parcel really missed.
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
			"%s was promised for %s and did not come; no message that evening or before says so", p.ID, d.Day)
	}
}

// noticeable reports whether a stated day was known early enough, and ended early enough, for a notice on its evening.
func (c *Checker) noticeable(o corpus.Order, d corpus.StatedDay, zone string) bool {
	end := corpus.EndOf(d.Day, zone)
	return !d.HeardAt.IsZero() && !later(d.HeardAt, o.AddressHeardAt).After(end.Add(-notice)) && end.Before(c.journey.Truth.Until)
}

// noticed reports whether a message between two instants says that it is late, or why it will be.
func (c *Checker) noticed(o corpus.Order, p *corpus.Parcel, from, to time.Time) bool {
	return c.told(o, p, from, to, lateWords) || c.told(o, p, from, to, troubleWords)
}

func before(at, end time.Time) bool { return !at.IsZero() && at.Before(end) }

func (c *Checker) holdsAt(o corpus.Order, p corpus.Parcel, at time.Time) bool {
	order := c.known(o, at)
	i := slices.IndexFunc(order.parcels, func(k parcel) bool { return k.ID == p.ID })
	return i >= 0 && order.parcels[i].known && order.parcels[i].outstanding() && !order.parcels[i].arrived() && !order.cancelled
}

// lateOrder does the same for an order of which nothing has left.
func (c *Checker) lateOrder(o corpus.Order) {
	for i, d := range o.Days {
		end := corpus.EndOf(d.Day, zoneName(o))
		restated := i+1 < len(o.Days) && heard(o.Days[i+1].HeardAt, end)
		if restated || !c.noticeable(o, d, zoneName(o)) || !c.nothingLeft(o, end) {
			continue
		}
		c.missing(o, LateWithout, end.Add(-time.Second), c.noticed(o, nil, later(d.HeardAt, o.AddressHeardAt), end),
			"the order was promised for %s and has not even left; no message that evening or before says so", d.Day)
	}
}

// nothingLeft reports whether nothing of an order that should be sent is known to have left by then, or has really come.
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

// silent reports an order of which neither the sources nor the shopper has heard for too long.
func (c *Checker) silent(o corpus.Order) {
	if c.limits.Silent == 0 {
		return
	}
	instants := c.instants(o)
	if c.neverTold(o, instants[0]) {
		c.missing(o, SilentOrder, instants[0], false, "no message about it has ever come")
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
		c.missing(o, SilentOrder, since.Add(c.limits.Silent), false, "nothing is heard of it for %.0f days, and no message has come since (%s)",
			until.Sub(since).Hours()/24, (&reading{order: k, at: since}).states(scope{all: k.parcels}))
		return
	}
}

// neverTold reports an order that should have been told of since an instant, and of which no message ever came.
func (c *Checker) neverTold(o corpus.Order, since time.Time) bool {
	some := len(c.mails[o.Number]) > 0 || c.stale(o) || c.journey.Truth.Until.Sub(since) <= 48*time.Hour
	return !some && !c.known(o, since).settled()
}

// instants are those at which anything was heard of the order, by us or by the shopper, to the end of the story.
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

// mailedSince reports whether the shopper was written to although nothing had been heard for a while: how things stand is known.
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

// unasked is how long after the last that was heard a message is no answer to it, but comes because time has passed.
const unasked = 24 * time.Hour

// silentlyDue is the instant by which something should have been said of an order that is silent since then; zero = never.
func (c *Checker) silentlyDue(o corpus.Order, since time.Time) time.Time {
	k := c.known(o, since)
	if k.settled() {
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

// comesBack reports whether something of the parcel is on its way back: it has arrived, whatever was heard of it.
func (o orderKnown) comesBack(p parcel) bool {
	return slices.ContainsFunc(o.parcels, func(back parcel) bool {
		return back.Direction == corpus.Return && len(back.steps) > 0 &&
			slices.ContainsFunc(back.Contents, func(c corpus.Content) bool { return p.holds(c.Order, c.Line) })
	})
}

// settled reports whether nothing is to be said of the order until the shopper acts, or ever.
func (o orderKnown) settled() bool {
	return o.cancelled || !o.tracked() || o.complete() || o.refunded() || slices.ContainsFunc(o.outbound(), func(p parcel) bool {
		return p.arrived() && p.state != corpus.StateDelivered || len(p.actions()) > 0
	})
}

// promisedUntil is until when the order need not be heard of, as the shop has said; zero = it has said nothing.
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

// heardOf are the instants at which a source said anything about the order.
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

// coverage sees which of our own estimates came true.
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
