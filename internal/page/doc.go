// Package page is the shopper's web server: the page of one order behind a signed link, the look-up by an order's
// or a parcel's number and a second factor, and the choice of messages. It decides what is shown to whom, and how it looks.
// It must not know how orders came to be (package ingest and the notifier), nor the words it shows (package message).
// It never logs a path, a form value or an address: they hold tokens and personal data.
package page
