// Package template is kubectl wismo template: it prints a file with all texts, from which a merchant's own texts are written.
// It uses no cluster.
package template
