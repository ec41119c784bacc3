package corpus

// texts are the carriers' texts of a scan.
var texts = map[State]string{
	StateLabelCreated: "Shipping information received", StateHandedToCarrier: "Accepted by the carrier", StateInTransit: "Sorted and on its way",
	StateInCustoms: "In customs clearance", StateOutForDelivery: "Loaded for delivery", StateAttemptFailed: "Delivery could not be made",
	StateAtPickup: "Ready to be collected", StatePickupExpired: "Not collected in time", StateDelivered: "Handed over",
	StateReturning: "On its way back", StateReturned: "Back at the sender", StateLost: "Could not be found", StateDamaged: "Damaged",
	StateDisposed: "Disposed of", StateCancelled: "Shipment cancelled", StateException: "Held at the depot",
}

// word is a state in the vocabulary of a reporter.
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

// easypostReasons and sendcloudReasons replace the usual detail of a state.
var easypostReasons = map[Reason]string{
	ReasonRefused: "refused", ReasonAddressWrong: "address_correction", ReasonWeather: "weather_delay", ReasonMissorted: "missorted",
	ReasonHeld: "held", ReasonDocuments: "awaiting_information",
}

var sendcloudReasons = map[Reason]string{
	ReasonRefused: "refused", ReasonAddressWrong: "address_error", ReasonHeld: "hold", ReasonSearching: "off_radar",
}

// reporter is the source that reports the scans of a parcel, and in which vocabulary.
type reporter string

// Reporters. Sendcloud has two vocabularies: integration webhooks, and event subscriptions.
const (
	reporterNone      reporter = ""
	reporterAPI       reporter = "api"
	reporterEasyPost  reporter = "easypost"
	reporterHooks     reporter = "sendcloud hooks"
	reporterSubscribe reporter = "sendcloud subscriptions"
	reporterShopify   reporter = "shopify"
)

// vocabulary is what a reporter can report.
type vocabulary struct {
	states  map[State]bool
	reason  func(Step) bool // reports whether the reason of a step is sent
	action  map[Reason]bool // reasons that are sent with an action
	dates   bool            // days of arrival
	places  bool
	details bool // pick-up points, proofs, pieces
	byOrder bool // the order is named, so that the number need not be known
}

var vocabularies = map[reporter]vocabulary{
	reporterNone: {reason: never},
	reporterAPI: {
		states: setOf(states[:len(states)-3]), reason: func(Step) bool { return true }, dates: true, places: true, details: true, byOrder: true,
		action: map[Reason]bool{ReasonDutiesDue: true, ReasonDocuments: true, ReasonAddressWrong: true},
	},
	reporterEasyPost: {
		states: keysOf(easypostWords), dates: true, places: true, action: map[Reason]bool{ReasonDocuments: true},
		reason: func(step Step) bool {
			return easypostReasons[step.Reason] != "" && step.State != StateAttemptFailed && (!step.Delayed || step.Reason == ReasonWeather)
		},
	},
	reporterHooks: {
		states: keysOf(sendcloudIDs), dates: true, byOrder: true,
		reason: func(step Step) bool { return step.State == StateAttemptFailed && step.Reason == ReasonRefused },
	},
	reporterSubscribe: {
		states: keysOf(sendcloudPhases), byOrder: true, action: map[Reason]bool{ReasonAddressWrong: true},
		reason: func(step Step) bool { return sendcloudReasons[step.Reason] != "" || step.State == StatePickupExpired },
	},
	reporterShopify: {states: keysOf(shopifyWords), reason: never, dates: true, places: true, byOrder: true},
}

func never(Step) bool { return false }

func setOf(list []State) map[State]bool {
	set := make(map[State]bool, len(list))
	for _, state := range list {
		set[state] = true
	}
	return set
}

func keysOf[V any](words map[State]V) map[State]bool {
	set := make(map[State]bool, len(words))
	for state := range words {
		set[state] = true
	}
	return set
}

// vocabulary returns what the parcel's reporter can report.
func (p *parcel) vocabulary() vocabulary { return vocabularies[p.reporter] }
