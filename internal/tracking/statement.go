package tracking

import (
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// Kind is what a statement is about.
type Kind string

// The kinds of resources.
const (
	KindOrder    Kind = "Order"    // header, lines, totals of one purchase
	KindShipment Kind = "Shipment" // what a shop packs together
	KindTracker  Kind = "Tracker"  // a number at a carrier
)

// Key is the identity of a resource: what one source calls one thing.
type Key struct {
	Source string // name of the bundle.Source
	Kind   Kind
	Ref    string // the source's own id of the resource
}

// Speaker ranks the sources that may speak of one parcel, the best first.
type Speaker int

// The speakers.
const (
	SpeakerCarrier    Speaker = iota // the carrier itself
	SpeakerAggregator                // a service that asks many carriers
	SpeakerShop                      // the shop system, which repeats what it was told
)

// Stamp orders two statements about one resource: by the source's version, then by when they were heard, then by their place
// in one receipt. Version is never zero and never after Heard.
type Stamp struct {
	Version  time.Time
	Heard    time.Time
	Position int `json:",omitempty"`
}

// Statement is what one receipt says of one resource. Exactly one of Order, Shipment and Tracker is set.
type Statement struct {
	Key     Key
	Speaker Speaker
	Stamp   Stamp
	// Fields are the top-level fields that a partial statement gives, by their Go names; nil means that the statement is whole:
	// what it does not say is gone.
	Fields []string

	Order    *OrderSaid
	Shipment *ShipmentSaid
	Tracker  *TrackerSaid

	// The logs only grow, whatever a later statement leaves out.
	Scans  []Scan
	Phases []PhaseChange
	Dates  []StatedDate
}

// OrderSaid is a source's word about a purchase. Each field is replaced as a whole.
type OrderSaid struct {
	ExternalID  string // the source's own id, "" when it gives none and the number stands in for it
	Number      string // what the shopper was told, e.g. "#1001"
	PlacedAt    time.Time
	Phase       Phase // "" = not said
	Locale      string
	Channel     string // where it was bought; "" = the shop itself
	Marketplace bool   // another's platform writes to the shopper
	Test        bool
	Customer    Recipient   // who ordered
	Recipients  []Recipient // further ones; the first of RoleGift is whom the parcel goes to
	Destination Address
	Lines       []Line
	Money       Money
	Promise     *ETA
	Refunds     []Refund
	Method      Method // of the whole order, where the platform says so
	MethodTitle string // the delivery method as the shop system calls it
	Note        string // the shopper's delivery note
	Tags        []string
	Links       []Link
	Shipments   *[]string // refs of all shipments of the order; nil = the source does not list them
}

// ShipmentSaid is a source's word about what is packed together.
type ShipmentSaid struct {
	Order       OrderHint // which order it belongs to
	Direction   Direction
	Method      Method
	MethodTitle string
	Phase       Phase // "" = not said
	CreatedAt   time.Time
	Lines       []LineShare
	Parcels     []ParcelSaid
	Replaces    string // ref of another shipment of the same source, which is closed by this one
	Origin      Place
	Promise     *ETA
	ReturnLabel *ReturnLabel
}

// ParcelSaid is a number that a shipment names.
type ParcelSaid struct {
	Carrier string // slug, "" = not known
	Number  string
	URL     string
	Lines   []LineShare // contents, nil = not said
}

// TrackerSaid is a source's word about a number at a carrier, but for its logs.
type TrackerSaid struct {
	Carrier      string
	Number       string // "" = the tracker speaks of every parcel of Shipment
	URL          string
	Shipment     string // ref of a shipment of the same source
	Order        OrderHint
	Returning    bool // the whole tracker is of a parcel that goes back
	Instance     string
	Legs         []Leg
	Pieces       *Pieces
	Pickup       *PickupPoint
	Proof        *Proof
	Instructions string
	CheckedAt    time.Time // when the provider last looked, zero = not said
}

// OrderHint is how a shipment or a tracker names its order.
type OrderHint struct {
	ExternalID string
	Number     string
	Email      string
	Postcode   string
	Country    string
}

// PhaseChange is one entry of a log: a phase that was reached.
type PhaseChange struct {
	Phase Phase
	At    time.Time // told, or when it was heard where nothing was told
	Heard time.Time
}

// StatedDate is one entry of a log: an expected delivery, as it was told.
type StatedDate struct {
	ETA   ETA
	At    time.Time // when the source stated it
	Heard time.Time
}

// Scan is one entry of a log: one thing that happened to a parcel, or is planned to.
type Scan struct {
	ID             string  // equal for every receipt that repeats the scan
	Status         Status  // "" = tells nothing about the state (a plain scan, or an unknown code)
	Reason         Reason  `json:",omitempty"`
	Delayed        bool    `json:",omitempty"`
	Returning      bool    `json:",omitempty"`
	ActionRequired bool    `json:",omitempty"`
	Action         *Action `json:",omitempty"`
	// Told is when it happened by the carrier's clock, in the carrier's own offset where it gave one, else in UTC; zero = not told.
	Told     time.Time
	Guessed  bool      `json:",omitempty"` // the zone of Told was not given
	Heard    time.Time // when the first receipt of it was committed
	Planned  bool      `json:",omitempty"` // a step that the carrier lists as still to come
	Current  bool      `json:",omitempty"` // the carrier's own word for the present state, not a scan
	Sequence int       `json:",omitempty"` // place in the source's list, oldest first; breaks ties
	Location string    `json:",omitempty"` // plain text, at most 120 runes
	Country  string    `json:",omitempty"`
	Text     string    `json:",omitempty"` // the carrier's own words, plain text, at most 500 runes
	Language string    `json:",omitempty"` // of Text
	Code     string    `json:",omitempty"` // the raw code, kept for replay and for the report of unmapped codes
	Source   string    `json:",omitempty"` // filled in by Assemble
	Number   string    `json:",omitempty"` // of the leg that it was made under; filled in by Assemble
}

// At is the instant at which a scan counts: nothing can happen after it was heard.
func (s Scan) At() time.Time {
	if s.Told.IsZero() || s.Told.After(s.Heard) {
		return s.Heard
	}
	return s.Told
}

// Ahead says that the scan is a step that has not happened as of its receipt.
func (s Scan) Ahead() bool {
	return s.Planned || (!s.Told.IsZero() && s.Told.Sub(s.Heard) > clockSlack)
}

// clockSlack is by how much a carrier's clock may run ahead and still tell of what has happened: the widest difference between
// two zones is 26 hours, and a local time read in the wrong zone looks as far away.
const clockSlack = 26 * time.Hour

// Record is one resource as it is known: its newest statement, field by field, and its logs.
type Record struct {
	Key        Key
	Speaker    Speaker
	Stamps     map[string]Stamp // of each top-level field that was ever given
	FirstHeard time.Time
	LastHeard  time.Time
	Order      *OrderSaid    `json:",omitempty"`
	Shipment   *ShipmentSaid `json:",omitempty"`
	Tracker    *TrackerSaid  `json:",omitempty"`
	Scans      []Scan        `json:",omitempty"`
	Phases     []PhaseChange `json:",omitempty"`
	Dates      []StatedDate  `json:",omitempty"`
}

// Quantity is a decimal number of pieces, metres or kilograms.
type Quantity = locale.Quantity
