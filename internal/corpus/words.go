package corpus

import "slices"

// texts are what carriers write about a scan.
var texts = map[State]string{
	StateLabelCreated: "Shipping information received", StateHandedToCarrier: "Accepted by the carrier", StateInTransit: "Sorted and on its way",
	StateInCustoms: "In customs clearance", StateOutForDelivery: "Loaded for delivery", StateAttemptFailed: "Delivery could not be made",
	StateAtPickup: "Ready to be collected", StatePickupExpired: "Not collected in time", StateDelivered: "Handed over",
	StateReturning: "On its way back", StateReturned: "Back at the sender", StateLost: "Could not be found", StateDamaged: "Damaged",
	StateDisposed: "Disposed of", StateCancelled: "Shipment cancelled", StateException: "Held at the depot",
}

// word is how a teller says a state.
type word struct{ code, detail string }

var easypostWords = map[State]word{
	StateLabelCreated: {"pre_transit", "label_created"}, StateHandedToCarrier: {"in_transit", "received_at_origin_facility"},
	StateInTransit: {"in_transit", "arrived_at_facility"}, StateOutForDelivery: {"out_for_delivery", "out_for_delivery"},
	StateAttemptFailed: {"failure", "delivery_exception"}, StateAtPickup: {"available_for_pickup", "arrived_at_pickup_location"},
	StateDelivered: {"delivered", "arrived_at_destination"}, StateReturning: {"return_to_sender", "return"},
	StateLost: {"failure", "lost"}, StateDamaged: {"failure", "damaged"}, StateCancelled: {"cancelled", "cancelled"},
	StateException: {"in_transit", "held"}, StateReturned: {"delivered", "arrived_at_destination"},
}

// sendcloudIDs are those of integration webhooks.
var sendcloudIDs = map[State]int{
	StateLabelCreated: 1, StateHandedToCarrier: 22, StateInTransit: 3, StateOutForDelivery: 92, StateAttemptFailed: 8, StateAtPickup: 12,
	StateDelivered: 11, StateCancelled: 2000, StateException: 80, StateReturned: 62992,
}

var sendcloudMessages = map[int]string{
	1: "Announced", 3: "En route to sorting center", 4: "Delivery delayed", 8: "Delivery attempt failed", 11: "Delivered",
	12: "Awaiting customer pickup", 22: "Shipment picked up by driver", 80: "Unable to deliver", 92: "Driver en route",
	93: "Shipment collected by customer", 2000: "Cancelled", 62991: "Refused by recipient", 62992: "Returned to sender",
}

// sendcloudPhases are phase and exception of event subscriptions.
var sendcloudPhases = map[State]word{
	StateLabelCreated: {"labelled", "none"}, StateHandedToCarrier: {"accepted", "none"}, StateInTransit: {"in_transit", "none"},
	StateInCustoms: {"customs", "none"}, StateOutForDelivery: {"in_delivery", "none"}, StateAttemptFailed: {"attempted", "none"},
	StateAtPickup: {"pup", "none"}, StatePickupExpired: {"pup", "pup_expiration"}, StateDelivered: {"delivered", "none"},
	StateReturning: {"in_transit", "returned_sender"}, StateReturned: {"delivered", "none"}, StateLost: {"in_transit", "missing"},
	StateDamaged: {"in_transit", "damaged"}, StateException: {"in_transit", "off_radar"},
}

var shopifyWords = map[State]string{
	StateLabelCreated: "label_printed", StateHandedToCarrier: "carrier_picked_up", StateInTransit: "in_transit",
	StateOutForDelivery: "out_for_delivery", StateAttemptFailed: "attempted_delivery", StateAtPickup: "ready_for_pickup",
	StateDelivered: "delivered", StateException: "failure",
}

// can tells whether the parcel's teller has a word for a state.
func (p *parcel) can(state State) bool {
	var found bool
	switch {
	case p.teller == SourceAPI:
		found = slices.Index(states, state) <= slices.Index(states, StateException)
	case p.teller == SourceEasyPost && p.Direction == Return:
		found = state == StateReturning || state == StateReturned || state == StateLabelCreated
	case p.teller == SourceEasyPost:
		_, found = easypostWords[state]
	case p.teller == SourceSendcloud && p.v3:
		_, found = sendcloudPhases[state]
	case p.teller == SourceSendcloud:
		_, found = sendcloudIDs[state]
	case p.teller == SourceShopify:
		_, found = shopifyWords[state]
	}
	return found
}

// canDate tells whether the teller states days.
func (p *parcel) canDate() bool {
	return p.teller != "" && (p.teller != SourceSendcloud || !p.v3)
}

// canReason tells whether the teller has a word for a step's reason.
func (p *parcel) canReason(step Step) bool {
	switch {
	case p.teller == SourceAPI:
		return true
	case p.teller == SourceEasyPost:
		return easypostReasons[step.Reason] != "" && step.State != StateAttemptFailed && (!step.Delayed || step.Reason == ReasonWeather)
	case p.teller == SourceSendcloud && p.v3:
		return sendcloudReasons[step.Reason] != "" || step.State == StatePickupExpired
	case p.teller == SourceSendcloud:
		return step.State == StateAttemptFailed && step.Reason == ReasonRefused
	}
	return false
}

// canAct tells whether the teller says that the shopper has to do something.
func (p *parcel) canAct(sc *scan) bool {
	switch {
	case p.teller == SourceAPI:
		return true
	case p.teller == SourceEasyPost:
		return sc.Reason == ReasonDocuments
	case p.teller == SourceSendcloud && p.v3:
		return sc.Reason == ReasonAddressWrong
	}
	return false
}

// easypostReasons and sendcloudReasons replace the usual detail of a state.
var easypostReasons = map[Reason]string{
	ReasonRefused: "refused", ReasonAddressWrong: "address_correction", ReasonWeather: "weather_delay", ReasonMissorted: "missorted",
	ReasonHeld: "held", ReasonDocuments: "awaiting_information",
}

var sendcloudReasons = map[Reason]string{
	ReasonRefused: "refused", ReasonAddressWrong: "address_error", ReasonHeld: "hold", ReasonSearching: "off_radar",
}
