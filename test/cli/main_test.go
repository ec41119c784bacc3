// Package cli_test runs kubectl wismo against a real API server.
package cli_test

import (
	"bytes"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli"
	"github.com/wismo-dev/wismo/internal/testing/installed"
	"github.com/wismo-dev/wismo/internal/testing/terminal"
)

const (
	operatorNamespace = installed.Namespace
	viewer            = "vera@platform.example" // may read what wismo's viewer roles show, and nothing else
)

var (
	cluster *installed.Cluster
	api     client.Client
)

func TestMain(m *testing.M) {
	terminal.Plugin()
	installed.Tests(m, func(c *installed.Cluster) error {
		cluster, api = c, c.Client
		return c.Define()
	}, installed.Flag{Name: "service-cluster-ip-range", Value: "10.0.0.0/24"}) // few enough for doctor to warn
}

// run calls the plugin as kubectl does.
func run(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	return runBefore(t, nil, args...)
}

// acts are what others do while a command waits, by the text of the screen upon which each is done. Each is done once, before
// the command reads again, so that the speed of the machine does not matter.
type acts map[string]func()

// audience reads what a command says, and acts.
type audience struct {
	bytes.Buffer
	acts acts
}

func (a *audience) Write(said []byte) (int, error) {
	for words, act := range a.acts {
		if bytes.Contains(said, []byte(words)) {
			delete(a.acts, words)
			act()
		}
	}
	return a.Buffer.Write(said)
}

// runBefore is run before an audience.
func runBefore(t *testing.T, acts acts, args ...string) (out, errs string, code int) {
	t.Helper()
	t.Setenv("KUBECONFIG", cluster.Kubeconfig)
	t.Setenv("HOME", t.TempDir()) // of the discovery cache
	o, e := audience{acts: acts}, bytes.Buffer{}
	code = cli.Run(t.Context(), "v1.2.3", args, genericiooptions.IOStreams{In: strings.NewReader(""), Out: &o, ErrOut: &e})
	return o.String(), e.String(), code
}

// says fails unless the command ends with the code and its output holds every text.
func says(t *testing.T, code int, texts []string, args ...string) string {
	t.Helper()
	return saysBefore(t, nil, code, texts, args...)
}

// saysBefore is says before an audience.
func saysBefore(t *testing.T, acts acts, code int, texts []string, args ...string) string {
	t.Helper()
	out, errs, got := runBefore(t, acts, args...)
	all := out + errs
	if got != code {
		t.Errorf("kubectl wismo %s: exit code %d, want %d:\n%s", strings.Join(args, " "), got, code, all)
	}
	for _, text := range texts {
		if !strings.Contains(all, text) {
			t.Errorf("kubectl wismo %s does not say %q:\n%s", strings.Join(args, " "), text, all)
		}
	}
	return all
}

func create(t *testing.T, objects ...client.Object) {
	t.Helper()
	cluster.Add(t, objects...)
}

// newNamespace is one of the test's own.
func newNamespace(t *testing.T, name string) string {
	t.Helper()
	create(t, installed.NewNamespace(name))
	return name
}

func newShop(namespace, name string) *v1alpha1.Shop {
	return installed.MinimalShop(namespace, name, name)
}

// install creates every object of the files, labelled as both installers do.
func install(t *testing.T, pattern string) {
	t.Helper()
	err := cluster.Create(t.Context(), pattern, func(o *unstructured.Unstructured) {
		labels := o.GetLabels()
		if labels == nil {
			labels = map[string]string{}
		}
		labels["app.kubernetes.io/name"], labels["app.kubernetes.io/part-of"] = "wismo", "wismo"
		o.SetLabels(labels)
	})
	if err != nil {
		t.Fatal(err)
	}
}
