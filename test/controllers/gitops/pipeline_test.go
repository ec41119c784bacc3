package gitops

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/installed"
	"github.com/wismo-dev/wismo/internal/testing/kstatus"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// pipelineManager is the field manager of the tiny pipeline.
const pipelineManager = "pipeline"

// relocated returns the documents of config/samples in namespaces, and with hostnames, of the test's own. What is in the
// library stays there.
func relocated(t *testing.T, suffix string) []*unstructured.Unstructured {
	t.Helper()
	files, err := installed.SourceFiles("config/samples/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all []*unstructured.Unstructured
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer("linden.example", "linden-"+suffix+".example", "fjallro.example", "fjallro-"+suffix+".example").Replace(string(content))
		all = append(all, documents(t, text)...)
	}
	all = slices.DeleteFunc(all, func(o *unstructured.Unstructured) bool { return o.GetKind() == "Kustomization" })
	for _, o := range all {
		switch {
		case o.GetKind() == "Namespace":
			o.SetName(o.GetName() + "-" + suffix)
		case o.GetNamespace() != v1alpha1.LibraryNamespace:
			o.SetNamespace(o.GetNamespace() + "-" + suffix)
		}
	}
	rank := func(o *unstructured.Unstructured) int {
		return slices.Index([]string{"Namespace", "ConfigMap", "CarrierIntegration", "NotificationPolicy", "Shop"}, o.GetKind())
	}
	slices.SortStableFunc(all, func(a, b *unstructured.Unstructured) int { return rank(a) - rank(b) })
	return all
}

func documents(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	var all []*unstructured.Unstructured
	decoder := utilyaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		o := &unstructured.Unstructured{}
		switch err := decoder.Decode(o); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		case o.Object != nil:
			all = append(all, o)
		}
	}
}

// ours reports whether the object is of our kinds, which are those with a health.
func ours(o *unstructured.Unstructured) bool {
	return o.GroupVersionKind().Group == v1alpha1.GroupName
}

// applyAll applies the documents as a pipeline does at each interval.
func applyAll(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	for _, o := range objects {
		desired := o.DeepCopy()
		err := suite.Kube.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(desired), client.FieldOwner(pipelineManager), client.ForceOwnership)
		if err != nil {
			t.Fatalf("applying the %s %s: %v", o.GetKind(), o.GetName(), err)
		}
	}
}

// healthyAll waits until all are Current, as a pipeline that waits does, and plays the controller of Deployments meanwhile.
func healthyAll(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	for _, o := range objects {
		if !ours(o) {
			continue
		}
		suite.Eventually(t, fmt.Sprintf("the %s %s is Current", o.GetKind(), o.GetName()), func() error {
			live := liveOf(o)
			if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(o), live); err != nil {
				return err
			}
			if status := kstatus.Of(live); status != kstatus.Current {
				if o.GetKind() == "Shop" {
					suite.RollOut(t, o.GetNamespace()) // of what the operator has changed since
				}
				return fmt.Errorf("it is %s:\n%s", status, suite.Summary(kstatus.Conditions(live)))
			}
			return nil
		})
	}
}

func liveOf(o *unstructured.Unstructured) *unstructured.Unstructured {
	live := &unstructured.Unstructured{}
	live.SetGroupVersionKind(o.GroupVersionKind())
	return live
}

// rollOutAll plays the controller of Deployments in the namespaces of all Shops.
func rollOutAll(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	for _, o := range objects {
		if o.GetKind() == "Shop" {
			suite.RollOut(t, o.GetNamespace())
		}
	}
}

// everythingIn lists all that a namespace holds, of whatever kind, but for events.
func everythingIn(t *testing.T, namespace string) []unstructured.Unstructured {
	t.Helper()
	groups, err := discovery.NewDiscoveryClientForConfigOrDie(suite.Cluster.Config).ServerPreferredNamespacedResources()
	if err != nil {
		t.Fatal(err)
	}
	var all []unstructured.Unstructured
	for _, group := range groups {
		version, err := schema.ParseGroupVersion(group.GroupVersion)
		if err != nil {
			t.Fatal(err)
		}
		for _, resource := range group.APIResources {
			if resource.Kind == "Event" || !slices.Contains(resource.Verbs, "list") {
				continue
			}
			list := &unstructured.UnstructuredList{}
			list.SetGroupVersionKind(version.WithKind(resource.Kind + "List"))
			if err := suite.Kube.List(t.Context(), list, client.InNamespace(namespace)); err != nil {
				t.Fatal(err)
			}
			all = append(all, list.Items...)
		}
	}
	return all
}

// collectAll plays the garbage collector and the protection of volumes in a namespace, until nothing is left to do.
func collectAll(t *testing.T, namespace string) {
	t.Helper()
	for again := true; again; {
		again = false
		all := everythingIn(t, namespace)
		alive := map[types.UID]bool{}
		for _, o := range all {
			alive[o.GetUID()] = true
		}
		for i := range all {
			again = collectOne(t, &all[i], alive) || again
		}
	}
}

// collectOne removes the object if its time has come.
func collectOne(t *testing.T, o *unstructured.Unstructured, alive map[types.UID]bool) bool {
	t.Helper()
	if o.GetKind() == "PersistentVolumeClaim" && o.GetDeletionTimestamp() != nil {
		return client.IgnoreNotFound(suite.Kube.Patch(t.Context(), o, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`)))) == nil
	}
	owners := o.GetOwnerReferences()
	orphan := len(owners) > 0 && !slices.ContainsFunc(owners, func(r metav1.OwnerReference) bool { return alive[r.UID] })
	if !orphan || o.GetDeletionTimestamp() != nil {
		return false
	}
	if err := suite.Kube.Delete(t.Context(), o); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
	return true
}

// kubectl runs the real kubectl as the user, and returns what it prints and its exit code.
func kubectl(t *testing.T, args ...string) (string, int) {
	t.Helper()
	command := suite.Cluster.Kubectl(t.Context(), args...)
	command.Env = append(command.Env, "KUBECTL_EXTERNAL_DIFF=diff -u -N")
	output, err := command.CombinedOutput()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return string(output), exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(output), 0
}

// write puts the documents into one file.
func write(t *testing.T, objects []*unstructured.Unstructured) string {
	t.Helper()
	var all bytes.Buffer
	for _, o := range objects {
		document, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString("---\n")
		all.Write(document)
	}
	file := filepath.Join(t.TempDir(), "samples.yaml")
	if err := os.WriteFile(file, all.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// prune deletes the documents in the reverse order, as a pipeline does whose source lost them; namespaces stay, because
// no namespace controller runs here that would end them.
func prune(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	for _, o := range slices.Backward(objects) {
		if o.GetKind() == "Namespace" || o.GetNamespace() == v1alpha1.LibraryNamespace {
			continue
		}
		if err := suite.Kube.Delete(t.Context(), liveNamed(o)); err != nil && !apierrors.IsNotFound(err) {
			t.Fatal(err)
		}
	}
}

func liveNamed(o *unstructured.Unstructured) *unstructured.Unstructured {
	live := liveOf(o)
	live.SetNamespace(o.GetNamespace())
	live.SetName(o.GetName())
	return live
}
