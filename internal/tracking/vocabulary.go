package tracking

import "slices"

// Phase is where an order stands before any carrier knows its parcels.
type Phase string

// The order phases, in the order in which a merchant works.
const (
	OrderReceived      Phase = "OrderReceived"
	AwaitingProcessing Phase = "AwaitingProcessing"
	Preparing          Phase = "Preparing"
	Packed             Phase = "Packed"
	ReadyToShip        Phase = "ReadyToShip"
	Shipped            Phase = "Shipped"
	OrderCancelled     Phase = "OrderCancelled"
)

// Phases lists every order phase in its natural order.
func Phases() []Phase {
	return []Phase{OrderReceived, AwaitingProcessing, Preparing, Packed, ReadyToShip, Shipped, OrderCancelled}
}

// Status is what a carrier last said of a parcel, in wismo's words.
type Status string

// The parcel statuses. Delay, return and "the shopper must act" are modifiers of an Event, not statuses.
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

// Terminal says that nothing more is expected; only an event with a later carrier time reopens it.
func (s Status) Terminal() bool {
	return slices.Contains([]Status{Delivered, ReturnedToSender, Lost, Disposed, ParcelCancelled}, s)
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

// Occasion is something worth telling a shopper: an order phase, a parcel status, or a fact derived from them.
type Occasion string

// The derived occasions; every Phase and every Status is an Occasion of the same name.
const (
	EtaFirstKnown   Occasion = "EtaFirstKnown"
	EtaMoved        Occasion = "EtaMoved"
	ArrivesTomorrow Occasion = "ArrivesTomorrow"
	Delayed         Occasion = "Delayed"
	LateWithoutNews Occasion = "LateWithoutNews"
	Stalled         Occasion = "Stalled"
	LastAttempt     Occasion = "LastAttempt"
	PickupExpiring  Occasion = "PickupExpiring"
	LocationChanged Occasion = "LocationChanged"
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
	return append(all, EtaFirstKnown, EtaMoved, ArrivesTomorrow, Delayed, LateWithoutNews, Stalled, LastAttempt, PickupExpiring, LocationChanged)
}
