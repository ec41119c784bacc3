package installers

import (
	"os"
	"path/filepath"
	"testing"
)

func TestApplyingTheSamplesAppliesEveryFileOfThem(t *testing.T) {
	files, err := filepath.Glob(repository("config", "samples", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	applied := kustomized(t, "samples")
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for id := range objects(t, content) {
			if applied[id] == nil {
				t.Errorf("%s of %s is not applied: it is not in kustomization.yaml", id, filepath.Base(file))
			}
		}
	}
}

func TestTheSamplesCarryNoSecretAndBringTheirNamespaces(t *testing.T) {
	applied, installed := kustomized(t, "samples"), kustomized(t, "default")
	for id, o := range applied {
		if o["kind"] == "Secret" {
			t.Errorf("%s: a sample must not ship a secret", id)
		}
		metadata, _ := o["metadata"].(map[string]any)
		name, namespaced := metadata["namespace"].(string)
		namespace := object{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}}.id()
		if namespaced && applied[namespace] == nil && installed[namespace] == nil {
			t.Errorf("%s: no sample creates its namespace", id)
		}
	}
}
