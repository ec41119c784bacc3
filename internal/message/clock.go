package message

import (
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// Clock is the time zone in which times are written for a reader, and the instant at which the text is read.
type Clock struct {
	Zone  *time.Location
	Named bool // the reader's clock may be another one, so that a time needs its zone
	Now   time.Time
	dated bool // it is another day where the clock is than where the reader is: no day is called today
}

// Clock returns the clock of the order's destination at the instant now. Where the destination's zone is not known, it is the Shop's; in a
// country with several zones each time then names it.
func (r *Renderer) Clock(o tracking.Order, now time.Time) Clock {
	unsure := locale.Zone(o.To.Country, o.To.Region, o.To.Postcode) == nil && locale.SeveralZones(o.To.Country)
	return Clock{Zone: r.Zone(o), Named: unsure, Now: now}
}

// Zone returns the time zone in which the order's times are written: the destination's, else the Shop's.
func (r *Renderer) Zone(o tracking.Order) *time.Location {
	return locale.ZoneIn(o.To.Country, o.To.Region, o.To.Postcode, r.zone)
}

// today returns the day on which the text is read.
func (c Clock) today() locale.Day { return locale.DayOf(c.Now, c.Zone) }

// of returns the clock for a scan: the carrier's own, where it gave one that shows another time than the reader's.
func (c Clock) of(scan time.Time) Clock {
	_, own := scan.Zone()
	if _, readers := scan.In(c.Zone).Zone(); own == 0 || own == readers { // UTC is what is written where the carrier gave no zone
		return c
	}
	there := Clock{Zone: time.FixedZone("", own), Named: true, Now: c.Now}
	there.dated = !c.Named && there.today() != c.today()
	return there
}

// zoneName returns what to call the zone of a time; "" where it goes without saying.
func (c Clock) zoneName(t time.Time) string {
	if !c.Named {
		return ""
	}
	return locale.ZoneName(t.In(c.Zone))
}
