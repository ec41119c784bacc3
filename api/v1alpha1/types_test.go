package v1alpha1_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// A controller that reads and writes typed objects must not lose or rewrite what a user wrote.
func TestAnObjectSurvivesTheRoundTripThroughItsType(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"linden.yaml", "fjallro.yaml", "house.yaml"} {
		content, err := os.ReadFile(filepath.Join("..", "..", "config", "samples", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, document := range bytes.Split(content, []byte("\n---\n")) {
			t.Run(file, func(t *testing.T) { roundTrip(t, scheme, document) })
		}
	}
}

func roundTrip(t *testing.T, scheme *runtime.Scheme, document []byte) {
	t.Helper()
	var written map[string]any
	if err := yaml.Unmarshal(document, &written); err != nil {
		t.Fatal(err)
	}
	object, err := scheme.New(v1alpha1.GroupVersion.WithKind(written["kind"].(string)))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(document, object); err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := yaml.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(written, back); difference != "" {
		t.Errorf("written and read back differ (-written +back):\n%s", difference)
	}
}
