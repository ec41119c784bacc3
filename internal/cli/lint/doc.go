// Package lint says offline what the API server and the operator would say of documents: the schema and the rules of the
// CustomResourceDefinitions, checked by the API server's own library, and then everything that compiling each Shop finds.
// Its core reads bytes and returns findings: it knows no cluster, no clock and no terminal, and never prints what a
// Secret holds.
package lint
