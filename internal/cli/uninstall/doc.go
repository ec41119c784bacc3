// Package uninstall is kubectl wismo uninstall: it takes the operator out of a cluster in the one order in which nothing
// hangs, says what it did and what stays, and touches no data unless it is told to. What wismo's finalizers hold, and what
// an installation leaves, internal/operator/uninstall knows.
package uninstall
