// Package docs carries what the documentation says into the tools that say it, too, so that there is one source. It reads
// the Markdown as it is written, and knows no cluster.
package docs

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed conditions.md
var conditions string

// Advice is what docs/conditions.md says of a reason.
type Advice struct {
	Meaning string
	Next    string // the next step; "None..." where there is none
}

// sharedSection holds the reasons that several conditions use.
const sharedSection = "Reasons that several conditions use"

// Advise returns what the documentation says of a condition's reason; false where it says nothing.
func Advise(condition, reason string) (Advice, bool) {
	all := tables()
	for _, section := range []string{condition, sharedSection} {
		if advice, ok := all[section][reason]; ok {
			return advice, true
		}
	}
	return Advice{}, false
}

// tables are the rows of docs/conditions.md by their heading and their reason. A heading may name two conditions.
var tables = sync.OnceValue(func() map[string]map[string]Advice {
	all := map[string]map[string]Advice{}
	var current []string
	for line := range strings.Lines(conditions) {
		line = strings.TrimSpace(line)
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			current = strings.Split(heading, " and ")
			continue
		}
		reason, advice, ok := row(line)
		for _, section := range current {
			if ok && all[section] == nil {
				all[section] = map[string]Advice{}
			}
			if ok {
				all[section][reason] = advice
			}
		}
	}
	return all
})

// row is | `Reason` | Status | What it means | Your next step |.
func row(line string) (reason string, advice Advice, ok bool) {
	cells := strings.Split(strings.Trim(line, "|"), "|")
	name, isName := strings.CutPrefix(strings.TrimSpace(cells[0]), "`")
	if len(cells) != 4 || !isName {
		return "", Advice{}, false
	}
	return strings.TrimSuffix(name, "`"), Advice{Meaning: strings.TrimSpace(cells[2]), Next: strings.TrimSpace(cells[3])}, true
}
