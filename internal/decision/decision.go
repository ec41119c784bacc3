package decision

import (
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// Input is all that a decision depends on.
type Input struct {
	Policy       bundle.Policy
	Activity     bundle.Activity
	Occurrence   tracking.Occurrence
	Journey      tracking.Journey // as it stands now, not as it stood when the occasion came about
	HasAddress   bool             // the order says where to write to
	History      []Told           // what else has been told of this order, or is about to be
	Unsubscribed bool
	Now          time.Time
}

// Told is another message of the same order: at queue time every one that waits or was sent, at send time those that were sent.
type Told struct {
	Occasion tracking.Occasion
	Parcel   string // see Decision.Parcel
	Level    bundle.Level
}

// Action is what to do.
type Action string

// The actions.
const (
	Send     Action = "Send"
	Defer    Action = "Defer" // ask again at NotBefore
	Suppress Action = "Suppress"
)

// Decision is the answer.
type Decision struct {
	Action     Action
	Superseded bool // suppressed because newer news has made it stale
	Level      bundle.Level
	Channel    string    // of Send
	Parcel     string    // what the message is told for: critical news each parcel, everything else "" = once an order
	NotBefore  time.Time // of Send and Defer
	Rule       string    // name of the rule that decided
	Words      string    // the same for a person
}

// Email is the only channel that wismo sends on so far.
const Email = "Email"

// MaxAge is how old an occasion may be when it is told. It keeps imports and backfills mute, and ends what could not be sent in time.
// An order's own age does not count: a pre-order is shipped months after it was placed.
const MaxAge = 72 * time.Hour

// courierDay is how long "out for delivery today" is true: from the first morning scan to the end of the rounds.
const courierDay = 16 * time.Hour

// Decide asks the rules one after the other; the first that objects decides.
func Decide(in Input) Decision {
	rule := ruleFor(in.Policy, in.Occurrence.Occasion)
	d := Decision{Action: Suppress, Level: rule.Level}
	if rule.Level == bundle.Critical {
		d.Parcel = in.Occurrence.Parcel
	}
	for _, r := range rules {
		if words := r.objects(in, d); words != "" {
			d.Rule, d.Words, d.Superseded = r.name, words, r.name == supersededRule
			return d
		}
	}
	d.Action, d.NotBefore, d.Channel = Send, in.Now, Email
	d.Rule, d.Words = channel(rule)
	return d
}

// ruleFor finds the policy's rule; an occasion without one is for the page only.
func ruleFor(p bundle.Policy, occasion tracking.Occasion) bundle.Rule {
	for _, r := range p.Rules {
		if r.Occasion == string(occasion) {
			return r
		}
	}
	return bundle.Rule{Occasion: string(occasion), Level: bundle.PageOnly}
}
