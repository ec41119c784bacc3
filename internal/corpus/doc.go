// Package corpus makes realistic journeys of orders, by seed, each with what its sources sent and with the truth that
// a reader of pages and messages can be checked against. It is independent of the code that it tests: it imports none
// of the packages that understand, decide or render, and it reads no clock. All people and shops in it are made up.
package corpus
