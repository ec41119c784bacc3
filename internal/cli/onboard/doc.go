// Package onboard is kubectl wismo onboard: it writes a merchant's documents from a few answers, so that they pass lint. The
// provider's definition lists the keys of its Secret. The package uses no cluster, and never asks for a secret.
package onboard
