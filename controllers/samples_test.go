package controllers_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"

	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/message"
)

// applySample creates what a file of config/samples holds.
func applySample(t *testing.T, name string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "config", "samples", name))
	if err != nil {
		t.Fatal(err)
	}
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
	for {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(object); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		if object.Object == nil {
			continue
		}
		if err := kube.Create(t.Context(), object); err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatalf("creating the %s %s: %v", object.GetKind(), object.GetName(), err)
		}
	}
}

// ownLocale is a complete file of texts for a locale that is not built in; the words do not matter here.
func ownLocale(t *testing.T, locale string) map[string]string {
	t.Helper()
	texts, err := yaml.Marshal(message.Builtin("en"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{locale + ".yaml": string(texts)}
}

// TestTheWholeSampleIsAcceptedAndSaysWhatItDoesNotActOn uses every field there is.
func TestTheWholeSampleIsAcceptedAndSaysWhatItDoesNotActOn(t *testing.T) {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "fjallro"}}
	if err := kube.Create(t.Context(), namespace); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	applySample(t, "house.yaml")
	applySample(t, "fjallro.yaml")
	for _, content := range []*corev1.ConfigMap{
		{ObjectMeta: metav1.ObjectMeta{Namespace: "wismo-library", Name: "house-texts", Labels: map[string]string{v1alpha1.LabelLibrary: ""}}},
		{ObjectMeta: metav1.ObjectMeta{Namespace: "fjallro", Name: "fjallro-texts"}, Data: ownLocale(t, "fr")},
		{ObjectMeta: metav1.ObjectMeta{Namespace: "fjallro", Name: "fjallro-brand"}, Data: map[string]string{"logo.svg": `<svg xmlns="http://www.w3.org/2000/svg"/>`}},
	} {
		if err := kube.Create(t.Context(), content); err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
	}
	shop := &v1alpha1.Shop{ObjectMeta: metav1.ObjectMeta{Namespace: "fjallro", Name: "fjallro"}}
	c := wantCondition(t, shop, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonValid)
	if !strings.Contains(c.Message, "NotYetActive") || !strings.Contains(c.Message, "spec.senders.whatsApp") {
		t.Errorf("the message does not say what is not acted on: %s", c.Message)
	}
	rollOut(t, "fjallro")
	wantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	for _, name := range []string{"postnord", "easypost"} {
		ci := &v1alpha1.CarrierIntegration{ObjectMeta: metav1.ObjectMeta{Namespace: "fjallro", Name: name}}
		wantCondition(t, ci, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	}
}
