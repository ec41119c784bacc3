package health

import (
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// told returns what the Shop's pods are told of its activity.
func told(t *testing.T, shop *v1alpha1.Shop) (bundle.ActivityDocument, error) {
	t.Helper()
	file := &corev1.ConfigMap{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: desired.ActivityName(shop.Name)}, file); err != nil {
		return bundle.ActivityDocument{}, err
	}
	return bundle.DecodeActivity([]byte(file.Data[bundle.ActivityKey]))
}

func wantTold(t *testing.T, shop *v1alpha1.Shop, want bundle.Activity) bundle.ActivityDocument {
	t.Helper()
	var doc bundle.ActivityDocument
	suite.Eventually(t, "the pods to be told "+string(want), func() (err error) {
		doc, err = told(t, shop)
		if err == nil && doc.Activity != want {
			err = fmt.Errorf("they are told %s", doc.Activity)
		}
		return err
	})
	return doc
}

func wantInForce(t *testing.T, shop *v1alpha1.Shop, want v1alpha1.Activity) {
	t.Helper()
	suite.Eventually(t, fmt.Sprintf("the activity %q to be in force", want), func() error {
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
			return err
		}
		if e := shop.Status.Effective; e == nil || e.Activity != want {
			return fmt.Errorf("effective is %+v", e)
		}
		return nil
	})
}

func annotate(value string) func(*v1alpha1.Shop) {
	return func(s *v1alpha1.Shop) {
		if value == "" {
			delete(s.Annotations, v1alpha1.AnnotationActivity)
			return
		}
		s.Annotations = map[string]string{v1alpha1.AnnotationActivity: value}
	}
}

// generations are those of the Shop's Deployments: pods are replaced only with a new one.
func generations(t *testing.T, shop *v1alpha1.Shop) map[string]int64 {
	t.Helper()
	list := &appsv1.DeploymentList{}
	if err := suite.Kube.List(t.Context(), list, client.InNamespace(shop.Namespace)); err != nil {
		t.Fatal(err)
	}
	all := map[string]int64{}
	for _, d := range list.Items {
		all[d.Name] = d.Generation
	}
	return all
}

func TestMessagesStopWhileTheSpecIsInvalidAndNoPodIsReplaced(t *testing.T) {
	ns := suite.InNamespace(t)
	shop := suite.MinimalShop(ns)
	suite.ReadyShop(t, shop)
	if doc := wantTold(t, shop, bundle.Live); !doc.MuteUntil.IsZero() {
		t.Errorf("a new Shop is mute until %s", doc.MuteUntil)
	}
	before := generations(t, shop)

	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Locales = []v1alpha1.Locale{"en", "xx"} })
	suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, "")
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Activity = v1alpha1.ActivitySuspended })
	wantTold(t, shop, bundle.Suspended)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Activity = v1alpha1.ActivityLive })
	resumed := wantTold(t, shop, bundle.Live)
	if resumed.MuteUntil.IsZero() {
		t.Error("what was true while messages were stopped would be told")
	}
	suite.Edit(t, shop, annotate("Suspended"))
	if again := wantTold(t, shop, bundle.Suspended); !again.MuteUntil.Equal(resumed.MuteUntil) {
		t.Errorf("stopping moved the end of the muting from %s to %s", resumed.MuteUntil, again.MuteUntil)
	}
	suite.Edit(t, shop, annotate("")) // the stricter counts: the spec is Live
	wantTold(t, shop, bundle.Live)
	if after := generations(t, shop); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("Deployments changed from %v to %v", before, after)
	}
}

func TestTheActivityInForceIsWhatEveryNotifierReports(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	notifier := func(a bundle.Activity) bundle.Report {
		r := suite.Healthy(bundle.NotifierComponent)
		r.Activity = a
		return r
	}
	suite.Pods.Start(t, shop, "page", suite.Healthy(bundle.PageComponent))
	first := suite.Pods.Start(t, shop, "notifier", notifier(bundle.Live))
	wantInForce(t, shop, v1alpha1.ActivityLive)

	suite.Edit(t, shop, annotate("Suspended"))
	wantTold(t, shop, bundle.Suspended)
	suite.Settled(t)
	wantInForce(t, shop, v1alpha1.ActivityLive) // the pod has not read it yet
	suite.Pods.Say(first, notifier(bundle.Suspended))
	wantInForce(t, shop, v1alpha1.ActivitySuspended)
	second := suite.Pods.Start(t, shop, "notifier", notifier(bundle.Rehearsal))
	wantInForce(t, shop, v1alpha1.ActivityRehearsal) // the loosest counts
	suite.Pods.Say(second, notifier("Later"))        // a word of a later build
	wantInForce(t, shop, "")
}

// The operator that comes back keeps what a person has written while it was down, and a stranger's edit does not loosen.
func TestAnEditOfTheActivityByHandIsTakenBackAndARestartLoosensNothing(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	suite.Edit(t, shop, annotate("Suspended"))
	wantTold(t, shop, bundle.Suspended)
	file := &corev1.ConfigMap{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: desired.ActivityName(shop.Name)}, file); err != nil {
		t.Fatal(err)
	}
	suite.Edit(t, file, func(cm *corev1.ConfigMap) { cm.Data[bundle.ActivityKey] = `{"version":1,"activity":"Live"}` })
	wantTold(t, shop, bundle.Suspended)
	suite.Restart(t)
	suite.Settled(t)
	wantTold(t, shop, bundle.Suspended)
	if err := suite.Kube.Delete(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	wantTold(t, shop, bundle.Suspended)
}
