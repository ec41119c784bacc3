package tracking

import (
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// Order holds all that is known of one order, assembled from its records. The page and the notifier read it.
type Order struct {
	ID           string        `json:",omitzero"` // public, random, 128 bit in lower-case base32; never sequential
	Number       string        `json:",omitzero"` // what the shopper was told, e.g. "#1001"
	Sources      []Key         `json:",omitzero"` // the order resources, the leading one first
	PlacedAt     time.Time     `json:",omitzero"`
	FirstHeard   time.Time     `json:",omitzero"` // when the first receipt of it was committed
	LastHeard    time.Time     `json:",omitzero"`
	LastHappened time.Time     `json:",omitzero"` // of what was heard, the time of the newest thing: long before LastHeard when a history is told late
	Phase        Phase         `json:",omitzero"` // of the order as a whole, as its leading source says now
	Cancelled    bool          `json:",omitzero"`
	CancelledAt  time.Time     `json:",omitzero"`
	Locale       string        `json:",omitzero"` // BCP 47, "" = the Shop's default
	Channel      string        `json:",omitzero"`
	Marketplace  bool          `json:",omitzero"`
	Test         bool          `json:",omitzero"`
	Buyer        Recipient     `json:",omitzero"`
	Recipients   []Recipient   `json:",omitzero"` // further ones
	To           Address       `json:",omitzero"`
	Lines        []Line        `json:",omitzero"`
	Emptied      bool          `json:",omitzero"` // lines were told, and none of them is to come any more
	Repaid       bool          `json:",omitzero"` // a source says that money went back, for a line or the whole
	Money        Money         `json:",omitzero"`
	Promise      *ETA          `json:",omitzero"` // the order's own
	Refunds      []Refund      `json:",omitzero"`
	Method       Method        `json:",omitzero"`
	MethodTitle  string        `json:",omitzero"`
	Note         string        `json:",omitzero"`
	Tags         []string      `json:",omitzero"`
	Links        []Link        `json:",omitzero"`
	Phases       []PhaseChange `json:",omitzero"` // of the order as a whole, the earliest of each phase, oldest first
	Shipments    []Shipment    `json:",omitzero"` // outbound first, in the order in which they became known; none withdrawn
}

// Shipment is what a shop packs together. A parcel that no shipment names travels in a shipment of its own with an empty Ref.
type Shipment struct {
	Subject     Subject       `json:",omitzero"`
	Aliases     []Subject     `json:",omitzero"` // other subjects that mean this shipment: news that was told of them was told of it
	Source      string        `json:",omitzero"`
	Ref         string        `json:",omitzero"`
	Direction   Direction     `json:",omitzero"`
	Method      Method        `json:",omitzero"`
	MethodTitle string        `json:",omitzero"`
	Phase       Phase         `json:",omitzero"` // "" = the order's
	Phases      []PhaseChange `json:",omitzero"` // the earliest of each phase, oldest first
	CreatedAt   time.Time     `json:",omitzero"`
	Heard       time.Time     `json:",omitzero"`
	CancelledAt time.Time     `json:",omitzero"` // when the present cancellation began; zero = it is not cancelled
	Lines       []LineShare   `json:",omitzero"` // contents; nil = not said
	Origin      Place         `json:",omitzero"`
	Promise     *ETA          `json:",omitzero"`
	ReturnLabel *ReturnLabel  `json:",omitzero"`
	ReplacedBy  string        `json:",omitzero"` // ref of the shipment that closed this one, "" = none
	Parcels     []Parcel      `json:",omitzero"`
}

// Parcel is what a carrier carries under one number: one box, or several.
type Parcel struct {
	Subject      Subject      `json:",omitzero"`
	Carrier      string       `json:",omitzero"` // slug; "" when only the number is known
	Number       string       `json:",omitzero"`
	URL          string       `json:",omitzero"`
	Begins, Ends time.Time    `json:",omitzero"` // the window in which the number means this parcel
	Heard        time.Time    `json:",omitzero"` // when the number was first heard as this order's
	Added        bool         `json:",omitzero"` // named after the first parcels of its shipment, and in place of none
	Lines        []LineShare  `json:",omitzero"`
	Legs         []Leg        `json:",omitzero"`
	Pieces       *Pieces      `json:",omitzero"`
	Pickup       *PickupPoint `json:",omitzero"`
	Proof        *Proof       `json:",omitzero"`
	Instructions string       `json:",omitzero"`
	Returning    bool         `json:",omitzero"` // all its trackers are of a parcel that goes back
	CheckedAt    time.Time    `json:",omitzero"` // when a provider last looked; zero = not said
	Followed     bool         `json:",omitzero"` // a source reports scans of the number
	Scans        []Scan       `json:",omitzero"` // oldest first, of every source, without doubles and without those of another use of the number
	Dates        []StatedDate `json:",omitzero"` // of the parcel and of its shipment, oldest first
	// Shared reports whether orders of different recipients name the number. Then no place, proof or pickup code is shown.
	Shared bool `json:",omitzero"`
	// Together are the numbers of other orders of the same recipient that the parcel carries as well.
	Together []string `json:",omitzero"`
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
	Role                      RecipientRole `json:",omitzero"`
	Name, FirstName           string        `json:",omitzero"`
	Email, Phone, Company, PO string        `json:",omitzero"`
	ID                        string        `json:",omitzero"` // of the customer at the source
	Tags                      []string      `json:",omitzero"`
}

// RecipientRole is how a recipient is related to an order.
type RecipientRole string

// The roles; "" is the buyer.
const (
	RoleBuyer  RecipientRole = "Buyer"
	RoleGift   RecipientRole = "GiftRecipient"
	RoleCopied RecipientRole = "Copied" // a further one, such as a purchasing department
)

// Address is the destination, as far as the shop told it. Country is ISO 3166-1 alpha-2, Region the second part of ISO 3166-2.
type Address struct {
	Street, Postcode, City, Region, Country string `json:",omitzero"`
}

// Line is one line of the order.
type Line struct {
	ID, SKU, Name, Variant string     `json:",omitzero"`
	Quantity               Quantity   `json:",omitzero"` // as it is now, after edits
	PriceMinor             int64      `json:",omitzero"` // of one piece, in minor units of the order's currency; 0 = not said
	ImageURL, URL          string     `json:",omitzero"`
	Tags                   []string   `json:",omitzero"`
	Method                 Method     `json:",omitzero"`
	AvailableFrom          locale.Day `json:",omitzero"` // of a pre-order or a back-order; zero = at once
	State                  LineState  `json:",omitzero"`
}

// LineState is why a line, or a part of it, is not sent with the others.
type LineState string

// The states of a line; "" = nothing special.
const (
	LineRefunded    LineState = "Refunded"
	LineCancelled   LineState = "Cancelled"
	LineBackordered LineState = "Backordered"
)

// LineShare is a part of a line within a shipment or parcel. It matches a line by id, else SKU, else exact name.
type LineShare struct {
	ID, SKU, Name string   `json:",omitzero"`
	Quantity      Quantity `json:",omitzero"`
}

// Money is what an order costs, in minor units of Currency.
type Money struct {
	Currency      string `json:",omitzero"` // ISO 4217, "" = no prices known
	TotalMinor    int64  `json:",omitzero"` // as it is now, after edits
	RefundedMinor int64  `json:",omitzero"`
}

// Refund is money that went back.
type Refund struct {
	AmountMinor int64     `json:",omitzero"`
	At          time.Time `json:",omitzero"`
}

// Link is a page of the shop about the order.
type Link struct {
	Name, URL string `json:",omitzero"`
}

// Place is where a shipment starts.
type Place struct {
	Country string `json:",omitzero"`
	Zone    string `json:",omitzero"` // IANA name
}

// ReturnLabel lets the shopper send something back.
type ReturnLabel struct {
	URL   string     `json:",omitzero"`
	Until locale.Day `json:",omitzero"`
}

// Leg is a part of the parcel's way under another carrier or number.
type Leg struct {
	Carrier, Number, URL string  `json:",omitzero"`
	Role                 LegRole `json:",omitzero"`
}

// Pieces counts pieces under one number.
type Pieces struct {
	Total, Delivered int `json:",omitzero"`
}

// PickupPoint is where a parcel waits to be collected.
type PickupPoint struct {
	Name, Address string     `json:",omitzero"`
	Until         locale.Day `json:",omitzero"` // the last day; zero = not said
	Code          string     `json:",omitzero"`
	Hours         string     `json:",omitzero"`
	URL           string     `json:",omitzero"`
}

// Proof is what shows a delivery.
type Proof struct {
	SignedBy, Note, PhotoURL string `json:",omitzero"`
}

// RequiredAction is what the shopper must do before the parcel can be delivered, such as paying duties.
type RequiredAction struct {
	Reason Reason    `json:",omitzero"`
	By     time.Time `json:",omitzero"` // zero = not said
	// Guessed reports whether the time zone of By was not stated.
	Guessed bool       `json:",omitzero"`
	ByDay   locale.Day `json:",omitzero"`
	URL     string     `json:",omitzero"`
}

// ETA is an expected delivery: a day, a range of days, or a window within one day. To is never before From.
type ETA struct {
	From, To time.Time `json:",omitzero"`
	Guessed  bool      `json:",omitzero"` // the zone of From and To was not given
	DayOnly  bool      `json:",omitzero"` // From and To are calendar days (mostly the same one), written as midnight UTC: format them in UTC
	Source   ETASource `json:",omitzero"` // who says so
}

// ETASource is the party that states an ETA.
type ETASource string

// The sources of an ETA, the weakest first.
const (
	ETAFromEstimate ETASource = "Estimate" // wismo's own, from the history of the lane
	ETAFromPromise  ETASource = "Promise"  // the Shop's general promise
	ETAFromOrder    ETASource = "Order"    // what the shop said of this order or shipment
	ETAFromCarrier  ETASource = "Carrier"
)
