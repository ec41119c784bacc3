// Package rollout decides which Shop may move to which release now, so that a change of what all Shops share reaches a
// few first, then more, and stops once too many fail.
//
// It is one pure function, Decide: from the observed releases and Shops, and from what was assigned before, it computes which
// release each Shop is to run. It must not know a cluster, a clock or a random number. What has to outlive the process is
// returned: Progress, which the caller stores with the release, and the AttemptRefs of a Step, which it stores with the Shop.
package rollout
