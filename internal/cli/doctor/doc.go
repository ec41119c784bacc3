// Package doctor is kubectl wismo doctor: it checks whether a cluster meets wismo's requirements and whether the
// installation is healthy. It only reads, never decides by the version of a server, and reports what it cannot check.
package doctor
