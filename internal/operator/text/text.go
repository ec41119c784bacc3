// Package text bounds texts of other programs and people before they are written into the cluster.
package text

import (
	"strings"
	"unicode/utf8"
)

const ellipsis = "..."

// Truncate returns s with at most limit bytes, which must be more than three. It never cuts a character, and a cut is shown by
// three dots.
func Truncate(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := limit - len(ellipsis)
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strings.TrimRight(s[:cut], " ") + ellipsis
}
