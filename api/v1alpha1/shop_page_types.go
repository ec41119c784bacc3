package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Page is what the tracking page shows and offers.
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="!has(self.replicas) || !has(self.autoscaling)",message="must not be set together with `autoscaling`",fieldPath=".replicas"
type Page struct {
	// fields whose visibility differs from the built-in one, at most 16.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Fields []PageField `json:"fields,omitempty"`

	// lookup defines how a shopper without a link proves to be the buyer.
	// +optional
	Lookup *Lookup `json:"lookup,omitempty"`

	// actions that the page offers, at most 16.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Actions []PageAction `json:"actions,omitempty"`

	// instructions for items that need some, at most 16, such as what to expect on the day a sofa arrives.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Instructions []Instruction `json:"instructions,omitempty"`

	// campaigns shown below the answer, at most 8; each ends by itself.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Campaigns []Campaign `json:"campaigns,omitempty"`

	// steps of the merchant's own process, at most 12, shown as what happens next; those not reached yet are grey. Without it: the built-in ones.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=12
	// +kubebuilder:validation:XValidation:rule="self.all(s, self.exists_one(o, o.name == s.name))",message="must not use a `name` twice"
	Steps []Step `json:"steps,omitempty"`

	// embed lets the merchant's own site show the page.
	// +optional
	Embed *Embed `json:"embed,omitempty"`

	// replicas of the page, from 1 to 20; 1 without it. More than 1 needs PostgreSQL, which this version refuses. It must not be set together with `autoscaling`.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=20
	Replicas int32 `json:"replicas,omitempty"`

	// autoscaling of the page; it needs PostgreSQL.
	// +optional
	Autoscaling *Autoscaling `json:"autoscaling,omitempty"`
}

// FieldName is something that the page can show.
// +kubebuilder:validation:Enum=Items;ItemImages;Price;Recipient;Address;DeliveryMethod;CarrierName;CarrierLink;CarrierText;TrackingNumber;EventPlace;ProofOfDelivery;OtherOrders
type FieldName string

// What the page can show.
const (
	FieldItems           FieldName = "Items"
	FieldItemImages      FieldName = "ItemImages"
	FieldPrice           FieldName = "Price"
	FieldRecipient       FieldName = "Recipient"
	FieldAddress         FieldName = "Address"
	FieldDeliveryMethod  FieldName = "DeliveryMethod"
	FieldCarrierName     FieldName = "CarrierName"
	FieldCarrierLink     FieldName = "CarrierLink"
	FieldCarrierText     FieldName = "CarrierText"
	FieldTrackingNumber  FieldName = "TrackingNumber"
	FieldEventPlace      FieldName = "EventPlace"
	FieldProofOfDelivery FieldName = "ProofOfDelivery"
	FieldOtherOrders     FieldName = "OtherOrders"
)

// Visibility is when the page shows a field.
// +kubebuilder:validation:Enum=Always;AfterVerification;Never
type Visibility string

const (
	// ShowAlways shows it to everyone who knows the number.
	ShowAlways Visibility = "Always"
	// ShowAfterVerification shows it to shoppers with a signed link or after the look-up.
	ShowAfterVerification Visibility = "AfterVerification"
	// ShowNever leaves it out of everything that leaves the page.
	ShowNever Visibility = "Never"
)

// PageField is the visibility of one field. Personal data can never be shown to everyone.
// +kubebuilder:validation:XValidation:rule="self.show != 'Always' || !(self.name in ['Items','ItemImages','Price','Recipient','Address','ProofOfDelivery','OtherOrders'])",message="must not be 'Always' for personal data: a number alone never shows it",fieldPath=".show"
type PageField struct {
	// name of the field, such as `Price`.
	// +required
	Name FieldName `json:"name,omitempty"`

	// show defines when: `Always`, `AfterVerification` by a signed link or the look-up, or `Never`. Personal data cannot be shown `Always`.
	// +required
	Show Visibility `json:"show,omitempty"`
}

// Proof is what a shopper knows about an order besides its number.
// +kubebuilder:validation:Enum=Postcode;Email;Phone
type Proof string

const (
	// ProofPostcode is the postcode of the destination.
	ProofPostcode Proof = "Postcode"
	// ProofEmail is the e-mail address of the order.
	ProofEmail Proof = "Email"
	// ProofPhone is the phone number of the order.
	ProofPhone Proof = "Phone"
)

// Lookup defines how a shopper without a link proves to be the buyer.
type Lookup struct {
	// verifyBy lists what is accepted besides the order or tracking number, from 1 to 3 of `Postcode`, `Email` and `Phone`; any one will do.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	VerifyBy []Proof `json:"verifyBy,omitempty"`
}

// ActionName is something a shopper may want to do.
// +kubebuilder:validation:Enum=CancelOrder;ChangeAddress;Reschedule;ChooseSafePlace;ChooseNeighbour;ChoosePickupPoint;StartReturn;PrintReturnLabel;LeaveReview;ContactSupport
type ActionName string

// What a shopper may want to do.
const (
	ActionCancelOrder       ActionName = "CancelOrder"
	ActionChangeAddress     ActionName = "ChangeAddress"
	ActionReschedule        ActionName = "Reschedule"
	ActionChooseSafePlace   ActionName = "ChooseSafePlace"
	ActionChooseNeighbour   ActionName = "ChooseNeighbour"
	ActionChoosePickupPoint ActionName = "ChoosePickupPoint"
	ActionStartReturn       ActionName = "StartReturn"
	ActionPrintReturnLabel  ActionName = "PrintReturnLabel"
	ActionLeaveReview       ActionName = "LeaveReview"
	ActionContactSupport    ActionName = "ContactSupport"
)

// ActionType is what happens when a shopper takes an action.
// +kubebuilder:validation:Enum=Link;Webhook
type ActionType string

const (
	// ActionLink links to a page of the merchant.
	ActionLink ActionType = "Link"
	// ActionWebhook posts a signed request to the merchant.
	ActionWebhook ActionType = "Webhook"
)

// PageAction is something that the page offers to do.
// +kubebuilder:validation:XValidation:rule="has(self.url) == (self.type == 'Link')",message="must be set when, and only when, `type` is 'Link'",fieldPath=".url"
// +kubebuilder:validation:XValidation:rule="has(self.webhook) == (self.type == 'Webhook')",message="must be set when, and only when, `type` is 'Webhook'",fieldPath=".webhook"
type PageAction struct {
	// name of the action, such as `CancelOrder`.
	// +required
	Name ActionName `json:"name,omitempty"`

	// lastPhase is the last order phase in which the action is offered, such as `Packed`. Without it: as long as the action makes sense.
	// +optional
	LastPhase OrderPhase `json:"lastPhase,omitempty"`

	// type of action: `Link` links to a page of the merchant, `Webhook` posts a signed request to the merchant.
	// +required
	Type ActionType `json:"type,omitempty"`

	// url of the merchant's https page, which gets the order number and a signature as parameters; for type `Link`.
	// +optional
	URL HTTPSURL `json:"url,omitempty"`

	// webhook that gets the request; for type `Webhook`.
	// +optional
	Webhook *WebhookTarget `json:"webhook,omitempty"`
}

// Instruction is a text for items that need one; it is in the templates under `page.instruction.<name>`.
type Instruction struct {
	// name of the instruction, unique in the list, such as `bulky`; its text is in the templates under `page.instruction.<name>`.
	// +required
	Name Key `json:"name,omitempty"`

	// itemTags of the items it is for, at most 16; one in common is enough.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	ItemTags []Tag `json:"itemTags,omitempty"`
}

// Campaign is a note below the answer; its text is in the templates under `page.campaign.<name>`. It is shown to
// shoppers who agreed to marketing, and never while something is wrong with an order.
// +kubebuilder:validation:XValidation:rule="!has(self.startTime) || self.startTime < self.endTime",message="must be later than `startTime`",fieldPath=".endTime"
type Campaign struct {
	// name of the campaign, unique in the list, such as `spring`; its text is in the templates under `page.campaign.<name>`.
	// +required
	Name Key `json:"name,omitempty"`

	// startTime in RFC 3339, such as `2026-03-01T00:00:00Z`. Without it: at once.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`

	// endTime in RFC 3339, such as `2026-04-01T00:00:00Z`; after it the campaign is gone.
	// +required
	EndTime *metav1.Time `json:"endTime,omitempty"`

	// locales it is shown in, at most 16. Without it: all.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Locales []Locale `json:"locales,omitempty"`

	// segments of the notification policy it is shown to, at most 16. Without it: all who agreed to marketing.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Segments []Key `json:"segments,omitempty"`

	// url of the merchant's https page that the campaign leads to.
	// +optional
	URL HTTPSURL `json:"url,omitempty"`
}

// Milestone is an order phase or parcel status that a step can wait for.
// +kubebuilder:validation:Enum=OrderReceived;AwaitingProcessing;Preparing;Packed;ReadyToShip;Shipped;LabelCreated;HandedToCarrier;InTransit;OutForDelivery;AvailableForPickup;Delivered
type Milestone string

// Step is one step of the merchant's own process; its text is in the templates under `page.step.<name>`.
type Step struct {
	// name of the step, unique in the list, such as `engraving`; its text is in the templates under `page.step.<name>`.
	// +required
	Name Key `json:"name,omitempty"`

	// reachedOn is the order phase or parcel status that marks the step as reached, such as `Preparing`.
	// +required
	ReachedOn Milestone `json:"reachedOn,omitempty"`
}

// Embed lets the merchant's own site show the page.
// +kubebuilder:validation:MinProperties=1
type Embed struct {
	// allowedOrigins of the sites that may frame the page, at most 16, such as `https://www.fjallro.example`.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	AllowedOrigins []Origin `json:"allowedOrigins,omitempty"`

	// basePath under which the merchant's site passes the page on, such as `/orders`; at most 128 characters. Without it: the page is at the root of its hostname.
	// +optional
	// +kubebuilder:validation:MinLength=2
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^(/[a-z0-9][a-z0-9-]*)+$')",message="must be a path of lower-case letters, digits and '-' that starts but does not end with '/', such as '/orders'"
	BasePath string `json:"basePath,omitempty"`
}

// Origin is the https origin of a site: scheme, host and, if it is not 443, port.
// +kubebuilder:validation:MinLength=9
// +kubebuilder:validation:MaxLength=267
// +kubebuilder:validation:XValidation:rule="self.matches('^https://[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[1-9][0-9]{0,4})?$')",message="must be an https origin without path, such as 'https://www.example.com'"
type Origin string

// Autoscaling defines how the page scales with its visitors.
// +kubebuilder:validation:XValidation:rule="!has(self.minReplicas) || self.minReplicas <= self.maxReplicas",message="must not be less than `minReplicas`",fieldPath=".maxReplicas"
type Autoscaling struct {
	// minReplicas is the least number of replicas, from 1 to 20. Without it: 2.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=20
	MinReplicas int32 `json:"minReplicas,omitempty"`

	// maxReplicas is the greatest number of replicas, from 2 to 50.
	// +required
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=50
	MaxReplicas int32 `json:"maxReplicas,omitempty"`

	// targetCPUUtilizationPercent of the requested CPU that replicas are added at, from 10 to 95. Without it: 70.
	// +optional
	// +kubebuilder:validation:Minimum=10
	// +kubebuilder:validation:Maximum=95
	TargetCPUUtilizationPercent int32 `json:"targetCPUUtilizationPercent,omitempty"`
}
