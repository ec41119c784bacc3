// Package store keeps what a Shop's sources have said, record by record, what was decided and told of each order, the
// preferences of its shoppers, and the inbox of raw receipts. It answers for durability: what it acknowledged survives a kill,
// nothing is stored twice, and a lease lets several notifiers share the work. It must not know what a carrier's payload means,
// when a shopper may be told, or how mail is sent.
//
// The life of a claim: a worker claims a row, which leases it and counts the claim up; whatever it stores of the row is fenced by
// that count. A worker that loses its lease gets ErrLost and drops its work. A lease that lies further ahead than any lease may
// is taken for one of a wrong clock, and the row is due.
//
// The page's process and the notifier's process open the same file, and write in turn: see turn. So does, while a release is rolled
// out or back, a program of the version before, which knows no turn: see package legacy. The SQL is portable but for what says otherwise: times are integers of unix
// milliseconds, documents are JSON text.
package store
