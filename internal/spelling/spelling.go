// Package spelling finds the known word that is most similar to a misspelled one.
package spelling

import (
	"slices"
	"strings"
)

// Nearest returns the candidate with the fewest edits from the word, the first of several; "" if there is no candidate.
func Nearest(word string, candidates []string) string {
	if len(candidates) == 0 {
		return ""
	}
	return slices.MinFunc(candidates, func(a, b string) int { return edits(word, a) - edits(word, b) })
}

// Alike reports whether b may be a misspelling of a: at most half of the longer word differs.
func Alike(a, b string) bool { return edits(a, b) <= max(len(a), len(b))/2 }

// edits returns the Levenshtein distance, ignoring case.
func edits(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
