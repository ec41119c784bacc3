package lint

import (
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// Annotations that keep a GitOps tool from deleting an object that is no longer in Git.
const (
	fluxPrune         = "kustomize.toolkit.fluxcd.io/prune"
	argoCDSyncOptions = "argocd.argoproj.io/sync-options"
)

// lostNamespaces finds Namespaces with whose documents the data of a Shop goes, although its deletionPolicy is Retain: a namespace
// takes everything in it along.
func (s *set) lostNamespaces() []Finding {
	var findings []Finding
	for _, d := range s.namespaces {
		i := slices.IndexFunc(s.shops, func(shop typed[*v1alpha1.Shop]) bool {
			return shop.object.Namespace == d.GetName() && retains(shop.object)
		})
		if i < 0 {
			continue
		}
		shop := s.shops[i].object.Name
		if prunable(d.GetAnnotations()) {
			findings = append(findings, d.finding(Warning, "metadata.annotations",
				"a tool that prunes what is no longer in Git deletes the namespace with the orders and link keys of the Shop %s, although its deletionPolicy is Retain: add the annotations %s: disabled and %s: Prune=false,Delete=false",
				shop, fluxPrune, argoCDSyncOptions))
			continue
		}
		findings = append(findings, d.finding(Note, "", "kubectl delete of this document also deletes the orders and link keys of the Shop %s, although its deletionPolicy is Retain: to keep them, delete the Shop alone", shop))
	}
	return findings
}

func retains(shop *v1alpha1.Shop) bool {
	return shop.Spec.Storage == nil || shop.Spec.Storage.DeletionPolicy != v1alpha1.DeletionDelete
}

// prunable reports whether Flux or Argo CD may delete the object.
func prunable(annotations map[string]string) bool {
	options := strings.Split(annotations[argoCDSyncOptions], ",")
	return annotations[fluxPrune] != "disabled" || !slices.Contains(options, "Prune=false") || !slices.Contains(options, "Delete=false")
}
