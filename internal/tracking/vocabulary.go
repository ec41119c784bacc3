package tracking

import "slices"

// Phase is where a shipment (or an order that has none) stands before any carrier knows it, or where a return stands.
type Phase string

// The phases of an outbound shipment, in the order in which a merchant works, then what ends them.
const (
	OrderReceived      Phase = "OrderReceived"
	AwaitingProcessing Phase = "AwaitingProcessing"
	Preparing          Phase = "Preparing"
	Packed             Phase = "Packed"
	ReadyToShip        Phase = "ReadyToShip"
	Shipped            Phase = "Shipped"
	ReadyToCollect     Phase = "ReadyToCollect" // at the shop's own counter
	Collected          Phase = "Collected"
	Cancelled          Phase = "Cancelled" // this shipment will not be sent
	OrderCancelled     Phase = "OrderCancelled"
)

// The phases of a return.
const (
	ReturnRequested Phase = "ReturnRequested"
	ReturnReceived  Phase = "ReturnReceived"
	ReturnInspected Phase = "ReturnInspected"
	Refunded        Phase = "Refunded"
)

// Phases lists every phase: outbound in its natural order, then those of a return in theirs.
func Phases() []Phase {
	return []Phase{
		OrderReceived, AwaitingProcessing, Preparing, Packed, ReadyToShip, Shipped, ReadyToCollect, Collected, Cancelled,
		OrderCancelled, ReturnRequested, ReturnReceived, ReturnInspected, Refunded,
	}
}

// Status is what a carrier last said of a parcel, in wismo's words.
type Status string

// The parcel statuses. Delay, return and "the shopper must act" are modifiers of a Scan, not statuses.
const (
	LabelCreated          Status = "LabelCreated"
	HandedToCarrier       Status = "HandedToCarrier"
	InTransit             Status = "InTransit"
	InCustoms             Status = "InCustoms"
	OutForDelivery        Status = "OutForDelivery"
	DeliveryAttemptFailed Status = "DeliveryAttemptFailed"
	AvailableForPickup    Status = "AvailableForPickup"
	PickupExpired         Status = "PickupExpired"
	Delivered             Status = "Delivered"
	ReturnInTransit       Status = "ReturnInTransit"
	ReturnedToSender      Status = "ReturnedToSender"
	Lost                  Status = "Lost"
	Damaged               Status = "Damaged"
	Disposed              Status = "Disposed"
	ParcelCancelled       Status = "ParcelCancelled"
	Exception             Status = "Exception"
)

// Statuses lists every parcel status.
func Statuses() []Status {
	return []Status{
		LabelCreated, HandedToCarrier, InTransit, InCustoms, OutForDelivery, DeliveryAttemptFailed,
		AvailableForPickup, PickupExpired, Delivered, ReturnInTransit, ReturnedToSender, Lost, Damaged,
		Disposed, ParcelCancelled, Exception,
	}
}

// Terminal says that nothing more is expected; only a later scan that shows the parcel under way reopens it.
func (s Status) Terminal() bool {
	return slices.Contains([]Status{Delivered, ReturnedToSender, Lost, Disposed, ParcelCancelled}, s)
}

// Carried says that a parcel of this status has been in a carrier's hands.
func (s Status) Carried() bool {
	return s != "" && s != LabelCreated && s != ParcelCancelled
}

// Reason refines a status, from a closed list.
type Reason string

// The reasons a carrier may give.
const (
	Refused       Reason = "Refused"
	NotHome       Reason = "NotHome"
	AddressWrong  Reason = "AddressWrong"
	Closed        Reason = "Closed"
	NoAccess      Reason = "NoAccess"
	Moved         Reason = "Moved"
	PaymentDue    Reason = "PaymentDue"
	Weather       Reason = "Weather"
	Capacity      Reason = "Capacity"
	Missorted     Reason = "Missorted"
	Vehicle       Reason = "Vehicle"
	Documents     Reason = "Documents"
	DutiesDue     Reason = "DutiesDue"
	Prohibited    Reason = "Prohibited"
	Security      Reason = "Security"
	Unclaimed     Reason = "Unclaimed"
	Searching     Reason = "Searching"
	DamagedInPart Reason = "DamagedInPart"
	Held          Reason = "Held"
)

// Reasons lists every reason.
func Reasons() []Reason {
	return []Reason{
		Refused, NotHome, AddressWrong, Closed, NoAccess, Moved, PaymentDue, Weather, Capacity, Missorted, Vehicle,
		Documents, DutiesDue, Prohibited, Security, Unclaimed, Searching, DamagedInPart, Held,
	}
}

// Direction is which way a shipment goes.
type Direction string

// The directions.
const (
	Outbound Direction = "Outbound"
	Return   Direction = "Return"
)

// Directions lists every direction.
func Directions() []Direction { return []Direction{Outbound, Return} }

// Method is how a shipment travels. Only a parcel is scanned, so only a parcel can be late or silent by scans.
type Method string

// The methods.
const (
	MethodParcel  Method = "Parcel"
	MethodLetter  Method = "Letter"
	MethodPickup  Method = "Pickup"
	MethodDigital Method = "Digital"
)

// Methods lists every method.
func Methods() []Method { return []Method{MethodParcel, MethodLetter, MethodPickup, MethodDigital} }

// Tracked says that a carrier scans what travels so; an absent method is a parcel.
func (m Method) Tracked() bool { return m == "" || m == MethodParcel }

// Role is what a further carrier does on a parcel's way.
type Role string

// The roles of a leg.
const (
	FirstMile   Role = "FirstMile"
	LastMile    Role = "LastMile"
	Consignment Role = "Consignment"
	Local       Role = "Local"
)

// Roles lists every role.
func Roles() []Role { return []Role{FirstMile, LastMile, Consignment, Local} }

// isLast reports whether the carrier of such a leg delivers the parcel; isFirst, whether another leg follows it. A leg without a
// role is neither.
func (r Role) isLast() bool  { return r == LastMile || r == Local }
func (r Role) isFirst() bool { return r == FirstMile || r == Consignment }

// Occasion is something worth telling a shopper: a phase, a parcel status, or a fact derived from them.
type Occasion string

// The derived occasions; every Phase and every Status is an Occasion of the same name.
const (
	EtaFirstKnown   Occasion = "EtaFirstKnown"
	EtaMoved        Occasion = "EtaMoved"
	ArrivesTomorrow Occasion = "ArrivesTomorrow"
	Delayed         Occasion = "Delayed"
	LateWithoutNews Occasion = "LateWithoutNews"
	NoFirstScan     Occasion = "NoFirstScan"
	Stalled         Occasion = "Stalled"
	LastAttempt     Occasion = "LastAttempt"
	PickupExpiring  Occasion = "PickupExpiring"
	NextLegMissing  Occasion = "NextLegMissing"
	SilentOrder     Occasion = "SilentOrder"
	LocationChanged Occasion = "LocationChanged"
	ActionRequired  Occasion = "ActionRequired" // the shopper must do something, whatever the status
)

// Occasions lists every occasion: phases, statuses, then the derived ones.
func Occasions() []Occasion {
	var all []Occasion
	for _, p := range Phases() {
		all = append(all, Occasion(p))
	}
	for _, s := range Statuses() {
		all = append(all, Occasion(s))
	}
	return append(all, EtaFirstKnown, EtaMoved, ArrivesTomorrow, Delayed, LateWithoutNews, NoFirstScan, Stalled, LastAttempt,
		PickupExpiring, NextLegMissing, SilentOrder, LocationChanged, ActionRequired)
}
