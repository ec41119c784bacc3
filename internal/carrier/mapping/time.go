package mapping

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
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
	time.RFC1123Z,
	"Mon, 2 Jan 2006 15:04:05 -0700",
}

// local are the layouts without a zone. Of the two orders of day and month, a dot or a dash means the day first, and a
// slash the month first: so write the carriers that use them.
var local = []string{
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04",
	"2006-01-02 15:04",
	"2006-01-02",
	"20060102150405",
	"20060102",
	"02-01-2006 15:04:05",
	"02-01-2006 15:04",
	"02-01-2006",
	"02.01.2006 15:04:05",
	"02.01.2006 15:04",
	"02.01.2006",
	"01/02/2006 03:04:05 PM",
	"01/02/2006 15:04:05",
	"01/02/2006",
}

// abbreviated are the zone names that North American carriers write; RFC 2822 gives them these offsets in hours.
var abbreviated = map[string]string{
	"UTC": "+0000", "GMT": "+0000",
	"EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500",
	"MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
}

var (
	epoch        = regexp.MustCompile(`^\d{9,13}$`)
	trailingZone = regexp.MustCompile(`^(.*\d) ?([A-Z]{3})$`)
)

// maxSeconds tells seconds from milliseconds: as seconds it is the year 5138, as milliseconds 1973.
const maxSeconds = 100_000_000_000

// minYear is the first year that can be a parcel's: what is older is a carrier's word for "no time".
const minYear = 2000

// parseTime reads the ways in which carriers write an instant: RFC 3339 and its relatives, unix seconds or
// milliseconds, and local times, which are in zone. "" and times before the year 2000 are absent (zero).
func parseTime(s string, zone *time.Location) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, nil
	}
	t, err := readTime(s, zone)
	if err != nil {
		return time.Time{}, err
	}
	if t.Year() < minYear {
		return time.Time{}, nil
	}
	if t.Year() > 9999 {
		return time.Time{}, errors.New("the time is beyond the year 9999")
	}
	return t.UTC(), nil
}

func readTime(s string, zone *time.Location) (time.Time, error) {
	if t, ok := readEpoch(s); ok {
		return t, nil
	}
	if m := trailingZone.FindStringSubmatch(s); m != nil && abbreviated[m[2]] != "" {
		s = m[1] + " " + abbreviated[m[2]]
	}
	for _, layout := range zoned {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	for _, layout := range local {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("the time is written in a way that wismo does not read")
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

// parseDay is the calendar day of a text such as "2024-08-05" or "2024-08-05T00:00:00Z", as it is written, at midnight UTC.
func parseDay(s string, zone *time.Location) (time.Time, error) {
	if len(s) >= len(time.DateOnly) {
		if t, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)]); err == nil {
			return t, nil
		}
	}
	t, err := parseTime(s, zone)
	if err != nil || t.IsZero() {
		return time.Time{}, err
	}
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), nil
}
