// Package observability holds what is shipped for Prometheus and Grafana to what the binaries really publish: it plays
// the alerts through with Prometheus's own engine, and parses every query of rules and dashboards. It is a module of its
// own, so that the operator carries no Prometheus.
package observability
