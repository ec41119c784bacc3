// Package cli_test runs kubectl wismo against a real API server.
package cli_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli"
	"github.com/wismo-dev/wismo/internal/cli/kit"
)

const (
	operatorNamespace = "wismo-system"
	viewer            = "vera@platform.example" // may read what wismo's viewer roles show, and nothing else
)

var (
	root       = filepath.Join("..", "..")
	kubeconfig string
	api        client.Client
)

func TestMain(m *testing.M) {
	code, err := runAgainstAPIServer(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

func runAgainstAPIServer(m *testing.M) (code int, err error) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		return 0, errors.New("KUBEBUILDER_ASSETS must name a directory with kube-apiserver and etcd; run 'make test', which builds them")
	}
	environment := &envtest.Environment{CRDDirectoryPaths: []string{filepath.Join(root, "config", "crd", "bases")}, ErrorIfCRDPathMissing: true, ControlPlaneStartTimeout: 2 * time.Minute}
	config, err := environment.Start()
	if err != nil {
		return 0, fmt.Errorf("starting the API server: %w", err)
	}
	defer func() { err = errors.Join(err, environment.Stop()) }()
	scheme, err := kit.Scheme()
	if err != nil {
		return 0, err
	}
	if api, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return 0, err
	}
	directory, err := os.MkdirTemp("", "wismo-cli")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	kubeconfig = filepath.Join(directory, "kubeconfig")
	admin, err := environment.AddUser(envtest.User{Name: "admin", Groups: []string{"system:masters"}}, nil)
	if err != nil {
		return 0, err
	}
	text, err := admin.KubeConfig()
	if err != nil {
		return 0, err
	}
	if err := os.WriteFile(kubeconfig, text, 0o600); err != nil {
		return 0, err
	}
	return m.Run(), err
}

// run calls the plugin as kubectl does.
func run(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	t.Setenv("KUBECONFIG", kubeconfig)
	t.Setenv("HOME", t.TempDir()) // of the discovery cache
	var o, e bytes.Buffer
	code = cli.Run(t.Context(), "v1.2.3", args, genericiooptions.IOStreams{In: strings.NewReader(""), Out: &o, ErrOut: &e})
	return o.String(), e.String(), code
}

// says fails unless the command ends with the code and its output holds every text.
func says(t *testing.T, code int, texts []string, args ...string) string {
	t.Helper()
	out, errs, got := run(t, args...)
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
	for _, o := range objects {
		if err := api.Create(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
}

// newNamespace is one of the test's own.
func newNamespace(t *testing.T, name string) string {
	t.Helper()
	create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
	return name
}

func newShop(namespace, name string) *v1alpha1.Shop {
	return &v1alpha1.Shop{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       v1alpha1.ShopSpec{DisplayName: "Linden Living", Hostname: v1alpha1.Hostname("track." + name + ".example"), HomeCountry: "NL"},
	}
}

// install creates every object of the files.
func install(t *testing.T, pattern string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no files (%v)", pattern, err)
	}
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
		for {
			o := &unstructured.Unstructured{}
			if err := decoder.Decode(o); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			// As both installers label them.
			labels := o.GetLabels()
			if labels == nil {
				labels = map[string]string{}
			}
			labels["app.kubernetes.io/name"], labels["app.kubernetes.io/part-of"] = "wismo", "wismo"
			o.SetLabels(labels)
			if err := api.Create(context.Background(), o); err != nil {
				t.Fatal(err)
			}
		}
	}
}
