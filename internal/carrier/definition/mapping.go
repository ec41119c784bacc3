package definition

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Mapping says, in CEL expressions, what a payload means. Every expression may use
//
//	header      map of the kept headers, by the name that the definition gives them
//	body        the payload; an absent and a null field are the same: absent
//	receivedAt  timestamp of the receipt
//
// and, inside a list, the element of each list around it: order, item, parcel, event.
// An expression that yields null or an empty optional (body.?a.?b) says nothing; one that fails quarantines the receipt.
// A text may be a string, a number or a boolean in the payload.
// A time may be written in any way that package mapping reads.
// Within YAML's flow style ({...} and [...]) an expression must stand in quotes.
type Mapping struct {
	// TimeZone is the IANA zone of times that the payload writes without one; "" = UTC.
	TimeZone string `yaml:"timeZone"`
	// Ignore are conditions; when one holds, the payload says nothing about orders or parcels (a ping, a handshake).
	Ignore []Expr `yaml:"ignore"`
	// Require are conditions that a payload which is not ignored must fulfil; one that does not is quarantined.
	Require []Requirement `yaml:"require"`
	// Orders are the upserts of orders.
	Orders []Orders `yaml:"orders"`
	// Parcels are the parcels with their events.
	Parcels []Parcels `yaml:"parcels"`
	// Codes are the provider's codes; a code that is not listed keeps the last status and is reported.
	Codes map[string]Outcome `yaml:"codes"`
	// Qualifiers refine a code: flags add up, a reason or a status given here replaces the code's, but a terminal
	// status stays.
	Qualifiers map[string]Outcome `yaml:"qualifiers"`
}

// Requirement is a condition with the words for whoever looks into the quarantine.
type Requirement struct {
	That      Expr   `yaml:"that"`
	Otherwise string `yaml:"otherwise"` // what is wrong and what to send instead; no data of the payload
}

// Orders maps a list of orders; List's elements are `order`.
type Orders struct {
	When        Expr          `yaml:"when"` // absent = always
	List        Expr          `yaml:"list"`
	Number      Expr          `yaml:"number"`
	ExternalID  Expr          `yaml:"externalID"`
	At          Expr          `yaml:"at"` // when the platform last changed the order; absent = receivedAt
	PlacedAt    Expr          `yaml:"placedAt"`
	Phase       Expr          `yaml:"phase"`
	PhaseAt     Expr          `yaml:"phaseAt"` // when Phase was reached; absent = At, which an edit long after moves too
	Locale      Expr          `yaml:"locale"`
	Customer    Customer      `yaml:"customer"`
	Destination Destination   `yaml:"destination"`
	Items       Items         `yaml:"items"`
	Currency    Expr          `yaml:"currency"`
	TotalMinor  Expr          `yaml:"totalMinor"`
	Promise     ETA           `yaml:"promise"`
	Parcels     OrderedParcel `yaml:"parcels"`
}

// Customer maps who ordered.
type Customer struct {
	Name  Expr `yaml:"name"`
	Email Expr `yaml:"email"`
	Phone Expr `yaml:"phone"`
}

// Destination maps where the order goes.
type Destination struct {
	Street   Expr `yaml:"street"`
	Postcode Expr `yaml:"postcode"`
	City     Expr `yaml:"city"`
	Country  Expr `yaml:"country"` // ISO 3166-1 alpha-2
}

// Items maps an order's lines; List's elements are `item`.
type Items struct {
	List       Expr `yaml:"list"`
	Name       Expr `yaml:"name"`
	SKU        Expr `yaml:"sku"`
	Quantity   Expr `yaml:"quantity"`
	PriceMinor Expr `yaml:"priceMinor"`
}

// OrderedParcel maps the parcels that an order names; List's elements are `parcel`.
type OrderedParcel struct {
	List       Expr `yaml:"list"`
	Carrier    Expr `yaml:"carrier"`
	Number     Expr `yaml:"number"`
	URL        Expr `yaml:"url"`
	ShipmentID Expr `yaml:"shipmentID"`
}

// Parcels maps parcels with events; List's elements are `parcel`.
type Parcels struct {
	When        Expr   `yaml:"when"` // absent = always
	List        Expr   `yaml:"list"`
	Carrier     Expr   `yaml:"carrier"` // any name of the carrier; it becomes wismo's slug
	Number      Expr   `yaml:"number"`
	URL         Expr   `yaml:"url"`
	OrderNumber Expr   `yaml:"orderNumber"`
	ExternalID  Expr   `yaml:"externalID"` // the platform's id of the order
	ShipmentID  Expr   `yaml:"shipmentID"` // the platform's id of the shipment, where events come without a number
	At          Expr   `yaml:"at"`         // when the provider made this payload; absent = the newest event's time
	ETA         ETA    `yaml:"eta"`        // of the parcel, as of At
	Events      Events `yaml:"events"`
}

// Events maps a parcel's events; List's elements are `event`.
type Events struct {
	List           Expr `yaml:"list"`
	ID             Expr `yaml:"id"`         // what is the same in every payload that repeats the event; a text or, as Location, a list
	Code           Expr `yaml:"code"`       // the raw code, kept and reported
	Codes          Expr `yaml:"codes"`      // keys of Mapping.Codes, the first listed wins; absent = [code]
	Qualifiers     Expr `yaml:"qualifiers"` // keys of Mapping.Qualifiers, all count
	Time           Expr `yaml:"time"`
	Location       Expr `yaml:"location"` // a text, or a list: joined by ", ", lists within it by " ", what is absent left out
	Text           Expr `yaml:"text"`
	Delayed        Expr `yaml:"delayed"`        // true sets the flag, false leaves what the code says
	Returning      Expr `yaml:"returning"`      // likewise
	ActionRequired Expr `yaml:"actionRequired"` // likewise
	Reason         Expr `yaml:"reason"`         // a wismo reason, replaces the code's
	ETA            ETA  `yaml:"eta"`
}

// ETA maps an expected delivery: a day, or a window. Day wins where both are given.
type ETA struct {
	Day  Expr `yaml:"day"`  // only the date counts
	From Expr `yaml:"from"` // without To it is a moment; at midnight UTC it is a day, as carriers write days so
	To   Expr `yaml:"to"`
}

// Absent says that the definition maps no expected delivery.
func (e ETA) Absent() bool { return e.Day.Absent() && e.From.Absent() }

// Expr is one CEL expression with the line where it stands; the zero value is absent.
type Expr struct {
	Source string
	Line   int
}

// Absent says that the definition gives no expression.
func (e Expr) Absent() bool { return e.Source == "" }

// UnmarshalYAML reads the expression and remembers its line.
func (e *Expr) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.ScalarNode {
		return fmt.Errorf("line %d: an expression is one text", node.Line)
	}
	e.Source, e.Line = node.Value, node.Line
	if node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		e.Line++ // the text starts below the indicator
	}
	return nil
}
