//go:build e2e

package e2e

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// The samples are what users start from: all of them, Secrets not yet there, are Ready within a minute.
func TestTheSamplesBecomeReadyWithinAMinute(t *testing.T) {
	start := time.Now()
	for _, object := range samples(t) {
		err := cluster.Create(t.Context(), object)
		if err := client.IgnoreAlreadyExists(err); err != nil {
			t.Fatalf("%s %s: %v", object.GetKind(), object.GetName(), err)
		}
		if err == nil {
			t.Cleanup(func() {
				if err := cluster.Delete(context.WithoutCancel(t.Context()), object); client.IgnoreNotFound(err) != nil {
					t.Error(err)
				}
			})
		}
	}
	for _, merchant := range []string{"linden", "fjallro"} {
		if _, err := cluster.Kubectl(t.Context(), "-n", samplesPrefix()+merchant, "wait", "--for=condition=Ready", "shop", "--all", "--timeout=60s"); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("all Shops were Ready %.1f s after the first document was applied", time.Since(start).Seconds())
}

func samplesPrefix() string { return ofThisRun("samples") + "-" }

// samples are the documents of config/samples, in namespaces and under hostnames that the demo's merchants do not have.
func samples(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	rendered, err := cluster.Kubectl(t.Context(), "kustomize", "config/samples")
	if err != nil {
		t.Fatal(err)
	}
	prefix := samplesPrefix()
	var all []*unstructured.Unstructured
	for documents := yaml.NewYAMLOrJSONDecoder(bufio.NewReader(strings.NewReader(rendered)), 4096); ; {
		object := &unstructured.Unstructured{}
		if err := documents.Decode(object); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		switch {
		case object.GetKind() == "Namespace":
			object.SetName(prefix + object.GetName())
		case object.GetNamespace() != "wismo-library":
			object.SetNamespace(prefix + object.GetNamespace())
		}
		if object.GetKind() == "Shop" {
			rename(t, object, prefix)
		}
		all = append(all, object)
	}
}

// rename gives a Shop hostnames that are still free.
func rename(t *testing.T, shop *unstructured.Unstructured, prefix string) {
	t.Helper()
	hostname, _, err := unstructured.NestedString(shop.Object, "spec", "hostname")
	if err != nil {
		t.Fatal(err)
	}
	aliases, _, err := unstructured.NestedSlice(shop.Object, "spec", "aliases")
	if err != nil {
		t.Fatal(err)
	}
	for _, alias := range aliases {
		fields := alias.(map[string]any)
		fields["hostname"] = prefix + fields["hostname"].(string)
	}
	err = unstructured.SetNestedField(shop.Object, prefix+hostname, "spec", "hostname")
	if len(aliases) > 0 {
		err = errors.Join(err, unstructured.SetNestedSlice(shop.Object, aliases, "spec", "aliases"))
	}
	if err != nil {
		t.Fatal(err)
	}
}
