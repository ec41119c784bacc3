package check

import (
	"regexp"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/internal/corpus"
)

// judgeParts reports places and contents of another parcel, and lines under a heading of unsent ones that were sent. Under is the
// heading above the line.
func (c *Checker) judgeParts(r *reading, s scope, l Line, under string) {
	if unsentWords.MatchString(under) {
		c.judgeUnsent(r, l)
		return
	}
	if !s.one {
		return
	}
	for _, other := range r.others(s) {
		c.judgePlaces(r, s.about, other, l)
	}
	if inParcel.MatchString(under) && !l.Title && heard(s.about.ContentsHeardAt, r.at) {
		c.judgeContained(r, s.about, l)
	}
}

// judgePlaces reports a place of another parcel.
func (c *Checker) judgePlaces(r *reading, p, other parcel, l Line) {
	for _, place := range other.PlacesKnownAt(r.at) {
		if len(place) > 3 && saysName(l.Words, place) && !r.has(p, place) {
			c.find(r, WrongSubject, l.Words, place+" is a place of "+other.ID)
		}
	}
}

// judgeContained reports a line of the order that is not in the parcel.
func (c *Checker) judgeContained(r *reading, p parcel, l Line) {
	for _, line := range r.order.Lines {
		named := line.Name != "" && strings.Contains(l.Words, line.Name) && r.order.unique(line.Name)
		if named && !p.holds(r.order.Number, line.ID) {
			c.find(r, WrongSubject, l.Words, line.Name+" is not in "+p.ID)
		}
	}
}

var inParcel = regexp.MustCompile(`(?i)\bin this (?:parcel|shipment|box)\b`)

// has reports whether the place is one of the parcel, or of the order's destination.
func (r *reading) has(p parcel, place string) bool {
	if slices.Contains(p.PlacesKnownAt(r.at), place) {
		return true
	}
	for _, k := range p.Pickups {
		if strings.Contains(k.Name+" "+k.Address, place) {
			return true
		}
	}
	return slices.ContainsFunc(r.order.Destinations, func(d corpus.Destination) bool { return strings.Contains(d.City+" "+d.Street, place) })
}

// holds reports whether a part of the line is in the parcel.
func (p parcel) holds(order, line string) bool {
	return slices.ContainsFunc(p.Contents, func(c corpus.Content) bool { return c.Order == order && c.Line == line })
}

var unsentWords = regexp.MustCompile(`(?i)\b(?:not (?:been )?sent yet|not left yet|has not left|still to come|to follow)\b`)

// judgeUnsent reports a line under a heading of unsent ones although all of it is in a parcel.
func (c *Checker) judgeUnsent(r *reading, l Line) {
	left := r.order.unsent()
	for _, line := range r.order.Lines {
		named := line.Name != "" && strings.Contains(l.Words, line.Name) && r.order.unique(line.Name)
		outstanding := slices.ContainsFunc(left, func(u corpus.Line) bool { return u.ID == line.ID })
		if named && !outstanding && r.order.allKnown() {
			c.find(r, UntrueContents, l.Words, "all of that line is in a parcel")
		}
	}
}

// allKnown reports whether the contents of every parcel are known.
func (o orderKnown) allKnown() bool {
	return !slices.ContainsFunc(o.outbound(), func(p parcel) bool { return !p.gone && !heard(p.ContentsHeardAt, o.at) })
}

var ahead = regexp.MustCompile(`(?i)\bto come\b`)

// judgeStep reports a day in a list of steps on which nothing happened.
func (c *Checker) judgeStep(r *reading, s scope, l Line) {
	if !understand(l.Words).day || ahead.MatchString(l.Words) {
		return
	}
	s.all = r.order.parcels // a shipment's phases may be dated by another's
	for _, m := range Days(l.Words, r.order.today) {
		spans := slices.Concat(r.happenedSpans(s), r.statedSpans(s), r.untilSpans(s))
		yearBefore := Mention{From: m.From.AddDate(-1, 0, 0), To: m.To.AddDate(-1, 0, 0)} // a day in a list has no year
		if m.Wrong != "" || anyDay(spans, m, "no") != "" && anyDay(spans, yearBefore, "no") != "" {
			c.find(r, UntrueDay, l.Words, "no step of the parcel was on that day")
		}
	}
}
