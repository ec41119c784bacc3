package lifecycle

import (
	"context"
	"fmt"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// installationOf returns the ConfigMap with the id of the installation.
func installationOf(t *testing.T) *corev1.ConfigMap {
	t.Helper()
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: suite.OperatorNamespace, Name: "wismo-installation"}}
	suite.Eventually(t, "the installation has an id", func() error {
		return suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(cm), cm)
	})
	return cm
}

// setCopies writes the id, or none, on everything that bears a copy of it.
func setCopies(t *testing.T, id string) {
	t.Helper()
	for _, list := range []client.ObjectList{&coordinationv1.LeaseList{}, &appsv1.ControllerRevisionList{}} {
		if err := suite.Kube.List(t.Context(), list, client.InNamespace(suite.OperatorNamespace)); err != nil {
			t.Fatal(err)
		}
		var objects []client.Object
		switch l := list.(type) {
		case *coordinationv1.LeaseList:
			for i := range l.Items {
				objects = append(objects, &l.Items[i])
			}
		case *appsv1.ControllerRevisionList:
			for i := range l.Items {
				objects = append(objects, &l.Items[i])
			}
		}
		for _, o := range objects {
			if o.GetAnnotations()[v1alpha1.AnnotationInstallation] == "" && id != "" && o.GetLabels()["app.kubernetes.io/managed-by"] == "" {
				continue // the Lease by which the operator leads
			}
			patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, v1alpha1.AnnotationInstallation, id)
			if err := suite.Kube.Patch(t.Context(), o, client.RawPatch("application/merge-patch+json", []byte(patch))); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestTheIdOfTheInstallationIsNeverMadeAnewWithoutAWord(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	suite.Settled(t)
	before, endpoint := installationOf(t), shop.Status.Endpoints[0].URL
	id := before.Data["id"]
	wantSame := func(when string) {
		t.Helper()
		if got := installationOf(t).Data["id"]; got != id {
			t.Fatalf("%s: another id", when)
		}
		suite.Settled(t)
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil || shop.Status.Endpoints[0].URL != endpoint {
			t.Errorf("%s: the endpoint is %v (%v)", when, shop.Status.Endpoints, err)
		}
	}
	lose := func() {
		t.Helper()
		if err := suite.Kube.Delete(t.Context(), installationOf(t)); err != nil {
			t.Fatal(err)
		}
	}

	lose()
	wantSame("deleted while the operator runs")

	suite.Operator.Stop()
	lose()
	suite.Operator.MustStart(t)
	wantSame("deleted while the operator is away")

	suite.Operator.Stop()
	lose()
	setCopies(t, "")
	err := suite.Operator.Start()
	if err == nil || !strings.Contains(err.Error(), "wismo-installation") || !strings.Contains(err.Error(), "backup") {
		t.Errorf("without any copy the operator started, or said %v", err)
	}
	if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(before), before); client.IgnoreNotFound(err) != nil || err == nil {
		t.Errorf("a new id was chosen (%v)", err)
	}
	restored := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: before.Namespace, Name: "wismo-installation"}, Data: map[string]string{"id": id}}
	if err := suite.Kube.Create(context.WithoutCancel(t.Context()), restored); err != nil {
		t.Fatal(err)
	}
	setCopies(t, id)
	suite.Operator.MustStart(t)
	wantSame("restored")
}
