// Package dnscheck finds out whether the hostnames of Shops lead shoppers to the page, and says which DNS record or which
// certificate is missing. It looks from outside, as a shopper's browser does: it asks DNS and shakes hands by TLS, paced
// and never inside a reconciliation. What is to be concluded from it is pure. It reads no Secret and knows no cluster.
package dnscheck
