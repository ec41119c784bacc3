//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// plugin puts kubectl wismo where kubectl looks for it, once for all tests.
var plugin = sync.OnceValue(func() error {
	bin, err := buildForHere("kubectl-wismo", "./cmd/kubectl-wismo")
	if err != nil {
		return err
	}
	return os.Setenv("PATH", filepath.Dir(bin)+string(os.PathListSeparator)+os.Getenv("PATH"))
})

func TestThePluginFindsTheInstallationHealthy(t *testing.T) {
	if err := plugin(); err != nil {
		t.Fatal(err)
	}
	out, err := cluster.Kubectl(t.Context(), "wismo", "doctor")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, line := range []string{"ok       crds", "ok       operator", "ok       leader", "ok       rights"} {
		if !strings.Contains(out, line) {
			t.Errorf("doctor does not say %q:\n%s", line, out)
		}
	}
}

// A merchant from the first question to a rotated secret, with nothing but the plugin and kubectl.
func TestThePluginOnboardsAMerchantAndRotatesItsSecret(t *testing.T) {
	t.Parallel()
	if err := plugin(); err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("plugin-%d", run.Unix()%100000)
	directory := filepath.Join(t.TempDir(), name)
	kubectl := func(args ...string) string {
		t.Helper()
		out, err := cluster.Kubectl(t.Context(), args...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	kubectl("wismo", "onboard", name, "--hostname", "track."+name+".example", "--country", "NL", "--carrier", "easypost", "-d", directory)
	kubectl("wismo", "lint", "-f", directory)
	t.Cleanup(func() { _, _ = cluster.Kubectl(context.Background(), "delete", "namespace", name, "--wait=false") })
	kubectl("apply", "--server-side", "-k", directory)
	kubectl("wait", "--for=condition=Ready", "shop/"+name, "-n", name, "--timeout=120s")
	// It ends with 1 while a DNS record is missing, so only the output counts.
	if out, _ := cluster.Kubectl(t.Context(), "wismo", "status", name, "-n", name, "-o", "json"); !strings.Contains(out, `"name": "easypost"`) {
		t.Errorf("the status does not know the carrier:\n%s", out)
	}
	kubectl("wismo", "rotate", "carrierintegration/easypost", "-n", name, "--dry-run=server")
	out := kubectl("wismo", "rotate", "carrierintegration/easypost", "-n", name, "--wait")
	if !strings.Contains(out, "key 2 was created") || !strings.Contains(out, "key 1 is valid until") {
		t.Errorf("the rotation says:\n%s", out)
	}
	for _, pod := range pods(t, name, nil) {
		for _, c := range pod.Status.ContainerStatuses {
			if c.RestartCount > 0 {
				t.Errorf("%s restarted", pod.Name)
			}
		}
	}
}
