// Package compile turns a Shop, its CarrierIntegrations, its NotificationPolicy and the content they refer to into
// one bundle.Document. It is pure: no cluster, no clock, no random number; the same input gives the same bytes.
// It knows nothing of Deployments and Services (package desired does) and never sees a byte of a Secret.
package compile
