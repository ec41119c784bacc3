package installers

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// object is any Kubernetes object.
type object map[string]any

// id is what makes an object the one it is.
func (o object) id() string {
	metadata, _ := o["metadata"].(map[string]any)
	namespace, _ := metadata["namespace"].(string)
	return fmt.Sprintf("%s %s %s/%s", o["apiVersion"], o["kind"], namespace, metadata["name"])
}

// kustomized renders a directory below config/.
func kustomized(t *testing.T, dir string) map[string]object {
	t.Helper()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), repository("config", dir))
	if err != nil {
		t.Fatal(err)
	}
	rendered, err := resources.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return objects(t, rendered)
}

// templated renders the chart as `helm install wismo charts/wismo -n wismo-system` would; its schema checks the values.
// What only `helm test` makes is not among the objects.
func templated(t *testing.T, values map[string]any) (map[string]object, error) {
	t.Helper()
	all, err := rendered(t, values)
	maps.DeleteFunc(all, func(_ string, o object) bool { return hook(o) != "" })
	return all, err
}

// hook is when helm makes the object; "" = when it installs.
func hook(o object) string {
	metadata, _ := o["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	when, _ := annotations["helm.sh/hook"].(string)
	return when
}

// rendered renders everything.
func rendered(t *testing.T, values map[string]any) (map[string]object, error) {
	t.Helper()
	chart, err := loader.Load(repository("charts", "wismo"))
	if err != nil {
		t.Fatal(err)
	}
	capabilities := chartutil.DefaultCapabilities.Copy()
	capabilities.KubeVersion = chartutil.KubeVersion{Version: "v1.37.0", Major: "1", Minor: "37"}
	options := chartutil.ReleaseOptions{Name: "wismo", Namespace: "wismo-system", Revision: 1, IsInstall: true}
	resolved, err := chartutil.ToRenderValues(chart, values, options, capabilities)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(chart, resolved)
	if err != nil {
		return nil, err
	}
	var stream strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		switch path.Ext(name) {
		case ".yaml":
			stream.WriteString("\n---\n" + files[name])
		case ".txt":
			if !strings.Contains(files[name], "kubectl") {
				t.Errorf("%s does not say what to do next", name)
			}
		}
	}
	return objects(t, []byte(stream.String())), nil
}

func mustTemplate(t *testing.T, values map[string]any) map[string]object {
	t.Helper()
	rendered, err := templated(t, values)
	if err != nil {
		t.Fatal(err)
	}
	return rendered
}

func repository(parts ...string) string {
	return filepath.Join(append([]string{"..", ".."}, parts...)...)
}

var separator = regexp.MustCompile(`(?m)^---\s*$`)

// objects splits a stream of documents; two objects of one identity are a fault.
func objects(t *testing.T, stream []byte) map[string]object {
	t.Helper()
	all := map[string]object{}
	for _, doc := range separator.Split(string(stream), -1) {
		var o object
		if err := yaml.Unmarshal([]byte(doc), &o); err != nil {
			t.Fatalf("%v in:\n%s", err, doc)
		}
		if len(o) == 0 {
			continue
		}
		if _, twice := all[o.id()]; twice {
			t.Errorf("%s is rendered twice", o.id())
		}
		all[o.id()] = o
	}
	return all
}
