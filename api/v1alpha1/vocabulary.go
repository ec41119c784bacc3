package v1alpha1

// OrderPhase is how far an order is, or what is packed of it together, before any carrier knows it.
// +kubebuilder:validation:Enum=OrderReceived;AwaitingProcessing;Preparing;Packed;ReadyToShip;Shipped;ReadyToCollect;Collected;Cancelled;OrderCancelled
type OrderPhase string

// The phases of an order, in the order in which they are passed.
const (
	OrderReceived      OrderPhase = "OrderReceived"
	AwaitingProcessing OrderPhase = "AwaitingProcessing"
	Preparing          OrderPhase = "Preparing"
	Packed             OrderPhase = "Packed"
	ReadyToShip        OrderPhase = "ReadyToShip"
	Shipped            OrderPhase = "Shipped"
	ReadyToCollect     OrderPhase = "ReadyToCollect"
	Collected          OrderPhase = "Collected"
	Cancelled          OrderPhase = "Cancelled"
	OrderCancelled     OrderPhase = "OrderCancelled"
)

// ParcelStatus is what is known about one parcel, for every carrier.
// +kubebuilder:validation:Enum=LabelCreated;HandedToCarrier;InTransit;InCustoms;OutForDelivery;DeliveryAttemptFailed;AvailableForPickup;PickupExpired;Delivered;ReturnInTransit;ReturnedToSender;Lost;Damaged;Disposed;ParcelCancelled;Exception
type ParcelStatus string

// The statuses of a parcel.
const (
	LabelCreated          ParcelStatus = "LabelCreated"
	HandedToCarrier       ParcelStatus = "HandedToCarrier"
	InTransit             ParcelStatus = "InTransit"
	InCustoms             ParcelStatus = "InCustoms"
	OutForDelivery        ParcelStatus = "OutForDelivery"
	DeliveryAttemptFailed ParcelStatus = "DeliveryAttemptFailed"
	AvailableForPickup    ParcelStatus = "AvailableForPickup"
	PickupExpired         ParcelStatus = "PickupExpired"
	Delivered             ParcelStatus = "Delivered"
	ReturnInTransit       ParcelStatus = "ReturnInTransit"
	ReturnedToSender      ParcelStatus = "ReturnedToSender"
	Lost                  ParcelStatus = "Lost"
	Damaged               ParcelStatus = "Damaged"
	Disposed              ParcelStatus = "Disposed"
	ParcelCancelled       ParcelStatus = "ParcelCancelled"
	Exception             ParcelStatus = "Exception"
)

// Occasion is something that may be worth a message: every phase of an order, of what is packed together and of a
// return, every parcel status, and what follows from them together with the clock.
// +kubebuilder:validation:Enum=OrderReceived;AwaitingProcessing;Preparing;Packed;ReadyToShip;Shipped;ReadyToCollect;Collected;Cancelled;OrderCancelled;ReturnRequested;ReturnReceived;ReturnInspected;Refunded;LabelCreated;HandedToCarrier;InTransit;InCustoms;OutForDelivery;DeliveryAttemptFailed;AvailableForPickup;PickupExpired;Delivered;ReturnInTransit;ReturnedToSender;Lost;Damaged;Disposed;ParcelCancelled;Exception;EtaFirstKnown;EtaMoved;ArrivesTomorrow;Delayed;LateWithoutNews;NoFirstScan;Stalled;LastAttempt;PickupExpiring;NextLegMissing;SilentOrder;LocationChanged;ActionRequired
type Occasion string

// The occasions that are neither an order phase nor a parcel status.
const (
	// OccasionReturnRequested is a return that a shopper requested.
	OccasionReturnRequested Occasion = "ReturnRequested"
	// OccasionReturnReceived is a return that has arrived at the merchant.
	OccasionReturnReceived Occasion = "ReturnReceived"
	// OccasionReturnInspected is a return that the merchant has looked at.
	OccasionReturnInspected Occasion = "ReturnInspected"
	// OccasionRefunded is money that goes back to the shopper.
	OccasionRefunded Occasion = "Refunded"
	// OccasionEtaFirstKnown is the first date for an order that was placed without one.
	OccasionEtaFirstKnown Occasion = "EtaFirstKnown"
	// OccasionEtaMoved is another day, or a time of the same day that moved by more than the policy tolerates in silence.
	OccasionEtaMoved Occasion = "EtaMoved"
	// OccasionArrivesTomorrow is the day before the expected one.
	OccasionArrivesTomorrow Occasion = "ArrivesTomorrow"
	// OccasionDelayed is a delay that a carrier or merchant reports.
	OccasionDelayed Occasion = "Delayed"
	// OccasionLateWithoutNews is the evening of the promised day without a parcel and without a word about it.
	OccasionLateWithoutNews Occasion = "LateWithoutNews"
	// OccasionNoFirstScan is a parcel with a label that the carrier has not scanned for too long.
	OccasionNoFirstScan Occasion = "NoFirstScan"
	// OccasionStalled is a parcel on its way that the carrier has not scanned for too long.
	OccasionStalled Occasion = "Stalled"
	// OccasionLastAttempt is the last delivery attempt before the parcel goes back.
	OccasionLastAttempt Occasion = "LastAttempt"
	// OccasionPickupExpiring is a parcel that goes back unless it is fetched soon.
	OccasionPickupExpiring Occasion = "PickupExpiring"
	// OccasionNextLegMissing is a parcel that was handed over to another carrier, which does not know it after too long.
	OccasionNextLegMissing Occasion = "NextLegMissing"
	// OccasionSilentOrder is an order that was shipped, and no message about it has reached the shopper.
	OccasionSilentOrder Occasion = "SilentOrder"
	// OccasionLocationChanged is a scan at another place that changes nothing else.
	OccasionLocationChanged Occasion = "LocationChanged"
	// OccasionActionRequired is something that the shopper must do, whatever the status. Its message is always critical.
	OccasionActionRequired Occasion = "ActionRequired"
)

// GoodNews is an occasion whose message may carry a promotion; nothing else may.
// +kubebuilder:validation:Enum=OrderReceived;Shipped;EtaFirstKnown;ArrivesTomorrow;OutForDelivery;Delivered
type GoodNews string

// Channel is a way to reach a shopper.
// +kubebuilder:validation:Enum=Email;SMS;WhatsApp;OutboundWebhook
type Channel string

const (
	// ChannelEmail is the sender `email` of the Shop.
	ChannelEmail Channel = "Email"
	// ChannelSMS is the sender `sms` of the Shop.
	ChannelSMS Channel = "SMS"
	// ChannelWhatsApp is the sender `whatsApp` of the Shop.
	ChannelWhatsApp Channel = "WhatsApp"
	// ChannelWebhook is the sender `outboundWebhook` of the Shop: the merchant's own app or chat bot notifies the shopper.
	ChannelWebhook Channel = "OutboundWebhook"
)

// Level is how much a message matters to the shopper.
// +kubebuilder:validation:Enum=Critical;Important;Routine;PageOnly
type Level string

const (
	// LevelCritical ignores budget and quiet hours.
	LevelCritical Level = "Critical"
	// LevelImportant ignores the budget and waits for the morning.
	LevelImportant Level = "Important"
	// LevelRoutine keeps to budget and quiet hours.
	LevelRoutine Level = "Routine"
	// LevelPageOnly shows on the page and is never sent.
	LevelPageOnly Level = "PageOnly"
)
