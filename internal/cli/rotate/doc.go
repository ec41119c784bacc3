// Package rotate is kubectl wismo rotate: it asks for another generated secret, by a token in the spec, and of the keys
// that sign links, for which the spec has none, by their records. It never sees a secret; the operator makes the new one.
package rotate
