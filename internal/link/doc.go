// Package link signs and verifies the links that open one order without a login, and that stop its messages. It is responsible for
// the token only: its signature, order, purpose and expiry.
// It must not know about HTTP, databases, files or the clock: keys and now are parameters.
package link
