package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// NotificationPolicy defines who is notified of what, when and how. It holds no identity and no secret, so one policy can serve
// hundreds of Shops. What it leaves out comes from its base policy or else from the built-in one.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=notificationpolicies,shortName=wpolicy,categories=wismo
// +kubebuilder:printcolumn:name="BASE",type=string,JSONPath=".spec.basePolicyRef.name"
// +kubebuilder:printcolumn:name="SHOPS",type=integer,JSONPath=".status.shops"
// +kubebuilder:printcolumn:name="READY",type=string,JSONPath=".status.conditions[?(@.type=='Ready')].status"
// +kubebuilder:printcolumn:name="REASON",type=string,JSONPath=".status.conditions[?(@.type=='Ready')].reason"
// +kubebuilder:printcolumn:name="AGE",type=date,JSONPath=".metadata.creationTimestamp"
type NotificationPolicy struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard metadata of the object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec of the policy, with at least one field. Omitted fields are inherited.
	// +required
	Spec NotificationPolicySpec `json:"spec,omitzero"`

	// status is what was last observed of the policy.
	// +optional
	// +default={"observedGeneration":-1}
	Status NotificationPolicyStatus `json:"status,omitzero"`
}

// NotificationPolicyList is a list of NotificationPolicies.
// +kubebuilder:object:root=true
type NotificationPolicyList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []NotificationPolicy `json:"items"`
}

// NotificationPolicySpec is the content of a policy.
// +kubebuilder:validation:MinProperties=1
type NotificationPolicySpec struct {
	// basePolicyRef names the policy that this one builds on. Rules, routes, consent and segments merge by their key, budget and watch field by field; what is left out is the base's. A base has no base of its own.
	// +optional
	BasePolicyRef *PolicyReference `json:"basePolicyRef,omitempty"`

	// rules say how much an occasion matters, at most 48. An occasion without a rule is inherited.
	// +optional
	// +listType=map
	// +listMapKey=occasion
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=48
	Rules []Rule `json:"rules,omitempty"`

	// routes say which channels are tried in which country of destination, at most 250. A country without a route is inherited.
	// +optional
	// +listType=map
	// +listMapKey=country
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=250
	Routes []Route `json:"routes,omitempty"`

	// budget limits how many messages a shopper gets.
	// +optional
	Budget *Budget `json:"budget,omitempty"`

	// quietHours in which only critical messages are sent, in the shopper's time zone. Without it: from `21:00` to `08:00`.
	// +optional
	QuietHours *QuietHours `json:"quietHours,omitempty"`

	// watch defines after which time without news a shopper is notified.
	// +optional
	Watch *Watch `json:"watch,omitempty"`

	// segments of shoppers with rules of their own, at most 16; the first match wins. They come before those of the base policy, which keeps its others.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:XValidation:rule="self.all(s, self.exists_one(o, o.name == s.name))",message="must not use a `name` twice"
	Segments []Segment `json:"segments,omitempty"`

	// promotion defines whether messages of good news may carry an offer. Without it: never.
	// +optional
	Promotion *Promotion `json:"promotion,omitempty"`

	// consent that a channel needs before it is used, at most 4 entries, one a channel. A channel without one is inherited.
	// +optional
	// +listType=map
	// +listMapKey=channel
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Consent []Consent `json:"consent,omitempty"`
}

// Rule defines the importance of an occasion.
// +kubebuilder:validation:XValidation:rule="!has(self.channels) || self.level != 'PageOnly'",message="must not be set when `level` is 'PageOnly'",fieldPath=".channels"
type Rule struct {
	// occasion of the message, such as `LastAttempt`.
	// +required
	Occasion Occasion `json:"occasion,omitempty"`

	// level is `Critical` (ignores budget and quiet hours), `Important` (ignores the budget), `Routine`, or `PageOnly` (never sent).
	// +required
	Level Level `json:"level,omitempty"`

	// channels that may be used, at most 4; the route defines the order. Without it: every channel of the route.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Channels []Channel `json:"channels,omitempty"`
}

// Route defines which channels are tried in a country.
type Route struct {
	// country of destination as an ISO 3166-1 code, such as `ES`.
	// +required
	Country CountryCode `json:"country,omitempty"`

	// channels in the order in which they are tried, at most 4.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	// +kubebuilder:validation:XValidation:rule="self.all(c, self.exists_one(o, o.name == c.name))",message="must not name a channel twice"
	Channels []RouteChannel `json:"channels,omitempty"`
}

// RouteChannel is one channel of a route.
type RouteChannel struct {
	// name of the channel: `Email`, `SMS`, `WhatsApp`, or `OutboundWebhook` for the merchant's own app.
	// +required
	Name Channel `json:"name,omitempty"`

	// minimumLevel that a message needs for this channel: `Critical`, `Important` or `Routine`, which holds when omitted.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self != 'PageOnly'",message="must not be 'PageOnly', which is never sent"
	MinimumLevel Level `json:"minimumLevel,omitempty"`
}

// Budget limits how many messages a shopper gets. Critical and important messages do not count.
// +kubebuilder:validation:MinProperties=1
type Budget struct {
	// routinePerOrder is the greatest number of routine messages for one order within 30 days, from 0 to 50. Without it: 5.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=50
	RoutinePerOrder *int32 `json:"routinePerOrder,omitempty"`

	// perRecipientPerDay is the greatest number of routine messages for one shopper on one day, over all orders, from 0 to 50. Without it: 6.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=50
	PerRecipientPerDay *int32 `json:"perRecipientPerDay,omitempty"`

	// minimumGapSeconds between two routine messages for one order, in seconds from 0 to 604800. Without it: 0.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=604800
	MinimumGapSeconds *int32 `json:"minimumGapSeconds,omitempty"`
}

// QuietHours are when only critical messages are sent.
// +kubebuilder:validation:XValidation:rule="self.start != self.end",message="must differ from `start`",fieldPath=".end"
type QuietHours struct {
	// start of the quiet hours as a time of day, such as `21:00`.
	// +required
	Start TimeOfDay `json:"start,omitempty"`

	// end of the quiet hours as a time of day, such as `08:00`; before `start` it means the next day.
	// +required
	End TimeOfDay `json:"end,omitempty"`
}

// Watch defines after which time without news a shopper is notified.
// +kubebuilder:validation:MinProperties=1
type Watch struct {
	// silentOrderHours after shipping within which a message must have reached the shopper, in hours from 1 to 720; else one about the order as it is then follows. Without it: 48.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=720
	SilentOrderHours int32 `json:"silentOrderHours,omitempty"`

	// noFirstScanHours after the label in which the carrier must have scanned the parcel, in hours from 1 to 720. Without it: 48.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=720
	NoFirstScanHours int32 `json:"noFirstScanHours,omitempty"`

	// noScanHours after a scan without another one in which a parcel counts as stalled, in hours from 1 to 720. Without it: 96.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=720
	NoScanHours int32 `json:"noScanHours,omitempty"`

	// lateNoticeTime on the promised day at which a shopper is notified who has neither the parcel nor news, as a time of day in the shopper's time zone. Without it: `20:00`.
	// +optional
	LateNoticeTime TimeOfDay `json:"lateNoticeTime,omitempty"`

	// pickupReminderDays before the end of the hold at which the shopper is reminded, in days from 1 to 30. Without it: 2.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=30
	PickupReminderDays int32 `json:"pickupReminderDays,omitempty"`

	// etaShiftHours by which the expected time must move within one day to be news, in hours from 1 to 168. Another day is always news. Without it: 4.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=168
	EtaShiftHours int32 `json:"etaShiftHours,omitempty"`
}

// Segment is a group of shoppers with rules of its own.
type Segment struct {
	// name of the segment, unique in the list, such as `trade`.
	// +required
	Name Key `json:"name,omitempty"`

	// customerTags that the shop system gives its shoppers, at most 16; one in common is enough.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	CustomerTags []Tag `json:"customerTags,omitempty"`

	// rules that replace those of the policy for these shoppers, at most 48.
	// +optional
	// +listType=map
	// +listMapKey=occasion
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=48
	Rules []Rule `json:"rules,omitempty"`
}

// PromotionMode defines whether messages may carry an offer.
// +kubebuilder:validation:Enum=Never;WithConsent
type PromotionMode string

const (
	// PromotionNever sends no offers.
	PromotionNever PromotionMode = "Never"
	// PromotionWithConsent sends offers to shoppers who agreed to marketing.
	PromotionWithConsent PromotionMode = "WithConsent"
)

// Promotion defines whether messages of good news may carry an offer; bad news never does.
// +kubebuilder:validation:XValidation:rule="has(self.occasions) == (self.mode == 'WithConsent')",message="must be set when, and only when, `mode` is 'WithConsent'",fieldPath=".occasions"
type Promotion struct {
	// mode is `Never`, or `WithConsent` for shoppers who agreed to marketing.
	// +required
	Mode PromotionMode `json:"mode,omitempty"`

	// occasions whose messages may carry an offer, at most 6, all of them good news; for mode `WithConsent`.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=6
	Occasions []GoodNews `json:"occasions,omitempty"`
}

// ConsentBasis is why a channel may be used.
// +kubebuilder:validation:Enum=OptIn;EmailGivenAtCheckout;PhoneGivenAtCheckout
type ConsentBasis string

const (
	// ConsentOptIn needs the shopper's explicit yes to this channel.
	ConsentOptIn ConsentBasis = "OptIn"
	// ConsentEmailGivenAtCheckout takes the address given with the order for messages about it.
	ConsentEmailGivenAtCheckout ConsentBasis = "EmailGivenAtCheckout"
	// ConsentPhoneGivenAtCheckout takes the number given with the order for messages about it.
	ConsentPhoneGivenAtCheckout ConsentBasis = "PhoneGivenAtCheckout"
)

// Consent is why a channel may be used for messages about an order.
// +kubebuilder:validation:XValidation:rule="self.basis != 'EmailGivenAtCheckout' || self.channel in ['Email','OutboundWebhook']",message="must not be 'EmailGivenAtCheckout' for a channel that needs a phone number",fieldPath=".basis"
// +kubebuilder:validation:XValidation:rule="self.basis != 'PhoneGivenAtCheckout' || self.channel in ['SMS','OutboundWebhook']",message="must not be 'PhoneGivenAtCheckout' except for 'SMS' and 'OutboundWebhook'; WhatsApp needs 'OptIn'",fieldPath=".basis"
type Consent struct {
	// channel that the consent is for, such as `WhatsApp`.
	// +required
	Channel Channel `json:"channel,omitempty"`

	// basis is `OptIn`, an explicit yes, or that the address was given with the order: `EmailGivenAtCheckout`, `PhoneGivenAtCheckout`.
	// +required
	Basis ConsentBasis `json:"basis,omitempty"`
}

// NotificationPolicyStatus is what was last observed of a NotificationPolicy.
// +kubebuilder:validation:MinProperties=1
type NotificationPolicyStatus struct {
	// conditions of the policy, at most 8; docs/conditions.md explains every type and reason.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation that this status speaks of; -1 before the first look.
	// +optional
	// +kubebuilder:validation:Minimum=-1
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// lastHandledReconcileAt is the value of the annotation tracking.wismo.dev/reconcile-requested-at at the last look.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`

	// shops is the number of Shops that use the policy, directly or as a base.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000
	Shops *int32 `json:"shops,omitempty"`
}
