package compile

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// Refs returns the ConfigMaps that the Shop and its integrations refer to, sorted and without repetition: what has to
// be gathered into Input.Content. A ConfigMap of the library counts only with the label v1alpha1.LabelLibrary; one
// without it must be left out.
func Refs(shop *v1alpha1.Shop, integrations []v1alpha1.CarrierIntegration, libraryNamespace string) []Ref {
	seen := map[Ref]bool{}
	for _, t := range shop.Spec.Templates {
		seen[configMap(shop.Namespace, libraryNamespace, t.Source, t.ConfigMapRef.Name)] = true
	}
	if t := shop.Spec.Theme; t != nil && t.Logo != nil {
		seen[Ref{ConfigMapKind, shop.Namespace, string(t.Logo.ConfigMapRef.Name)}] = true
	}
	for _, d := range definitions(shop, integrations) {
		if ref, ok := definitionRef(shop.Namespace, libraryNamespace, d); ok {
			seen[ref] = true
		}
	}
	return sortedRefs(seen)
}

func definitions(shop *v1alpha1.Shop, integrations []v1alpha1.CarrierIntegration) []v1alpha1.DefinitionReference {
	var all []v1alpha1.DefinitionReference
	if o := shop.Spec.Orders; o != nil {
		for _, s := range o.Sources {
			all = append(all, s.Definition)
		}
	}
	for _, ci := range integrations {
		all = append(all, ci.Spec.Definition)
	}
	return all
}

func configMap(namespace, library string, source v1alpha1.Source, name v1alpha1.ObjectName) Ref {
	if source == v1alpha1.SourceLibrary {
		namespace = library
	}
	return Ref{ConfigMapKind, namespace, string(name)}
}

// definitionRef returns false for a definition of the catalog, which is embedded.
func definitionRef(namespace, library string, d v1alpha1.DefinitionReference) (Ref, bool) {
	switch d.Source {
	case v1alpha1.DefinitionLibrary:
		return Ref{ConfigMapKind, library, string(d.Name)}, true
	case v1alpha1.DefinitionLocal:
		return Ref{ConfigMapKind, namespace, string(d.Name)}, true
	default:
		return Ref{}, false
	}
}

func sortedRefs(set map[Ref]bool) []Ref {
	return slices.SortedFunc(maps.Keys(set), compareRefs)
}

func compareRefs(a, b Ref) int {
	return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
}
