package argocd_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/argocd"
	"github.com/wismo-dev/wismo/internal/testing/kstatus"
)

var shipped = filepath.Join("..", "..", "..", "config", "gitops", "argocd")

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(shipped, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// sample is one file of testdata.
type sample struct {
	Want   argocd.Health  `json:"want"`
	Object map[string]any `json:"object"`
}

func samples(t *testing.T) map[string]sample {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(shipped, "testdata", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	all := map[string]sample{}
	for _, file := range files {
		var s sample
		if err := yaml.UnmarshalStrict([]byte(read(t, filepath.Join("testdata", filepath.Base(file)))), &s); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[filepath.Base(file)] = s
	}
	return all
}

// unstructuredOf has whole numbers as int64, as objects from the API server do.
func unstructuredOf(t *testing.T, fields map[string]any) *unstructured.Unstructured {
	t.Helper()
	raw, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(raw); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestArgoCDShowsWhatTheStatusSays(t *testing.T) {
	script := read(t, "health.lua")
	agrees := map[kstatus.Status][]string{
		kstatus.Current: {"Healthy", "Suspended"}, kstatus.Failed: {"Degraded"}, kstatus.InProgress: {"Progressing"}, kstatus.Terminating: {"Progressing"},
	}
	seen := map[string]bool{}
	for name, s := range samples(t) {
		o := unstructuredOf(t, s.Object)
		got, err := argocd.HealthOf(script, o)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(s.Want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
		seen[got.Status] = true
		if !slices.Contains(agrees[kstatus.Of(o)], got.Status) {
			t.Errorf("%s: Argo CD sees %s, kstatus %s", name, got.Status, kstatus.Of(o))
		}
	}
	if len(seen) != 4 {
		t.Errorf("the samples show %v only", seen)
	}
}

func TestTheActionAsksForALook(t *testing.T) {
	var actions struct {
		Discovery   string `json:"discovery.lua"`
		Definitions []struct {
			Name   string `json:"name"`
			Action string `json:"action.lua"`
		} `json:"definitions"`
	}
	if err := yaml.UnmarshalStrict([]byte(read(t, "actions.yaml")), &actions); err != nil {
		t.Fatal(err)
	}
	for name, s := range samples(t) {
		o := unstructuredOf(t, s.Object)
		offered, err := argocd.Act(actions.Discovery, o)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		disabled := o.GetDeletionTimestamp() != nil
		if diff := cmp.Diff(map[string]any{"reconcile": map[string]any{"disabled": disabled}}, offered); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
		after, err := argocd.Act(actions.Definitions[0].Action, o)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		asked, _, _ := unstructured.NestedString(after, "metadata", "annotations", v1alpha1.AnnotationReconcileRequestedAt)
		if _, err := time.Parse(time.RFC3339, asked); err != nil {
			t.Errorf("%s: asks at %q", name, asked)
		}
		if diff := cmp.Diff(normal(t, s.Object["spec"]), normal(t, after["spec"])); diff != "" {
			t.Errorf("%s: the action changes the spec:\n%s", name, diff)
		}
	}
}

// normal loses the difference between kinds of numbers.
func normal(t *testing.T, value any) any {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestThePatchHoldsWhatTheFilesHold keeps argocd-cm.yaml, which is for installations without kustomize, equal to what
// the component generates.
func TestThePatchHoldsWhatTheFilesHold(t *testing.T) {
	want := map[string]string{}
	for _, kind := range []string{"Shop", "CarrierIntegration", "NotificationPolicy"} {
		want["resource.customizations.health."+v1alpha1.GroupName+"_"+kind] = read(t, "health.lua")
		want["resource.customizations.actions."+v1alpha1.GroupName+"_"+kind] = read(t, "actions.yaml")
	}
	patch := &corev1.ConfigMap{}
	if err := yaml.UnmarshalStrict([]byte(read(t, "argocd-cm.yaml")), patch); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, patch.Data); diff != "" {
		t.Errorf("config/gitops/argocd/argocd-cm.yaml is not up to date:\n%s", diff)
	}
	var component struct {
		metav1.TypeMeta    `json:",inline"`
		ConfigMapGenerator []struct {
			Name     string          `json:"name"`
			Behavior string          `json:"behavior"`
			Options  map[string]bool `json:"options"`
			Files    []string        `json:"files"`
		} `json:"configMapGenerator"`
	}
	if err := yaml.UnmarshalStrict([]byte(read(t, "kustomization.yaml")), &component); err != nil {
		t.Fatal(err)
	}
	generated := map[string]string{}
	for _, file := range component.ConfigMapGenerator[0].Files {
		key, name, _ := strings.Cut(file, "=")
		generated[key] = read(t, name)
	}
	if !maps.Equal(want, generated) {
		t.Error("config/gitops/argocd/kustomization.yaml generates something else")
	}
}
