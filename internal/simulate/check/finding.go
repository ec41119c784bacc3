package check

import (
	"fmt"
	"time"
)

// Kind is the kind of a finding.
type Kind string

// The kinds of findings.
const (
	UntrueDay       Kind = "UntrueDay"         // a day or time of day that no source stated, that has passed, or that is of another parcel
	UntruePlace     Kind = "UntruePlace"       // a place where the parcel was never
	UntrueCarrier   Kind = "UntrueCarrier"     // a carrier that does not have the parcel
	UntrueState     Kind = "UntrueState"       // a state that the parcel is not in, or a reason that no source gave
	UntrueAction    Kind = "UntrueAction"      // the shopper is asked to do something that is not needed
	UntrueContents  Kind = "UntrueContents"    // a line or a number that the shop has withdrawn
	WrongSubject    Kind = "WrongSubject"      // true of another parcel of the order
	KnowableNotSaid Kind = "KnowableNotSaid"   // a source has sent it, and the shopper cannot read it
	Double          Kind = "Double"            // the same message a second time
	LateWithout     Kind = "LateWithoutNotice" // the promised day has ended without a message
	SilentOrder     Kind = "SilentOrder"       // no source has sent anything about the order for days, and the shopper got no message
	QuietHours      Kind = "QuietHours"        // a routine message in quiet hours
	ToldAnother     Kind = "ToldAnother"       // data of another shopper, or a message to another address
	TestOrderTold   Kind = "TestOrderTold"     // a message about a test order
	MarketplaceTold Kind = "MarketplaceTold"   // a message about an order of a marketplace, which writes to its shoppers itself
	ImportedTold    Kind = "ImportedTold"      // a message about an order that was completed before the shop began
	PageNotRendered Kind = "PageNotRendered"   // the order has no page, or the page answers with an error
	NeedlessLate    Kind = "NeedlessLate"      // a late notice about a parcel that was delivered by that day
	TooManyMessages Kind = "TooManyMessages"   // more messages about one order than the bars allow
)

// Untrue are the kinds of sentences that are not true, or not for this shopper.
var Untrue = []Kind{UntrueDay, UntruePlace, UntrueCarrier, UntrueState, UntrueAction, UntrueContents, WrongSubject, ToldAnother}

// Finding is one fault in what a shopper reads.
type Finding struct {
	Kind     Kind      `json:"kind"`
	Journey  string    `json:"journey"`
	Order    string    `json:"order"`
	At       time.Time `json:"at"`
	Where    string    `json:"where"`              // page or mail
	Sentence string    `json:"sentence,omitempty"` // as it is read; "" = a sentence or message is missing
	Truth    string    `json:"truth"`
	Times    int       `json:"times"` // how often it was read
}

// String returns the finding as a paragraph.
func (f Finding) String() string {
	s := fmt.Sprintf("%s  %s, order %s, %s at %s", f.Kind, f.Journey, f.Order, f.Where, f.At.UTC().Format("2006-01-02 15:04 MST"))
	if f.Sentence != "" {
		s += fmt.Sprintf("\n    text:  %s", f.Sentence)
	}
	return s + fmt.Sprintf("\n    expected: %s", f.Truth)
}

// Tally counts what was checked.
type Tally struct {
	Knowable    int // facts that a source had sent when a page was read, or for which a message was due
	Said        int // of these, those that the page or a message has
	LateNotices int // messages that report a parcel as late
	Needless    int // of these, those about a parcel that was delivered by that day
	Estimates   int // parcels with an estimate of wismo's own
	Covered     int // of these, those that arrived within it
	Pages       int // pages read
	Mails       int // mails read
}

// Add returns the sum of two tallies.
func (t Tally) Add(u Tally) Tally {
	return Tally{
		t.Knowable + u.Knowable, t.Said + u.Said, t.LateNotices + u.LateNotices, t.Needless + u.Needless,
		t.Estimates + u.Estimates, t.Covered + u.Covered, t.Pages + u.Pages, t.Mails + u.Mails,
	}
}
