package dnscheck

import (
	"slices"
	"strings"
)

// EveryNamespace in a Grant stands for all namespaces, NamespacePlaceholder in a suffix for the name of the namespace.
const (
	EveryNamespace       = "*"
	NamespacePlaceholder = "{namespace}"
)

// Grant lets the Shops of some namespaces use hostnames below some suffixes.
type Grant struct {
	// Namespaces by name, or * for all.
	Namespaces []string `json:"namespaces"`
	// Suffixes such as shops.platform.example: the name itself and every name below it. {namespace} in one stands for
	// the Shop's namespace.
	Suffixes []string `json:"suffixes"`
}

// Grants are all grants together. Without any, every namespace may use every hostname.
type Grants []Grant

// Allow reports whether Shops of the namespace may use the hostname.
func (g Grants) Allow(namespace, hostname string) bool {
	return len(g) == 0 || slices.ContainsFunc(g, func(one Grant) bool { return one.allows(namespace, hostname) })
}

func (g Grant) allows(namespace, hostname string) bool {
	if !slices.Contains(g.Namespaces, namespace) && !slices.Contains(g.Namespaces, EveryNamespace) {
		return false
	}
	return slices.ContainsFunc(g.Suffixes, func(suffix string) bool {
		suffix = strings.ReplaceAll(suffix, NamespacePlaceholder, namespace)
		return hostname == suffix || strings.HasSuffix(hostname, "."+suffix)
	})
}
