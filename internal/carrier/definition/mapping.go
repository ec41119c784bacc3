package definition

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// Mapping says, in CEL expressions, what a payload states. Every expression may use
//
//	header      map of the kept headers, by the name that the definition gives them
//	body        the payload; an absent and a null field are the same: absent
//	receivedAt  timestamp of the receipt
//
// and, inside a list, the element of each list around it: order, item, recipient, refund, link, shipment, line, parcel, leg, event.
// Beside CEL's own functions there are
//
//	minor(amount, currency)  a decimal amount in minor units of the currency
//	each(x)                  a list: x itself, [x] where x is one thing, [] where it is absent or empty
//
// An expression that yields null or an empty optional (body.?a.?b) says nothing. One that fails costs what it maps: an optional
// field is absent and reported as degraded; an element without its number, id or code is quarantined alone.
// A text may be a string, a number or a boolean in the payload.
// A time may be written in any way that package mapping reads, or in one of TimeFormats.
// Within YAML's flow style ({...} and [...]) an expression must be quoted.
type Mapping struct {
	// TimeZone is the IANA zone of times that the payload writes without one; "" = not known, they are read as UTC.
	TimeZone string `yaml:"timeZone"`
	// TimeFormats are ways to write a time that are tried before the built-in ones, see ParseTimeFormat. A date with the month
	// before the day is read only by one of them.
	TimeFormats []string `yaml:"timeFormats"`
	// Ignore are conditions; when one holds, the payload has no order or parcel (a ping, a handshake).
	Ignore []Expr `yaml:"ignore"`
	// Require are conditions that every payload which is not ignored must meet; one that does not is quarantined.
	Require []Requirement `yaml:"require"`
	// Orders are the orders, with their shipments.
	Orders []Orders `yaml:"orders"`
	// Shipments are shipments that come without their order.
	Shipments []Shipments `yaml:"shipments"`
	// Parcels are trackers: numbers at a carrier with what happened to them.
	Parcels []Parcels `yaml:"parcels"`
	// Statuses are the platform's words for the state of an order; a word that is not listed is reported.
	Statuses map[string]OrderStatus `yaml:"statuses"`
	// Codes are the provider's codes; a code that is not listed keeps the last status and is reported.
	Codes map[string]Outcome `yaml:"codes"`
	// Qualifiers refine a code: flags add up, a reason or a status given here replaces the code's, but a terminal
	// status stays.
	Qualifiers map[string]Outcome `yaml:"qualifiers"`
}

// OrderStatus is the meaning of a platform's word for the state of an order; an empty Phase changes nothing.
type OrderStatus struct {
	Phase tracking.Phase `yaml:"phase"`
}

// Requirement is a condition with the problem that the quarantine shows.
type Requirement struct {
	// Each is a list; then That is evaluated for each `element`, and only an element that does not meet it is quarantined.
	Each      Expr   `yaml:"each"`
	That      Expr   `yaml:"that"`
	Otherwise string `yaml:"otherwise"` // what is wrong and what to send instead; no data of the payload
}

// Orders maps a list of orders; List's elements are `order`.
type Orders struct {
	When Expr `yaml:"when"` // absent = always
	List Expr `yaml:"list"`
	// Partial: a field which the element does not have is unchanged, and one that is null is cleared. A field of the statement counts
	// as given if the element has one of the keys that its expressions read.
	Partial       bool        `yaml:"partial"`
	Number        Expr        `yaml:"number"`
	ExternalID    Expr        `yaml:"externalID"`
	At            Expr        `yaml:"at"` // when the platform last changed the order; absent = receivedAt
	PlacedAt      Expr        `yaml:"placedAt"`
	Status        Expr        `yaml:"status"`  // looked up in Mapping.Statuses
	Phase         Expr        `yaml:"phase"`   // replaces the phase of Status
	PhaseAt       Expr        `yaml:"phaseAt"` // when the phase was reached; absent = At, which an edit long after moves too
	Locale        Expr        `yaml:"locale"`
	Channel       Expr        `yaml:"channel"`     // where it was bought; absent = the shop itself
	Marketplace   Expr        `yaml:"marketplace"` // true: the marketplace itself writes to the shopper
	Test          Expr        `yaml:"test"`
	Customer      Customer    `yaml:"customer"`
	Recipients    Recipients  `yaml:"recipients"`
	Destination   Destination `yaml:"destination"`
	Items         Items       `yaml:"items"`
	Currency      Expr        `yaml:"currency"`
	TotalMinor    Expr        `yaml:"totalMinor"`
	RefundedMinor Expr        `yaml:"refundedMinor"` // absent = the sum of Refunds
	Refunds       Refunds     `yaml:"refunds"`
	Promise       ETA         `yaml:"promise"`
	Method        Expr        `yaml:"method"`      // Parcel, Letter, Pickup or Digital
	MethodTitle   Expr        `yaml:"methodTitle"` // as the platform calls it
	Note          Expr        `yaml:"note"`        // the shopper's delivery note
	Tags          Expr        `yaml:"tags"`        // a list of texts, or one text with commas
	Links         Links       `yaml:"links"`
	// Shipments are the order's shipments; one that they leave out is withdrawn.
	Shipments []Shipments `yaml:"shipments"`
}

// Customer maps the buyer.
type Customer struct {
	ID        Expr `yaml:"id"`
	Name      Expr `yaml:"name"`
	FirstName Expr `yaml:"firstName"`
	Email     Expr `yaml:"email"`
	Phone     Expr `yaml:"phone"`
	Company   Expr `yaml:"company"`
	Tags      Expr `yaml:"tags"`
}

// Recipients maps further recipients; List's elements are `recipient`.
type Recipients struct {
	List      Expr `yaml:"list"`
	Role      Expr `yaml:"role"` // GiftRecipient or Copied
	Name      Expr `yaml:"name"`
	FirstName Expr `yaml:"firstName"`
	Email     Expr `yaml:"email"`
	Phone     Expr `yaml:"phone"`
	Company   Expr `yaml:"company"`
	PONumber  Expr `yaml:"poNumber"`
}

// Destination maps the address that the order is sent to.
type Destination struct {
	Street   Expr `yaml:"street"`
	Postcode Expr `yaml:"postcode"`
	City     Expr `yaml:"city"`
	Region   Expr `yaml:"region"`  // the second part of ISO 3166-2
	Country  Expr `yaml:"country"` // ISO 3166-1 alpha-2
}

// Items maps an order's lines; List's elements are `item`.
type Items struct {
	List          Expr `yaml:"list"`
	ID            Expr `yaml:"id"`
	Name          Expr `yaml:"name"`
	SKU           Expr `yaml:"sku"`
	Variant       Expr `yaml:"variant"`
	Quantity      Expr `yaml:"quantity"` // decimal; absent = 1
	PriceMinor    Expr `yaml:"priceMinor"`
	ImageURL      Expr `yaml:"imageURL"`
	URL           Expr `yaml:"url"`
	Tags          Expr `yaml:"tags"`
	Method        Expr `yaml:"method"`
	AvailableFrom Expr `yaml:"availableFrom"` // a day
	State         Expr `yaml:"state"`         // Refunded, Cancelled or Backordered
}

// Refunds maps the refunds of an order; List's elements are `refund`.
type Refunds struct {
	List        Expr `yaml:"list"`
	AmountMinor Expr `yaml:"amountMinor"`
	At          Expr `yaml:"at"`
}

// Links maps pages of the shop about the order; List's elements are `link`.
type Links struct {
	List Expr `yaml:"list"`
	Name Expr `yaml:"name"`
	URL  Expr `yaml:"url"`
}

// Shipments maps shipments; List's elements are `shipment`. Within an order they belong to it, whatever order they name.
type Shipments struct {
	When        Expr          `yaml:"when"` // absent = always
	List        Expr          `yaml:"list"`
	Partial     bool          `yaml:"partial"` // as Orders.Partial
	ID          Expr          `yaml:"id"`      // unique at the source; absent within an order = Name, or its place in the list
	Name        string        `yaml:"name"`    // set if the block maps exactly one shipment of an order
	OrderNumber Expr          `yaml:"orderNumber"`
	ExternalID  Expr          `yaml:"externalID"` // the platform's id of the order
	Email       Expr          `yaml:"email"`
	Postcode    Expr          `yaml:"postcode"`
	Country     Expr          `yaml:"country"`
	At          Expr          `yaml:"at"` // when the platform last changed it; absent = as the order's, or receivedAt
	Direction   Expr          `yaml:"direction"`
	Method      Expr          `yaml:"method"`
	MethodTitle Expr          `yaml:"methodTitle"`
	Phase       Expr          `yaml:"phase"`   // in a partial statement an empty one is unchanged
	PhaseAt     Expr          `yaml:"phaseAt"` // absent = At
	CreatedAt   Expr          `yaml:"createdAt"`
	Lines       Lines         `yaml:"lines"`
	Parcels     OrderedParcel `yaml:"parcels"`
	Replaces    Expr          `yaml:"replaces"` // id of the shipment that this one closes
	Origin      Origin        `yaml:"origin"`
	Promise     ETA           `yaml:"promise"`
	ReturnLabel ReturnLabel   `yaml:"returnLabel"`
}

// Lines maps the contents of a shipment or a parcel; List's elements are `line`.
type Lines struct {
	List     Expr `yaml:"list"`
	ID       Expr `yaml:"id"`
	SKU      Expr `yaml:"sku"`
	Name     Expr `yaml:"name"`
	Quantity Expr `yaml:"quantity"` // decimal; absent = 1
}

// OrderedParcel maps the parcels that a shipment names; List's elements are `parcel`.
type OrderedParcel struct {
	List    Expr  `yaml:"list"`
	Carrier Expr  `yaml:"carrier"`
	Number  Expr  `yaml:"number"`
	URL     Expr  `yaml:"url"`
	Lines   Lines `yaml:"lines"`
}

// Origin maps where a shipment starts.
type Origin struct {
	Country Expr `yaml:"country"`
	Zone    Expr `yaml:"zone"` // IANA name
}

// ReturnLabel maps the label with which the shopper sends something back.
type ReturnLabel struct {
	URL   Expr `yaml:"url"`
	Until Expr `yaml:"until"` // a day
}

// Parcels maps trackers with events; List's elements are `parcel`.
type Parcels struct {
	When         Expr    `yaml:"when"` // absent = always
	List         Expr    `yaml:"list"`
	Partial      bool    `yaml:"partial"` // as Orders.Partial
	ID           Expr    `yaml:"id"`      // the provider's id of the tracker; absent = carrier, number and instance
	Carrier      Expr    `yaml:"carrier"` // any name of the carrier; it becomes wismo's slug
	Number       Expr    `yaml:"number"`
	URL          Expr    `yaml:"url"`
	OrderNumber  Expr    `yaml:"orderNumber"`
	ExternalID   Expr    `yaml:"externalID"` // the shop system's id of the order; leave it out where the field may hold another id
	Email        Expr    `yaml:"email"`
	Postcode     Expr    `yaml:"postcode"`
	Country      Expr    `yaml:"country"`
	ShipmentID   Expr    `yaml:"shipmentID"` // id of a shipment of the same source
	Returning    Expr    `yaml:"returning"`  // true: the parcel is on its way back to the shop
	Instance     Expr    `yaml:"instance"`   // distinguishes parcels with the same number
	At           Expr    `yaml:"at"`         // when the provider made this payload; absent = the newest event's time
	CheckedAt    Expr    `yaml:"checkedAt"`  // when the provider last asked the carrier
	ETA          ETA     `yaml:"eta"`        // of the parcel, as of At
	Legs         Legs    `yaml:"legs"`
	Pieces       Pieces  `yaml:"pieces"`
	Pickup       Pickup  `yaml:"pickup"`
	Proof        Proof   `yaml:"proof"`
	Instructions Expr    `yaml:"instructions"`
	Current      Current `yaml:"current"`
	Events       Events  `yaml:"events"`
}

// Legs maps the legs of a parcel under other carriers or numbers; List's elements are `leg`.
type Legs struct {
	List    Expr `yaml:"list"`
	Carrier Expr `yaml:"carrier"`
	Number  Expr `yaml:"number"`
	URL     Expr `yaml:"url"`
	Role    Expr `yaml:"role"` // FirstMile, LastMile, Consignment or Local
}

// Pieces maps how many boxes travel under the number.
type Pieces struct {
	Total     Expr `yaml:"total"`
	Delivered Expr `yaml:"delivered"`
}

// Pickup maps the place where a parcel can be collected.
type Pickup struct {
	Name    Expr `yaml:"name"`
	Address Expr `yaml:"address"` // a text or a list, as Events.Location
	Until   Expr `yaml:"until"`   // a day, the last one
	Code    Expr `yaml:"code"`
	Hours   Expr `yaml:"hours"`
	URL     Expr `yaml:"url"`
}

// Proof maps the proof of delivery.
type Proof struct {
	SignedBy Expr `yaml:"signedBy"`
	Note     Expr `yaml:"note"` // where it was left
	PhotoURL Expr `yaml:"photoURL"`
}

// Current maps the carrier's own word for the present state. It wins over the events, and adds nothing if the newest event has the
// same state.
type Current struct {
	Code       Expr `yaml:"code"`
	Codes      Expr `yaml:"codes"`
	Qualifiers Expr `yaml:"qualifiers"`
	Time       Expr `yaml:"time"` // as of when; absent = Parcels.At
	Location   Expr `yaml:"location"`
	Text       Expr `yaml:"text"`
}

// Events maps a parcel's events; List's elements are `event`.
type Events struct {
	List           Expr      `yaml:"list"`
	Order          ListOrder `yaml:"order"`      // of List, if it is more reliable than the times; "" = sort by the times
	ID             Expr      `yaml:"id"`         // identifies the event in every payload that repeats it; a text or, as Location, a list
	Code           Expr      `yaml:"code"`       // the raw code, kept and reported
	Codes          Expr      `yaml:"codes"`      // keys of Mapping.Codes, the first listed wins; absent = [code]
	Qualifiers     Expr      `yaml:"qualifiers"` // keys of Mapping.Qualifiers, all count
	Time           Expr      `yaml:"time"`
	Zone           Expr      `yaml:"zone"`     // IANA name of the zone in which Time is written without one
	Location       Expr      `yaml:"location"` // a text, or a list: joined by ", ", lists within it by " ", what is absent left out
	Country        Expr      `yaml:"country"`
	Text           Expr      `yaml:"text"`
	Language       Expr      `yaml:"language"`       // of Text
	Delayed        Expr      `yaml:"delayed"`        // true sets the flag, false leaves what the code says
	Returning      Expr      `yaml:"returning"`      // likewise
	ActionRequired Expr      `yaml:"actionRequired"` // likewise
	Action         Action    `yaml:"action"`         // set: the shopper must act
	Planned        Expr      `yaml:"planned"`        // true: a step in the future, never a status
	Reason         Expr      `yaml:"reason"`         // a wismo reason, replaces the code's
	ETA            ETA       `yaml:"eta"`
}

// ListOrder is how a list of events is sorted.
type ListOrder string

// The orders of a list.
const (
	OldestFirst ListOrder = "OldestFirst"
	NewestFirst ListOrder = "NewestFirst"
)

// Action maps the action that the shopper must take.
type Action struct {
	Reason Expr `yaml:"reason"`
	URL    Expr `yaml:"url"`
	By     Expr `yaml:"by"` // a time or a day
}

// ETA maps an expected delivery: a day, or a window. Day wins where both are given.
type ETA struct {
	Day  Expr `yaml:"day"`  // only the date counts
	From Expr `yaml:"from"` // without To it is a moment; at midnight, in UTC or as it is written, it is a day
	To   Expr `yaml:"to"`
}

// Absent reports whether the definition maps no expected delivery.
func (e ETA) Absent() bool { return e.Day.Absent() && e.From.Absent() }

// Expr is one CEL expression with its line; the zero value is absent.
type Expr struct {
	Source string
	Line   int
}

// Absent reports whether the definition gives no expression.
func (e Expr) Absent() bool { return e.Source == "" }

// UnmarshalYAML reads the expression and remembers its line.
func (e *Expr) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.ScalarNode {
		return fmt.Errorf("line %d: must be a CEL expression written as one string", node.Line)
	}
	e.Source, e.Line = node.Value, node.Line
	if node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		e.Line++ // the text starts below the indicator
	}
	return nil
}
