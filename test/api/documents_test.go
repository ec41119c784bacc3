package api_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// The smallest document of each kind; a test case says what it changes.
const (
	minimalShop = `
apiVersion: tracking.wismo.dev/v1alpha1
kind: Shop
metadata: {name: linden, namespace: linden}
spec: {displayName: Linden Living, hostname: track.linden.example, homeCountry: NL}
`
	minimalIntegration = `
apiVersion: tracking.wismo.dev/v1alpha1
kind: CarrierIntegration
metadata: {name: easypost, namespace: linden}
spec:
  shopRef: {name: linden}
  definition: {name: easypost, source: Catalog}
  intake: {mode: Webhook}
`
	minimalPolicy = `
apiVersion: tracking.wismo.dev/v1alpha1
kind: NotificationPolicy
metadata: {name: house, namespace: linden}
spec: {budget: {routinePerOrder: 5}}
`
)

// document is base with change laid over it; a null in change removes a field.
func document(t *testing.T, base, change string) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{Object: parse(t, base)}
	object.Object = overlay(object.Object, parse(t, change))
	return object
}

func parse(t *testing.T, text string) map[string]any {
	t.Helper()
	fields := map[string]any{}
	if err := yaml.UnmarshalStrict([]byte(text), &fields); err != nil {
		t.Fatalf("the test's own document: %v\n%s", err, text)
	}
	return fields
}

func overlay(base, change map[string]any) map[string]any {
	result := maps.Clone(base)
	for key, value := range change {
		inner, isMap := value.(map[string]any)
		below, isMapBelow := result[key].(map[string]any)
		switch {
		case value == nil:
			delete(result, key)
		case isMap && isMapBelow:
			result[key] = overlay(below, inner)
		default:
			result[key] = value
		}
	}
	return result
}

// samples are the documents of one file in config/samples.
func samples(t *testing.T, file string) []*unstructured.Unstructured {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "config", "samples", file))
	if err != nil {
		t.Fatal(err)
	}
	var objects []*unstructured.Unstructured
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects
		}
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, &unstructured.Unstructured{Object: parse(t, string(text))})
	}
}

// tryCreate asks the API server what it thinks of a document, without keeping it.
func tryCreate(t *testing.T, object client.Object) error {
	t.Helper()
	return api.Create(t.Context(), object, client.DryRunAll)
}

// create keeps a document until the test is over.
func create(t *testing.T, object client.Object) {
	t.Helper()
	if err := api.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	removeAfter(t, object)
}

func removeAfter(t *testing.T, object client.Object) {
	t.Helper()
	t.Cleanup(func() {
		if err := api.Delete(context.Background(), object); err != nil {
			t.Error(err)
		}
	})
}

// mustRefuse fails unless err names the field and says the text. Without a field, the text alone must appear, as in
// errors that are no validation errors.
func mustRefuse(t *testing.T, err error, field, text string) {
	t.Helper()
	if err == nil {
		t.Fatalf("accepted; want a refusal of %s that says %q", field, text)
	}
	if field == "" {
		if !strings.Contains(err.Error(), text) {
			t.Fatalf("refused with\n  %v\nwant it to say %q", err, text)
		}
		return
	}
	for _, cause := range causes(err) {
		if cause.Field == field && strings.Contains(cause.Message, text) {
			return
		}
	}
	t.Fatalf("refused with\n  %v\nwant field %s to say %q", err, field, text)
}

func causes(err error) []metav1.StatusCause {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	return status.Status().Details.Causes
}
