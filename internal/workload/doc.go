// Package workload holds what the two processes of a Shop, tracking-page and notifier, share: start and graceful shutdown, flags,
// the bundle file, the open store, mounted keys and credentials that are read again while they run, the internal server and the
// logger.
//
// It must not know what either process does with an order, nor any Kubernetes API: its only inputs are files, flags and the
// environment.
package workload
