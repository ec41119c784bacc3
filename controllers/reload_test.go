package controllers_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/wismo-dev/wismo/internal/operator/reload"
)

// configure changes the operator's file as the kubelet does: all at once.
func configure(t *testing.T, text string) {
	t.Helper()
	next := operator.file + ".next"
	if err := errors.Join(os.WriteFile(next, []byte(text), 0o600), os.Rename(next, operator.file)); err != nil {
		t.Fatal(err)
	}
}

// wantConfiguration waits until the operator says that its file counts or is refused.
func wantConfiguration(t *testing.T, state, message string, metric float64) {
	t.Helper()
	status := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: reload.StatusName}}
	eventually(t, "the configuration is "+state, func() error {
		if err := kube.Get(t.Context(), client.ObjectKeyFromObject(status), status); err != nil {
			return err
		}
		if status.Data[reload.StateKey] != state || !strings.Contains(status.Data[reload.MessageKey], message) {
			return fmt.Errorf("%s is %v", reload.StatusName, status.Data)
		}
		if got := gauge(t, "wismo_config_last_reload_successful"); got != metric {
			return fmt.Errorf("the metric is %v, want %v", got, metric)
		}
		return nil
	})
}

// gauge is the value of a metric without labels.
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
	if err := kube.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "linden"}, ingress); err != nil {
		t.Fatal(err)
	}
	if ingress.Spec.IngressClassName == nil {
		return ""
	}
	return *ingress.Spec.IngressClassName
}

func TestAConfigurationCountsWithoutARestartAndAFaultyOneIsRefused(t *testing.T) {
	file := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: reload.FileName}}
	create(t, file)
	t.Cleanup(func() {
		configure(t, configuration)
		if err := kube.Delete(context.Background(), file); err != nil {
			t.Error(err)
		}
	})
	succeeded(t) // or the release to which the test before went back would roll the Shop once more
	namespace := inNamespace(t)
	readyShop(t, minimalShop(namespace))
	wantConfiguration(t, "Current", "", 1)

	configure(t, configuration+"exposure: {ingressClassName: other}\n")
	eventually(t, "the Ingress has the new class", func() error {
		if class := classOf(t, namespace); class != "other" {
			return fmt.Errorf("it is %q", class)
		}
		return nil
	})

	configure(t, "links: {scheme: ftp}\n")
	wantConfiguration(t, "Refused", `links.scheme "ftp" must be https or http`, 0)
	eventually(t, "an event says so", func() error {
		for _, e := range eventsOf(t, file) {
			if e.Reason == "ConfigurationRefused" && e.Type == corev1.EventTypeWarning && strings.Contains(e.Note, "links.scheme") {
				return nil
			}
		}
		return errors.New("there is none")
	})

	operator.stop()
	if err := operator.start(); err != nil {
		t.Fatalf("with a faulty file the operator does not start: %v", err)
	}
	wantConfiguration(t, "Refused", "links.scheme", 0)
	settled(t)
	if class := classOf(t, namespace); class != "other" {
		t.Errorf("the class became %q: what counted before the restart is forgotten", class)
	}

	configure(t, configuration+"budgets: {concurrentReconciles: 5}\n")
	wantConfiguration(t, "Current", "budgets.concurrentReconciles", 1)
	eventually(t, "the Ingress has no class again", func() error {
		if class := classOf(t, namespace); class != "" {
			return fmt.Errorf("it is %q", class)
		}
		return nil
	})
}
