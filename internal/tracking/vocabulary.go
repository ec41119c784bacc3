package tracking

import "slices"

// Phase is how far the shop is with a shipment, with an order that has no shipments, or with a return. A Status is how far the carrier is.
type Phase string

// The phases of an outbound shipment, in the order in which a merchant works, then its cancellations.
const (
	OrderReceived      Phase = "OrderReceived"
	AwaitingProcessing Phase = "AwaitingProcessing"
	Preparing          Phase = "Preparing"
	Packed             Phase = "Packed"
	ReadyToShip        Phase = "ReadyToShip"
	Shipped            Phase = "Shipped"
	ReadyToCollect     Phase = "ReadyToCollect" // at the shop's own counter
	Collected          Phase = "Collected"
	Cancelled          Phase = "Cancelled"      // the shop will not send this shipment
	OrderCancelled     Phase = "OrderCancelled" // the shop will send none of the order
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

// Status is how far a carrier is with a parcel: definitions map the codes of each carrier to these.
type Status string

// The parcel statuses, in the order in which a parcel goes through them. Delay, return and "the shopper must act" are fields of a Scan.
const (
	LabelCreated          Status = "LabelCreated"    // the carrier knows the number and does not have the parcel
	HandedToCarrier       Status = "HandedToCarrier" // the carrier has the parcel
	InTransit             Status = "InTransit"
	InCustoms             Status = "InCustoms"
	OutForDelivery        Status = "OutForDelivery" // on the van that delivers it
	DeliveryAttemptFailed Status = "DeliveryAttemptFailed"
	AvailableForPickup    Status = "AvailableForPickup" // waits at a pickup point of the carrier
	PickupExpired         Status = "PickupExpired"      // was not collected from the pickup point in time; goes back next
	Delivered             Status = "Delivered"
	ReturnInTransit       Status = "ReturnInTransit" // goes back to the sender
	ReturnedToSender      Status = "ReturnedToSender"
	Lost                  Status = "Lost"
	Damaged               Status = "Damaged"
	Disposed              Status = "Disposed"        // destroyed by the carrier
	ParcelCancelled       Status = "ParcelCancelled" // the label was cancelled; the carrier never gets the parcel
	Exception             Status = "Exception"       // a problem that no other status names
)

// Statuses lists every parcel status.
func Statuses() []Status {
	return []Status{
		LabelCreated, HandedToCarrier, InTransit, InCustoms, OutForDelivery, DeliveryAttemptFailed,
		AvailableForPickup, PickupExpired, Delivered, ReturnInTransit, ReturnedToSender, Lost, Damaged,
		Disposed, ParcelCancelled, Exception,
	}
}

// Terminal reports whether no further scan is expected. A later scan that shows the parcel under way reopens it.
func (s Status) Terminal() bool {
	return slices.Contains([]Status{Delivered, ReturnedToSender, Lost, Disposed, ParcelCancelled}, s)
}

// Carried reports whether a carrier has, or had, a parcel of this status.
func (s Status) Carried() bool {
	return s != "" && s != LabelCreated && s != ParcelCancelled
}

// Reason is why a parcel has its status: why a delivery failed, for example. The list is closed.
type Reason string

// The reasons that a carrier may give.
const (
	ReasonRefused       Reason = "Refused" // by the recipient
	ReasonNotHome       Reason = "NotHome"
	ReasonAddressWrong  Reason = "AddressWrong"
	ReasonClosed        Reason = "Closed" // the recipient's business, or the pickup point
	ReasonNoAccess      Reason = "NoAccess"
	ReasonMoved         Reason = "Moved"      // the recipient has another address now
	ReasonPaymentDue    Reason = "PaymentDue" // cash on delivery
	ReasonWeather       Reason = "Weather"
	ReasonCapacity      Reason = "Capacity"      // the carrier has more parcels than it can deliver
	ReasonMissorted     Reason = "Missorted"     // sent to the wrong depot
	ReasonVehicle       Reason = "Vehicle"       // a breakdown or an accident of the van
	ReasonDocuments     Reason = "Documents"     // customs needs papers
	ReasonDutiesDue     Reason = "DutiesDue"     // customs wants duties to be paid
	ReasonProhibited    Reason = "Prohibited"    // the contents may not be sent or imported
	ReasonSecurity      Reason = "Security"      // a security check
	ReasonUnclaimed     Reason = "Unclaimed"     // not collected
	ReasonSearching     Reason = "Searching"     // the carrier looks for the parcel
	ReasonDamagedInPart Reason = "DamagedInPart" // some of the contents are damaged
	ReasonHeld          Reason = "Held"          // the carrier or an authority keeps the parcel back
)

// Reasons lists every reason.
func Reasons() []Reason {
	return []Reason{
		ReasonRefused, ReasonNotHome, ReasonAddressWrong, ReasonClosed, ReasonNoAccess, ReasonMoved, ReasonPaymentDue, ReasonWeather, ReasonCapacity, ReasonMissorted, ReasonVehicle,
		ReasonDocuments, ReasonDutiesDue, ReasonProhibited, ReasonSecurity, ReasonUnclaimed, ReasonSearching, ReasonDamagedInPart, ReasonHeld,
	}
}

// Direction is whether a shipment goes to the shopper or comes back.
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

// Tracked reports whether carriers scan shipments of this method; "" counts as a parcel.
func (m Method) Tracked() bool { return m == "" || m == MethodParcel }

// LegRole is the part of a parcel's way that another carrier, or another number, covers.
type LegRole string

// The roles of a leg: its start, its end, a number for several parcels together, or the number of the carrier in the destination.
const (
	RoleFirstMile   LegRole = "FirstMile"
	RoleLastMile    LegRole = "LastMile"
	RoleConsignment LegRole = "Consignment"
	RoleLocal       LegRole = "Local"
)

// LegRoles lists every role.
func LegRoles() []LegRole { return []LegRole{RoleFirstMile, RoleLastMile, RoleConsignment, RoleLocal} }

// isLast reports whether the carrier of such a leg delivers the parcel; isFirst, whether another leg follows it. A leg without a
// role is neither.
func (r LegRole) isLast() bool  { return r == RoleLastMile || r == RoleLocal }
func (r LegRole) isFirst() bool { return r == RoleFirstMile || r == RoleConsignment }

// Occasion is what a shopper may be told: that a phase or a parcel status was reached, or a fact derived from them.
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
