package check

import (
	"regexp"
	"slices"

	"github.com/wismo-dev/wismo/internal/corpus"
)

// claim is a pattern of sentences that state the same, such as "delivered", with the condition under which they are true.
type claim struct {
	name   string
	words  *regexp.Regexp
	not    *regexp.Regexp                // matches if the words mean something else; nil = never
	parcel func(parcel, orderKnown) bool // true of one parcel
	whole  bool                          // of an order it must be true for every parcel, else for one
	order  func(orderKnown) bool         // true of an order without parcels; nil = never
}

// in returns a condition that is true for a parcel in one of the states.
func in(states ...corpus.State) func(parcel, orderKnown) bool {
	return func(p parcel, _ orderKnown) bool { return slices.Contains(states, p.state) }
}

// conditionalWords match a sentence that names a state without claiming it, such as "once it is delivered".
var conditionalWords = regexp.MustCompile(`\b(if|as soon as|once|when|whether|in case|usually|until|never|not yet|before|unless|after that|after a few|in a few|could|should|would|can be|to be|cannot|will be|ready to be|may)\b`)

// claims lists, for each state, the words by which a page or a mail claims it. "Late" and "delayed" are checked by the stated days instead.
var claims = []claim{
	{name: "delivered", whole: true,
		words: regexp.MustCompile(`\b(?:has been delivered|have been delivered|(?:was|were|is|are) delivered|has arrived|delivered (?:today|yesterday|on)|order is complete)\b|^delivered$`),
		not:   regexp.MustCompile(`\byour return\b`),
		parcel: func(p parcel, _ orderKnown) bool {
			scanned := p.state == corpus.StateInTransit && p.was(corpus.StateDelivered) // a scan after the delivery does not undo it
			return p.state == corpus.StateDelivered || scanned || !p.Method.Tracked() && p.known
		}},
	{name: "out for delivery",
		words: regexp.MustCompile(`\b(?:is|are) out for delivery|^out for delivery$|\bdriver is on the way|\bdriver has (?:it|your parcel)|\b(?:comes|arrives) today with`),
		parcel: func(p parcel, _ orderKnown) bool {
			return p.state == corpus.StateOutForDelivery && p.isOf(p.today)
		}},
	{name: "ready to collect",
		words:  regexp.MustCompile(`\bready (?:for you|to collect|for collection|for pick-?up)\b|\b(?:is|are) (?:still )?waiting for you\b|\bcan collect (?:it|your parcel|your order)\b`),
		parcel: in(corpus.StateAtPickup, corpus.StateReadyToCollect),
		order:  func(o orderKnown) bool { return o.state == corpus.OrderReadyToCollect }},
	{name: "could not be delivered",
		words: regexp.MustCompile(`\bcould not (?:be delivered|deliver)\b|\bdelivery was not possible\b|\btried to deliver\b|\bdelivery failed\b|\bmissed (?:you|delivery)\b`),
		parcel: func(p parcel, _ orderKnown) bool {
			return slices.Contains([]corpus.State{corpus.StateAttemptFailed, corpus.StateReturning, corpus.StateReturned, corpus.StateDisposed, corpus.StateAtPickup}, p.state) && p.attempted()
		}},
	{name: "on its way",
		not:   regexp.MustCompile(`\bmoney\b`),
		words: regexp.MustCompile(`\b(?:is|are) on (?:its|their) way\b|^on (?:the|its) way$|\b(?:is|are) travelling to you|\bhas left us\b`),
		parcel: func(p parcel, o orderKnown) bool {
			moving := []corpus.State{
				corpus.StateHandedToCarrier, corpus.StateInTransit, corpus.StateInCustoms, corpus.StateOutForDelivery, corpus.StateAttemptFailed,
				corpus.StateException, corpus.StateDamaged, corpus.StateSentByLetter, corpus.StateAtPickup,
			}
			said := p.state == "" || p.state == corpus.StateLabelCreated // a shop calls a parcel sent once it has a number
			return slices.Contains(moving, p.state) || p.state == corpus.StateReturning || p.Direction == corpus.Return ||
				said && (o.state == corpus.OrderShipped || len(p.numbers()) > 0)
		},
		order: func(o orderKnown) bool { return o.state == corpus.OrderShipped }},
	{name: "at customs",
		words:  regexp.MustCompile(`\b(?:is|are) (?:going through|at|in|held by|being checked by) customs\b|^at customs$|\bcustoms (?:checks|is checking)\b`),
		parcel: in(corpus.StateInCustoms)},
	{name: "held up", words: regexp.MustCompile(`\b(?:is|are) (?:being )?held up\b|^held up$`), parcel: in(corpus.StateException, corpus.StateInCustoms)},
	{name: "going back", not: regexp.MustCompile(`\bmoney\b`),
		words: regexp.MustCompile(`\b(?:is|are) (?:on (?:its|their) way back|coming back|going back|back with us|returning|being returned)\b|\breturns to us\b|^on the way back$|^back with us$|\bhas been returned\b`),
		parcel: func(p parcel, _ orderKnown) bool {
			return p.Direction == corpus.Return || slices.Contains([]corpus.State{corpus.StateReturning, corpus.StateReturned, corpus.StatePickupExpired}, p.state)
		}},
	{name: "not collected",
		words:  regexp.MustCompile(`\b(?:was|were) not collected\b|^not collected in time$`),
		parcel: in(corpus.StatePickupExpired, corpus.StateReturning, corpus.StateReturned, corpus.StateDisposed)},
	{name: "lost", words: regexp.MustCompile(`\b(?:got|is|was|are) lost\b|\bcannot find (?:it|your parcel)|^parcel lost$`), parcel: func(p parcel, _ orderKnown) bool { return p.was(corpus.StateLost) }},
	{name: "damaged", words: regexp.MustCompile(`\b(?:was|were|is|been) damaged\b|^parcel damaged$`), parcel: func(p parcel, _ orderKnown) bool { return p.was(corpus.StateDamaged) }},
	{name: "cancelled",
		words:  regexp.MustCompile(`\b(?:has been|have been|have|was|were|is) cancelled\b|^(?:order|shipment) cancelled$`),
		parcel: func(p parcel, o orderKnown) bool { return p.state == corpus.StateCancelled || p.gone || o.cancelled },
		order:  func(o orderKnown) bool { return o.cancelled || o.removed() }},
	{name: "not sent yet",
		words:  regexp.MustCompile(`\b(?:we are preparing|is being prepared|is next in line|is packed and waiting|waits? at our door)\b`),
		parcel: in("", corpus.StateLabelCreated, corpus.StateCancelled),
		order:  func(o orderKnown) bool { return o.state != corpus.OrderShipped && !o.cancelled }},
}

// attempted reports whether a delivery has failed.
func (p parcel) attempted() bool {
	if p.Direction == corpus.Return {
		return false
	}
	return p.was(corpus.StateAttemptFailed) || p.state == corpus.StateReturning || p.state == corpus.StateReturned || p.state == corpus.StateDisposed
}

func (p parcel) was(state corpus.State) bool {
	return slices.ContainsFunc(p.steps, func(s corpus.Step) bool { return s.State == state && !s.Unmapped })
}

// isOf reports whether the parcel reached its state on that day.
func (p parcel) isOf(day Day) bool {
	last := p.steps[len(p.steps)-1]
	return DayOf(p.since, p.zone).Equal(day) || DayOf(last.At, p.zone).Equal(day)
}

// removed reports whether a line was removed from the order, or money was refunded.
func (o orderKnown) removed() bool {
	return slices.ContainsFunc(o.Lines, func(l corpus.Line) bool { return heard(l.RemovedAt, o.at) }) ||
		slices.ContainsFunc(o.Refunds, func(r corpus.Refund) bool { return heard(r.HeardAt, o.at) })
}

// reasonClaim is a pattern of sentences that give a reason, such as "refused at the door".
type reasonClaim struct {
	words  *regexp.Regexp
	reason corpus.Reason
	ask    bool // only the shopper can act on it
}

var reasonClaims = []reasonClaim{
	{regexp.MustCompile(`\bno one was (?:at )?home\b|\bnot at home\b`), corpus.ReasonNotHome, false},
	{regexp.MustCompile(`\brefused at the door\b|\bwas refused\b`), corpus.ReasonRefused, false},
	{regexp.MustCompile(`\baddress (?:is|was) (?:incomplete|not right|wrong)\b|\b(?:check|correct|confirm|complete) (?:the|your) address\b`), corpus.ReasonAddressWrong, true},
	{regexp.MustCompile(`\baddress was closed\b`), corpus.ReasonClosed, false},
	{regexp.MustCompile(`\bcould not reach the door\b`), corpus.ReasonNoAccess, false},
	{regexp.MustCompile(`\bpayment is due\b`), corpus.ReasonPaymentDue, true},
	{regexp.MustCompile(`\bthe weather\b`), corpus.ReasonWeather, false},
	{regexp.MustCompile(`\bwrong turn\b`), corpus.ReasonMissorted, false},
	{regexp.MustCompile(`\bcustoms needs documents\b|\b(?:send|upload|provide) the documents\b`), corpus.ReasonDocuments, true},
	{regexp.MustCompile(`\bduties are due\b|\bpay the (?:customs |import )?(?:duties|duty|charges)\b`), corpus.ReasonDutiesDue, true},
	{regexp.MustCompile(`\bparcel was not collected\b`), corpus.ReasonUnclaimed, false},
	{regexp.MustCompile(`\bis looking for the parcel\b`), corpus.ReasonSearching, false},
	{regexp.MustCompile(`\bkept at the depot\b`), corpus.ReasonHeld, false},
}

// gave reports whether a source gave the reason, and no later step ends it.
func (p parcel) gave(reason corpus.Reason) bool {
	if reason == corpus.ReasonUnclaimed && p.was(corpus.StatePickupExpired) {
		return true
	}
	for _, a := range p.actions() {
		if a.What == reason {
			return true
		}
	}
	for i := len(p.steps) - 1; i >= 0; i-- {
		if p.steps[i].Reason == reason {
			return true
		}
		if s := p.steps[i].State; s == corpus.StateOutForDelivery || s == corpus.StateDelivered {
			return false
		}
	}
	return false
}

// lateWords match a sentence that reports a delay.
var lateWords = regexp.MustCompile(`\blater than (?:planned|expected|promised)\b|\b(?:is|are) (?:delayed|late|running late)\b|\bneeds more time\b|\bdelay reported\b|\b(?:was|were) due\b|\btaking longer\b|\bhas not moved\b|\bnot (?:been )?scanned\b|\bno (?:first )?scan\b|\banother day\b|\bnew (?:delivery )?day\b|\bwas expected\b`)

// troubleWords match a sentence that explains why a parcel will not arrive on its day.
var troubleWords = regexp.MustCompile(`\bcould not (?:be delivered|deliver)\b|\bheld up\b|\bcustoms\b|\blost\b|\bdamaged\b|\b(?:coming|going|way) back\b|\bcancelled\b|\bready (?:for you|to collect)\b|\bnot collected\b|\bduties\b`)
