//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

// edit replaces the only match of a pattern in a file of the repository.
type edit struct {
	file, pattern, replacement string
}

// build makes the images of another version of this repository, which differs by some edits as its next version may, and
// gives them to the local cluster under a tag. The repository itself is left alone.
func build(t *testing.T, tag string, edits ...edit) {
	t.Helper()
	if !kube.IsLocal() {
		t.Skip("only the local cluster can be given images")
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for _, e := range edits {
		path := filepath.Join(cluster.Root, e.file)
		if overlay.Replace[path] == "" {
			overlay.Replace[path] = path
		}
		text := readFile(t, overlay.Replace[path])
		pattern := regexp.MustCompile(e.pattern)
		if found := len(pattern.FindAllString(text, -1)); found != 1 {
			t.Fatalf("%s matches %q %d times, want once: adapt the edit to the source", e.file, e.pattern, found)
		}
		overlay.Replace[path] = filepath.Join(binaries, tag, e.file)
		writeFile(t, overlay.Replace[path], []byte(pattern.ReplaceAllString(text, e.replacement)))
	}
	raw, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(binaries, tag, "overlay.json")
	writeFile(t, list, raw)
	flags := os.Getenv("GOFLAGS")
	t.Setenv("GOFLAGS", strings.TrimSpace(flags+" -overlay="+list))
	defer t.Setenv("GOFLAGS", flags)
	if err := kube.LocalCommand(t.Context(), cluster.Root, os.Stdout, "load", "--tag", tag); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

const renderSource = "internal/desired/release.go"

// nextRender are the edits of a version that renders a probe anew, and knows how the present version rendered it.
func nextRender(t *testing.T) []edit {
	t.Helper()
	found := regexp.MustCompile(`\tRenderVersion = (\d+)\n`).FindStringSubmatch(readFile(t, filepath.Join(cluster.Root, renderSource)))
	if found == nil {
		t.Fatalf("%s says no RenderVersion", renderSource)
	}
	present, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return []edit{
		{renderSource, `\tRenderVersion = \d+\n`, "\tRenderVersion = " + strconv.Itoa(present+1) + "\n"},
		{renderSource, `\tOldestRender  = \d+\n`, "\tOldestRender  = " + strconv.Itoa(present) + "\n"},
		{"internal/desired/workload.go", `\tc\.ImagePullPolicy = `, "\tif in.Render > " + found[1] + ` {
		c.WithLivenessProbe(probe("/healthz", ` + strconv.Itoa(nextPeriod) + `, 4))
	}
	c.ImagePullPolicy = `},
	}
}

// nextPeriod is the period of the next version's liveness probes, in seconds.
const nextPeriod = 15

// runOperator changes the operator's pod until the test ends; the operator's images are those of the tag then.
func runOperator(t *testing.T, tag string) {
	t.Helper()
	var before appsv1.Deployment
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: operatorNamespace, Name: "wismo-manager"}, &before); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		restartOperator(t, func(d *appsv1.Deployment) { d.Spec.Template.Spec = before.Spec.Template.Spec })
	})
	restartOperator(t, func(d *appsv1.Deployment) {
		c := &d.Spec.Template.Spec.Containers[0]
		c.Image = image("manager", tag)
		for i, variable := range c.Env {
			switch variable.Name {
			case "RELATED_IMAGE_TRACKING_PAGE":
				c.Env[i].Value = image("tracking-page", tag)
			case "RELATED_IMAGE_NOTIFIER":
				c.Env[i].Value = image("notifier", tag)
			}
		}
	})
}

// image is what the local cluster calls an image of ours.
func image(program, tag string) string { return "wismo.dev/" + program + ":" + tag }

// reconfigure lays sections over the operator's configuration, and waits until they count. What it returns takes them back.
func reconfigure(t *testing.T, more string) (restore func()) {
	t.Helper()
	config, err := configMap(t.Context(), "wismo-config")
	if err != nil {
		t.Fatal(err)
	}
	before := config["config.yaml"]
	useConfig(t, laidOver(t, before, more))
	return func() { useConfig(t, before) }
}

// useConfig also works in a clean-up.
func useConfig(t *testing.T, text string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	config := &corev1.ConfigMap{}
	config.Namespace, config.Name = operatorNamespace, "wismo-config"
	apply(t, config, func() { config.Data = map[string]string{"config.yaml": text} })
	await(ctx, t, "the operator to take the configuration", deliveryTime, func(ctx context.Context) (bool, string) {
		status, err := configMap(ctx, "wismo-status")
		return status["config"] == "Current" && status["configLastGood"] == text, fmt.Sprintln(status["config"], status["configMessage"], err)
	})
}
