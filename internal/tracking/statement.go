package tracking

import (
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// Kind is the kind of resource that a statement is about.
type Kind string

// The kinds of resources.
const (
	KindOrder    Kind = "Order"    // header, lines, totals of one purchase
	KindShipment Kind = "Shipment" // what a shop packs together
	KindTracker  Kind = "Tracker"  // a number at a carrier
)

// Key identifies a resource: one order, shipment or tracker of one source.
type Key struct {
	Source string // name of the bundle.Source
	Kind   Kind
	Ref    string // the source's own id of the resource
}

// SourceRank ranks sources: of two that contradict each other about one parcel, the one with the lower rank counts.
type SourceRank int

// The ranks, from the source that is nearest to the parcel.
const (
	RankCarrier    SourceRank = iota // the carrier itself
	RankAggregator                   // a service that collects the scans of many carriers
	RankShop                         // the shop system, which repeats what a carrier or an aggregator sent it
)

// Stamp orders the statements about one resource: by the source's version, then by when their receipt was committed (Heard), then by their
// position in it. Version is never zero and never after Heard.
type Stamp struct {
	Version  time.Time
	Heard    time.Time
	Position int `json:",omitzero"`
}

// Statement is what one receipt says of one resource. Exactly one of Order, Shipment and Tracker is set.
type Statement struct {
	Key     Key
	Speaker SourceRank
	Stamp   Stamp
	// Fields are the top-level fields that a partial statement gives, by their Go names; nil means that the statement is whole:
	// what it does not say is gone.
	Fields []string

	Order    *OrderSaid
	Shipment *ShipmentSaid
	Tracker  *TrackerSaid

	// Entries of these logs are added to those of earlier statements, and never removed.
	Scans  []Scan
	Phases []PhaseChange
	Dates  []StatedDate
}

// OrderSaid holds what a source states about an order. A newer statement replaces each field as a whole.
type OrderSaid struct {
	ExternalID  string      `json:",omitzero"` // the source's own id, "" when it gives none and the number stands in for it
	Number      string      `json:",omitzero"` // what the shopper was told, e.g. "#1001"
	PlacedAt    time.Time   `json:",omitzero"`
	Phase       Phase       `json:",omitzero"` // "" = not said
	Locale      string      `json:",omitzero"`
	Channel     string      `json:",omitzero"` // where it was bought; "" = the shop itself
	Marketplace bool        `json:",omitzero"` // it was bought on a marketplace, which writes to the shopper itself
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

// ShipmentSaid holds what a source states about a shipment.
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

// ParcelSaid is a parcel of a shipment, as the source of the shipment names it.
type ParcelSaid struct {
	Carrier string      `json:",omitzero"` // slug, "" = not known
	Number  string      `json:",omitzero"`
	URL     string      `json:",omitzero"`
	Lines   []LineShare `json:",omitzero"` // contents, nil = not said
}

// TrackerSaid holds what a source states about a tracking number at a carrier, without the logs.
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

// OrderHint holds what a shipment or a tracker states about the order that it belongs to.
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
	At    time.Time `json:",omitzero"` // as the source states it, else when the receipt was committed
	Heard time.Time `json:",omitzero"`
}

// StatedDate is one entry of a log: a delivery date as a source stated it.
type StatedDate struct {
	ETA   ETA       `json:",omitzero"`
	At    time.Time `json:",omitzero"` // when the source stated it
	Heard time.Time `json:",omitzero"`
}

// Scan is one entry of a log: one event of a parcel as its carrier reports it, such as "arrived at the depot", or a planned one.
type Scan struct {
	ID             string          // the same in every receipt that repeats the scan
	Status         Status          `json:",omitzero"` // "" = changes no status (a plain scan, or a code that is not mapped)
	Reason         Reason          `json:",omitzero"`
	Delayed        bool            `json:",omitzero"`
	Returning      bool            `json:",omitzero"`
	ActionRequired bool            `json:",omitzero"`
	Action         *RequiredAction `json:",omitzero"`
	// Told is when the event happened, by the carrier's clock and in its offset, in UTC if it states none; zero = not stated.
	Told     time.Time `json:",omitzero"`
	Guessed  bool      `json:",omitzero"` // the zone of Told was not given
	Heard    time.Time // when the first receipt of it was committed
	Retold   time.Time `json:",omitzero"` // when the receipt was committed that the present text is from; zero = Heard
	Planned  bool      `json:",omitzero"` // a step that the carrier lists as still to come
	Current  bool      `json:",omitzero"` // the carrier's summary of the present state, not an event of its own
	Sequence int       `json:",omitzero"` // place in the source's list, oldest first; breaks ties
	Location string    `json:",omitzero"` // plain text, at most 120 runes
	Country  string    `json:",omitzero"`
	Text     string    `json:",omitzero"` // the carrier's own words, plain text, at most 500 runes
	Language string    `json:",omitzero"` // of Text
	Code     string    `json:",omitzero"` // the raw code, kept for replay and for the report of unmapped codes
	Source   string    `json:",omitzero"` // filled in by Assemble
	Number   string    `json:",omitzero"` // of the leg that it was made under; filled in by Assemble
}

// At returns when the event happened: Told, but never after the scan was received, and Heard if no time was stated.
func (s Scan) At() time.Time {
	if s.Told.IsZero() || s.Told.After(s.Heard) {
		return s.Heard
	}
	return s.Told
}

// Ahead reports whether the event had not happened yet when the scan was received: it is a planned step.
func (s Scan) Ahead() bool {
	slack := clockSlack
	if s.Guessed {
		slack = zoneSlack
	}
	return s.Planned || (!s.Told.IsZero() && s.Told.Sub(s.Heard) > slack)
}

// By how much Told may be after Heard and still be of the past: by the error of clocks and of summer time, and without a time zone by the
// widest difference between two zones, 26 hours.
const (
	clockSlack = 2 * time.Hour
	zoneSlack  = 26 * time.Hour
)

// Given lists the fields that partial statements of one stamp have set.
type Given struct {
	Stamp  Stamp
	Fields []string
}

// Record is one resource as it is stored: of each field the newest statement, and the logs.
type Record struct {
	Key        Key
	Speaker    SourceRank
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
	Endings    []Ending      `json:",omitzero"` // of the present cancellation of an order or a shipment, the oldest first
	Standing   time.Time     `json:",omitzero"` // the version of the newest statement that did not call it cancelled
}

// Named is one entry of a log: a parcel number that a shipment names, or has named before.
type Named struct {
	Number string    // in normal form
	Heard  time.Time // when it was first heard
}

// Quantity is a decimal number of pieces, metres or kilograms.
type Quantity = locale.Quantity
