// Package message owns every word that a shopper reads: the built-in texts of each language, a merchant's overrides,
// dates and money as each language writes them, and the mails made of them. It renders; it sends nothing.
// Its checks are pure, so that the operator refuses a bad text before anything moves.
// It must not know about SMTP, HTTP servers, databases, Kubernetes or the clock: now is a parameter.
package message
