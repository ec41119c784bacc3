package gitops

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// applySample creates what a file of config/samples holds.
func applySample(t *testing.T, name string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "..", "config", "samples", name))
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
		if err := suite.Kube.Create(t.Context(), object); err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatalf("creating the %s %s: %v", object.GetKind(), object.GetName(), err)
		}
	}
}

// TestTheWholeSampleIsAcceptedAndSaysWhatItDoesNotActOn uses every field there is.
func TestTheWholeSampleIsAcceptedAndSaysWhatItDoesNotActOn(t *testing.T) {
	for _, file := range []string{"namespaces.yaml", "house-content.yaml", "house.yaml", "fjallro-content.yaml", "fjallro.yaml"} {
		applySample(t, file)
	}
	shop := &v1alpha1.Shop{ObjectMeta: metav1.ObjectMeta{Namespace: "fjallro", Name: "fjallro"}}
	suite.WantCondition(t, shop, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonValid)
	c := suite.WantCondition(t, shop, v1alpha1.ConditionFieldsInactive, metav1.ConditionTrue, v1alpha1.ReasonNotActedOn)
	if !strings.Contains(c.Message, "spec.senders.whatsApp") || !strings.Contains(c.Message, "CarrierIntegration/postnord spec.intake.mode[Poll]") {
		t.Errorf("the message does not say what is not acted on: %s", c.Message)
	}
	suite.RollOut(t, "fjallro")
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	for _, name := range []string{"postnord", "easypost"} {
		ci := &v1alpha1.CarrierIntegration{ObjectMeta: metav1.ObjectMeta{Namespace: "fjallro", Name: name}}
		suite.WantCondition(t, ci, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	}
}
