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

// Entry is one line of the diary: a decision on news, or the sending of a message.
type Entry struct {
	Journey  string    `json:"journey"`
	Order    string    `json:"order"`
	At       time.Time `json:"at"`
	Occasion string    `json:"occasion"`
	Parcel   string    `json:"parcel,omitempty"` // "" = the order as a whole
	Became   Became    `json:"became"`
	Until    time.Time `json:"until,omitzero"` // until when it was deferred
	Rule     string    `json:"rule"`
	Words    string    `json:"words,omitempty"`   // the reason, as support reads it
	Subject  string    `json:"subject,omitempty"` // of the mail that was sent
}

// Became is the result of a decision.
type Became string

// The results of a decision.
const (
	Sent       Became = "sent"
	Queued     Became = "queued"
	Deferred   Became = "deferred"
	Suppressed Became = "suppressed"
	Superseded Became = "superseded"
)

// String returns the entry on one line.
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

// entries returns the diary of one order.
func (s *chunkRun) entries(ctx context.Context, ref orderRef) ([]Entry, error) {
	id, err := s.find(ctx, ref)
	if err != nil || id == "" {
		return nil, err
	}
	_, decisions, err := s.dataPlane.history(ctx, id)
	if err != nil {
		return nil, err
	}
	words := slices.Clone(s.words[id])
	var all []Entry
	for _, d := range decisions {
		if d.At.After(s.journeys[ref.journey].Truth.Until) {
			continue // the journey has ended
		}
		e := Entry{
			Journey: s.journeys[ref.journey].Name, Order: ref.number, At: d.At, Occasion: string(d.Occasion), Parcel: subjectRef(d.Subject),
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

// subjectRef returns the ref of a shipment or parcel; "" = the order.
func subjectRef(s tracking.Subject) string {
	if s.Kind == "" || s.Kind == tracking.SubjectOrder {
		return ""
	}
	return s.Ref
}

// superseding are the rules by which other news replaces this.
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
