// Package release is kubectl wismo release: how a change of what all Shops share is on its way, what it changes, and how
// people steer it. It reads what the operator keeps and publishes, and steers by annotations on the latest release and by
// spec.release of a Shop; what may move when it does not know.
package release
