package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/operator/config"
)

// syntheticName is the name of a synthetic Shop and of its order source.
const syntheticName = "stand-in"

// syntheticShop is a Shop that exists only in this check, to compile a document that no Shop among the documents uses.
type syntheticShop struct {
	shop     typed[*v1alpha1.Shop]
	document *Document // that the Shop uses
	warning  string    // about the document; "" = none
}

// syntheticShops returns one Shop for each document that no Shop uses: a CarrierIntegration whose Shop is not among the documents, a
// NotificationPolicy, or a ConfigMap of the library.
func (s *set) syntheticShops(used map[key]bool) []syntheticShop {
	var shops []syntheticShop
	for _, ci := range s.integrations {
		if !used[keyOf(ci.Document)] {
			t := s.newSyntheticShop(ci.Document, ci.object.Spec.ShopRef.Name)
			t.warning = fmt.Sprintf("MissingReference: Shop %s/%s is not among these documents; the cluster must have it", ci.object.Namespace, ci.object.Spec.ShopRef.Name)
			shops = append(shops, t)
		}
	}
	for k, p := range s.policies {
		if !used[k] {
			t := s.newSyntheticShop(p.Document, syntheticName)
			t.shop.object.Spec.NotificationPolicyRef = &v1alpha1.PolicyReference{Name: v1alpha1.ObjectName(k.name), Source: v1alpha1.SourceLocal}
			shops = append(shops, t)
		}
	}
	for k, cm := range s.content {
		if !used[k] && isLibrary(cm.object) {
			shops = append(shops, s.shopUsing(cm))
		}
	}
	return shops
}

// newSyntheticShop returns a Shop of the given name in the namespace of the document. It uses nothing yet.
func (s *set) newSyntheticShop(d *Document, shop string) syntheticShop {
	object := &v1alpha1.Shop{
		ObjectMeta: metav1.ObjectMeta{Name: shop, Namespace: d.GetNamespace()},
		Spec:       v1alpha1.ShopSpec{DisplayName: "Stand-in", Hostname: "stand-in.shop.example", HomeCountry: "NL"},
	}
	return syntheticShop{shop: typed[*v1alpha1.Shop]{d, object}, document: d}
}

// shopUsing returns a Shop that uses a ConfigMap of the library: as a definition if it has the key definition.yaml, else as templates.
func (s *set) shopUsing(cm typed[*corev1.ConfigMap]) syntheticShop {
	t := s.newSyntheticShop(cm.Document, syntheticName)
	name := v1alpha1.ObjectName(cm.object.Name)
	if _, isDefinition := cm.object.Data["definition.yaml"]; isDefinition {
		t.shop.object.Spec.Orders = &v1alpha1.Orders{Sources: []v1alpha1.OrderSource{{
			Name: syntheticName, Definition: v1alpha1.DefinitionReference{Name: name, Source: v1alpha1.DefinitionLocal},
			Intake: v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook},
		}}}
		return t
	}
	t.shop.object.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: name}, Source: v1alpha1.SourceLocal}}
	for _, key := range slices.Sorted(maps.Keys(cm.object.Data)) {
		locale, isTexts := strings.CutSuffix(key, message.TextsSuffix)
		if isTexts && message.Builtin(locale) != nil { // other languages have no built-in texts, and the ConfigMap need not have all
			t.shop.object.Spec.Locales = append(t.shop.object.Spec.Locales, v1alpha1.Locale(locale))
		}
	}
	return t
}

// checkUnused returns the findings about the document of a synthetic Shop, without those about the Shop itself.
func (s *set) checkUnused(t syntheticShop, in compile.Input, own map[string]*Document) []Finding {
	var findings []Finding
	if t.warning != "" {
		findings = append(findings, t.document.finding(Warning, "spec.shopRef.name", "%s", t.warning))
	}
	out := compile.Compile(in)
	problems := out.Problems
	if len(out.Missing) > 0 {
		findings = append(findings, s.missing(in, own, out.Missing)...)
		problems = compile.Compile(without(in, out.Missing)).Problems
	}
	for _, p := range problems {
		if p.Object == compile.ShopObject && p.Source == "" {
			continue // a problem of the synthetic Shop
		}
		findings = append(findings, s.problem(in, own[p.Object], p))
	}
	for object, d := range own {
		if object != compile.ShopObject {
			findings = append(findings, inactive(d, out.NotYetActiveOf(object))...)
		}
	}
	if t.document.GetKind() == "CarrierIntegration" {
		findings = append(findings, s.expectSecrets(in, own)...)
	}
	return findings
}

// configuration checks the operator's configuration file, if the document is the ConfigMap wismo-config.
func configuration(d *Document) []Finding {
	text, ok := nested(d, "data")["config.yaml"].(string)
	if !ok || d.GetName() != "wismo-config" {
		return nil
	}
	image := func(string) string { return "set-by-the-deployment" }
	if _, err := config.Parse([]byte(text), image); err != nil {
		return []Finding{d.finding(Error, "data[config.yaml]", "%v", err)}
	}
	return nil
}
