// Package rotate is kubectl wismo rotate: it requests a new generated secret by a token in the spec or, for the keys that
// sign links, by their records. It never reads a secret; the operator creates the new one.
package rotate
