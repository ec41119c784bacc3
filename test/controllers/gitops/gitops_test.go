package gitops

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// Nothing that the operator does to an object may look like a change of what was applied.
func TestKubectlDiffIsEmptyForEverySample(t *testing.T) {
	for name, mode := range map[string][]string{"client": nil, "server": {"--server-side"}} {
		t.Run(name+"-side apply", func(t *testing.T) {
			objects := relocated(t, "diff-"+name)
			file := write(t, objects)
			if output, code := kubectl(t, append([]string{"apply", "-f", file}, mode...)...); code != 0 {
				t.Fatalf("kubectl apply ends with %d:\n%s", code, output)
			}
			rollOutAll(t, objects)
			healthyAll(t, objects)
			if output, code := kubectl(t, append([]string{"diff", "-f", file}, mode...)...); code != 0 {
				t.Errorf("kubectl diff ends with %d:\n%s", code, output)
			}
			if output, code := kubectl(t, append([]string{"apply", "--dry-run=server", "-f", file}, mode...)...); code != 0 || name == "client" && strings.Contains(output, "configured") {
				t.Errorf("a dry run on the server ends with %d:\n%s", code, output)
			}
		})
	}
}

// A pipeline marks what it applied, and removes what bears its mark and is no longer in Git.
func TestWhatAPipelineMarksStaysOnItsObject(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	shop.Labels = map[string]string{
		"argocd.argoproj.io/instance": "merchants", "kustomize.toolkit.fluxcd.io/name": "merchants",
		"app.kubernetes.io/instance": "merchants", "example.com/team": "parcels",
	}
	shop.Annotations = map[string]string{
		"argocd.argoproj.io/tracking-id": "merchants:tracking.wismo.dev/Shop:x/linden", "argocd.argoproj.io/sync-wave": "1",
		"kubectl.kubernetes.io/last-applied-configuration": "{}", "example.com/note": "ours",
		v1alpha1.AnnotationReconcileRequestedAt: "2026-03-01T12:00:00Z",
	}
	suite.ReadyShop(t, shop)
	children := 0
	for _, o := range everythingIn(t, shop.Namespace) {
		if o.GetUID() == shop.UID {
			continue
		}
		children++
		unmarked(t, &o, shop)
	}
	if children < 10 {
		t.Errorf("only %d children were looked at", children)
	}
}

// unmarked holds that a child bears nothing by which a pipeline would take it for its own.
func unmarked(t *testing.T, o *unstructured.Unstructured, shop *v1alpha1.Shop) {
	t.Helper()
	for key, value := range o.GetLabels() {
		if marked, ok := shop.Labels[key]; ok && value == marked {
			t.Errorf("the %s %s bears the label %s of its Shop", o.GetKind(), o.GetName(), key)
		}
	}
	for key := range shop.Annotations {
		if _, copied := o.GetAnnotations()[key]; copied {
			t.Errorf("the %s %s bears the annotation %s of its Shop", o.GetKind(), o.GetName(), key)
		}
	}
	if instance := o.GetLabels()["app.kubernetes.io/instance"]; instance != "" && len(o.GetOwnerReferences()) == 0 {
		t.Errorf("the %s %s has no owner and the label app.kubernetes.io/instance=%s: an Argo CD that tracks by label would prune it", o.GetKind(), o.GetName(), instance)
	}
}

func TestWhatOthersWriteOnChildrenIsKept(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	const key = "example.com/billed-to"
	mark := func(o client.Object) {
		o.SetLabels(with(o.GetLabels(), key))
		o.SetAnnotations(with(o.GetAnnotations(), key))
	}
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-notifier"}}
	suite.Edit(t, deployment, func(d *appsv1.Deployment) {
		mark(d)
		d.Spec.Template.Annotations = with(d.Spec.Template.Annotations, key)
	})
	marked := []client.Object{
		deployment,
		&corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-page"}},
		&networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden"}},
		&corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-data"}},
	}
	for _, o := range marked[1:] {
		suite.Edit(t, o, func(o client.Object) { mark(o) })
	}
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden" })
	suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, "")
	suite.RollOut(t, shop.Namespace)
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	for _, o := range marked {
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(o), o); err != nil {
			t.Fatal(err)
		}
		if o.GetLabels()[key] == "" || o.GetAnnotations()[key] == "" {
			t.Errorf("%T %s lost what another client wrote: labels %v, annotations %v", o, o.GetName(), o.GetLabels(), o.GetAnnotations())
		}
	}
	if deployment.Spec.Template.Annotations[key] == "" {
		t.Error("the pod template lost a foreign annotation")
	}
}

func with(words map[string]string, key string) map[string]string {
	if words == nil {
		words = map[string]string{}
	}
	words[key] = "accounting"
	return words
}

// TestAPipelineAppliesWaitsRestoresDriftAndPrunes plays what Flux and Argo CD do with config/samples. The real Flux does
// it in test/gitops.
func TestAPipelineAppliesWaitsRestoresDriftAndPrunes(t *testing.T) {
	objects := relocated(t, "pipeline")
	applyAll(t, objects)
	rollOutAll(t, objects)
	healthyAll(t, objects)

	i := slices.IndexFunc(objects, func(o *unstructured.Unstructured) bool { return o.GetKind() == "Shop" && o.GetName() == "linden" })
	shop := &v1alpha1.Shop{ObjectMeta: metav1.ObjectMeta{Namespace: objects[i].GetNamespace(), Name: "linden"}}
	suite.Settled(t)
	generation := generationOf(t, shop)
	applyAll(t, objects)
	if again := generationOf(t, shop); again != generation {
		t.Errorf("applying the same again made generation %d of %d", again, generation)
	}

	// By hand, on what Git holds: the next interval takes it back, and the Shop follows both ways.
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Another Name" })
	suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, "")
	applyAll(t, objects)
	rollOutAll(t, objects)
	healthyAll(t, objects)
	if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil || shop.Spec.DisplayName != "Linden Living" {
		t.Errorf("the Shop is called %q (%v)", shop.Spec.DisplayName, err)
	}
	// The operator's objects are changed by hand, and are corrected at once, not at an interval.
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-page"}}
	if err := suite.Kube.Delete(t.Context(), service); err != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "the deleted Service is back", func() error {
		return suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(service), &corev1.Service{})
	})

	suite.Edit(t, shop, func(s *v1alpha1.Shop) {
		s.Spec.Storage = &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, DeletionPolicy: v1alpha1.DeletionDelete}
	})
	suite.Eventually(t, "the Shop's data goes with it", func() error {
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil || len(shop.Finalizers) == 0 {
			return fmt.Errorf("no finalizer (%w)", err)
		}
		return nil
	})
	prune(t, objects)
	wantOnly(t, shop.Namespace)
	wantOnly(t, "fjallro-pipeline", "PersistentVolumeClaim fjallro-data", "ConfigMap fjallro-key-links-*", "Secret fjallro-key-links-*")
	wantNoClaim(t, shop.Namespace)
}

// wantOnly waits until these objects, and no others, are left in a namespace; a star matches any end of a name.
func wantOnly(t *testing.T, namespace string, kept ...string) {
	t.Helper()
	suite.Eventually(t, "nothing is left in "+namespace, func() error {
		collectAll(t, namespace)
		left := everythingIn(t, namespace)
		var found []string
		for _, o := range left {
			found = append(found, o.GetKind()+" "+o.GetName())
		}
		for _, name := range found {
			if !slices.ContainsFunc(kept, func(k string) bool { return matches(name, k) }) {
				return fmt.Errorf("there are %q, want only %q", found, kept)
			}
		}
		for _, k := range kept {
			if !slices.ContainsFunc(found, func(name string) bool { return matches(name, k) }) {
				return fmt.Errorf("there are %q, want %q", found, kept)
			}
		}
		return nil
	})
}

func matches(name, pattern string) bool {
	start, open := strings.CutSuffix(pattern, "*")
	return name == pattern || open && strings.HasPrefix(name, start)
}

// wantNoClaim waits until the hostnames of a namespace are free.
func wantNoClaim(t *testing.T, namespace string) {
	t.Helper()
	suite.Eventually(t, "the hostname is free", func() error {
		claims := &coordinationv1.LeaseList{}
		err := suite.Kube.List(t.Context(), claims, client.InNamespace(suite.OperatorNamespace), client.MatchingLabels{v1alpha1.GroupName + "/shop-namespace": namespace})
		if err != nil || len(claims.Items) > 0 {
			return fmt.Errorf("%d claims (%w)", len(claims.Items), err)
		}
		return nil
	})
}

func generationOf(t *testing.T, o client.Object) int64 {
	t.Helper()
	if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(o), o); err != nil {
		t.Fatal(err)
	}
	return o.GetGeneration()
}

// ask asks for a look at the object, and waits for the echo.
func ask(t *testing.T, o client.Object, at string) {
	t.Helper()
	suite.Edit(t, o, func(o client.Object) {
		o.SetAnnotations(map[string]string{v1alpha1.AnnotationReconcileRequestedAt: at})
	})
	suite.Eventually(t, "the request is echoed", func() error {
		live := &unstructured.Unstructured{}
		gvk, err := suite.Kube.GroupVersionKindFor(o)
		if err != nil {
			return err
		}
		live.SetGroupVersionKind(gvk)
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(o), live); err != nil {
			return err
		}
		if echo, _, _ := unstructured.NestedString(live.Object, "status", "lastHandledReconcileAt"); echo != at {
			return fmt.Errorf("the echo is %q", echo)
		}
		return nil
	})
}

// Content without the label tracking.wismo.dev/watch is read every ten minutes, and sooner on request.
func TestARequestedReconciliationReadsContentThatIsNotWatched(t *testing.T) {
	ns := suite.InNamespace(t)
	content := suite.Texts(ns, "mail.OutForDelivery.subject: Uw pakket is onderweg\n")
	content.Labels = nil
	suite.Create(t, content)
	shop := suite.MinimalShop(ns)
	shop.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: "texts"}, Source: v1alpha1.SourceLocal}}
	suite.ReadyShop(t, shop)
	before := suite.RunningBundle(t, shop)
	suite.Edit(t, content, func(cm *corev1.ConfigMap) { cm.Data["nl.yaml"] = "mail.OutForDelivery.subject: Onderweg\n" })
	suite.Resync(t, shop, 3)
	suite.Settled(t)
	if now := suite.RunningBundle(t, shop); now != before {
		t.Fatal("the change was seen without being asked for, so this test proves nothing")
	}
	generation := generationOf(t, shop)
	ask(t, shop, "2026-03-01T12:00:00Z")
	suite.Eventually(t, "the change is read", func() error {
		if now := suite.RunningBundle(t, shop); now == before {
			return fmt.Errorf("still %s", now)
		}
		return nil
	})
	if now := generationOf(t, shop); now != generation {
		t.Errorf("a request made generation %d of %d", now, generation)
	}
}

func TestEveryKindEchoesARequestForALook(t *testing.T) {
	ns := suite.InNamespace(t)
	integration := suite.Easypost(ns)
	policy := &v1alpha1.NotificationPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "calm"},
		Spec:       v1alpha1.NotificationPolicySpec{QuietHours: &v1alpha1.QuietHours{Start: "21:00", End: "08:00"}},
	}
	suite.Create(t, integration, policy)
	for _, o := range []client.Object{integration, policy} {
		ask(t, o, "2026-03-01T12:00:00Z")
		ask(t, o, "again")
	}
}
