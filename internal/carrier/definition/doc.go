// Package definition is the format of a provider definition: one YAML document that describes how a carrier, an aggregator or a shop
// platform signs its webhooks, which secrets it needs, what of a receipt is kept, and how its payloads map to wismo's vocabulary. It
// reads, checks and resolves definitions and holds the built-in catalog.
//
// It must not know how a signature is computed (package verify), how an expression is evaluated (package mapping),
// nor any network, clock or database: the operator and both workloads import it.
package definition
