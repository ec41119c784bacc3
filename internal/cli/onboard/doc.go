// Package onboard is kubectl wismo onboard: it writes a merchant's documents from a few answers, so that they pass lint.
// Which keys a Secret needs it asks the provider's definition. It knows no cluster, and never asks for a secret.
package onboard
