// Package link makes and checks the signed links that open one order without a login, and that stop its messages.
// It is responsible for the token alone: who made it, for which order and purpose, and until when.
// It must not know about HTTP, databases, files or the clock: keys and now are parameters.
package link
