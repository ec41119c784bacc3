package controllers_test

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

func easypost(namespace string) *v1alpha1.CarrierIntegration {
	return &v1alpha1.CarrierIntegration{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "easypost"},
		Spec: v1alpha1.CarrierIntegrationSpec{
			ShopRef:              v1alpha1.ShopReference{Name: "linden"},
			Definition:           v1alpha1.DefinitionReference{Name: "easypost", Source: v1alpha1.DefinitionCatalog},
			CredentialsSecretRef: &v1alpha1.SecretReference{Name: "easypost"},
			Intake:               v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook},
		},
	}
}

func TestAnIntegrationWaitsForItsShopAndTheShopTakesItUp(t *testing.T) {
	ns := inNamespace(t)
	ci := easypost(ns)
	create(t, ci)
	wantCondition(t, ci, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonMissingReference)
	shop := minimalShop(ns)
	readyShop(t, shop)
	wantCondition(t, ci, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	wantCondition(t, ci, v1alpha1.ConditionOperational, metav1.ConditionUnknown, v1alpha1.ReasonReportUnavailable)
	if len(ci.Status.Endpoints) != 1 || !strings.Contains(string(ci.Status.Endpoints[0].URL), string(shop.Spec.Hostname)+"/hooks/") {
		t.Errorf("endpoints are %+v", ci.Status.Endpoints)
	}
	if !slices.Contains(pageVolumes(t, shop), "easypost") {
		t.Error("the page does not mount the integration's Secret")
	}
}

func TestAnIntegrationOfARunningShopRollsItAndItsReportsShow(t *testing.T) {
	ns := inNamespace(t)
	shop := minimalShop(ns)
	readyShop(t, shop)
	ci := easypost(ns)
	create(t, ci)
	wantCondition(t, ci, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	wantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonProgressing)
	rollOut(t, ns)
	wantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")

	page, notifier := healthy(bundle.PageComponent), healthy(bundle.NotifierComponent)
	page.Credentials = []bundle.CredentialReport{{Source: "carrier-easypost", Key: "webhookSecret", State: bundle.Missing}}
	notifier.Sources = []bundle.SourceReport{{Name: "carrier-easypost", UnmappedCodes: []string{"surprise"}}}
	address := pods.start(t, shop, "page", page)
	pods.start(t, shop, "notifier", notifier)
	c := wantCondition(t, ci, v1alpha1.ConditionCredentialsAccepted, metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
	if !strings.Contains(c.Message, "easypost") || !strings.Contains(c.Message, "webhookSecret") {
		t.Errorf("the message names neither Secret nor key: %s", c.Message)
	}
	wantCondition(t, ci, v1alpha1.ConditionMappingComplete, metav1.ConditionFalse, v1alpha1.ReasonUnmappedCodes)
	wantCondition(t, ci, v1alpha1.ConditionOperational, metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
	wantCondition(t, ci, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	// The Shop's own credentials are no concern of its integrations'.
	wantCondition(t, shop, v1alpha1.ConditionCredentialsAccepted, metav1.ConditionTrue, "")

	page.Credentials[0].State = bundle.Present
	pods.say(address, page)
	restart(t) // the poller of the new process asks at once
	wantCondition(t, ci, v1alpha1.ConditionCredentialsAccepted, metav1.ConditionTrue, v1alpha1.ReasonPresent)
}

func TestAWrongIntegrationIsStalled(t *testing.T) {
	ns := inNamespace(t)
	shop := minimalShop(ns)
	readyShop(t, shop)
	good := runningBundle(t, shop)
	ci := easypost(ns)
	ci.Spec.Definition = v1alpha1.DefinitionReference{Name: "own", Source: v1alpha1.DefinitionLocal}
	create(t, ci, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "own", Labels: map[string]string{v1alpha1.LabelWatch: ""}},
		Data:       map[string]string{"definition.yaml": "name: own\nnonsense: true\n"},
	})
	wantCondition(t, ci, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidDefinition)
	wantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidDefinition)
	if now := runningBundle(t, shop); now != good {
		t.Errorf("the bundle became %s", now)
	}
}
