// Package uninstall is kubectl wismo uninstall: it deletes the operator in an order in which no finalizer blocks, prints
// what it did and what stays, and deletes data only if a flag asks for it. internal/operator/uninstall lists the finalizers
// and what an installation leaves behind.
package uninstall
