// Package desired knows which objects a Shop needs in its namespace: a pure function from the Shop and its compiled
// bundle to apply configurations. It knows no client, no clock and no release plan, and never sees a byte of a Secret
// but the one it wraps in KeySecret.
package desired
