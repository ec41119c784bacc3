package page

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/tracking"
)

const calendarFile = "eta.ics"

func calendarPath(token string, eta *tracking.ETA) string {
	if eta == nil {
		return ""
	}
	return link.OrderPath + token + "/" + calendarFile
}

// calendar is the expected delivery as an iCalendar entry (RFC 5545). It names the shop, and nothing about the shopper.
func (s *Server) calendar(w http.ResponseWriter, r *http.Request) {
	o, ok := s.linked(w, r)
	if !ok {
		return
	}
	b := s.builder(*o, s.voice(r, o.Locale), s.Now())
	if b.eta == nil {
		http.NotFound(w, r)
		return
	}
	uid := sha256.Sum256([]byte(o.ID))
	lines := []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//wismo//tracking page//EN", "METHOD:PUBLISH", "BEGIN:VEVENT",
		"UID:" + hex.EncodeToString(uid[:16]) + "@" + s.Document.Hostname,
		"DTSTAMP:" + utc(b.now), "SUMMARY:" + escapeText(b.say("page.calendarTitle")),
	}
	lines = append(lines, calendarTimes(*b.eta)...)
	lines = append(lines, "TRANSP:TRANSPARENT", "END:VEVENT", "END:VCALENDAR", "")
	for i, l := range lines {
		lines[i] = fold(l)
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+calendarFile+`"`)
	_, _ = fmt.Fprint(w, strings.Join(lines, "\r\n")) // the reader is gone
}

func calendarTimes(eta tracking.ETA) []string {
	to := eta.To
	if to.IsZero() {
		to = eta.From
	}
	if eta.DayOnly {
		return []string{
			"DTSTART;VALUE=DATE:" + eta.From.UTC().Format("20060102"),
			"DTEND;VALUE=DATE:" + to.UTC().AddDate(0, 0, 1).Format("20060102"), // the end is exclusive
		}
	}
	return []string{"DTSTART:" + utc(eta.From), "DTEND:" + utc(to)}
}

func utc(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

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
