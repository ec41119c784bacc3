// Package workload is what a Shop's two processes, tracking-page and notifier, share: start and orderly end, flags, the bundle
// file, the open store, mounted keys and credentials that are read again while they run, the internal server and the logger.
//
// It must not know what either process does with an order, nor any Kubernetes API: all it learns comes from files,
// flags and the environment.
package workload
