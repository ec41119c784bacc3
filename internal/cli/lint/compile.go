package lint

import (
	"fmt"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
)

// Shops compiles each Shop among the documents as the operator would, in their order. Policy names a NotificationPolicy among
// the documents that every Shop uses instead of its own; "" keeps their own. A Shop with errors has findings and no bundle.
func Shops(documents []*Document, o Options, policy string) ([]*bundle.Document, []Finding, error) {
	s, findings, err := setOf(documents, o)
	if err != nil {
		return nil, nil, err
	}
	var all []*bundle.Document
	for _, shop := range s.shops {
		if err := s.usePolicy(shop.object, policy); err != nil {
			return nil, nil, err
		}
		in, own := s.input(shop)
		out := compile.Compile(in)
		if out.Document == nil {
			findings = append(findings, s.shop(in, own)...)
			continue
		}
		all = append(all, out.Document)
	}
	return all, findings, nil
}

// usePolicy makes the Shop refer to the policy, in its own namespace or in the library.
func (s *set) usePolicy(shop *v1alpha1.Shop, name string) error {
	if name == "" {
		return nil
	}
	for k := range s.policies {
		if k.name != name {
			continue
		}
		source := v1alpha1.SourceLocal
		if k.namespace == s.o.LibraryNamespace {
			source = v1alpha1.SourceLibrary
		} else if k.namespace != shop.Namespace {
			continue
		}
		shop.Spec.NotificationPolicyRef = &v1alpha1.PolicyReference{Name: v1alpha1.ObjectName(name), Source: source}
		return nil
	}
	return fmt.Errorf("no NotificationPolicy %s in the namespace %s of the Shop %s, or in %s", name, shop.Namespace, shop.Name, s.o.LibraryNamespace)
}
