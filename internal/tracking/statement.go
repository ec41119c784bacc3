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
	Position int `json:",omitzero"`
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
	ExternalID  string      `json:",omitzero"` // the source's own id, "" when it gives none and the number stands in for it
	Number      string      `json:",omitzero"` // what the shopper was told, e.g. "#1001"
	PlacedAt    time.Time   `json:",omitzero"`
	Phase       Phase       `json:",omitzero"` // "" = not said
	Locale      string      `json:",omitzero"`
	Channel     string      `json:",omitzero"` // where it was bought; "" = the shop itself
	Marketplace bool        `json:",omitzero"` // another's platform writes to the shopper
	Test        bool        `json:",omitzero"`
	Customer    Recipient   `json:",omitzero"` // who ordered
	Recipients  []Recipient `json:",omitzero"` // further ones; the first of RoleGift is whom the parcel goes to
	Destination Address     `json:",omitzero"`
	Lines       []Line      `json:",omitzero"`
	Money       Money       `json:",omitzero"`
	Promise     *ETA        `json:",omitzero"`
	Refunds     []Refund    `json:",omitzero"`
	Method      Method      `json:",omitzero"` // of the whole order, where the platform says so
	MethodTitle string      `json:",omitzero"` // the delivery method as the shop system calls it
	Note        string      `json:",omitzero"` // the shopper's delivery note
	Tags        []string    `json:",omitzero"`
	Links       []Link      `json:",omitzero"`
	Shipments   *[]string   `json:",omitzero"` // refs of all shipments of the order; nil = the source does not list them
	Gone        []string    `json:",omitzero"` // refs of shipments that the order has no more, whatever others it has
}

// ShipmentSaid is a source's word about what is packed together.
type ShipmentSaid struct {
	Order       OrderHint    `json:",omitzero"` // which order it belongs to
	Direction   Direction    `json:",omitzero"`
	Method      Method       `json:",omitzero"`
	MethodTitle string       `json:",omitzero"`
	Phase       Phase        `json:",omitzero"` // "" = not said
	CreatedAt   time.Time    `json:",omitzero"`
	Lines       []LineShare  `json:",omitzero"`
	Parcels     []ParcelSaid `json:",omitzero"`
	Replaces    string       `json:",omitzero"` // ref of another shipment of the same source, which is closed by this one
	Origin      Place        `json:",omitzero"`
	Promise     *ETA         `json:",omitzero"`
	ReturnLabel *ReturnLabel `json:",omitzero"`
}

// ParcelSaid is a number that a shipment names.
type ParcelSaid struct {
	Carrier string      `json:",omitzero"` // slug, "" = not known
	Number  string      `json:",omitzero"`
	URL     string      `json:",omitzero"`
	Lines   []LineShare `json:",omitzero"` // contents, nil = not said
}

// TrackerSaid is a source's word about a number at a carrier, but for its logs.
type TrackerSaid struct {
	Carrier      string       `json:",omitzero"`
	Number       string       `json:",omitzero"` // "" = the tracker speaks of every parcel of Shipment
	URL          string       `json:",omitzero"`
	Shipment     string       `json:",omitzero"` // ref of a shipment of the same source
	Order        OrderHint    `json:",omitzero"`
	Returning    bool         `json:",omitzero"` // the whole tracker is of a parcel that goes back
	Instance     string       `json:",omitzero"`
	Legs         []Leg        `json:",omitzero"`
	Pieces       *Pieces      `json:",omitzero"`
	Pickup       *PickupPoint `json:",omitzero"`
	Proof        *Proof       `json:",omitzero"`
	Instructions string       `json:",omitzero"`
	CheckedAt    time.Time    `json:",omitzero"` // when the provider last looked, zero = not said
}

// OrderHint is how a shipment or a tracker names its order.
type OrderHint struct {
	ExternalID string `json:",omitzero"`
	Number     string `json:",omitzero"`
	Email      string `json:",omitzero"`
	Postcode   string `json:",omitzero"`
	Country    string `json:",omitzero"`
}

// PhaseChange is one entry of a log: a phase that was reached.
type PhaseChange struct {
	Phase Phase     `json:",omitzero"`
	At    time.Time `json:",omitzero"` // told, or when it was heard where nothing was told
	Heard time.Time `json:",omitzero"`
}

// StatedDate is one entry of a log: an expected delivery, as it was told.
type StatedDate struct {
	ETA   ETA       `json:",omitzero"`
	At    time.Time `json:",omitzero"` // when the source stated it
	Heard time.Time `json:",omitzero"`
}

// Scan is one entry of a log: one thing that happened to a parcel, or is planned to.
type Scan struct {
	ID             string  // equal for every receipt that repeats the scan
	Status         Status  `json:",omitzero"` // "" = tells nothing about the state (a plain scan, or an unknown code)
	Reason         Reason  `json:",omitzero"`
	Delayed        bool    `json:",omitzero"`
	Returning      bool    `json:",omitzero"`
	ActionRequired bool    `json:",omitzero"`
	Action         *Action `json:",omitzero"`
	// Told is when it happened by the carrier's clock, in the carrier's own offset where it gave one, else in UTC; zero = not told.
	Told     time.Time `json:",omitzero"`
	Guessed  bool      `json:",omitzero"` // the zone of Told was not given
	Heard    time.Time // when the first receipt of it was committed
	Retold   time.Time `json:",omitzero"` // when the receipt was heard whose words these are; zero = Heard
	Planned  bool      `json:",omitzero"` // a step that the carrier lists as still to come
	Current  bool      `json:",omitzero"` // the carrier's own word for the present state, not a scan
	Sequence int       `json:",omitzero"` // place in the source's list, oldest first; breaks ties
	Location string    `json:",omitzero"` // plain text, at most 120 runes
	Country  string    `json:",omitzero"`
	Text     string    `json:",omitzero"` // the carrier's own words, plain text, at most 500 runes
	Language string    `json:",omitzero"` // of Text
	Code     string    `json:",omitzero"` // the raw code, kept for replay and for the report of unmapped codes
	Source   string    `json:",omitzero"` // filled in by Assemble
	Number   string    `json:",omitzero"` // of the leg that it was made under; filled in by Assemble
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
	slack := clockSlack
	if s.Guessed {
		slack = zoneSlack
	}
	return s.Planned || (!s.Told.IsZero() && s.Told.Sub(s.Heard) > slack)
}

// By how much a time may lie ahead of its receipt and still tell of what has happened: as far as clocks differ, and a wrong hour of
// summer time beside. Where no zone was told it may be that of any place: the widest difference between two is 26 hours.
const (
	clockSlack = 2 * time.Hour
	zoneSlack  = 26 * time.Hour
)

// Given are fields of one stamp.
type Given struct {
	Stamp  Stamp
	Fields []string
}

// Record is one resource as it is known: its newest statement, field by field, and its logs.
type Record struct {
	Key        Key
	Speaker    Speaker
	Whole      Stamp   `json:",omitzero"` // of the newest whole statement
	Given      []Given `json:",omitzero"` // fields that partial statements gave since
	FirstHeard time.Time
	LastHeard  time.Time
	Order      *OrderSaid    `json:",omitzero"`
	Shipment   *ShipmentSaid `json:",omitzero"`
	Tracker    *TrackerSaid  `json:",omitzero"`
	Scans      []Scan        `json:",omitzero"`
	Phases     []PhaseChange `json:",omitzero"`
	Dates      []StatedDate  `json:",omitzero"`
	Named      []Named       `json:",omitzero"` // of a shipment, the oldest first
	Repaid     []Repaid      `json:",omitzero"` // of an order, the oldest first
	Wanted     bool          `json:",omitzero"` // of an order: a quantity to be sent was said once
}

// Named is one entry of a log: a parcel number that a shipment names, or named.
type Named struct {
	Number string    // in normal form
	Heard  time.Time // when it was first heard
}

// Quantity is a decimal number of pieces, metres or kilograms.
type Quantity = locale.Quantity
