// Package dnscheck checks whether the hostnames of Shops lead shoppers to the page, and reports which DNS record or which
// certificate is missing. It checks as a shopper's browser does, by DNS lookups and TLS handshakes, at intervals and never inside a
// reconciliation. Diagnose, which turns the results into a condition, is a pure function. The package reads no Secret and must not
// know a cluster.
package dnscheck
