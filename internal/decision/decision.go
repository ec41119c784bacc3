package decision

import (
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// Input holds all that a verdict depends on.
type Input struct {
	Policy     bundle.Policy
	Activity   bundle.Activity
	Carriers   []bundle.CarrierRules // of all sources, those that count first
	News       tracking.News
	Order      tracking.Order
	Journey    tracking.Journey // as it is now, not as it was when the news came about
	Recipient  Recipient
	Preference Preference // of the recipient for this order; "" = Everything
	// History is what else this recipient has been told of any order of the Shop, or is about to be: it leaves out the message that
	// is asked about.
	History []Told
	// MutedUntil is the end of the latest import, replay, upgrade, resume or change of policy: what was true by then is not queued.
	// Zero = nothing is muted.
	MutedUntil time.Time
	Now        time.Time
	Stage      Stage
}

// Stage is when Decide is called for a piece of news.
type Stage string

// The stages.
const (
	AtQueue Stage = "AtQueue" // the news has just been found
	AtSend  Stage = "AtSend"  // its message is due
)

// Recipient is the person to whom the message would go, without personal data.
type Recipient struct {
	Role       tracking.RecipientRole // "" = the buyer
	Tags       []string               // that the shop system gives this customer; segments go by them
	HasAddress bool                   // the channel can reach the recipient
	Zone       *time.Location         // the recipient's; nil = the destination's
	Hash       string                 // of the address
}

// Preference is which messages a recipient has chosen to get.
type Preference string

// The preferences, from most to least.
const (
	PreferenceEverything   Preference = "Everything"
	PreferenceKeyMoments   Preference = "KeyMoments"   // sent, out for delivery, delivered, refunded, and problems
	PreferenceOnlyProblems Preference = "OnlyProblems" // something went wrong, or the shopper must act
	PreferenceNothing      Preference = "Nothing"      // no message at all, not even critical news
)

// Preferences lists every preference.
func Preferences() []Preference {
	return []Preference{PreferenceEverything, PreferenceKeyMoments, PreferenceOnlyProblems, PreferenceNothing}
}

// Told is another message to the same recipient. One that failed or was suppressed has neither Accepted nor Waiting, and tells nothing.
type Told struct {
	OrderID  string
	Occasion tracking.Occasion
	Subject  tracking.Subject
	Instance string
	// IDs are the identity of the news and those under which it was known besides. A message of a version that knew no identities has
	// neither IDs nor Instance.
	IDs      []string
	Level    bundle.Level
	At       time.Time  // of the news
	Accepted time.Time  // when the channel accepted it; zero = it has not
	Waiting  bool       // queued or being sent
	Day      locale.Day // the last day on which the delivery was expected, as the message said; zero = it named none
	From, To time.Time  // the window within Day that it named; zero = only the day
}

// Action is what to do with the message.
type Action string

// The actions.
const (
	Send     Action = "Send"
	Defer    Action = "Defer"    // ask again at NotBefore
	Suppress Action = "Suppress" // do not tell it
)

// Verdict is the decision on one piece of news for one recipient.
type Verdict struct {
	Action    Action
	NotBefore time.Time // of Send: now; of Defer: when to ask again
	Channel   string    // of Send and Defer
	Level     bundle.Level
	Rule      Rule   // that decided
	Words     string // why, for a support agent
	// Superseded reports whether it was suppressed because newer news has made it stale or has the same information.
	Superseded bool
	// WaitsForAddress reports whether it is suppressed only until the order has an address.
	WaitsForAddress bool
}

// Email is the only channel that wismo sends on so far.
const Email = "Email"

// question is an Input with what several rules derive from it.
type question struct {
	Input
	rule    bundle.Rule               // of the policy, for this recipient
	parcels []*tracking.ParcelJourney // of the subject: all outbound ones where it is the order
}

// Decide returns the verdict of the first rule that objects, or that the message is sent now.
func Decide(in Input) Verdict {
	q := &question{Input: in, rule: ruleFor(in)}
	q.parcels = q.parcelsOf(in.News.Subject)
	v := Verdict{Action: Suppress, Level: q.rule.Level}
	for _, c := range checks {
		o := c.objects(q)
		if o.words == "" {
			continue
		}
		v.Rule, v.Words, v.Superseded, v.WaitsForAddress = c.name, o.words, c.supersedes, c.waitsForAddress
		if !o.until.IsZero() {
			q.postpone(&v, o)
		}
		return v
	}
	v.Action, v.NotBefore, v.Channel = Send, in.Now, Email
	v.Rule, v.Words = sendingRule(q.rule)
	return v
}

// postpone defers the message, unless its news ends before it could be sent.
func (q *question) postpone(v *Verdict, o objection) {
	if end := q.expires(); !end.IsZero() && o.until.After(end) {
		v.Rule, v.Words = RuleTooOld, o.words+" After that it is too old to be sent."
		return
	}
	v.Action, v.NotBefore, v.Channel = Defer, o.until, Email
}

// minimumLevels are the levels that a policy cannot lower: the shopper must act, or loses the parcel for good.
var minimumLevels = map[tracking.Occasion]bundle.Level{
	tracking.ActionRequired:                     bundle.Critical,
	tracking.Occasion(tracking.ParcelCancelled): bundle.Important,
	tracking.Occasion(tracking.Disposed):        bundle.Important,
}

// levels from the least to the most urgent.
var levels = []bundle.Level{bundle.PageOnly, bundle.Routine, bundle.Important, bundle.Critical}

// ruleFor finds the rule of the recipient's segment, else that of the policy. An occasion without one is for the page only.
func ruleFor(in Input) bundle.Rule {
	found := bundle.Rule{Occasion: string(in.News.Occasion), Level: bundle.PageOnly}
	about := func(r bundle.Rule) bool { return r.Occasion == found.Occasion }
	own := segmentOf(in.Policy.Segments, in.Recipient.Tags).Rules
	if i := slices.IndexFunc(own, about); i >= 0 {
		found = own[i]
	} else if i := slices.IndexFunc(in.Policy.Rules, about); i >= 0 {
		found = in.Policy.Rules[i]
	}
	if floor := minimumLevels[in.News.Occasion]; slices.Index(levels, floor) > slices.Index(levels, found.Level) {
		found.Level = floor
	}
	return found
}

// segmentOf returns the first segment that has a tag in common with the recipient.
func segmentOf(segments []bundle.Segment, tags []string) bundle.Segment {
	for _, s := range segments {
		if slices.ContainsFunc(s.CustomerTags, func(tag string) bool { return slices.Contains(tags, tag) }) {
			return s
		}
	}
	return bundle.Segment{}
}

// parcelsOf lists the parcels of a subject.
func (q *question) parcelsOf(s tracking.Subject) []*tracking.ParcelJourney {
	var all []*tracking.ParcelJourney
	for i := range q.Journey.Parcels {
		p := &q.Journey.Parcels[i]
		if p.Subject == s || q.contains(s, p) {
			all = append(all, p)
		}
	}
	return all
}

// contains reports whether the parcel belongs to the shipment s, or is an outbound one of the order s.
func (q *question) contains(s tracking.Subject, p *tracking.ParcelJourney) bool {
	if s.Kind == tracking.SubjectShipment {
		return p.Shipment >= 0 && p.Shipment < len(q.Order.Shipments) && q.Order.Shipments[p.Shipment].Subject == s
	}
	return isOrder(s) && p.Direction != tracking.Return && !p.Withdrawn
}

// isOrder reports whether the subject is the order itself.
func isOrder(s tracking.Subject) bool { return s.Kind == "" || s.Kind == tracking.SubjectOrder }

// shipment finds the shipment that the news is about; nil when the order has none such.
func (q *question) shipment() *tracking.Shipment {
	for i := range q.Order.Shipments {
		if s := &q.Order.Shipments[i]; s.Subject == q.News.Subject {
			return s
		}
	}
	return nil
}

// zone returns where the shopper's days begin and end.
func (q *question) zone() *time.Location {
	if q.Recipient.Zone != nil {
		return q.Recipient.Zone
	}
	return q.Journey.Zone
}
