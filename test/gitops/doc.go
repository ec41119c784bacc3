// Package gitops lets the real Flux controllers bring config/samples from a git server to a real cluster, take back what
// was changed by hand, and take everything away again. hack/gitops.sh builds the controllers, starts a cluster with the
// operator and runs the tests; it is a module of its own, so that no other module depends on what Flux needs.
package gitops
