// Package lint checks documents as the API server and the operator would, without a cluster: against the schema and the rules
// of the CustomResourceDefinitions, with the API server's own library, and then by compiling each Shop. Its core turns bytes
// into findings: it uses no cluster, clock or terminal, and never prints the content of a Secret.
package lint
