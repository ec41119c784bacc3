package rotate

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/cli/gitops"
)

// Links is the value of --key for the keys that sign links in messages.
const Links = "links"

// integrationPrefix begins the key purposes of CarrierIntegrations.
const integrationPrefix = "carrier-"

// target is one key that a token in the spec of an object rotates.
type target struct {
	object  client.Object
	kind    string
	shop    string   // that owns the key records
	purpose string   // of those records
	title   string   // for messages
	at      []string // JSON pointer of the intake, in segments
	owned   []string // the same as a path in FieldsV1
	intake  v1alpha1.Intake
	absent  bool // the built-in source, while the spec does not list it
}

// parse splits shop/NAME or carrierintegration/NAME.
func parse(arg string) (kind, name string, err error) {
	kind, name, found := strings.Cut(arg, "/")
	switch kind, _, _ = strings.Cut(strings.ToLower(kind), "."); {
	case !found || name == "":
	case kind == "shop" || kind == "shops" || kind == "wshop":
		return "Shop", name, nil
	case kind == "carrierintegration" || kind == "carrierintegrations" || kind == "wcarrier":
		return "CarrierIntegration", name, nil
	}
	return "", "", fmt.Errorf("%q: name what to rotate as shop/NAME or carrierintegration/NAME", arg)
}

func integration(ctx context.Context, c client.Client, at client.ObjectKey) ([]target, error) {
	ci := &v1alpha1.CarrierIntegration{}
	if err := c.Get(ctx, at, ci); err != nil {
		return nil, err
	}
	return []target{{
		object: ci, kind: "CarrierIntegration", shop: ci.Spec.ShopRef.Name, purpose: bundle.HookKeys + integrationPrefix + ci.Name,
		title: "carrierintegration/" + ci.Name, at: []string{"spec", "intake"}, owned: []string{"f:spec", "f:intake"}, intake: ci.Spec.Intake,
	}}, nil
}

// sources returns the Shop's order sources with that name, "" = all in the spec. The built-in source may have no entry
// there.
func sources(shop *v1alpha1.Shop, name string) []target {
	var all []target
	if shop.Spec.Orders != nil {
		for i, s := range shop.Spec.Orders.Sources {
			if name == "" || name == string(s.Name) {
				all = append(all, source(shop, string(s.Name), fmt.Sprint(i), s.Intake))
			}
		}
	}
	if name == v1alpha1.SourceAPI && len(all) == 0 {
		t := source(shop, name, "-", v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook})
		t.absent = true
		all = append(all, t)
	}
	return all
}

func source(shop *v1alpha1.Shop, name, index string, intake v1alpha1.Intake) target {
	return target{
		object: shop, kind: "Shop", shop: shop.Name, purpose: bundle.HookKeys + name,
		title:  "shop/" + shop.Name + " source " + name,
		at:     []string{"spec", "orders", "sources", index, "intake"},
		owned:  []string{"f:spec", "f:orders", "f:sources", fmt.Sprintf(`k:{"name":%q}`, name), "f:intake"},
		intake: intake,
	}
}

// builtinEntry returns an entry of orders.sources for the built-in source: with its definition and no credentials, as the
// compiler requires it.
func builtinEntry(token string, leaked bool) map[string]any {
	intake := change(token, leaked)
	intake["mode"] = v1alpha1.IntakeWebhook
	return map[string]any{
		"name": v1alpha1.SourceAPI, "intake": intake,
		"definition": map[string]any{"name": v1alpha1.SourceAPI, "source": v1alpha1.DefinitionCatalog},
	}
}

// owner returns the tool or field manager that owns the fields to be changed; "" if none does.
func (t target) owner(leaked bool) string {
	if tool := gitops.Tool(t.object); tool != "" {
		return tool
	}
	fields := []string{"f:token"}
	if leaked {
		fields = append(fields, "f:overlapHours")
	}
	for _, field := range fields {
		path := append(append([]string{}, t.owned...), "f:webhook", "f:rotation", field)
		if manager := gitops.Owner(t.object, path...); manager != "" {
			return "the field manager " + manager
		}
	}
	return ""
}

// change returns the fields of the intake that request the rotation.
func change(token string, leaked bool) map[string]any {
	rotation := map[string]any{"token": token}
	if leaked {
		rotation["overlapHours"] = 0
	}
	return map[string]any{"webhook": map[string]any{"rotation": rotation}}
}

// document returns the change as YAML to commit.
func (t target) document(token string, leaked bool) string {
	intake := map[string]any{"intake": change(token, leaked)}
	spec := intake
	if t.kind == "Shop" {
		intake["name"] = strings.TrimPrefix(t.purpose, bundle.HookKeys)
		if t.absent {
			intake = builtinEntry(token, leaked)
		}
		spec = map[string]any{"orders": map[string]any{"sources": []any{intake}}}
	}
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": v1alpha1.GroupVersion.String(), "kind": t.kind,
		"metadata": map[string]any{"name": t.object.GetName(), "namespace": t.object.GetNamespace()}, "spec": spec,
	})
	if err != nil {
		return ""
	}
	return string(text)
}

// patch changes only the token and the overlap, and fails if the object has changed meanwhile.
func (t target) patch(token string, leaked bool) (client.Patch, error) {
	type operation struct {
		Op    string `json:"op"`
		Path  string `json:"path"`
		Value any    `json:"value"`
	}
	pointer := "/" + strings.Join(t.at, "/")
	operations := []operation{{"test", "/metadata/resourceVersion", t.object.GetResourceVersion()}}
	add := func(path string, value any) { operations = append(operations, operation{"add", path, value}) }
	shop, ofShop := t.object.(*v1alpha1.Shop)
	switch {
	case t.absent && ofShop && shop.Spec.Orders == nil:
		add("/spec/orders", map[string]any{"sources": []any{builtinEntry(token, leaked)}})
	case t.absent:
		add("/spec/orders/sources/-", builtinEntry(token, leaked))
	default:
		if t.intake.Webhook == nil {
			add(pointer+"/webhook", map[string]any{})
		}
		if t.intake.Webhook == nil || t.intake.Webhook.Rotation == nil {
			add(pointer+"/webhook/rotation", map[string]any{})
		}
		add(pointer+"/webhook/rotation/token", token)
		if leaked {
			add(pointer+"/webhook/rotation/overlapHours", 0)
		}
	}
	data, err := json.Marshal(operations)
	return client.RawPatch(jsonPatch, data), err
}
