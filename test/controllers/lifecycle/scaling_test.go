package lifecycle

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/compile/compiletest"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// autoscalerOf returns an autoscaler for a Shop's page, as a user might add one.
func autoscalerOf(namespace, name, deployment string) *autoscalingv2.HorizontalPodAutoscaler {
	return &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: deployment},
			MaxReplicas:    9,
		},
	}
}

func replicasOf(t *testing.T, deployment *appsv1.Deployment) int32 {
	t.Helper()
	if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(deployment), deployment); err != nil {
		t.Fatal(err)
	}
	return *deployment.Spec.Replicas
}

// scaleTo does what the controller of autoscalers does.
func scaleTo(t *testing.T, deployment *appsv1.Deployment, n int32) {
	t.Helper()
	suite.Eventually(t, "the autoscaler acts", func() error {
		scale := &autoscalingv1.Scale{}
		if err := suite.Kube.SubResource("scale").Get(t.Context(), deployment, scale); err != nil {
			return err
		}
		scale.Spec.Replicas = n
		return suite.Kube.SubResource("scale").Update(t.Context(), deployment, client.WithSubResourceBody(scale), client.FieldOwner("kube-controller-manager"))
	})
}

// ownsReplicas reports whether the operator still claims the number.
func ownsReplicas(deployment *appsv1.Deployment) bool {
	for _, entry := range deployment.ManagedFields {
		if entry.Manager == apply.FieldManager && strings.Contains(string(entry.FieldsV1.GetRawBytes()), `"f:replicas"`) {
			return true
		}
	}
	return false
}

func TestAForeignAutoscalerIsNotFoughtAndGivesTheReplicasBackOnce(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	page := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-page"}}
	autoscaler := autoscalerOf(shop.Namespace, "mine", "linden-page")
	suite.Create(t, autoscaler)
	suite.Eventually(t, "the operator lets the number go", func() error {
		if replicasOf(t, page); ownsReplicas(page) {
			return errors.New("it owns spec.replicas")
		}
		return nil
	})
	suite.RollOut(t, shop.Namespace)
	suite.Settled(t)
	before := len(suite.Writes(shop.Namespace))
	scaleTo(t, page, 5)
	suite.Settled(t)
	suite.Resync(t, shop, 3)
	if got := replicasOf(t, page); got != 5 {
		t.Errorf("the operator made 5 replicas %d", got)
	}
	for _, w := range suite.Writes(shop.Namespace)[before:] {
		t.Errorf("wrote because of the autoscaler's work: %s %s", w.Method, w.Path)
	}
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)

	before = len(suite.Writes(shop.Namespace))
	if err := suite.Kube.Delete(t.Context(), autoscaler); err != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "the replicas are the Shop's again", func() error {
		if got := replicasOf(t, page); got != 1 {
			return fmt.Errorf("%d replicas", got)
		}
		return nil
	})
	suite.Settled(t)
	taken := 0
	for _, w := range suite.Writes(shop.Namespace)[before:] {
		if w.Method == http.MethodPatch && strings.HasSuffix(w.Path, "/deployments/linden-page") {
			taken++
		}
	}
	if taken != 1 {
		t.Errorf("the replicas were taken back %d times", taken)
	}
}

// asOperator applies with the operator's rights and leaves its traces among the operator's requests.
func asOperator(t *testing.T) apply.Applier {
	t.Helper()
	as := suite.Cluster.AsOperator()
	as.Wrap(suite.Traffic.Wrap)
	operator, err := client.New(as, client.Options{Scheme: suite.Kube.Scheme(), FieldOwner: apply.FieldManager})
	if err != nil {
		t.Fatal(err)
	}
	return apply.Applier{Reader: suite.Kube, Live: suite.Kube, Writer: operator, Scheme: suite.Kube.Scheme()}
}

// severalPages returns the objects of a Shop whose orders are in a database server. This version compiles none, so they are
// rendered here and applied as the operator would.
func severalPages(t *testing.T, shop *v1alpha1.Shop, page v1alpha1.Page) []desired.Object {
	t.Helper()
	sample := compiletest.Linden(t)
	sample.Shop = shop.DeepCopy()
	sample.Shop.Spec.Storage, sample.Shop.Spec.Page = nil, nil
	out := compile.Compile(sample)
	if out.Document == nil {
		t.Fatalf("the sample does not compile: %v", out.Problems)
	}
	out.Document.Storage.Type = bundle.PostgreSQL
	sample.Shop.Spec.Storage, sample.Shop.Spec.Page = shop.Spec.Storage, &page
	return desired.Objects(desired.Input{
		Shop: sample.Shop, Bundle: out, Render: desired.RenderVersion,
		Images: release.Images{TrackingPage: "image:1", Notifier: "image:1"}, Platform: desired.Platform{OperatorNamespace: suite.OperatorNamespace},
	})
}

// bringAll applies objects as a reconciliation does, and reports whether that changed any.
func bringAll(t *testing.T, applier apply.Applier, objects []desired.Object) (changed bool) {
	t.Helper()
	for _, o := range objects {
		if err := applier.HandOver(t.Context(), suite.Kube, o); err != nil {
			t.Fatal(err)
		}
		version, err := applier.Apply(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		changed = changed || version != ""
	}
	return changed
}

func wantReplicas(t *testing.T, d *appsv1.Deployment, want int32) {
	t.Helper()
	if got := replicasOf(t, d); got != want {
		t.Errorf("there are %d replicas, want %d", got, want)
	}
}

func TestAPageThatScalesKeepsItsPodsWhileTheNumberChangesHands(t *testing.T) {
	ns := suite.InNamespace(t)
	shop := suite.MinimalShop(ns)
	shop.Spec.Storage = &v1alpha1.Storage{Type: v1alpha1.StoragePostgreSQL, PostgreSQL: &v1alpha1.PostgreSQLStorage{
		Host: "pg-rw", Database: "linden", CredentialsSecretRef: v1alpha1.SecretReference{Name: "pg"},
	}}
	suite.Create(t, shop)
	suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, "")
	applier := asOperator(t)
	page := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "linden-page"}}
	bring := func(p v1alpha1.Page) (changed bool) {
		t.Helper()
		return bringAll(t, applier, severalPages(t, shop, p))
	}
	three := v1alpha1.Page{Replicas: 3}
	many := v1alpha1.Page{Autoscaling: &v1alpha1.Autoscaling{MaxReplicas: 9}}
	bring(three)
	wantReplicas(t, page, 3)
	bring(many)
	wantReplicas(t, page, 3)
	if ownsReplicas(page) {
		t.Error("the operator owns the replicas after the autoscaler took over")
	}
	scaleTo(t, page, 5)
	if bring(many) {
		t.Error("something was written when the autoscaler had scaled")
	}
	wantReplicas(t, page, 5)
	bring(three)
	wantReplicas(t, page, 3)
	if bring(three) {
		t.Error("the second look wrote again")
	}
	for _, o := range []client.Object{&policyv1.PodDisruptionBudget{}, &autoscalingv2.HorizontalPodAutoscaler{}} {
		if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: ns, Name: "linden-page"}, o); err != nil {
			t.Errorf("%T: %v", o, err)
		}
	}
}

func TestABudgetAndAnAutoscalerGoWhenThePageIsOnePodAgain(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	left := []client.Object{&policyv1.PodDisruptionBudget{}, &autoscalingv2.HorizontalPodAutoscaler{}}
	applier := asOperator(t)
	for _, o := range severalPages(t, shop, v1alpha1.Page{Autoscaling: &v1alpha1.Autoscaling{MaxReplicas: 9}}) {
		if kind := *o.GetKind(); kind != "PodDisruptionBudget" && kind != "HorizontalPodAutoscaler" {
			continue
		}
		if _, err := applier.Apply(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range left {
		suite.Eventually(t, fmt.Sprintf("%T is gone", o), func() error {
			err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: "linden-page"}, o)
			if apierrors.IsNotFound(err) {
				return nil
			}
			return errors.Join(err, errors.New("it is there"))
		})
	}
}
