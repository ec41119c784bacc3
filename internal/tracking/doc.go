// Package tracking is the pure domain: the vocabulary of orders and parcels, and the journey that
// a shopper is shown. It decides what a parcel's state is, whether it is late, and what just happened.
// It must not know about carriers' formats, databases, HTTP, Kubernetes or the clock: now is a parameter.
package tracking
