package mapping

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// zoned are the layouts of times that carriers write with a zone; Go reads any fraction behind the seconds by itself.
var zoned = []string{
	time.RFC3339,
	"2006-01-02T15:04:05Z0700",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05Z0700",
	"2006-01-02 15:04:05 Z0700",
	"2006-01-02 15:04:05 Z07:00",
	"2006-01-02T15:04Z07:00",
	"20060102T150405Z0700",
	time.RFC1123Z,
	"Mon, 2 Jan 2006 15:04:05 -0700",
}

// local are the layouts without a zone. A dot or a dash means that the day comes before the month; behind a slash it is open which
// of the two comes first, so those dates are read only where a definition says how.
var local = []string{
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04",
	"2006-01-02 15:04",
	"2006-01-02",
	"2006/01/02 15:04:05",
	"2006/01/02",
	"20060102150405",
	"200601021504",
	"20060102",
	"02-01-2006 15:04:05",
	"02-01-2006 15:04",
	"02-01-2006",
	"02.01.2006 15:04:05",
	"02.01.2006 15:04",
	"02.01.2006",
}

// abbreviated are the zone names that North American carriers write, to which RFC 2822 gives these offsets in hours, and those of
// Europe that mean one offset only.
var abbreviated = map[string]string{
	"UTC": "+0000", "GMT": "+0000",
	"EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500",
	"MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
	"WEST": "+0100", "CET": "+0100", "CEST": "+0200", "EET": "+0200", "EEST": "+0300",
}

var (
	// A number of 12 digits is a date with hours and minutes: as milliseconds it would be before the year 2002.
	epoch        = regexp.MustCompile(`^(\d{9,11}|\d{13})$`)
	trailingZone = regexp.MustCompile(`^(.*\d) ?([A-Z]{3,4})$`)
	namedZone    = regexp.MustCompile(`\[[A-Za-z_/+-]+\]$`) // what Java writes behind the offset
	halfOfDay    = regexp.MustCompile(`(?i)\b([ap])\.?\s?m\b\.?`)
	endOfDay     = regexp.MustCompile(`([T ])24:00(?::00)?`) // the midnight at the end of a day
)

// maxSeconds tells seconds from milliseconds: as seconds it is the year 5138, as milliseconds 1973.
const maxSeconds = 100_000_000_000

// minYear is the first year that can be a parcel's: what is older is a carrier's word for "no time".
const minYear = 2000

var (
	errTime     = errors.New("the time has a format that is not known: add it to mapping.timeFormats of the definition")
	errFarTime  = errors.New("the time is after the year 9999")
	errZoneName = errors.New("the zone is not an IANA time zone")
)

// moment is a time as it was written: in its own offset where it has one, else in the zone in which it was read.
type moment struct {
	time.Time

	zoned bool // the payload or the definition says in which zone
}

// inOwnOffset returns the time in the offset in which it was told. Where none was told it keeps the wall clock's hands, so that it can be
// read in another zone; else it is in UTC.
func (m moment) inOwnOffset() time.Time {
	if m.IsZero() {
		return time.Time{}
	}
	name, offset := m.Location().String(), 0
	if _, offset = m.Zone(); offset == 0 || (name != "" && m.zoned) {
		return m.UTC()
	}
	return m.In(time.FixedZone("", offset))
}

// handsAsUTC returns a time whose zone was guessed as its hands show it, whatever the guess.
func handsAsUTC(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	_, offset := t.Zone()
	return t.Add(time.Duration(offset) * time.Second).UTC()
}

// isDay reports whether no hour was meant: it is midnight as it is written, be it in UTC or in an offset. Carriers write days so.
func (m moment) isDay() bool { return midnight(m.Time) }

func midnight(t time.Time) bool {
	return t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0
}

// endsDay reports whether it is the last minute of a day as it is written.
func (m moment) endsDay() bool { return m.Hour() == 23 && m.Minute() == 59 }

// day returns the calendar day that was written.
func (m moment) day() locale.Day { return locale.DayOf(m.Time, m.Location()) }

// clock reads times.
type clock struct {
	layouts   []string // tried before all others
	zone      *time.Location
	zoneKnown bool // zone is the definition's or the payload's, not just the Shop's for want of a better one
	home      *time.Location
}

// at returns the clock in a Shop's zone.
func (c clock) at(home *time.Location) clock {
	if home == nil {
		home = time.UTC
	}
	if c.home = home; !c.zoneKnown {
		c.zone = home
	}
	return c
}

// dayAtHome makes a day of what software writes for one: the instant in UTC at which it begins or ends where the Shop is.
func (c clock) dayAtHome(m moment) moment {
	if _, offset := m.Zone(); m.IsZero() || offset != 0 || !m.zoned || m.isDay() || m.endsDay() {
		return m
	}
	_, offset := m.In(c.home).Zone()
	if home := (moment{Time: m.In(time.FixedZone("", offset)), zoned: true}); home.isDay() || home.endsDay() {
		return home
	}
	return m
}

// parse reads the ways in which carriers write an instant: RFC 3339 and its relatives, unix seconds or
// milliseconds, and local times, which are in the clock's zone. "" and times before the year 2000 are absent (zero).
func (c clock) parse(s string) (moment, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return moment{}, nil
	}
	m, err := c.read(s)
	switch {
	case err != nil:
		return moment{}, err
	case m.Year() < minYear:
		return moment{}, nil
	case m.Year() > 9999:
		return moment{}, errFarTime
	}
	return m, nil
}

func (c clock) read(s string) (moment, error) {
	if endOfDay.MatchString(s) {
		m, err := c.read(endOfDay.ReplaceAllString(s, "${1}00:00"))
		m.Time = m.AddDate(0, 0, 1)
		return m, err
	}
	if m, ok := c.readOwn(s); ok {
		return m, nil
	}
	if t, ok := readEpoch(s); ok {
		return moment{Time: t.In(c.zone), zoned: true}, nil
	}
	s = namedZone.ReplaceAllString(s, "")
	if m := trailingZone.FindStringSubmatch(s); m != nil && abbreviated[m[2]] != "" {
		s = m[1] + " " + abbreviated[m[2]]
	}
	for _, layout := range zoned {
		if t, err := time.Parse(layout, s); err == nil {
			return c.placed(t, true), nil
		}
	}
	for _, layout := range local {
		if t, err := time.ParseInLocation(layout, s, c.zone); err == nil {
			return c.placed(t, false), nil
		}
	}
	return moment{}, errTime
}

// readOwn reads a time as the definition says.
func (c clock) readOwn(s string) (moment, bool) {
	for _, layout := range c.layouts {
		text := s
		if strings.Contains(layout, "PM") {
			text = halfOfDay.ReplaceAllStringFunc(s, func(half string) string { return strings.ToUpper(half[:1]) + "M" })
		}
		if t, err := time.ParseInLocation(layout, text, c.zone); err == nil {
			return c.placed(t, strings.Contains(layout, "Z07")), true
		}
	}
	return moment{}, false
}

// placed gives a time its own offset, without the name of a zone that Go may have found for it.
func (c clock) placed(t time.Time, withOffset bool) moment {
	if !withOffset {
		return moment{Time: t, zoned: c.zoneKnown}
	}
	_, offset := t.Zone()
	if offset == 0 {
		return moment{Time: t.UTC(), zoned: true}
	}
	return moment{Time: t.In(time.FixedZone("", offset)), zoned: true}
}

// readEpoch reads unix seconds or milliseconds; a lone 0 is a carrier's word for "no time".
func readEpoch(s string) (time.Time, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil || (n != 0 && !epoch.MatchString(s)):
		return time.Time{}, false
	case n >= maxSeconds:
		return time.UnixMilli(n), true
	}
	return time.Unix(n, 0), true
}

// loadZone returns the time zone of an IANA name; "" is UTC. Unlike time.LoadLocation it refuses "Local".
func loadZone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, errZoneName
	}
	return zone, nil
}
