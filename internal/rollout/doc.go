// Package rollout decides which Shop may move to which release now, so that a change of what all Shops share reaches a
// few first, then more, and none at all once it turns out to be bad.
//
// It is one pure function, Decide: from what is seen of releases and Shops, and from what was permitted before, to what
// each Shop is to run. It must not know a cluster, a clock or a random number; whatever has to outlive the process is
// handed out as a latch, for the caller to keep on the release, or as a mark, to keep with the Shop.
package rollout
