package gitops

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	sourcev1 "github.com/fluxcd/source-controller/api/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

const (
	fluxNamespace = "flux-system"
	interval      = 10 * time.Second // how often Flux looks, in these tests
	applied       = 3 * time.Minute  // within which a commit is Ready, or has failed
	group         = "tracking.wismo.dev"
)

var (
	samples  = filepath.Join("..", "..", "config", "samples")
	shipped  = filepath.Join("..", "..", "config", "gitops", "flux", "merchants.yaml")
	merchant = client.ObjectKey{Namespace: fluxNamespace, Name: "merchants"}
	kinds    = []string{"Shop", "CarrierIntegration", "NotificationPolicy"}
)

// TestFluxBringsTheSamplesRestoresThemAndTakesThemAway is the whole way of a merchant in Git, with the documents that we
// ship for Flux.
func TestFluxBringsTheSamplesRestoresThemAndTakesThemAway(t *testing.T) {
	kube := connect(t)
	prepareFlux(t, kube)
	repo := serveGit(t)
	repo.push(t, "Two merchants", func(tree string) { copyTree(t, samples, filepath.Join(tree, "merchants")) })
	runFlux(t)

	begin := time.Now()
	follow(t, kube, repo.url)
	ready(t, kube, repo, "the first commit is applied and healthy")
	t.Logf("from an empty cluster to healthy: %.1f s", time.Since(begin).Seconds())
	if shops := listed(t, kube, "Shop"); len(shops) != 2 {
		t.Fatalf("%d Shops, want 2", len(shops))
	}
	nothingIsRewritten(t, kube)
	driftIsRestored(t, kube)
	aMistakeIsReportedAtOnce(t, kube, repo)
	aSuspendedShopIsHealthy(t, kube, repo)
	oneMerchantLeaves(t, kube, repo)
	allLeave(t, kube)
}

// connect reads KUBECONFIG.
func connect(t *testing.T) client.Client {
	t.Helper()
	for _, variable := range []string{"KUBECONFIG", binariesVariable, crdsVariable} {
		if os.Getenv(variable) == "" {
			t.Fatalf("%s is not set: run make gitops", variable)
		}
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		t.Fatal(err)
	}
	config.QPS = -1
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), sourcev1.AddToScheme(scheme), kustomizev1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	kube, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return kube
}

// prepareFlux applies the CRDs of Flux and its namespace.
func prepareFlux(t *testing.T, kube client.Client) {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: fluxNamespace}}
	if err := kube.Create(t.Context(), namespace); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	for _, directory := range filepath.SplitList(os.Getenv(crdsVariable)) {
		files, err := filepath.Glob(filepath.Join(directory, "*.yaml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no CRDs in %s: %v", directory, err)
		}
		for _, file := range files {
			for _, o := range documentsOf(t, file) {
				apply(t, kube, o)
			}
		}
	}
	eventually(t, "Flux's kinds are served", time.Minute, func() error {
		return errors.Join(kube.List(t.Context(), &sourcev1.GitRepositoryList{}), kube.List(t.Context(), &kustomizev1.KustomizationList{}))
	})
}

func documentsOf(t *testing.T, file string) []*unstructured.Unstructured {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []*unstructured.Unstructured
	for part := range strings.SplitSeq("\n"+string(content), "\n---\n") {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(part), &o.Object); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if len(o.Object) > 0 {
			all = append(all, o)
		}
	}
	return all
}

func apply(t *testing.T, kube client.Client, o *unstructured.Unstructured) {
	t.Helper()
	if err := kube.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(o), client.FieldOwner("test"), client.ForceOwnership); err != nil {
		t.Fatalf("applying the %s %s: %v", o.GetKind(), o.GetName(), err)
	}
}

// follow applies the shipped documents, with this repository, and looking more often.
func follow(t *testing.T, kube client.Client, url string) {
	t.Helper()
	for _, o := range documentsOf(t, shipped) {
		set := func(value any, path ...string) {
			if err := unstructured.SetNestedField(o.Object, value, path...); err != nil {
				t.Fatal(err)
			}
		}
		set(interval.String(), "spec", "interval")
		if o.GetKind() == "GitRepository" {
			set(url, "spec", "url")
		} else {
			set((5 * time.Second).String(), "spec", "retryInterval")
			unstructured.RemoveNestedField(o.Object, "spec", "dependsOn") // Flux did not install the operator here
		}
		apply(t, kube, o)
	}
}

// ready waits until Flux says that the newest commit is applied and healthy.
func ready(t *testing.T, kube client.Client, repo repository, what string) time.Duration {
	t.Helper()
	revision := branch + "@sha1:" + strings.TrimSpace(git(t, repo.tree, "rev-parse", "HEAD"))
	return eventually(t, what, applied, func() error {
		k := &kustomizev1.Kustomization{}
		if err := kube.Get(t.Context(), merchant, k); err != nil {
			return err
		}
		c := meta.FindStatusCondition(k.Status.Conditions, "Ready")
		if c == nil || c.Status != metav1.ConditionTrue || k.Status.LastAppliedRevision != revision || c.ObservedGeneration != k.Generation {
			return fmt.Errorf("revision %s of %s, %+v", k.Status.LastAppliedRevision, revision, c)
		}
		return nil
	})
}

// nothingIsRewritten looks over several intervals of Flux whether it and the operator write past each other.
func nothingIsRewritten(t *testing.T, kube client.Client) {
	t.Helper()
	versions := func() map[types.UID]string {
		all := map[types.UID]string{}
		for _, kind := range kinds {
			for _, o := range listed(t, kube, kind) {
				all[o.GetUID()] = fmt.Sprintf("%s %s/%s generation %d", kind, o.GetNamespace(), o.GetName(), o.GetGeneration())
			}
		}
		return all
	}
	before := versions()
	time.Sleep(3 * interval)
	after := versions()
	for id, version := range before {
		if after[id] != version {
			t.Errorf("%s became %s although nothing was changed", version, after[id])
		}
	}
}

// driftIsRestored changes by hand what Git holds, and what the operator holds.
func driftIsRestored(t *testing.T, kube client.Client) {
	t.Helper()
	shop := of("Shop", "linden", "linden")
	patch(t, kube, shop, `{"spec":{"displayName":"Another Name","support":{"url":"https://elsewhere.example"}}}`)
	eventually(t, "a Shop that was edited by hand is restored from Git", applied, func() error {
		if err := kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
			return err
		}
		name, _, _ := unstructured.NestedString(shop.Object, "spec", "displayName")
		_, support, _ := unstructured.NestedFieldNoCopy(shop.Object, "spec", "support")
		if name != "Linden Living" || support {
			return fmt.Errorf("spec is %v", shop.Object["spec"])
		}
		return nil
	})
	healthy(t, kube, "the restored Shop is Ready again")
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "linden-page"}}
	if err := kube.Delete(t.Context(), service); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a child that was deleted by hand is restored by the operator", applied, func() error {
		return kube.Get(t.Context(), client.ObjectKeyFromObject(service), &corev1.Service{})
	})
}

// aMistakeIsReportedAtOnce commits a mistake that only an edit fixes: the pipeline fails, and does not hang until its timeout.
func aMistakeIsReportedAtOnce(t *testing.T, kube client.Client, repo repository) {
	t.Helper()
	content := filepath.Join("merchants", "fjallro-content.yaml")
	repo.push(t, "A misspelled key", func(tree string) {
		replace(t, filepath.Join(tree, content), "mail.Delivered.subject: It is here!", "mail.Deliverd.subject: It is here!")
	})
	eventually(t, "a mistake in a template fails the pipeline", applied, func() error {
		k := &kustomizev1.Kustomization{}
		if err := kube.Get(t.Context(), merchant, k); err != nil {
			return err
		}
		c := meta.FindStatusCondition(k.Status.Conditions, "Ready")
		if c == nil || c.Status != metav1.ConditionFalse || c.Reason != "HealthCheckFailed" || !strings.Contains(c.Message, "Shop/fjallro/fjallro") {
			return fmt.Errorf("%+v", c)
		}
		return nil
	})
	repo.push(t, "As it was", func(tree string) {
		replace(t, filepath.Join(tree, content), "mail.Deliverd.subject: It is here!", "mail.Delivered.subject: It is here!")
	})
	ready(t, kube, repo, "the corrected template is applied and healthy")
}

func aSuspendedShopIsHealthy(t *testing.T, kube client.Client, repo repository) {
	t.Helper()
	repo.push(t, "A merchant is away", func(tree string) {
		replace(t, filepath.Join(tree, "merchants", "linden.yaml"), "  homeCountry: NL\n", "  homeCountry: NL\n  activity: Suspended\n")
	})
	ready(t, kube, repo, "a suspended Shop is healthy")
}

func oneMerchantLeaves(t *testing.T, kube client.Client, repo repository) {
	t.Helper()
	repo.push(t, "A merchant leaves", func(tree string) {
		merchants := filepath.Join(tree, "merchants")
		for _, file := range []string{"fjallro.yaml", "fjallro-content.yaml"} {
			if err := os.Remove(filepath.Join(merchants, file)); err != nil {
				t.Fatal(err)
			}
			replace(t, filepath.Join(merchants, "kustomization.yaml"), "- "+file+"\n", "")
		}
	})
	ready(t, kube, repo, "the commit without one merchant is applied")
	eventually(t, "its objects are gone", applied, func() error {
		var left []string
		for _, kind := range kinds {
			for _, o := range listed(t, kube, kind) {
				if o.GetNamespace() == "fjallro" {
					left = append(left, kind+" "+o.GetName())
				}
			}
		}
		if len(left) > 0 {
			return fmt.Errorf("there are %q", left)
		}
		return nil
	})
}

// allLeave deletes the Kustomization, which prunes, and looks that nothing at all is left.
func allLeave(t *testing.T, kube client.Client) {
	t.Helper()
	k := &kustomizev1.Kustomization{ObjectMeta: metav1.ObjectMeta{Namespace: merchant.Namespace, Name: merchant.Name}}
	if err := kube.Delete(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	eventually(t, "after the prune nothing is left", applied, func() error {
		left, err := remains(t, kube)
		if err != nil {
			return err
		}
		if err := kube.Get(t.Context(), merchant, k); !apierrors.IsNotFound(err) {
			left = append(left, "Kustomization merchants")
		}
		if len(left) > 0 {
			return fmt.Errorf("there are %q", left)
		}
		return nil
	})
}

// remains are namespaces and objects of merchants, and claims of their hostnames.
func remains(t *testing.T, kube client.Client) ([]string, error) {
	t.Helper()
	var left []string
	for _, kind := range kinds {
		for _, o := range listed(t, kube, kind) {
			left = append(left, kind+" "+o.GetNamespace()+"/"+o.GetName())
		}
	}
	namespaces, claims, library := &corev1.NamespaceList{}, &coordinationv1.LeaseList{}, &corev1.ConfigMapList{}
	err := errors.Join(
		kube.List(t.Context(), namespaces),
		kube.List(t.Context(), claims, client.InNamespace("wismo-system"), client.HasLabels{group + "/shop-namespace"}),
		kube.List(t.Context(), library, client.InNamespace("wismo-library"), client.HasLabels{group + "/library"}),
	)
	for _, n := range namespaces.Items {
		if slices.Contains([]string{"linden", "fjallro"}, n.Name) {
			left = append(left, "Namespace "+n.Name)
		}
	}
	for _, c := range claims.Items {
		left = append(left, "Lease "+c.Name)
	}
	for _, c := range library.Items {
		left = append(left, "ConfigMap "+c.Name)
	}
	return left, err
}

// healthy waits until every object of ours is Ready for its generation.
func healthy(t *testing.T, kube client.Client, what string) {
	t.Helper()
	eventually(t, what, applied, func() error {
		for _, kind := range kinds {
			for _, o := range listed(t, kube, kind) {
				observed, _, _ := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
				conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
				isReady := slices.ContainsFunc(conditions, func(c any) bool {
					fields, _ := c.(map[string]any)
					return fields["type"] == "Ready" && fields["status"] == "True"
				})
				if !isReady || observed != o.GetGeneration() {
					return fmt.Errorf("the %s %s is not Ready: %v", kind, o.GetName(), conditions)
				}
			}
		}
		return nil
	})
}

func of(kind, namespace, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(schema.GroupVersionKind{Group: group, Version: "v1alpha1", Kind: kind})
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

func listed(t *testing.T, kube client.Client, kind string) []unstructured.Unstructured {
	t.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(schema.GroupVersionKind{Group: group, Version: "v1alpha1", Kind: kind + "List"})
	if err := kube.List(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	return list.Items
}

// patch changes an object as kubectl edit does: as the field manager that Flux takes for a person's hand.
func patch(t *testing.T, kube client.Client, o client.Object, change string) {
	t.Helper()
	if err := kube.Patch(t.Context(), o, client.RawPatch(types.MergePatchType, []byte(change)), client.FieldOwner("kubectl-edit")); err != nil {
		t.Fatal(err)
	}
}
