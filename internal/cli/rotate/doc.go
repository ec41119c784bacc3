// Package rotate is kubectl wismo rotate: it asks for another generated secret, by a token in the spec where there is
// one, and by taking a key's record away where there is none. It never sees a secret; the operator makes the new one.
package rotate
