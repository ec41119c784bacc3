package check

import (
	"fmt"
	"time"
)

// Kind is what is wrong.
type Kind string

// The kinds of findings.
const (
	UntrueDay       Kind = "UntrueDay"         // a day or time of day that no source stated, that has passed, or that is another's
	UntruePlace     Kind = "UntruePlace"       // a place where the parcel is not and was not
	UntrueCarrier   Kind = "UntrueCarrier"     // a carrier that has nothing to do with it
	UntrueState     Kind = "UntrueState"       // a state that it is not in, or a reason that no source gave
	UntrueAction    Kind = "UntrueAction"      // something is asked of the shopper that is not needed
	UntrueContents  Kind = "UntrueContents"    // a line or a number that the shop has withdrawn
	WrongSubject    Kind = "WrongSubject"      // true of another parcel of the order
	KnowableNotSaid Kind = "KnowableNotSaid"   // a source has said it, and the shopper is not told
	Double          Kind = "Double"            // the same message a second time
	LateWithout     Kind = "LateWithoutNotice" // the promised day has ended and nothing was said
	SilentOrder     Kind = "SilentOrder"       // nothing is heard of the order for days, and the shopper hears nothing either
	QuietHours      Kind = "QuietHours"        // a routine message at night
	ToldAnother     Kind = "ToldAnother"       // data of another shopper, or a message to another address
	TestOrderTold   Kind = "TestOrderTold"     // a message about a test order
	MarketplaceTold Kind = "MarketplaceTold"   // a message about an order of a marketplace, which tells its shoppers itself
	ImportedTold    Kind = "ImportedTold"      // a message about an order that was over before the shop began
	PageNotRendered Kind = "PageNotRendered"   // the order has no page, or the page answers with an error
	NeedlessLate    Kind = "NeedlessLate"      // a late notice about a parcel that was delivered by that day
	TooManyMessages Kind = "TooManyMessages"   // more messages about one order than a shopper wants to read
)

// Untrue are the kinds that are words which are not true, or are not for the reader.
var Untrue = []Kind{UntrueDay, UntruePlace, UntrueCarrier, UntrueState, UntrueAction, UntrueContents, WrongSubject, ToldAnother}

// Finding is one thing that is wrong with what a shopper read.
type Finding struct {
	Kind     Kind      `json:"kind"`
	Journey  string    `json:"journey"`
	Order    string    `json:"order"`
	At       time.Time `json:"at"`
	Where    string    `json:"where"`              // page or mail
	Sentence string    `json:"sentence,omitempty"` // as it is read; "" = it is not said
	Truth    string    `json:"truth"`
	Times    int       `json:"times"` // how often it was read
}

// String is one paragraph for people.
func (f Finding) String() string {
	s := fmt.Sprintf("%s  %s, order %s, %s at %s", f.Kind, f.Journey, f.Order, f.Where, f.At.UTC().Format("2006-01-02 15:04 MST"))
	if f.Sentence != "" {
		s += fmt.Sprintf("\n    it says:  %s", f.Sentence)
	}
	return s + fmt.Sprintf("\n    the truth: %s", f.Truth)
}

// Tally counts, besides the findings, what was looked at.
type Tally struct {
	Knowable    int // facts that a source had said when a page was read, or that a message was due for
	Said        int // of them those that were said
	LateNotices int // messages that said that a parcel is late
	Needless    int // of them those about a parcel that was delivered by that day
	Estimates   int // parcels of which an estimate of our own was shown
	Covered     int // of them those that came within it
	Pages       int // pages read
	Mails       int // mails read
}

// Add sums two tallies.
func (t Tally) Add(u Tally) Tally {
	return Tally{
		t.Knowable + u.Knowable, t.Said + u.Said, t.LateNotices + u.LateNotices, t.Needless + u.Needless,
		t.Estimates + u.Estimates, t.Covered + u.Covered, t.Pages + u.Pages, t.Mails + u.Mails,
	}
}
