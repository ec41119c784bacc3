// Package release is kubectl wismo release: it shows the rollout of releases and what they change, and controls it. It reads
// what the operator keeps and publishes, and writes annotations on the latest release, or spec.release of a Shop. The
// operator alone decides which Shop moves when.
package release
