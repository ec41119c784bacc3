package tracking

import (
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/locale"
)

// Setting is what the Shop's configuration, and nothing of the order, contributes to a journey.
type Setting struct {
	Promise     bundle.Promise
	Methods     []bundle.DeliveryMethod
	Watch       bundle.Watch
	Zone        *time.Location // the Shop's
	HomeCountry string
	Carriers    []bundle.CarrierRules
	Lanes       Lanes // what the history says of each lane; nil = no history
}

// Journey is what a shopper is shown of an order at one instant, projected by Project.
type Journey struct {
	Now   time.Time
	Zone  *time.Location // the destination's
	State Occasion       // the headline: what comes next, or the trouble that matters most
	Lead  int            // index in Parcels of the parcel that State speaks of; -1 = State speaks of the order or of Shipments[LeadShipment]
	// LeadShipment is the index in Order.Shipments that State speaks of where Lead is -1; -1 = the order as a whole.
	LeadShipment int
	Since        time.Time // when State was reached
	ETA          *ETA      // of what State speaks of; nil = not known, passed, or nothing is outstanding
	Late         bool      // what State speaks of should have come
	Due          *ETA      // when it should have come, where Late
	Outcome      Outcome   // of all outbound shipments together
	Total        int       // outbound parcels and untracked shipments that are or were to come; cancelled and replaced ones not counted
	Arrived      int       // of Total: delivered or collected
	Untracked    int       // of Total: what no carrier scans, such as a letter
	Handed       int       // of Untracked: collected, or sent electronically
	Waiting      int       // shipments without a parcel, and lines of no shipment, that are still to be sent
	Parcels      []ParcelJourney
	Unsent       []LineShare // lines that are surely in no shipment yet; nil where that cannot be said
	UnsentFrom   locale.Day  // the earliest day on which something of Unsent is available; zero = not said
	Steps        []Step      // of the order itself, newest first
	LastHeard    time.Time
}

// Outcome is how an order stands as a whole.
type Outcome string

// The outcomes.
const (
	Open          Outcome = "Open"          // something is still to come, or to be told
	AllArrived    Outcome = "AllArrived"    // everything that is not cancelled was delivered or collected
	NothingToCome Outcome = "NothingToCome" // cancelled, refunded, lost or back: nothing more is to come
)

// ParcelJourney is one parcel's part of a Journey.
type ParcelJourney struct {
	Subject   Subject
	Shipment  int // index in Order.Shipments
	Parcel    int // index in its Parcels
	Direction Direction
	Carrier   string // of the leg that carries it now
	Number    string
	URL       string
	// State is the word for where the parcel is: its Status, or the phase of its shipment while no carrier has spoken, or what matters
	// more: Delayed, LateWithoutNews, Stalled, NoFirstScan.
	State          Occasion
	Status         Status // "" until a carrier has said one
	Phase          Phase  // of its shipment
	Reason         Reason
	Since          time.Time // when Status was reached
	Place          string    // of the scan that reached Status
	Delayed        bool
	DelayedAt      time.Time // when the present delay was first told
	Returning      bool
	Collected      bool            // it was delivered to who came for it at a pick-up point
	Action         *RequiredAction // what the shopper must do now; nil = nothing
	ActionAt       time.Time
	Attempts       int          // failed delivery attempts, one a day at the most
	LastAttempt    bool         // the next attempt is the last one, as far as the carrier's rules are known
	ETA            *ETA         // what counts now; nil = not known, passed, or no more needed
	Stated         []StatedDate // every date that was told, oldest first
	Due            *ETA         // when it should have come, where Late
	Late           bool
	Silent         bool // no scan for longer than the policy allows
	LastScan       *Scan
	CheckedAt      time.Time
	Pickup         *PickupPoint // where it waits; nil = it does not wait
	PickupReckoned bool         // Pickup.Until is ours, from the carrier's usual time
	Proof          *Proof
	Lines          []LineShare // contents, nil = not said
	Pieces         *Pieces
	Legs           []Leg
	Shared         bool
	Together       []string // numbers of other orders in the same box
	Withdrawn      bool     // its shipment was replaced
	Steps          []Step   // newest first; steps to come stand above, the farthest first
}

// Step is one line of a parcel's or an order's history.
type Step struct {
	Occasion       Occasion // a Phase or a Status; "" = a plain scan that only Text describes
	Reason         Reason
	Delayed        bool
	ActionRequired bool
	Time           time.Time // zero for a step to come of which no time is known; in the carrier's own offset where it gave one
	Location       string
	Text           string // the carrier's own words
	Language       string
	Future         bool // not reached yet, but expected or planned
}

// Parcel finds the journey of a subject; nil when there is none.
func (j *Journey) Parcel(s Subject) *ParcelJourney {
	for i := range j.Parcels {
		if j.Parcels[i].Subject == s {
			return &j.Parcels[i]
		}
	}
	return nil
}

// News is something that a shopper may be told. (order, Occasion, Subject, Instance) is its identity.
type News struct {
	Occasion Occasion
	Subject  Subject
	// Instance tells one time of the same occasion from another: a day, a scan's id, a pick-up point; "" = it happens once.
	Instance string
	// Also are the ids under which the same may have been told before its facts were completed: by another day of the same stay in
	// a state, or of the order where the news is now known to be of its only shipment.
	Also  []string
	At    time.Time // when it became true: by the carrier's clock, or by the passing of time
	Heard time.Time // when it could first be known; of what time alone makes true, At
	Until time.Time // when it stops to be worth telling by its own nature; zero = the decision's general age
}

// ID returns the identity of news within its order, as one text.
func (n News) ID() string {
	return string(n.Occasion) + "|" + n.Subject.String() + "|" + n.Instance
}

// String writes a subject: "" for the order.
func (s Subject) String() string {
	if s.Kind == "" || s.Kind == SubjectOrder {
		return ""
	}
	return string(s.Kind) + ":" + s.Ref
}

// Lanes is the history of deliveries by lane: origin country, destination country, carrier.
type Lanes map[Lane]LaneHistory

// Lane is a way that parcels take.
type Lane struct{ From, To, Carrier string }

// LaneHistory is what 50 or more delivered parcels of a lane took.
type LaneHistory struct {
	Parcels int // how many; fewer than MinLaneParcels tell nothing
	// P10, P50, P90 are percentiles of the business days from the first scan to the delivery.
	P10, P50, P90 float64
	// GapHoursP95 is the pause between two scans of a parcel under way that 95 of 100 stay below.
	GapHoursP95 float64
}

// MinLaneParcels is the least history from which anything is concluded.
const MinLaneParcels = 50
