package simulate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/decision"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// Entry is one line of the diary: something was decided, or became of a message.
type Entry struct {
	Journey  string    `json:"journey"`
	Order    string    `json:"order"`
	At       time.Time `json:"at"`
	Occasion string    `json:"occasion"`
	Parcel   string    `json:"parcel,omitempty"` // "" = the order as a whole
	Became   Became    `json:"became"`
	Until    time.Time `json:"until,omitzero"` // of what was deferred
	Rule     string    `json:"rule"`
	Words    string    `json:"words,omitempty"`   // why, as support reads it
	Subject  string    `json:"subject,omitempty"` // of what was sent
}

// Became is what became of the news.
type Became string

// What can become of news.
const (
	Sent       Became = "sent"
	Queued     Became = "queued"
	Deferred   Became = "deferred"
	Suppressed Became = "suppressed"
	Superseded Became = "superseded"
)

// String is one line for people.
func (e Entry) String() string {
	what := e.Occasion
	if e.Parcel != "" {
		what += " " + e.Parcel
	}
	line := fmt.Sprintf("%s  %-10s  %-12s  %s (%s)", e.At.UTC().Format("2006-01-02 15:04"), e.Order, e.Became, what, e.Rule)
	switch {
	case e.Became == Sent && e.Subject != "":
		line += ": " + e.Subject
	case e.Became == Deferred:
		line += " until " + e.Until.UTC().Format("2006-01-02 15:04") + ": " + e.Words
	case e.Words != "":
		line += ": " + e.Words
	}
	return strings.TrimRight(line, " :")
}

// entries is the diary of one order.
func (s *stage) entries(ctx context.Context, own owner) ([]Entry, error) {
	id, err := s.find(ctx, own)
	if err != nil || id == "" {
		return nil, err
	}
	_, decisions, err := s.plane.history(ctx, id)
	if err != nil {
		return nil, err
	}
	words := slices.Clone(s.words[id])
	var all []Entry
	for _, d := range decisions {
		if d.At.After(s.journeys[own.journey].Truth.Until) {
			continue // the story is over
		}
		e := Entry{
			Journey: s.journeys[own.journey].Name, Order: own.number, At: d.At, Occasion: string(d.Occasion), Parcel: numberless(d.Subject),
			Rule: d.Rule, Words: d.Words, Became: became(d),
		}
		if e.Became == Deferred {
			e.Until = d.NotBefore
		}
		if i := slices.IndexFunc(words, func(w sentWords) bool { return w.at.Equal(d.At) }); e.Became == Sent && i >= 0 {
			e.Subject = words[i].subject
			words = slices.Delete(words, i, i+1)
		}
		all = append(all, e)
	}
	slices.SortStableFunc(all, func(a, b Entry) int { return cmp.Or(a.At.Compare(b.At)) })
	return all, nil
}

// numberless is the name of a subject, as the store has it; "" = the order.
func numberless(s tracking.Subject) string {
	if s.Kind == "" || s.Kind == tracking.SubjectOrder {
		return ""
	}
	return s.Ref
}

// superseding are the rules by which other news takes the place of this.
var superseding = []string{
	string(decision.RuleSuperseded), string(decision.RuleActionDone), string(decision.RuleSaidTogether), string(decision.RuleBurst),
}

func became(d store.Decision) Became {
	switch {
	case d.Verdict == "Defer":
		return Deferred
	case slices.Contains(superseding, d.Rule):
		return Superseded
	case d.Verdict == "Suppress":
		return Suppressed
	case d.Asked == store.AtSend:
		return Sent
	}
	return Queued
}
