// Package corpus generates realistic journeys of orders by seed, each with the webhooks of its sources and the truth that pages and
// messages can be checked against. It is independent of the code that it tests: it imports none of the packages that map, decide or
// render, and it reads no clock. All people and shops in it are fictitious.
package corpus
