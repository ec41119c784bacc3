// Package v1alpha1 is what users of wismo write: a Shop for every merchant, a CarrierIntegration for every
// source of parcel events, a NotificationPolicy for who is notified of what, when and how.
//
// Whatever can be decided from one document alone is decided by the API server, through the schema and its CEL
// rules: there is no admission webhook, so an outage of the operator never blocks kubectl apply.
//
// +groupName=tracking.wismo.dev
// +kubebuilder:object:generate=true
// +kubebuilder:ac:generate=true
package v1alpha1
