// Package store keeps a Shop's orders, parcels, events, messages, decisions and preferences, and the inbox of raw receipts.
// It answers for durability: what it acknowledged survives a kill, nothing is stored twice, and a lease lets several
// notifiers share the work. It must not know what a carrier's payload means, when a shopper may be told, or how mail is sent.
//
// The page's process and the notifier's process open the same file. The SQL is portable: times are integers of unix
// milliseconds, documents are JSON text.
package store
