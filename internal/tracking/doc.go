// Package tracking is the pure domain: what sources state, the order that is assembled from it, the journey that a shopper is
// shown, and the news in it.
//
//	Statement --Merge--> Record --Join--> groups --Assemble--> Order --Project--> Journey --NewsOf--> News
//
// A Statement is one source's word about one resource: an order, a shipment or a tracker. Record is the newest word, field by field,
// with logs that only grow. Join finds which records speak of one purchase; Assemble makes the Order of them; Project says what is
// true at one instant; NewsOf lists what a shopper may be told; NextLook says when to look again.
//
// Nothing here depends on the order in which statements arrive. It must not know about carriers' formats, databases, HTTP,
// Kubernetes or the clock: now is a parameter.
package tracking
