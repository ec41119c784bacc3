package health

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func TestAnIntegrationWaitsForItsShopAndTheShopTakesItUp(t *testing.T) {
	ns := suite.InNamespace(t)
	ci := suite.Easypost(ns)
	suite.Create(t, ci)
	suite.WantCondition(t, ci, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonMissingReference)
	shop := suite.MinimalShop(ns)
	suite.ReadyShop(t, shop)
	suite.WantCondition(t, ci, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	suite.WantCondition(t, ci, v1alpha1.ConditionOperational, metav1.ConditionUnknown, v1alpha1.ReasonReportUnavailable)
	if len(ci.Status.Endpoints) != 1 || !strings.Contains(string(ci.Status.Endpoints[0].URL), string(shop.Spec.Hostname)+"/hooks/") {
		t.Errorf("endpoints are %+v", ci.Status.Endpoints)
	}
	if !slices.Contains(suite.PageVolumes(t, shop), "easypost") {
		t.Error("the page does not mount the integration's Secret")
	}
}

func TestAnIntegrationOfARunningShopRollsItAndItsReportsShow(t *testing.T) {
	ns := suite.InNamespace(t)
	shop := suite.MinimalShop(ns)
	suite.ReadyShop(t, shop)
	ci := suite.Easypost(ns)
	suite.Create(t, ci)
	suite.WantCondition(t, ci, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonProgressing)
	suite.RollOut(t, ns)
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")

	page, notifier := suite.Healthy(bundle.PageComponent), suite.Healthy(bundle.NotifierComponent)
	page.Credentials = []bundle.CredentialReport{{Source: "carrier-easypost", Key: "webhookSecret", State: bundle.Missing}}
	notifier.Sources = []bundle.SourceReport{{Name: "carrier-easypost", UnmappedCodes: []string{"surprise"}}}
	address := suite.Pods.Start(t, shop, "page", page)
	suite.Pods.Start(t, shop, "notifier", notifier)
	c := suite.WantCondition(t, ci, v1alpha1.ConditionCredentialsAccepted, metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
	if !strings.Contains(c.Message, "easypost") || !strings.Contains(c.Message, "webhookSecret") {
		t.Errorf("the message names neither Secret nor key: %s", c.Message)
	}
	suite.WantCondition(t, ci, v1alpha1.ConditionMappingComplete, metav1.ConditionFalse, v1alpha1.ReasonUnmappedCodes)
	suite.WantCondition(t, ci, v1alpha1.ConditionOperational, metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
	suite.WantCondition(t, ci, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	// The Shop's own credentials are no concern of its integrations'.
	suite.WantCondition(t, shop, v1alpha1.ConditionCredentialsAccepted, metav1.ConditionTrue, "")

	page.Credentials[0].State = bundle.Present
	suite.Pods.Say(address, page)
	suite.Restart(t) // the poller of the new process asks at once
	suite.WantCondition(t, ci, v1alpha1.ConditionCredentialsAccepted, metav1.ConditionTrue, v1alpha1.ReasonPresent)
}

func TestAWrongIntegrationIsStalled(t *testing.T) {
	ns := suite.InNamespace(t)
	shop := suite.MinimalShop(ns)
	suite.ReadyShop(t, shop)
	good := suite.RunningBundle(t, shop)
	ci := suite.Easypost(ns)
	ci.Spec.Definition = v1alpha1.DefinitionReference{Name: "own", Source: v1alpha1.DefinitionLocal}
	suite.Create(t, ci, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "own", Labels: map[string]string{v1alpha1.LabelWatch: ""}},
		Data:       map[string]string{"definition.yaml": "name: own\nnonsense: true\n"},
	})
	suite.WantCondition(t, ci, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidDefinition)
	suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidDefinition)
	if now := suite.RunningBundle(t, shop); now != good {
		t.Errorf("the bundle became %s", now)
	}
}
