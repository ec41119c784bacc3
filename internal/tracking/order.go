package tracking

import "time"

// Order is everything the shop knows of one purchase, with the parcels that carry it.
// It is the aggregate that the store loads and that the page and the notifier read.
type Order struct {
	ID         string // public, random, 128 bit in lower-case base32; never sequential
	Number     string // what the shopper was told, e.g. "#1001"
	ExternalID string // the shop platform's own id, joins later updates
	Source     string // name of the order source that brought it
	PlacedAt   time.Time
	Phase      Phase
	PhaseTimes map[Phase]time.Time // when each phase was first reached
	Locale     string              // BCP 47, "" = the Shop's default
	Customer   Customer
	To         Address
	Items      []Item
	Currency   string // ISO 4217, "" = no prices known
	TotalMinor int64  // total in minor units of Currency (cents)
	Promise    *ETA   // the order's own promise, before any carrier speaks
	Parcels    []Parcel
	UpdatedAt  time.Time // of the newest OrderChange applied
}

// Customer is personal data: never logged, never in a metric, an event or a status.
type Customer struct {
	Name, Email, Phone string
}

// Address is the destination, as far as the shop told it.
type Address struct {
	Street, Postcode, City, Country string // Country is ISO 3166-1 alpha-2
}

// Item is one line of the order.
type Item struct {
	Name       string
	SKU        string
	Quantity   int
	PriceMinor int64 // of one piece, in minor units of the order's currency
}

// Parcel is one piece in a carrier's hands. Numbers are recycled by carriers: the key is (shop, carrier, number, window).
type Parcel struct {
	Carrier    string // wismo's slug, e.g. "postnord", "dhl-express"; "" when only the number is known
	Number     string
	ShipmentID string // the shop platform's id of the shipment, "" when unknown; joins events that come without a number
	URL        string // the carrier's own page, "" when unknown
	Events     []Event
}

// Event is one thing a carrier (or the shop) said about a parcel.
type Event struct {
	Key            string // identity for deduplication, see EventKey
	Status         Status // "" = tells nothing about the state (a plain scan, or an unknown code)
	Reason         Reason
	Delayed        bool
	Returning      bool
	ActionRequired bool
	Time           time.Time // when it happened, by the carrier's clock
	Recorded       time.Time // when wismo learned of it
	Location       string    // plain text, at most 120 runes
	Text           string    // the carrier's own words, plain text, at most 500 runes
	Code           string    // the raw code, kept for replay and for the report of unmapped codes
	ETA            *ETA
}

// ETA is an expected delivery: a day, a range of days, or a window within one day. To is never before From.
type ETA struct {
	From, To time.Time
	DayOnly  bool      // From and To are calendar days (mostly the same one), written as midnight UTC: format them in UTC
	Source   ETASource // who says so
}

// ETASource tells how far an ETA may be trusted.
type ETASource string

// The sources of an ETA, the weakest first.
const (
	ETAFromPromise ETASource = "Promise"
	ETAFromOrder   ETASource = "Order"
	ETAFromCarrier ETASource = "Carrier"
)

// Update is what one receipt says, in wismo's words: orders, and events of parcels.
type Update struct {
	Orders []OrderChange
	Events []ParcelEvents
}

// OrderChange upserts an order; zero fields mean "not said" and never erase what is known.
type OrderChange struct {
	Order Order // Parcels carry number and carrier; their Events are empty
	At    time.Time
}

// ParcelEvents are events of one parcel, oldest first.
type ParcelEvents struct {
	Carrier     string
	Number      string // "" = the events concern every parcel of ShipmentID or, where no parcel has it, the order's only parcel
	ShipmentID  string // the shop platform's id of the shipment, else ""
	OrderNumber string // joins the parcel to its order where the payload says so, else ""
	ExternalID  string // the shop platform's order id, likewise
	URL         string
	Events      []Event
}
