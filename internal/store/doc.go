// Package store is the database of a Shop: the records of its sources, the decisions and messages of each order, the preferences of
// its shoppers, and the inbox of raw receipts. It is responsible for durability: what it acknowledged survives a kill, nothing is
// stored twice, and leases let several notifiers share the work. It must not know what a carrier's payload means, when a shopper may
// be told, or how mail is sent.
//
// A worker claims a row, which leases it and increments its claim count; every write for the row is fenced by that count. A worker
// that loses its lease gets ErrLost and drops its work. A lease that ends later than any lease may was written under a wrong clock,
// so the row is due.
//
// The page's process and the notifier's process open the same file, and write one after the other: see writeLock. During a rollout or
// a rollback the previous version of wismo opens it too, without that lock: see package legacy. The SQL is portable unless a comment
// says otherwise: times are integers of unix milliseconds, documents are JSON text.
package store
