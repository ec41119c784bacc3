package page

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

const calendarFile = "eta.ics"

// hasCalendar reports whether the order has a calendar entry: a day of delivery, or the last one on which a parcel can be collected.
func (b *builder) hasCalendar() bool {
	return b.lead.Eta.Day != "" && b.journey.ETA != nil || !b.lastDay().IsZero()
}

// lastDay returns the last day on which the parcel of the headline can be collected; zero = it does not wait, or the day is not known.
func (b *builder) lastDay() locale.Day {
	if p := b.leading(); p != nil && p.Pickup != nil && b.usable(p.Pickup.Until) {
		return p.Pickup.Until
	}
	return locale.Day{}
}

// calendarEntry serves the expected delivery, or the last day to collect, as an iCalendar entry (RFC 5545). It names the shop, and nothing
// about the shopper.
func (s *Server) calendarEntry(w http.ResponseWriter, r *http.Request) {
	b, ok := s.linked(w, r)
	if !ok {
		return
	}
	if !b.hasCalendar() {
		http.NotFound(w, r)
		return
	}
	title, times := b.calendarFacts()
	uid := sha256.Sum256([]byte(b.order.ID))
	lines := []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//wismo//tracking page//EN", "METHOD:PUBLISH", "BEGIN:VEVENT",
		"UID:" + hex.EncodeToString(uid[:16]) + "@" + s.Document.Hostname,
		"DTSTAMP:" + utcTimestamp(b.clock.Now), "SUMMARY:" + escapeText(title),
	}
	lines = append(lines, times...)
	lines = append(lines, "TRANSP:TRANSPARENT", "END:VEVENT", "END:VCALENDAR", "")
	for i, l := range lines {
		lines[i] = fold(l)
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+calendarFile+`"`)
	_, _ = fmt.Fprint(w, strings.Join(lines, "\r\n")) // fails only when the client has disconnected
}

// calendarFacts returns the title of the entry, and its times.
func (b *builder) calendarFacts() (title string, times []string) {
	title = b.say("page.calendarTitle")
	if day := b.lastDay(); !day.IsZero() {
		return cmp.Or(b.say("page.pickup.calendar"), title), wholeDays(day, day)
	}
	return title, calendarTimes(*b.journey.ETA)
}

func calendarTimes(eta tracking.ETA) []string {
	to := eta.To
	if to.IsZero() {
		to = eta.From
	}
	if eta.DayOnly {
		return wholeDays(locale.DayOf(eta.From, time.UTC), locale.DayOf(to, time.UTC))
	}
	return []string{"DTSTART:" + utcTimestamp(eta.From), "DTEND:" + utcTimestamp(to)}
}

func wholeDays(first, last locale.Day) []string {
	const format = "20060102"
	return []string{
		"DTSTART;VALUE=DATE:" + first.In(time.UTC).Format(format),
		"DTEND;VALUE=DATE:" + last.AddDays(1).In(time.UTC).Format(format), // the end is exclusive
	}
}

func utcTimestamp(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

func escapeText(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`, "\r", "").Replace(s)
}

// fold breaks a line before its 75th octet, and never within a character.
func fold(line string) string {
	const limit = 75
	var out strings.Builder
	width := 0
	for _, r := range line {
		size := len(string(r))
		if width+size > limit {
			out.WriteString("\r\n ")
			width = 1
		}
		fmt.Fprint(&out, string(r))
		width += size
	}
	return out.String()
}
