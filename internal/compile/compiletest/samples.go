// Package compiletest gives tests the published samples as the compiler's input, with everything they refer to. It is
// for tests only and knows nothing of what is made of them.
package compiletest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/bundle/frozen"
	"github.com/wismo-dev/wismo/internal/compile"
)

// Linden returns the minimal Shop.
func Linden(tb testing.TB) compile.Input {
	tb.Helper()
	return compile.Input{Shop: &read[v1alpha1.Shop](tb, "linden.yaml", "Shop")[0], Platform: platform()}
}

// Fjallro returns the whole normative sample.
func Fjallro(tb testing.TB) compile.Input {
	tb.Helper()
	return compile.Input{
		Shop:         &read[v1alpha1.Shop](tb, "fjallro.yaml", "Shop")[0],
		Integrations: read[v1alpha1.CarrierIntegration](tb, "fjallro.yaml", "CarrierIntegration"),
		Policy:       &read[v1alpha1.NotificationPolicy](tb, "fjallro.yaml", "NotificationPolicy")[0],
		BasePolicy:   &read[v1alpha1.NotificationPolicy](tb, "house.yaml", "NotificationPolicy")[0],
		Platform:     platform(),
		Content:      content(tb, "fjallro-content.yaml", "house-content.yaml"),
	}
}

// LastRelease returns the input as a Shop has it that runs the release before this build's.
func LastRelease(tb testing.TB, in compile.Input) compile.Input {
	tb.Helper()
	text, err := json.Marshal(frozen.BuiltinPolicy())
	if err != nil {
		tb.Fatal(err)
	}
	in.Platform.Render, in.Platform.Policy = frozen.Render, bundle.Policy{}
	if err := json.Unmarshal(text, &in.Platform.Policy); err != nil {
		tb.Fatal(err)
	}
	return in
}

// content returns what the ConfigMaps of some files of config/samples hold. One of the library without the label is left
// out, as the operator does.
func content(tb testing.TB, files ...string) map[compile.Ref]compile.Content {
	tb.Helper()
	all := map[compile.Ref]compile.Content{}
	for _, file := range files {
		for _, cm := range read[corev1.ConfigMap](tb, file, "ConfigMap") {
			if _, shared := cm.Labels[v1alpha1.LabelLibrary]; cm.Namespace != v1alpha1.LibraryNamespace || shared {
				all[compile.Ref{Kind: compile.ConfigMapKind, Namespace: cm.Namespace, Name: cm.Name}] = compile.Content{Data: cm.Data}
			}
		}
	}
	return all
}

func platform() compile.Platform {
	return compile.Platform{
		InstallationID: "installation-of-a-test", LibraryNamespace: v1alpha1.LibraryNamespace, LinkScheme: "https", Policy: bundle.BuiltinPolicy(),
		HouseRelay: compile.HouseRelay{Host: "relay.mail.svc", Port: 587, TLS: "StartTLS", Domain: "mail.platform.example"},
	}
}

// read returns the documents of one kind in a file of config/samples.
func read[T any](tb testing.TB, file, kind string) []T {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(root(tb), "config", "samples", file))
	if err != nil {
		tb.Fatal(err)
	}
	var found []T
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for {
		doc, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			tb.Fatal(err)
		}
		var head struct {
			Kind string `json:"kind"`
		}
		if err := yaml.Unmarshal(doc, &head); err != nil {
			tb.Fatal(err)
		}
		if head.Kind != kind {
			continue
		}
		var object T
		if err := yaml.UnmarshalStrict(doc, &object); err != nil {
			tb.Fatal(err)
		}
		found = append(found, object)
	}
}

// root returns the directory of the module: the nearest one above with a go.mod.
func root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	tb.Fatal("no go.mod above the test's directory")
	return ""
}
