package message

import (
	"fmt"
	"strings"
)

// Problem is one thing wrong with a text or a block, in words for the person who wrote it.
type Problem struct {
	Source  string // the ConfigMap and its key, e.g. "fjallro-texts/sv.yaml"; "" = the built-in texts or the whole Shop
	Line    int    // in Source, from 1; 0 = the whole of it
	Key     string // the text or block, e.g. "mail.OutForDelivery.subject"; "" = the file
	Message string
}

// Error returns the problem in one line: where, then what.
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
