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

func TestBothInstallersInstallTheSameForOneNamespaceAndForTwoOperators(t *testing.T) {
	release := map[string]any{"release": true}
	compare(t, kustomized(t, "namespaced"), mustTemplate(t, map[string]any{"namespaces": release, "watchNamespaces": []any{"shops"}}))
	compare(t, kustomized(t, "ha"), mustTemplate(t, map[string]any{"namespaces": release, "replicas": 2}))
}

func TestAnOperatorOfSomeNamespacesHasNoRightInTheCluster(t *testing.T) {
	for installer, all := range namespaced(t) {
		for id, o := range all {
			if kind := o["kind"]; kind == "ClusterRole" || kind == "ClusterRoleBinding" {
				t.Errorf("%s: %s is rendered", installer, id)
			}
		}
	}
	two := mustTemplate(t, map[string]any{"watchNamespaces": []any{"linden", "fjallro"}})
	for _, namespace := range []string{"linden", "fjallro"} {
		for _, kind := range []string{"Role", "RoleBinding"} {
			if two["rbac.authorization.k8s.io/v1 "+kind+" "+namespace+"/wismo-manager"] == nil {
				t.Errorf("there is no %s in %s", kind, namespace)
			}
		}
	}
	if manager := dump(t, two["apps/v1 Deployment wismo-system/wismo-manager"]); !strings.Contains(manager, `"--watch-namespaces=linden,fjallro"`) {
		t.Error("the operator is not told")
	}
}

// A component that is added to one installer is added to the other.
func TestBothInstallersHaveTheSameOptionalParts(t *testing.T) {
	for dir, values := range map[string]map[string]any{
		"prometheus":   {"prometheus": map[string]any{"enabled": true}},
		"grafana":      {"grafana": map[string]any{"dashboards": true}},
		"api-priority": {"apiPriority": map[string]any{"enabled": true}},
	} {
		t.Run(dir, func(t *testing.T) { compareParts(t, kustomized(t, dir), mustTemplate(t, values)) })
	}
}

// compareParts compares what a component adds to an installation, labels aside: it is applied beside one.
func compareParts(t *testing.T, kustomize, helm map[string]object) {
	t.Helper()
	plain := mustTemplate(t, nil)
	maps.DeleteFunc(helm, func(id string, _ object) bool { return plain[id] != nil })
	for _, set := range []map[string]object{kustomize, helm} {
		for id, o := range set {
			set[id] = object{"spec": o["spec"], "data": o["data"]}
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

func TestRenderingTwiceIsRenderingTheSame(t *testing.T) {
	if diff := cmp.Diff(mustTemplate(t, everything()), mustTemplate(t, everything())); diff != "" {
		t.Errorf("something is chosen at random: GitOps tools would apply it again and again:\n%s", diff)
	}
}

// everything turns on all that the chart can do.
func everything() map[string]any {
	return map[string]any{
		"replicas": 2, "namespaces": map[string]any{"release": true}, "logLevel": "debug",
		"prometheus": map[string]any{"enabled": true, "labels": map[string]any{"release": "prometheus"}},
		"grafana":    map[string]any{"dashboards": true}, "apiPriority": map[string]any{"enabled": true},
		"podAnnotations": map[string]any{"example.com/a": "b"}, "podLabels": map[string]any{"example.com/team": "a"},
		"extraEnv":  []any{map[string]any{"name": "HTTPS_PROXY", "value": "http://proxy.example:3128"}},
		"extraArgs": []any{"--leader-elect=true"}, "priorityClassName": "system-cluster-critical",
		"tolerations":               []any{map[string]any{"key": "infra", "operator": "Exists"}},
		"nodeSelector":              map[string]any{"kubernetes.io/os": "linux"},
		"imagePullSecrets":          []any{map[string]any{"name": "registry"}},
		"extraVolumes":              []any{map[string]any{"name": "ca", "configMap": map[string]any{"name": "ca"}}},
		"extraVolumeMounts":         []any{map[string]any{"name": "ca", "mountPath": "/etc/ssl/certs", "readOnly": true}},
		"topologySpreadConstraints": []any{map[string]any{"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway"}},
		"serviceAccount":            map[string]any{"annotations": map[string]any{"example.com/role": "r"}},
	}
}

func TestEveryValueReachesTheOperatorsPod(t *testing.T) {
	manager := dump(t, mustTemplate(t, everything())["apps/v1 Deployment wismo-system/wismo-manager"])
	for _, want := range []string{
		`"replicas":2`, `"--log-level=debug"`, `"example.com/a":"b"`, `"example.com/team":"a"`, "HTTPS_PROXY", `"--leader-elect=true"`,
		"system-cluster-critical", `"infra"`, `"kubernetes.io/os":"linux"`, `"imagePullSecrets":[{"name":"registry"}]`, "/etc/ssl/certs",
		"topology.kubernetes.io/zone", "podAntiAffinity",
	} {
		if !strings.Contains(manager, want) {
			t.Errorf("%s is nowhere", want)
		}
	}
}
