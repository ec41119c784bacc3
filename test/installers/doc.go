// Package installers holds the two ways to install wismo to one result: it renders config/ and charts/wismo with the
// real kustomize and helm libraries and compares what comes out. It is a module of its own, so that the operator
// carries neither library.
package installers
