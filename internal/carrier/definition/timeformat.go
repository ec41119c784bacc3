package definition

import (
	"fmt"
	"slices"
	"strings"
)

// timeLetters are the letters of a time format with their form in a Go layout, the longest of each letter first.
var timeLetters = []struct{ letters, layout string }{
	{"yyyy", "2006"}, {"yy", "06"}, {"MM", "01"}, {"M", "1"}, {"dd", "02"}, {"d", "2"},
	{"HH", "15"}, {"hh", "03"}, {"h", "3"}, {"mm", "04"}, {"ss", "05"}, {"a", "PM"}, {"XXX", "Z07:00"}, {"XX", "Z0700"},
}

// timeSigns are allowed between the letters.
const timeSigns = "-/.: ,"

// ParseTimeFormat turns a time format into a Go layout. The letters are those of Unicode's date patterns (UTS #35): yyyy yy MM M dd d
// HH hh h mm ss, a (AM, PM, a.m. or p.m.), XXX (+02:00) and XX (+0200); - / . : , blanks and 'T' are allowed between them.
func ParseTimeFormat(format string) (layout string, err error) {
	var b strings.Builder
	rest := format
	for rest != "" {
		taken, meaning := timeElement(rest)
		if taken == "" {
			return "", fmt.Errorf("%q is not a time format: use only yyyy yy MM M dd d HH hh h mm ss a XXX XX, the characters %q and 'T'", format, timeSigns)
		}
		b.WriteString(meaning)
		rest = rest[len(taken):]
	}
	if layout = b.String(); !strings.Contains(layout, "2006") && !strings.Contains(layout, "06") {
		return "", fmt.Errorf("%q is not a time format: it has no year, add yyyy or yy", format)
	}
	return layout, nil
}

func timeElement(rest string) (taken, meaning string) {
	if strings.HasPrefix(rest, "'T'") {
		return "'T'", "T"
	}
	if strings.ContainsRune(timeSigns, rune(rest[0])) {
		return rest[:1], rest[:1]
	}
	i := slices.IndexFunc(timeLetters, func(l struct{ letters, layout string }) bool { return strings.HasPrefix(rest, l.letters) })
	if i < 0 {
		return "", ""
	}
	return timeLetters[i].letters, timeLetters[i].layout
}
