package check

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Day is a calendar day, written as midnight UTC.
type Day = time.Time

// DayOf returns the calendar day of a time in a zone.
func DayOf(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Meaning is what a sentence states about a day.
type Meaning string

// The meanings of a day.
const (
	Expected Meaning = "expected" // a delivery is expected on it
	Due      Meaning = "due"      // a delivery was due on it
	Until    Meaning = "until"    // something can be done up to it
	Arrived  Meaning = "arrived"  // a delivery was made on it
	Happened Meaning = "happened" // anything else in the past
)

// Mention is a day, or a range of days, that a sentence names.
type Mention struct {
	From, To Day
	Start    string // "14:00"; "" = no time of day is named
	End      string // the end of a window; "" = none
	Means    Meaning
	Wrong    string // words that contradict themselves: a weekday that the day does not have
}

var months = []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

const (
	weekdayWords = `(?:(monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|fri|sat|sun),? )?`
	monthWords   = `(january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\b\.?`
)

var (
	// dayWords finds a written day: weekday, day of the month, month, year; or a day relative to the moment of reading.
	dayWords = regexp.MustCompile(`\b(?:` + weekdayWords + `(\d{1,2})(?:st|nd|rd|th)? ` + monthWords + `(?: (\d{4}))?|(today|tonight|tomorrow|yesterday)\b)`)
	// shortRange finds "3–5 December", whose first day has no month.
	shortRange = regexp.MustCompile(`\b(\d{1,2}) ?(?:–|-|to|and) ?(\d{1,2}) ` + monthWords)
	between    = regexp.MustCompile(`^ ?(?:–|-|and|to|or) ?$`)
	again      = regexp.MustCompile(`^, (?:that is )?$`)
	times      = regexp.MustCompile(`\b(\d{1,2}:\d{2})(?: ?(?:–|-|and|to) ?(\d{1,2}:\d{2}))?`)
)

type written struct {
	at, end  int
	day      Day
	relative bool
	wrong    string
}

// Days returns the days that a sentence names when it is read today.
func Days(sentence string, today Day) []Mention {
	words := strings.ToLower(sentence)
	words = shortRange.ReplaceAllString(words, "$1 $3 – $2 $3")
	found := writtenDays(words, today)
	var all []Mention
	said := 0 // the end of the words about earlier days
	for i := 0; i < len(found); i++ {
		first, last := found[i], found[i]
		m := Mention{From: first.day, To: first.day, Wrong: first.wrong}
		if i+1 < len(found) {
			gap := words[first.end:found[i+1].at]
			switch {
			case first.relative && again.MatchString(gap):
				i++
				last = found[i]
				if !last.day.Equal(first.day) {
					m.Wrong = words[first.at:last.end]
				}
			case between.MatchString(gap):
				i++
				last = found[i]
				m.To = last.day
			}
		}
		m.Start, m.End = clockAfter(words[last.end:])
		if m.Means = saidBefore(words[said:first.at], m, today); m.Means == "" {
			m.Means = meaning(words[:first.at], words[last.end:], m, today)
		}
		said = last.end
		all = append(all, m)
	}
	return all
}

func writtenDays(words string, today Day) []written {
	var all []written
	for _, at := range dayWords.FindAllStringSubmatchIndex(words, -1) {
		group := func(i int) string {
			if at[2*i] < 0 {
				return ""
			}
			return words[at[2*i]:at[2*i+1]]
		}
		w := written{at: at[0], end: at[1]}
		if relative := group(5); relative != "" {
			w.relative, w.day = true, today.AddDate(0, 0, relativeDays[relative])
		} else if w.day = dayIn(group(1), group(2), group(3), group(4), today); w.day.IsZero() || !onWeekday(w.day, group(1)) {
			w.wrong = words[at[0]:at[1]]
		}
		all = append(all, w)
	}
	return all
}

var relativeDays = map[string]int{"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}

// dayIn returns the day that the words mean: without a year, the nearest to today with that weekday, else the nearest.
func dayIn(weekday, day, month, year string, today Day) Day {
	d, _ := strconv.Atoi(day) // digits by the pattern
	m := 1 + slices.IndexFunc(months, func(name string) bool { return strings.HasPrefix(name, month[:3]) })
	if y, err := strconv.Atoi(year); err == nil {
		return date(y, m, d)
	}
	var best Day
	for y := today.Year() - 1; y <= today.Year()+1; y++ {
		c := date(y, m, d)
		if c.IsZero() {
			continue
		}
		nearer := best.IsZero() || c.Sub(today).Abs() < best.Sub(today).Abs()
		if fits, had := onWeekday(c, weekday), !best.IsZero() && onWeekday(best, weekday); fits && !had || fits == had && nearer {
			best = c
		}
	}
	return best
}

// onWeekday reports whether the day has that weekday; "" is every weekday.
func onWeekday(day Day, weekday string) bool {
	return strings.HasPrefix(strings.ToLower(day.Weekday().String()), weekday)
}

// date returns zero for a day that the calendar does not have.
func date(y, m, d int) Day {
	day := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if day.Day() != d {
		return Day{}
	}
	return day
}

// clockAfter returns the time of day right after a day: "between 14:00 and 16:00", "at 14:05".
func clockAfter(words string) (start, end string) {
	at := times.FindStringSubmatchIndex(words)
	if at == nil || at[0] > len(" between about ") {
		return "", ""
	}
	start = words[at[2]:at[3]]
	if at[4] >= 0 {
		end = words[at[4]:at[5]]
	}
	return start, end
}

// meanings are tried in this order on the words before the day.
var meanings = []struct {
	means  Meaning
	before *regexp.Regexp
}{
	{Due, regexp.MustCompile(`\b(was due|were due|was expected|were expected|should have|was planned|first it was|was to (?:come|arrive|reach)|instead of|originally|promised|not (?:on|before)|rather than)[^;:]*$`)},
	{Until, regexp.MustCompile(`\b(until|till|by|before|no later than|latest|up to|expires?|last day)( the end of)?:? ?(on )?$`)},
	{Happened, regexp.MustCompile(`\b(last (?:scan|seen)|seen|scanned|tried|attempted|could not|since|placed|ordered|as of|sent|handed|cancelled|refunded|received|returned|told|not moved|left us|picked up|packed)\b[^;:]*$`)},
	{Expected, regexp.MustCompile(`\b(arrives?|reach|will|should|comes?|expected|tries|next try|deliver it|delivery|new day|due|coming|estimate[ds]?|likely|planned|available (?:from|on)|leaves?|ships?)\b[^;:]*$`)},
	{Arrived, regexp.MustCompile(`\b(delivered|collected|arrived|left (?:at|with|in))\b[^;:]*$`)},
}

var delivered = regexp.MustCompile(`\bdelivered\b`)

// saidBefore returns the meaning that the words before a day give it; "" = none.
func saidBefore(before string, m Mention, today Day) Meaning {
	for _, try := range meanings {
		if !try.before.MatchString(before) {
			continue
		}
		if try.means == Expected && m.To.Before(today) && delivered.MatchString(before) {
			return Arrived
		}
		return try.means
	}
	return ""
}

// meaning returns the meaning of a day: by the words before it, by the words after it, else by whether it is past.
func meaning(before, after string, m Mention, today Day) Meaning {
	if means := saidBefore(before, m, today); means != "" {
		return means
	}
	switch {
	case strings.Contains(after, "latest"):
		return Until
	case m.To.Before(today):
		return Happened
	case m.From.After(today):
		return Expected
	}
	return Happened
}
