package message

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a text or a block, in words for the person who wrote it.
type Problem struct {
	Source  string // the ConfigMap and its key, e.g. "fjallro-texts/sv.yaml"; "" = the built-in texts or the whole Shop
	Line    int    // in Source, from 1; 0 = the whole of it
	Key     string // the text or block, e.g. "mail.OutForDelivery.subject"; "" = the file
	Message string
}

// Error is the problem in one line: where, then what.
func (p Problem) Error() string {
	where := p.Source
	if p.Line > 0 {
		where += fmt.Sprintf(":%d", p.Line)
	}
	if p.Key != "" {
		where = strings.TrimSpace(where + " " + p.Key)
	}
	if where == "" {
		return p.Message
	}
	return where + ": " + p.Message
}

// nearest is the candidate with the fewest edits from word.
func nearest(word string, candidates []string) string {
	return slices.MinFunc(candidates, func(a, b string) int { return edits(word, a) - edits(word, b) })
}

// edits is the Levenshtein distance, without regard to case.
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
