// Package doctor is kubectl wismo doctor: whether a cluster is fit for wismo, and whether its installation is healthy. It
// only reads and asks, decides nothing by the version of a server, and says so where it cannot tell.
package doctor
