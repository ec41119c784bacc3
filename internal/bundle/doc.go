// Package bundle is the contract between the operator and a Shop's workloads: the Document that goes down
// (one Shop compiled against one release: schema-versioned, canonical, hashed) and the Report that comes back.
// Both halves import it; it imports neither of them, no Kubernetes library, no database, no HTTP and no clock.
// Package compile, below it, makes a Document out of the custom resources; only the operator half links that.
package bundle
