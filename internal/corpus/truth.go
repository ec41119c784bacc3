package corpus

import "time"

// Truth is what really happened, and from when on a source had sent it. All instants are UTC. A zero HeardAt
// means that no source ever said it.
type Truth struct {
	Orders  []Order  `json:"orders"`
	Parcels []Parcel `json:"parcels,omitempty"`
	// Foreign is what deliveries contain although it is of other people: it must never be shown.
	Foreign []Foreign `json:"foreign,omitempty"`
	// Until is the end of the journey; nothing happens or is sent after it.
	Until time.Time `json:"until"`
}

// Order is one purchase.
type Order struct {
	// Number is what the shopper was told, with its prefix, e.g. "#1001".
	Number     string    `json:"number"`
	ExternalID string    `json:"externalID,omitempty"`
	Source     Source    `json:"source"`
	PlacedAt   time.Time `json:"placedAt"`
	// HeardAt is when the first delivery about this order arrived, AddressHeardAt when the first one with a mail address
	// did (never: the shopper can be told nothing).
	HeardAt        time.Time   `json:"heardAt"`
	AddressHeardAt time.Time   `json:"addressHeardAt,omitzero"`
	Locale         string      `json:"locale"`
	Recipients     []Recipient `json:"recipients"`
	// Destinations are where it goes, the oldest first; the last one is where it went in the end.
	Destinations []Destination `json:"destinations,omitempty"`
	Channel      Channel       `json:"channel"`
	Test         bool          `json:"test,omitempty"`
	Lines        []Line        `json:"lines"`
	// Steps are what became of the order as a whole, the oldest first.
	Steps []OrderStep `json:"steps"`
	// Days are what the shop stated for the whole order, the oldest first.
	Days       []StatedDay `json:"days,omitempty"`
	Currency   string      `json:"currency"`   // ISO 4217
	TotalMinor int64       `json:"totalMinor"` // as it was placed, in minor units
	Refunds    []Refund    `json:"refunds,omitempty"`
	// Imported is true for an order that was completed before the shop began to use wismo: no message is sent about it.
	Imported bool `json:"imported,omitempty"`
}

// Recipient is a person whom an order concerns.
type Recipient struct {
	Role      Role   `json:"role"`
	Name      string `json:"name"`
	FirstName string `json:"firstName,omitempty"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
	PONumber  string `json:"poNumber,omitempty"`
}

// Role is what a person is to an order.
type Role string

// Roles of recipients.
const (
	RoleBuyer         Role = "Buyer"
	RoleGiftRecipient Role = "GiftRecipient"
	RoleCopied        Role = "Copied" // reads along, e.g. a company's purchasing
)

// Channel is where an order was placed.
type Channel string

// Channels of orders.
const (
	ChannelWebshop      Channel = "Webshop"
	ChannelMarketplace  Channel = "Marketplace"
	ChannelSubscription Channel = "Subscription"
	ChannelPOS          Channel = "PointOfSale"
	ChannelB2B          Channel = "B2B"
)

// Destination is an address, and since when it is known.
type Destination struct {
	Name     string    `json:"name,omitempty"`
	Street   string    `json:"street"`
	Postcode string    `json:"postcode"`
	City     string    `json:"city"`
	Region   string    `json:"region,omitempty"` // e.g. "OR"
	Country  string    `json:"country"`          // ISO 3166-1 alpha-2
	Zone     string    `json:"zone"`             // IANA
	HeardAt  time.Time `json:"heardAt"`
}

// Line is something that was bought.
type Line struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	SKU      string `json:"sku,omitempty"`
	Quantity int    `json:"quantity"`
	Method   Method `json:"method"`
	// AvailableFrom is the day from which a pre-ordered line can be sent.
	AvailableFrom Day `json:"availableFrom,omitempty"`
	// RemovedAt is when a source said that the line (or RemovedQuantity of it) was taken off the order.
	RemovedAt       time.Time `json:"removedAt,omitzero"`
	RemovedQuantity int       `json:"removedQuantity,omitempty"`
}

// Method is how a line or a parcel reaches the shopper.
type Method string

// Methods. Only MethodParcel has scans, so only it can be late or silent by them.
const (
	MethodParcel  Method = "Parcel"
	MethodLetter  Method = "Letter"
	MethodPickup  Method = "Pickup"
	MethodDigital Method = "Digital"
)

// Tracked reports whether scans are to be expected.
func (m Method) Tracked() bool { return m == MethodParcel }

// OrderState is what can become of an order as a whole.
type OrderState string

// States of orders.
const (
	OrderPlaced         OrderState = "Placed"
	OrderPreparing      OrderState = "Preparing"
	OrderShipped        OrderState = "Shipped" // a first part of it left
	OrderReadyToCollect OrderState = "ReadyToCollect"
	OrderCollected      OrderState = "Collected"
	OrderCancelled      OrderState = "Cancelled"
	OrderReinstated     OrderState = "Reinstated"
)

// OrderStep is one step of an order.
type OrderStep struct {
	State   OrderState `json:"state"`
	At      time.Time  `json:"at"`
	HeardAt time.Time  `json:"heardAt,omitzero"`
}

// Refund is money that went back, in minor units of the order's currency.
type Refund struct {
	AmountMinor int64     `json:"amountMinor"`
	Full        bool      `json:"full,omitempty"` // nothing of the order remains paid
	At          time.Time `json:"at"`
	HeardAt     time.Time `json:"heardAt,omitzero"`
}

// Parcel is one thing under way: a parcel, a letter, goods at the counter or a download. Two numbers of which the later
// corrects the earlier are one parcel.
type Parcel struct {
	// ID names the parcel within the journey, e.g. "p1".
	ID string `json:"id"`
	// Orders are the numbers of the orders in it, mostly one.
	Orders    []string  `json:"orders"`
	Direction Direction `json:"direction"`
	Method    Method    `json:"method"`
	// Carrier is the carrier's usual name, e.g. "PostNL"; Alias is what the sources call it.
	Carrier string   `json:"carrier,omitempty"`
	Alias   []string `json:"alias,omitempty"`
	// CarrierHeardAt is when a source first named the carrier.
	CarrierHeardAt time.Time `json:"carrierHeardAt,omitzero"`
	// Numbers are the tracking numbers that sources said, the oldest first.
	Numbers  []Number  `json:"numbers,omitempty"`
	Contents []Content `json:"contents,omitempty"`
	// ContentsHeardAt is when a source said which lines are in it.
	ContentsHeardAt time.Time `json:"contentsHeardAt,omitzero"`
	// Origin is the country it leaves from, Zone the time zone of where it goes.
	Origin string `json:"origin,omitempty"`
	Zone   string `json:"zone"`
	// Steps are what happened, in true order; HeardAt may run in another.
	Steps []Step `json:"steps,omitempty"`
	// Days are the stated days of arrival, in the order in which they were stated.
	Days    []StatedDay `json:"days,omitempty"`
	Pickups []Pickup    `json:"pickups,omitempty"`
	Actions []Action    `json:"actions,omitempty"`
	Proof   *Proof      `json:"proof,omitempty"`
	Pieces  *Pieces     `json:"pieces,omitempty"`
	// Legs are the numbers of other carriers under which the same parcel goes on.
	Legs []Leg `json:"legs,omitempty"`
	// Replaces is the ID of the parcel instead of which this one was sent, ReplacedAt when a source said so.
	Replaces   string    `json:"replaces,omitempty"`
	ReplacedAt time.Time `json:"replacedAt,omitzero"`
	// CancelledAt is when a source said that the parcel is not sent.
	CancelledAt time.Time `json:"cancelledAt,omitzero"`
	// NeverPushed is true when no carrier or aggregator ever sent a scan of it.
	NeverPushed bool `json:"neverPushed,omitempty"`
	// ReturnLabel is the label of a return, if the shop gave one.
	ReturnLabel *ReturnLabel `json:"returnLabel,omitempty"`
}

// Direction is the way a parcel goes.
type Direction string

// Directions of parcels. A parcel that comes back refused stays outbound; a return is what the shopper sends.
const (
	Outbound Direction = "Outbound"
	Return   Direction = "Return"
)

// Number is a tracking number, and for how long the sources stood by it.
type Number struct {
	Number  string    `json:"number"`
	HeardAt time.Time `json:"heardAt"`
	// WithdrawnAt is when a source said that the number was wrong.
	WithdrawnAt time.Time `json:"withdrawnAt,omitzero"`
}

// Content is a part of a line.
type Content struct {
	Order    string `json:"order"`
	Line     string `json:"line"` // the line's ID
	Quantity int    `json:"quantity"`
}

// State is what can become of a parcel.
type State string

// States of parcels.
const (
	StateLabelCreated     State = "LabelCreated"
	StateHandedToCarrier  State = "HandedToCarrier"
	StateInTransit        State = "InTransit"
	StateInCustoms        State = "InCustoms"
	StateOutForDelivery   State = "OutForDelivery"
	StateAttemptFailed    State = "DeliveryAttemptFailed"
	StateAtPickup         State = "AvailableForPickup"
	StatePickupExpired    State = "PickupExpired"
	StateDelivered        State = "Delivered"
	StateReturning        State = "ReturnInTransit"
	StateReturned         State = "ReturnedToSender"
	StateLost             State = "Lost"
	StateDamaged          State = "Damaged"
	StateDisposed         State = "Disposed"
	StateCancelled        State = "ParcelCancelled"
	StateException        State = "Exception"
	StateReadyToCollect   State = "ReadyToCollect"   // at the shop's own counter
	StateSentByLetter     State = "SentByLetter"     // given to the post without a number
	StateSentElectronical State = "SentElectronical" // mailed or downloadable
)

// Step is one thing that happened to a parcel.
type Step struct {
	State   State     `json:"state"`
	At      time.Time `json:"at"`
	Place   string    `json:"place,omitempty"`
	Reason  Reason    `json:"reason,omitempty"`
	Delayed bool      `json:"delayed,omitempty"`
	// Text is what the carrier wrote about it.
	Text    string    `json:"text,omitempty"`
	HeardAt time.Time `json:"heardAt,omitzero"`
	// Planned is true for a step that a source announced for a later instant; what really happens then is a step of its own.
	Planned bool `json:"planned,omitempty"`
	// Unmapped is true when the source used a code that its definition does not know: the place may be said, the state
	// cannot be known.
	Unmapped bool `json:"unmapped,omitempty"`
	// NoChange is true for a booking that changes nothing, e.g. a depot's after the delivery.
	NoChange bool `json:"noChange,omitempty"`
	// Told is the time that the source gave, where it is another than At (a clock that is wrong, a local time without
	// zone).
	Told time.Time `json:"told,omitzero"`
}

// Reason is why something happened.
type Reason string

// Reasons.
const (
	ReasonNone         Reason = ""
	ReasonRefused      Reason = "Refused"
	ReasonNotHome      Reason = "NotHome"
	ReasonAddressWrong Reason = "AddressWrong"
	ReasonClosed       Reason = "Closed"
	ReasonNoAccess     Reason = "NoAccess"
	ReasonPaymentDue   Reason = "PaymentDue"
	ReasonWeather      Reason = "Weather"
	ReasonMissorted    Reason = "Missorted"
	ReasonDocuments    Reason = "Documents"
	ReasonDutiesDue    Reason = "DutiesDue"
	ReasonUnclaimed    Reason = "Unclaimed"
	ReasonSearching    Reason = "Searching"
	ReasonHeld         Reason = "Held"
)

// Day is a calendar day, e.g. "2026-11-30"; days compare as text.
type Day string

// By is who stated something.
type By string

// Who states days.
const (
	ByCarrier By = "Carrier"
	ByShop    By = "Shop"
)

// StatedDay is a day, or a window of days or hours, stated for an arrival.
type StatedDay struct {
	// Day is the last day of it, FirstDay the first where they differ, both in the zone of the destination.
	Day      Day `json:"day"`
	FirstDay Day `json:"firstDay,omitempty"`
	// From and To are set for a window of hours.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	By   By        `json:"by"`
	// At is when it was stated, by the one who did.
	At      time.Time `json:"at"`
	HeardAt time.Time `json:"heardAt,omitzero"`
}

// Pickup is a point at which a parcel waits.
type Pickup struct {
	Name    string `json:"name"`
	Address string `json:"address,omitempty"`
	// Until is the last day, in the zone of the destination.
	Until   Day       `json:"until,omitempty"`
	Code    string    `json:"code,omitempty"`
	Hours   string    `json:"hours,omitempty"`
	At      time.Time `json:"at"`
	HeardAt time.Time `json:"heardAt,omitzero"`
	// DoneAt is when a source said that it waits there no more: collected, gone back, or moved.
	DoneAt time.Time `json:"doneAt,omitzero"`
}

// Action is something that only the shopper can do.
type Action struct {
	What Reason `json:"what"`
	// By is the last day, in the zone of the destination.
	By      Day       `json:"by,omitempty"`
	URL     string    `json:"url,omitempty"`
	At      time.Time `json:"at"`
	HeardAt time.Time `json:"heardAt,omitzero"`
	// DoneAt is when a source said something after which it is not needed any more; zero if never.
	DoneAt time.Time `json:"doneAt,omitzero"`
}

// Proof is how a parcel was handed over.
type Proof struct {
	SignedBy string    `json:"signedBy,omitempty"`
	Note     string    `json:"note,omitempty"` // e.g. "Left with the neighbour at 14"
	PhotoURL string    `json:"photoURL,omitempty"`
	HeardAt  time.Time `json:"heardAt"`
}

// Pieces are the pieces that travel under one number.
type Pieces struct {
	Total int `json:"total"`
	// Delivered are the instants at which sources said that one more piece was delivered.
	Delivered []time.Time `json:"delivered,omitempty"`
}

// Leg is the same parcel under the number of another carrier.
type Leg struct {
	Number  string    `json:"number"`
	Carrier string    `json:"carrier"`
	Role    string    `json:"role,omitempty"`
	HeardAt time.Time `json:"heardAt,omitzero"`
}

// ReturnLabel is a label for a return.
type ReturnLabel struct {
	URL     string    `json:"url"`
	Until   Day       `json:"until,omitempty"`
	HeardAt time.Time `json:"heardAt"`
}

// Foreign is something of other people that reached the sources under a number of this journey.
type Foreign struct {
	Number string   `json:"number,omitempty"`
	Names  []string `json:"names,omitempty"`
	Places []string `json:"places,omitempty"`
	Days   []Day    `json:"days,omitempty"`
}
