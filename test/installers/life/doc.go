// Package life takes an installation through its life with the real helm on a real API server: install, upgrade from the
// chart before, uninstall and install again, for the whole cluster and for some namespaces. The operator that runs
// meanwhile is the one of this source tree, and has no more rights than the chart gave it.
package life
