package lint

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
)

// shop returns what the operator would report for one Shop.
func (s *set) shop(in compile.Input, own map[string]*Document) []Finding {
	out := compile.Compile(in)
	findings := s.missing(in, own, out.Missing)
	problems := out.Problems
	if len(out.Missing) > 0 {
		// The compiler stops at a missing reference. The cluster may have it, so compile the rest without it.
		problems = compile.Compile(without(in, out.Missing)).Problems
		problems = slices.DeleteFunc(problems, func(p compile.Problem) bool { return ofMissing(in, p) })
	}
	for _, p := range problems {
		findings = append(findings, s.problem(in, own[p.Object], p))
	}
	for object, d := range own {
		findings = append(findings, inactive(d, out.NotYetActiveOf(object))...)
	}
	return append(findings, s.expectSecrets(in, own)...)
}

// inactive names the fields that this version stores and does not act on: the author would rely on them in vain.
func inactive(d *Document, paths []string) []Finding {
	if len(paths) == 0 {
		return nil
	}
	return []Finding{d.finding(Warning, "", "FieldsInactive: this version stores these fields but does not act on them: %s", strings.Join(paths, ", "))}
}

// missing returns a finding for each reference that no document resolves.
func (s *set) missing(in compile.Input, own map[string]*Document, refs []compile.Ref) []Finding {
	var findings []Finding
	for _, ref := range refs {
		object, path := referrer(in, ref)
		d := own[object]
		if cm, ok := s.content[key{ref.Kind, ref.Namespace, ref.Name}]; ok {
			findings = append(findings, cm.finding(Error, "metadata.labels", "lacks the label %s, without which content in %s is ignored; %s refers to it", v1alpha1.LabelLibrary, ref.Namespace, d.Title()))
			continue
		}
		findings = append(findings, d.finding(Warning, path, "MissingReference: %s is not among these documents; the cluster must have it", ref))
	}
	return findings
}

// referrer returns the object and the path that refer to a ConfigMap or a policy.
func referrer(in compile.Input, ref compile.Ref) (object, path string) {
	if ref.Kind == compile.PolicyKind {
		if in.Policy != nil {
			return compile.PolicyObject(in.Policy), "spec.basePolicyRef"
		}
		return compile.ShopObject, "spec.notificationPolicyRef"
	}
	for _, ci := range in.Integrations {
		if ci.Spec.Definition.Source != v1alpha1.DefinitionCatalog && string(ci.Spec.Definition.Name) == ref.Name {
			return compile.IntegrationObject(ci.Name), "spec.definition"
		}
	}
	return compile.ShopObject, pathInShop(in.Shop, ref)
}

func pathInShop(shop *v1alpha1.Shop, ref compile.Ref) string {
	for i, t := range shop.Spec.Templates {
		if string(t.ConfigMapRef.Name) == ref.Name && (t.Source == v1alpha1.SourceLocal) == (ref.Namespace == shop.Namespace) {
			return fmt.Sprintf("spec.templates[%d].configMapRef", i)
		}
	}
	if o := shop.Spec.Orders; o != nil {
		for i, source := range o.Sources {
			if source.Definition.Source != v1alpha1.DefinitionCatalog && string(source.Definition.Name) == ref.Name {
				return fmt.Sprintf("spec.orders.sources[%d].definition", i)
			}
		}
	}
	return "spec.theme.logo"
}

// without returns the input without references to what is missing.
func without(in compile.Input, missing []compile.Ref) compile.Input {
	gone := func(kind, namespace, name string) bool {
		return slices.Contains(missing, compile.Ref{Kind: kind, Namespace: namespace, Name: name})
	}
	in.Shop = in.Shop.DeepCopy()
	for _, t := range in.Shop.Spec.Templates {
		ref := compile.Ref{Kind: compile.ConfigMapKind, Namespace: in.Shop.Namespace, Name: string(t.ConfigMapRef.Name)}
		if t.Source == v1alpha1.SourceLibrary {
			ref.Namespace = in.Platform.LibraryNamespace
		}
		if gone(ref.Kind, ref.Namespace, ref.Name) {
			in.Content[ref] = compile.Content{} // without any text
		}
	}
	if t := in.Shop.Spec.Theme; t != nil && t.Logo != nil && gone(compile.ConfigMapKind, in.Shop.Namespace, string(t.Logo.ConfigMapRef.Name)) {
		t.Logo = nil
	}
	if in.Policy == nil {
		in.Shop.Spec.NotificationPolicyRef = nil
	} else if in.BasePolicy == nil {
		in.Policy = in.Policy.DeepCopy()
		in.Policy.Spec.BasePolicyRef = nil
	}
	replaceDefinitions(&in)
	return in
}

// replaceDefinitions replaces each missing definition of an order source by one of the catalog, and drops integrations
// whose definition is missing. ofMissing finds the problems that this causes.
func replaceDefinitions(in *compile.Input) {
	if o := in.Shop.Spec.Orders; o != nil {
		for i := range o.Sources {
			if lacks(*in, o.Sources[i].Definition) {
				o.Sources[i].Definition = catalogDefinition
			}
		}
	}
	in.Integrations = slices.DeleteFunc(slices.Clone(in.Integrations), func(ci v1alpha1.CarrierIntegration) bool { return lacks(*in, ci.Spec.Definition) })
}

// catalogDefinition replaces a definition that is not among the documents.
var catalogDefinition = v1alpha1.DefinitionReference{Name: "api", Source: v1alpha1.DefinitionCatalog}

func lacks(in compile.Input, d v1alpha1.DefinitionReference) bool {
	ref := compile.Ref{Kind: compile.ConfigMapKind, Namespace: in.Shop.Namespace, Name: string(d.Name)}
	if d.Source == v1alpha1.DefinitionLibrary {
		ref.Namespace = in.Platform.LibraryNamespace
	}
	_, there := in.Content[ref]
	return d.Source != v1alpha1.DefinitionCatalog && !there
}

// ofMissing reports whether a problem is about a source whose definition is missing.
func ofMissing(in compile.Input, p compile.Problem) bool {
	if p.Object != compile.ShopObject || in.Shop.Spec.Orders == nil {
		return false
	}
	for i, source := range in.Shop.Spec.Orders.Sources {
		if lacks(in, source.Definition) && strings.HasPrefix(p.Path, fmt.Sprintf("spec.orders.sources[%d].", i)) {
			return true
		}
	}
	return false
}

// problem turns a problem of the compiler into a Finding at the place where it can be fixed.
func (s *set) problem(in compile.Input, d *Document, p compile.Problem) Finding {
	name, file, inFile := strings.Cut(p.Source, "/")
	cm, ok := s.contentOf(in, name, file)
	if !inFile || !ok {
		if p.Source != "" {
			p.Message = p.Source + ": " + p.Message
		}
		return d.finding(Error, p.Path, "%s", p.Message)
	}
	path := "data[" + file + "]"
	f := cm.finding(Error, path, "%s", p.Message)
	if p.Line > 0 {
		f.Line = cm.textLine(path) + p.Line - 1
	}
	return f
}

// contentOf returns the ConfigMap from which the Shop reads a file.
func (s *set) contentOf(in compile.Input, name, file string) (typed[*corev1.ConfigMap], bool) {
	for ref := range in.Content {
		cm, ok := s.content[key{ref.Kind, ref.Namespace, ref.Name}]
		if ok && ref.Name == name && holds(cm.object, file) {
			return cm, true
		}
	}
	return typed[*corev1.ConfigMap]{}, false
}

func holds(cm *corev1.ConfigMap, file string) bool {
	_, text := cm.Data[file]
	_, binary := cm.BinaryData[file]
	return text || binary
}
