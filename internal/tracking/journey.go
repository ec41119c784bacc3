package tracking

import (
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// Promise is what the merchant promises until a carrier gives an ETA; it is the bundle's.
type Promise = bundle.Promise

// Journey is what a shopper is shown of an order, projected from everything known by Project.
type Journey struct {
	State          Occasion // the headline: a Phase, or the Status of the parcel that matters most
	Reason         Reason
	Since          time.Time // when State was reached, by the carrier's clock
	Delayed        bool
	Returning      bool
	ActionRequired bool
	ETA            *ETA // when the last outstanding parcel comes; nil = nobody has said, or nothing is outstanding
	Late           bool // the ETA has passed and something is outstanding
	Delivered      int  // of Total parcels
	Total          int  // parcels, cancelled ones not counted
	LastScan       *Scan
	Phases         map[Phase]time.Time // when each phase was first reached
	Parcels        []ParcelJourney     // in the order of Order.Parcels
	Timeline       []Step              // newest first; steps to come stand above, the farthest first
}

// ParcelJourney is one parcel's part of a Journey.
type ParcelJourney struct {
	Carrier        string
	Number         string
	URL            string
	Status         Status // "" until a carrier has said one
	Reason         Reason
	Since          time.Time
	Delayed        bool
	Returning      bool
	ActionRequired bool
	Attempts       int  // failed delivery attempts
	ETA            *ETA // nil = nobody has said, or the parcel needs none any more
	LastScan       *Scan
	Reached        map[Status]time.Time // when each status was first reached
	DelayedAt      time.Time            // when a delay was first told; zero = never
}

// Scan is when and where a carrier last saw a parcel.
type Scan struct {
	Time     time.Time
	Location string // "" = the carrier did not say
}

// Step is one line of the timeline.
type Step struct {
	Occasion       Occasion // a Phase or a Status; "" = a plain scan that only Text describes
	Reason         Reason
	Delayed        bool
	ActionRequired bool
	Time           time.Time // zero for a step to come
	Location       string
	Text           string // the carrier's own words
	Parcel         int    // index in Journey.Parcels; -1 = the order itself
	Future         bool   // not reached yet, but expected
}

// Occurrence is an occasion that has just become true.
type Occurrence struct {
	Occasion Occasion
	Parcel   string    // ParcelKey; "" = it concerns the order as a whole
	At       time.Time // by the carrier's or the shop's clock
}
