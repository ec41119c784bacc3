// Package real follows docs/install.md and the chart's notes to the letter on a real cluster, with helm, kubectl and the
// plugin as a person calls them: install, upgrade, test, remove and return, for the whole cluster and for one namespace, with
// the chart and with plain YAML. hack/installers.sh gives it an empty cluster and the programs; it is the tag e2e's.
package real
