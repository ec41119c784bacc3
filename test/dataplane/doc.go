// Package dataplane runs whole situations through the data plane: webhooks, signed as their senders sign them, through the real
// receiver, the real notifier and the real page, on a clock that only the test moves.
//
// Each file below testdata/cases is one situation; its folder names the kind of fault that it guards against, and its first line
// what a shopper may rely on. A file says what is sent and when, and all that a shopper may read: a mail that a step does not list
// fails the test as one that is missing does.
package dataplane
