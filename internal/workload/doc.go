// Package workload is what a Shop's two processes, tracking-page and notifier, share: flags, the bundle file, mounted
// keys and credentials that are read again while they run, the internal server, the logger, and an orderly end.
//
// It must not know what either process does with an order, nor any Kubernetes API: all it learns comes from files,
// flags and the environment.
package workload
