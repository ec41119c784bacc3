package releases

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/wismo-dev/wismo/internal/operator/configreload"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// wantConfiguration waits until the operator says that its file counts or is refused.
func wantConfiguration(t *testing.T, state, message string, metric float64) {
	t.Helper()
	status := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: suite.OperatorNamespace, Name: configreload.StatusName}}
	suite.Eventually(t, "the configuration is "+state, func() error {
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(status), status); err != nil {
			return err
		}
		if status.Data[configreload.StateKey] != state || !strings.Contains(status.Data[configreload.MessageKey], message) {
			return fmt.Errorf("%s is %v", configreload.StatusName, status.Data)
		}
		if got := gauge(t, "wismo_config_last_reload_successful"); got != metric {
			return fmt.Errorf("the metric is %v, want %v", got, metric)
		}
		return nil
	})
}

// gauge returns the value of a metric without labels.
func gauge(t *testing.T, name string) float64 {
	t.Helper()
	families, err := metrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no metric %s", name)
	return 0
}

func classOf(t *testing.T, namespace string) string {
	t.Helper()
	ingress := &networkingv1.Ingress{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "linden"}, ingress); err != nil {
		t.Fatal(err)
	}
	if ingress.Spec.IngressClassName == nil {
		return ""
	}
	return *ingress.Spec.IngressClassName
}

func TestAConfigurationCountsWithoutARestartAndAFaultyOneIsRefused(t *testing.T) {
	file := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: suite.OperatorNamespace, Name: configreload.FileName}}
	suite.Create(t, file)
	t.Cleanup(func() {
		suite.Configure(t, suite.Configuration)
		if err := suite.Kube.Delete(context.Background(), file); err != nil {
			t.Error(err)
		}
	})
	succeeded(t) // or the release to which the test before went back would roll the Shop once more
	namespace := suite.InNamespace(t)
	suite.ReadyShop(t, suite.MinimalShop(namespace))
	wantConfiguration(t, "Current", "", 1)

	suite.Configure(t, suite.Configuration+"exposure: {ingressClassName: other}\n")
	suite.Eventually(t, "the Ingress has the new class", func() error {
		if class := classOf(t, namespace); class != "other" {
			return fmt.Errorf("it is %q", class)
		}
		return nil
	})

	suite.Configure(t, "links: {scheme: ftp}\n")
	wantConfiguration(t, "Refused", `links.scheme "ftp" must be https or http`, 0)
	suite.Eventually(t, "an event says so", func() error {
		for _, e := range suite.EventsOf(t, file) {
			if e.Reason == "ConfigurationRefused" && e.Type == corev1.EventTypeWarning && strings.Contains(e.Note, "links.scheme") {
				return nil
			}
		}
		return errors.New("there is none")
	})

	suite.Operator.Stop()
	if err := suite.Operator.Start(); err != nil {
		t.Fatalf("with a faulty file the operator does not start: %v", err)
	}
	wantConfiguration(t, "Refused", "links.scheme", 0)
	suite.Settled(t)
	if class := classOf(t, namespace); class != "other" {
		t.Errorf("the class became %q: what counted before the restart is forgotten", class)
	}

	suite.Configure(t, suite.Configuration+"budgets: {concurrentReconciles: 5}\n")
	wantConfiguration(t, "Current", "budgets.concurrentReconciles", 1)
	suite.Eventually(t, "the Ingress has no class again", func() error {
		if class := classOf(t, namespace); class != "" {
			return fmt.Errorf("it is %q", class)
		}
		return nil
	})
}
