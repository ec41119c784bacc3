package mapping

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
)

// Longest texts, in runes.
const (
	maxLocation = 120
	maxText     = 500
	maxName     = 200
	maxWord     = 64
	maxRef      = 130 // of a shipment or a tracker: the ref of its order and its own
	maxURL      = 2048
)

var tag = regexp.MustCompile(`<[^>]*>`)

// plain makes a carrier's text plain: entities are decoded, tags, control and direction characters go, white space is
// one blank, and what is too long is cut. The page escapes it once more; this keeps mails and exports clean too.
func plain(s string, limit int) string {
	s = tag.ReplaceAllString(html.UnescapeString(s), " ")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == unicode.ReplacementChar, r == '\ufeff':
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > limit {
		s = strings.TrimSpace(string(runes[:limit]))
	}
	return s
}

// parcelNumber returns a number without the blanks that people type between its groups.
func parcelNumber(s string) string {
	return strings.ReplaceAll(plain(s, maxWord+1), " ", "")
}

// parcelNumbers returns the numbers that people type into one field, with a comma, a semicolon or a line end between them.
func parcelNumbers(s string) []string {
	var all []string
	for part := range strings.FieldsFuncSeq(s, func(c rune) bool { return strings.ContainsRune(",;|\n\r", c) }) {
		if number := parcelNumber(part); number != "" && len(all) < maxNumbers {
			all = append(all, number)
		}
	}
	return all
}

// webURL lets through what may become a link: absolute http and https, nothing that runs in the page.
func webURL(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || len(s) > maxURL || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return u.String()
}

// linkTo returns a carrier's page for a number.
func linkTo(template, number string) string {
	if template == "" {
		return ""
	}
	return webURL(strings.ReplaceAll(template, definition.NumberPlace, url.QueryEscape(number)))
}

// code caps a raw code in bytes and keeps it printable: it is stored, and reported when it is unknown.
func code(s string) string {
	s = plain(s, maxCodeBytes)
	for len(s) > maxCodeBytes {
		runes := []rune(s)
		s = string(runes[:len(runes)-1])
	}
	return s
}
