package tracking

import (
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// Order is everything that is known now of one purchase, assembled from its records. It is what the page and the notifier read.
type Order struct {
	ID          string // public, random, 128 bit in lower-case base32; never sequential
	Number      string // what the shopper was told, e.g. "#1001"
	Sources     []Key  // the order resources, the leading one first
	PlacedAt    time.Time
	FirstHeard  time.Time // when the first receipt of it was committed
	LastHeard   time.Time
	Cancelled   bool
	CancelledAt time.Time
	Locale      string // BCP 47, "" = the Shop's default
	Channel     string
	Marketplace bool
	Test        bool
	Buyer       Recipient
	Recipients  []Recipient // further ones
	To          Address
	Lines       []Line
	Money       Money
	Promise     *ETA // the order's own
	Refunds     []Refund
	Method      Method
	MethodTitle string
	Note        string
	Tags        []string
	Links       []Link
	Phases      []PhaseChange // of the order as a whole, the earliest of each phase, oldest first
	Shipments   []Shipment    // outbound first, in the order in which they became known; none withdrawn
}

// Shipment is what a shop packs together. A parcel that no shipment names travels in a shipment of its own with an empty Ref.
type Shipment struct {
	Subject     Subject
	Source      string
	Ref         string
	Direction   Direction
	Method      Method
	MethodTitle string
	Phase       Phase         // "" = the order's
	Phases      []PhaseChange // the earliest of each phase, oldest first
	CreatedAt   time.Time
	Heard       time.Time
	Lines       []LineShare // contents; nil = not said
	Origin      Place
	Promise     *ETA
	ReturnLabel *ReturnLabel
	ReplacedBy  string // ref of the shipment that closed this one, "" = none
	Parcels     []Parcel
}

// Parcel is one piece in a carrier's hands, or several pieces under one number.
type Parcel struct {
	Subject      Subject
	Carrier      string // slug; "" when only the number is known
	Number       string
	URL          string
	Begins, Ends time.Time // the window in which the number means this parcel
	Heard        time.Time // when the number was first heard as this order's
	Lines        []LineShare
	Legs         []Leg
	Pieces       *Pieces
	Pickup       *PickupPoint
	Proof        *Proof
	Instructions string
	Returning    bool         // every word of its trackers is of a parcel that goes back
	CheckedAt    time.Time    // when a provider last looked
	Scans        []Scan       // oldest first, of every source, without doubles and without those of another use of the number
	Dates        []StatedDate // of the parcel and of its shipment, oldest first
	// Shared says that orders of different recipients name the number: no place, proof or code of it is shown.
	Shared bool
}

// SubjectKind is what news is about.
type SubjectKind string

// The kinds of subjects.
const (
	SubjectOrder    SubjectKind = "Order"
	SubjectShipment SubjectKind = "Shipment"
	SubjectParcel   SubjectKind = "Parcel"
)

// Subject names what news is about within its order. The zero value is the order itself. It is comparable, and stable from one
// assembly to the next.
type Subject struct {
	Kind SubjectKind
	Ref  string // of a shipment "<source>/<ref>", of a parcel its normal number
}

// Recipient is personal data: never logged, never in a metric, an event or a status.
type Recipient struct {
	Role                      RecipientRole
	Name, FirstName           string
	Email, Phone, Company, PO string
	ID                        string   // of the customer at the source
	Tags                      []string `json:",omitempty"`
}

// RecipientRole is what a recipient has to do with an order.
type RecipientRole string

// The roles; "" is the buyer.
const (
	RoleBuyer  RecipientRole = "Buyer"
	RoleGift   RecipientRole = "GiftRecipient"
	RoleCopied RecipientRole = "Copied" // a further one, such as a purchasing department
)

// Address is the destination, as far as the shop told it. Country is ISO 3166-1 alpha-2, Region the second part of ISO 3166-2.
type Address struct {
	Street, Postcode, City, Region, Country string
}

// Line is one line of the order.
type Line struct {
	ID, SKU, Name, Variant string
	Quantity               Quantity // as it is now, after edits
	PriceMinor             int64    // of one piece, in minor units of the order's currency; 0 = not said
	ImageURL, URL          string
	Tags                   []string `json:",omitempty"`
	Method                 Method
	AvailableFrom          locale.Day // of a pre-order or a back-order; zero = at once
	State                  LineState
}

// LineState is what became of a line beside being sent.
type LineState string

// The states of a line; "" = nothing special.
const (
	LineRefunded    LineState = "Refunded"
	LineCancelled   LineState = "Cancelled"
	LineBackordered LineState = "Backordered"
)

// LineShare is a part of a line within a shipment or parcel. It matches a line by id, else SKU, else exact name.
type LineShare struct {
	ID, SKU, Name string
	Quantity      Quantity
}

// Money is what an order costs, in minor units of Currency.
type Money struct {
	Currency      string // ISO 4217, "" = no prices known
	TotalMinor    int64  // as it is now, after edits
	RefundedMinor int64
}

// Refund is money that went back.
type Refund struct {
	AmountMinor int64
	At          time.Time
}

// Link is a page of the shop about the order.
type Link struct{ Name, URL string }

// Place is where a shipment starts.
type Place struct {
	Country string
	Zone    string // IANA name
}

// ReturnLabel lets the shopper send something back.
type ReturnLabel struct {
	URL   string
	Until locale.Day
}

// Leg is the same parcel under another carrier or number.
type Leg struct {
	Carrier, Number, URL string
	Role                 Role
}

// Pieces counts pieces under one number.
type Pieces struct{ Total, Delivered int }

// PickupPoint is where a parcel waits to be collected.
type PickupPoint struct {
	Name, Address string
	Until         locale.Day // the last day; zero = not said
	Code          string
	Hours         string
	URL           string
}

// Proof is what shows a delivery.
type Proof struct {
	SignedBy, Note, PhotoURL string
}

// Action is what the shopper must do.
type Action struct {
	Reason Reason
	By     time.Time // zero = not said
	ByDay  locale.Day
	URL    string
}

// ETA is an expected delivery: a day, a range of days, or a window within one day. To is never before From.
type ETA struct {
	From, To time.Time
	DayOnly  bool      // From and To are calendar days (mostly the same one), written as midnight UTC: format them in UTC
	Source   ETASource // who says so
}

// ETASource tells who stands behind an ETA.
type ETASource string

// The sources of an ETA, the weakest first.
const (
	ETAFromEstimate ETASource = "Estimate" // wismo's own, from the history of the lane
	ETAFromPromise  ETASource = "Promise"  // the Shop's general promise
	ETAFromOrder    ETASource = "Order"    // what the shop said of this order or shipment
	ETAFromCarrier  ETASource = "Carrier"
)
