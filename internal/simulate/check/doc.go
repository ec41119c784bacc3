// Package check reads the page and the mails of a shopper as English text, and compares them with the truth that the generator of a
// journey knows. It must not know how the words were made: it imports neither the model of an order, nor the decisions, nor the texts,
// so that it cannot repeat their faults.
package check
