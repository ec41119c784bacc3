package locale

import (
	"time"
)

// ParseClock reads HH:MM from 00:00 to 24:00 as minutes after midnight.
func ParseClock(text string) (minutes int, ok bool) {
	if len(text) != len("HH:MM") || text[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
	}
	hour, minute := int(text[0]-'0')*10+int(text[1]-'0'), int(text[3]-'0')*10+int(text[4]-'0')
	minutes = hour*60 + minute
	return minutes, minute < 60 && minutes <= minutesADay
}

const minutesADay = 24 * 60

// At returns the instant at which clocks in zone show HH:MM on the day. For a time that clocks skip it is the first instant after the gap;
// for a time that they show twice, the first one. It returns the zero time for no day, and for a clock that is not HH:MM.
func At(day Day, clock string, zone *time.Location) time.Time {
	minutes, ok := ParseClock(clock)
	if !ok || day.IsZero() {
		return time.Time{}
	}
	return wall(day, minutes, OrUTC(zone))
}

// wall is At for minutes after midnight.
func wall(day Day, minutes int, zone *time.Location) time.Time {
	shown := day.utc().Add(time.Duration(minutes) * time.Minute) // as if the zone were UTC
	_, before := shown.Add(-24 * time.Hour).In(zone).Zone()
	_, after := shown.Add(24 * time.Hour).In(zone).Zone()
	early := shown.Add(-time.Duration(before) * time.Second).In(zone)
	late := shown.Add(-time.Duration(after) * time.Second).In(zone)
	if late.Before(early) {
		early, late = late, early
	}
	if shows(early, shown) {
		return early
	}
	if shows(late, shown) {
		return late
	}
	gapEnd, _ := late.ZoneBounds() // clocks were put forward past this time
	return gapEnd
}

// shows reports whether clocks at t read the same as shown does in UTC.
func shows(t, shown time.Time) bool {
	_, offset := t.Zone()
	return t.Unix()+int64(offset) == shown.Unix()
}

// QuietUntil reports whether now is within the quiet hours from start to end (HH:MM, over midnight if end is before start) as clocks
// in zone show them, and when they end. There are none if start and end are equal or are not HH:MM.
func QuietUntil(now time.Time, start, end string, zone *time.Location) (until time.Time, quiet bool) {
	from, fromOK := ParseClock(start)
	to, toOK := ParseClock(end)
	if !fromOK || !toOK || from%minutesADay == to%minutesADay {
		return time.Time{}, false
	}
	zone = OrUTC(zone)
	today := DayOf(now, zone)
	for _, day := range []Day{today.AddDays(-1), today} {
		last := day
		if to < from {
			last = day.AddDays(1)
		}
		until = wall(last, to, zone)
		if !now.Before(wall(day, from, zone)) && now.Before(until) {
			return until, true
		}
	}
	return time.Time{}, false
}
