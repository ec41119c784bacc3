package installers

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// installerOwn are the metadata by which an installer signs its work; nothing else may differ.
var installerOwn = map[string][]string{
	"labels":      {"helm.sh/chart", "app.kubernetes.io/managed-by"},
	"annotations": {"helm.sh/resource-policy"},
}

// stripped returns the object without the installer's own metadata. The metadata of pod templates stay: a difference
// there would restart pods.
func stripped(o object) object {
	out := maps.Clone(o)
	metadata, _ := out["metadata"].(map[string]any)
	metadata = maps.Clone(metadata)
	for field, keys := range installerOwn {
		values, ok := metadata[field].(map[string]any)
		if !ok {
			continue
		}
		values = maps.Clone(values)
		for _, key := range keys {
			delete(values, key)
		}
		metadata[field] = values
		if len(values) == 0 {
			delete(metadata, field)
		}
	}
	out["metadata"] = metadata
	return out
}

func compare(t *testing.T, kustomize, helm map[string]object) {
	t.Helper()
	ids := map[string]bool{}
	for id := range kustomize {
		ids[id] = true
	}
	for id := range helm {
		ids[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		switch {
		case kustomize[id] == nil:
			t.Errorf("%s is in the chart only", id)
		case helm[id] == nil:
			t.Errorf("%s is in config/ only", id)
		default:
			if diff := cmp.Diff(stripped(kustomize[id]), stripped(helm[id])); diff != "" {
				t.Errorf("%s differs, config/ (-) and chart (+):\n%s", id, diff)
			}
		}
	}
}

func TestBothInstallersInstallTheSame(t *testing.T) {
	compare(t, kustomized(t, "default"), mustTemplate(t, map[string]any{"namespaces": map[string]any{"release": true}}))
}

func TestBothInstallersLetPrometheusReadTheSame(t *testing.T) {
	kustomize := kustomized(t, "prometheus")
	helm := mustTemplate(t, map[string]any{"prometheus": map[string]any{"enabled": true}})
	plain := mustTemplate(t, nil)
	maps.DeleteFunc(helm, func(id string, _ object) bool { return plain[id] != nil })
	for _, set := range []map[string]object{kustomize, helm} {
		for id, o := range set {
			set[id] = object{"spec": o["spec"]} // the component is applied beside an installation and has no labels of its own
		}
	}
	if len(kustomize) == 0 {
		t.Fatal("nothing to compare")
	}
	compare(t, kustomize, helm)
}

func TestADifferenceBetweenTheInstallersIsSeen(t *testing.T) {
	values := map[string]any{"namespaces": map[string]any{"release": true}, "replicas": 2}
	id := "apps/v1 Deployment wismo-system/wismo-manager"
	if diff := cmp.Diff(stripped(kustomized(t, "default")[id]), stripped(mustTemplate(t, values)[id])); !strings.Contains(diff, "replicas") {
		t.Errorf("two replicas pass for one: %s", diff)
	}
}

func TestUninstallingTheChartKeepsEveryShop(t *testing.T) {
	kept := 0
	for id, o := range mustTemplate(t, nil) {
		kind := o["kind"]
		if kind != "CustomResourceDefinition" && kind != "Namespace" {
			continue
		}
		metadata, _ := o["metadata"].(map[string]any)
		annotations, _ := metadata["annotations"].(map[string]any)
		if annotations["helm.sh/resource-policy"] != "keep" {
			t.Errorf("%s goes with the chart", id)
		}
		kept++
	}
	if kept != 4 {
		t.Errorf("%d objects are kept, want three definitions and the library", kept)
	}
}

func TestValuesReachTheObjects(t *testing.T) {
	digest := "sha256:" + strings.Repeat("ab", 32)
	rendered := mustTemplate(t, map[string]any{
		"image":          map[string]any{"repository": "registry.example/manager", "digest": digest},
		"workloadImages": map[string]any{"notifier": map[string]any{"tag": "v2"}},
		"config":         map[string]any{"houseRelay": map[string]any{"host": "relay.example", "domain": "mail.example"}},
		"crds":           map[string]any{"enabled": false},
		"networkPolicy":  map[string]any{"enabled": false},
	})
	var text strings.Builder
	for id, o := range rendered {
		if o["kind"] == "CustomResourceDefinition" || o["kind"] == "NetworkPolicy" {
			t.Errorf("%s is rendered all the same", id)
		}
		data, _ := o["data"].(map[string]any)
		config, _ := data["config.yaml"].(string)
		text.WriteString(config)
		text.WriteString(dump(t, o))
	}
	for _, want := range []string{"registry.example/manager@" + digest, "wismo.dev/notifier:v2", "host: relay.example"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is nowhere", want)
		}
	}
}

func TestAWrongValueIsRefused(t *testing.T) {
	for name, values := range map[string]map[string]any{
		"unknown value":         {"replicaCount": 2},
		"unknown configuration": {"config": map[string]any{"relay": map[string]any{"host": "x"}}},
		"wrong type":            {"replicas": "two"},
		"digest without hash":   {"image": map[string]any{"digest": "latest"}},
	} {
		if _, err := templated(t, values); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
