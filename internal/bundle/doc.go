// Package bundle is the contract between the operator and the workloads of a Shop: the Document that the operator writes (one Shop
// compiled against one release: schema-versioned, canonical, hashed) and the Report that a workload answers with.
// Both halves import it; it imports neither of them, no Kubernetes library, no database, no HTTP and no clock.
// Package compile makes a Document out of the custom resources; only the operator half links that.
package bundle
