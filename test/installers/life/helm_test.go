package life

import (
	"path/filepath"
	"testing"
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/release"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
)

const name = "wismo"

// current and before are the chart of this source tree and the one that was shipped before it.
var (
	current = filepath.Join("..", "..", "..", "charts", "wismo")
	before  = filepath.Join("..", "testdata", "wismo-0.1.0.tgz")
)

func helm(t *testing.T) *action.Configuration {
	t.Helper()
	flags := genericclioptions.NewConfigFlags(false)
	namespace := system
	flags.Namespace = &namespace
	flags.WrapConfigFn = func(*rest.Config) *rest.Config { return rest.CopyConfig(cluster.Config) }
	c := &action.Configuration{}
	if err := c.Init(flags, system, "secret", t.Logf); err != nil {
		t.Fatal(err)
	}
	return c
}

func load(t *testing.T, path string) *chart.Chart {
	t.Helper()
	c, err := loader.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func install(t *testing.T, path string, values map[string]any) *release.Release {
	t.Helper()
	do := action.NewInstall(helm(t))
	do.ReleaseName, do.Namespace, do.CreateNamespace, do.Timeout = name, system, true, patience
	r, err := do.RunWithContext(t.Context(), load(t, path), values)
	if err != nil {
		t.Fatalf("helm install: %v", err)
	}
	return r
}

func upgrade(t *testing.T, path string, values map[string]any) *release.Release {
	t.Helper()
	do := action.NewUpgrade(helm(t))
	do.Namespace, do.Timeout = system, patience
	r, err := do.RunWithContext(t.Context(), name, load(t, path), values)
	if err != nil {
		t.Fatalf("helm upgrade: %v", err)
	}
	return r
}

func uninstall(t *testing.T) {
	t.Helper()
	do := action.NewUninstall(helm(t))
	do.Timeout = 30 * time.Second
	if _, err := do.Run(name); err != nil {
		t.Fatalf("helm uninstall: %v", err)
	}
}

func TestTheChartPassesHelmsOwnLint(t *testing.T) {
	lint := action.NewLint()
	lint.Strict, lint.Namespace = true, system
	for what, values := range map[string]map[string]any{
		"defaults": nil, "two": {"replicas": 2}, "namespaced": {"watchNamespaces": []any{"shops"}},
		"monitored": {"prometheus": map[string]any{"enabled": true}, "grafana": map[string]any{"dashboards": true}},
	} {
		result := lint.Run([]string{current}, values)
		for _, err := range result.Errors {
			t.Errorf("%s: %v", what, err)
		}
		for _, message := range result.Messages {
			t.Logf("%s: %v", what, message)
		}
	}
}
