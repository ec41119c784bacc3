// Package shop reconciles Shops: it claims the hostnames, compiles the bundle, makes the keys, applies the objects
// that package desired renders, and says in the status what came of it. It reads no Secret, decides no message and
// knows nothing of parcels.
package shop
