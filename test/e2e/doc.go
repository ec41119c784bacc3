// Package e2e proves, on a real cluster with the real images, what users buy: the way of a parcel from a signed webhook
// to a page and mails, and that nothing on it is lost, doubled or interrupted. It acts as an administrator and as the
// outside world; it must not import the operator or the data plane.
//
// It runs with the build tag e2e, on the cluster that KUBECONFIG names or else on the local one:
//
//	hack/e2e.sh -run TestAParcelsWay
//
// What touches the operator, the node or the demo's two merchants runs first, one test after the other: no other test may
// write then. A test with a Shop of its own (live, merchantIn) calls t.Parallel; those run afterwards, several at once, because
// most of their time is waiting: for the kubelet to bring a file, for a roll, for what must not happen.
//
// Another cluster needs the images wismo.dev/{manager,tracking-page,notifier,mailbox,prober}:dev beforehand. What only
// the local one shows, its audit log and its processes, is skipped there.
package e2e
