package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// CarrierIntegration is one source of parcel events for a Shop of the same namespace: a carrier, or an aggregator
// behind which many carriers stand.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=carrierintegrations,shortName=wcarrier,categories=wismo
// +kubebuilder:selectablefield:JSONPath=".spec.shopRef.name"
// +kubebuilder:printcolumn:name="SHOP",type=string,JSONPath=".spec.shopRef.name"
// +kubebuilder:printcolumn:name="DEFINITION",type=string,JSONPath=".spec.definition.name"
// +kubebuilder:printcolumn:name="INTAKE",type=string,JSONPath=".spec.intake.mode"
// +kubebuilder:printcolumn:name="READY",type=string,JSONPath=".status.conditions[?(@.type=='Ready')].status"
// +kubebuilder:printcolumn:name="OPERATIONAL",type=string,JSONPath=".status.conditions[?(@.type=='Operational')].status"
// +kubebuilder:printcolumn:name="REASON",type=string,JSONPath=".status.conditions[?(@.type=='Ready')].reason"
// +kubebuilder:printcolumn:name="AGE",type=date,JSONPath=".metadata.creationTimestamp"
// +kubebuilder:validation:XValidation:rule="self.metadata.name.matches('^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$')",message="`metadata.name` must start with a lower-case letter, hold only lower-case letters, digits and '-', and be at most 40 characters long, because other objects are named after it"
type CarrierIntegration struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard metadata of the object; the name is at most 40 characters long.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is where parcel events come from.
	// +required
	Spec CarrierIntegrationSpec `json:"spec,omitzero"`

	// status is what was last observed of the events.
	// +optional
	// +default={"observedGeneration":-1}
	Status CarrierIntegrationStatus `json:"status,omitzero"`
}

// CarrierIntegrationList is a list of CarrierIntegrations.
// +kubebuilder:object:root=true
type CarrierIntegrationList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []CarrierIntegration `json:"items"`
}

// ShopReference names a Shop.
type ShopReference struct {
	// name of the Shop in the same namespace, at most 40 characters, such as `fjallro`.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	Name string `json:"name,omitempty"`
}

// CarrierIntegrationSpec is where parcel events come from.
type CarrierIntegrationSpec struct {
	// shopRef names the Shop in the same namespace that the events are for. It cannot change later.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="must not change; create another CarrierIntegration instead",fieldPath=".name"
	ShopRef ShopReference `json:"shopRef,omitzero"`

	// definition of how this provider signs, what it sends, what its codes mean and what it can do.
	// +required
	Definition DefinitionReference `json:"definition,omitzero"`

	// accountURL is the https address of the merchant's account. Whether it is needed depends on the definition.
	// +optional
	AccountURL HTTPSURL `json:"accountURL,omitempty"`

	// credentialsSecretRef names the Secret with the keys that the definition asks for.
	// +optional
	CredentialsSecretRef *SecretReference `json:"credentialsSecretRef,omitempty"`

	// intake is how the events come in.
	// +required
	Intake Intake `json:"intake,omitzero"`

	// carriers that this provider speaks for, at most 64, and what is known about them. Without it: as the definition says.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	Carriers []Carrier `json:"carriers,omitempty"`

	// unmatched defines what happens to events for parcels that belong to no order. Without it: they are kept.
	// +optional
	Unmatched *Unmatched `json:"unmatched,omitempty"`
}

// Carrier is one carrier that a provider speaks for.
type Carrier struct {
	// name of the carrier as the definition knows it, unique in the list, such as `dhl-express`.
	// +required
	Name Key `json:"name,omitempty"`

	// maxDeliveryAttempts before the parcel goes back, from 1 to 10. The shopper is warned before the last one. Without it: as the definition says.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	MaxDeliveryAttempts int32 `json:"maxDeliveryAttempts,omitempty"`

	// pickupHoldDays that a parcel waits at a pick-up point, in days from 1 to 60. The shopper is warned before they end. Without it: as the definition says.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=60
	PickupHoldDays int32 `json:"pickupHoldDays,omitempty"`

	// notices define who notifies the shopper on which occasion, at most 48, so that no shopper is notified twice. Without it: as the definition says.
	// +optional
	// +listType=map
	// +listMapKey=occasion
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=48
	Notices []Notice `json:"notices,omitempty"`
}

// Responsible is who notifies the shopper.
// +kubebuilder:validation:Enum=Carrier;Shop
type Responsible string

const (
	// ResponsibleCarrier means that the carrier notifies the shopper, and wismo does not.
	ResponsibleCarrier Responsible = "Carrier"
	// ResponsibleShop means that wismo notifies the shopper.
	ResponsibleShop Responsible = "Shop"
)

// Notice defines who notifies the shopper on one occasion.
type Notice struct {
	// occasion of the message, such as `AvailableForPickup`.
	// +required
	Occasion Occasion `json:"occasion,omitempty"`

	// responsible for notifying the shopper: with `Carrier`, wismo sends nothing; with `Shop`, wismo notifies the shopper.
	// +required
	Responsible Responsible `json:"responsible,omitempty"`
}

// UnmatchedMode defines what happens to events for parcels that belong to no order.
// +kubebuilder:validation:Enum=Keep;Discard
type UnmatchedMode string

const (
	// UnmatchedKeep keeps them for an order that comes later.
	UnmatchedKeep UnmatchedMode = "Keep"
	// UnmatchedDiscard throws them away, where a carrier account is shared with others.
	UnmatchedDiscard UnmatchedMode = "Discard"
)

// Unmatched defines what happens to events for parcels that belong to no order.
// +kubebuilder:validation:XValidation:rule="!has(self.days) || self.mode == 'Keep'",message="must not be set when `mode` is 'Discard'",fieldPath=".days"
type Unmatched struct {
	// mode is `Keep` for an order that comes later, or `Discard` where the account at the carrier is shared with others.
	// +required
	Mode UnmatchedMode `json:"mode,omitempty"`

	// days that they are kept, from 1 to 90; for mode `Keep`.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=90
	Days int32 `json:"days,omitempty"`
}

// CarrierIntegrationStatus is what was last observed of a CarrierIntegration.
// +kubebuilder:validation:MinProperties=1
type CarrierIntegrationStatus struct {
	// conditions of the CarrierIntegration, at most 16; docs/conditions.md explains every type and reason.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
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

	// endpoints to which the provider sends, at most 4.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Endpoints []Endpoint `json:"endpoints,omitempty"`
}
