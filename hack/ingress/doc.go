// Package ingress holds together what the ingress controller of the development cluster is made of: Traefik, which
// serves Ingresses and the Gateway API, in the version of go.mod. There is no code of ours in it but nodns; see
// hack/cluster, command ingress, which builds it.
package ingress
