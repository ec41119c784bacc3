// Package template is kubectl wismo template: a file with every text there is, to start a merchant's own words from. It
// prints; it knows no cluster.
package template
