// Package check reads what a shopper reads, the page and the mails as text, and holds it against what a journey's
// generator knows to be true. It must not know how the words were made: it imports neither the model of an order, nor
// the decisions, nor the texts, so that no fault of theirs can be its own. It reads English.
package check
