package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/wismo-dev/wismo/hack/cluster/internal/forward"
)

func TestAddressOf(t *testing.T) {
	service := &corev1.Service{}
	service.Spec.ClusterIP = "10.96.0.20"
	service.Spec.Ports = []corev1.ServicePort{{Name: "web", Port: 80}, {Name: "mail", Port: 25}}
	headless := service.DeepCopy()
	headless.Spec.ClusterIP = corev1.ClusterIPNone
	for name, test := range map[string]struct {
		service *corev1.Service
		port    string
		want    string // nothing means an error
	}{
		"by number": {service, "25", "10.96.0.20:25"},
		"by name":   {service, "web", "10.96.0.20:80"},
		"unknown":   {service, "8080", ""},
		"headless":  {headless, "web", ""},
	} {
		got, err := addressOf(test.service, test.port)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestAnOutageOfTheAPIServerClosesNoForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		address, problem := "10.96.0.20:80", error(nil)
		r := &resolver{known: map[forward.Target]answer{}, ask: func(context.Context, forward.Target) (string, error) { return address, problem }}
		expect := func(when, want string) {
			t.Helper()
			if got, err := r.resolve(t.Context(), forward.Target{Service: "web"}); got != want || (err == nil) != (want != "") {
				t.Errorf("%s: got %q, %v, want %q", when, got, err, want)
			}
			time.Sleep(2 * fresh)
		}
		expect("at first", "10.96.0.20:80")
		address, problem = "", errors.New("connection refused")
		expect("without an API server", "10.96.0.20:80")
		expect("and longer", "10.96.0.20:80")
		address, problem = "10.96.0.30:80", nil
		expect("of a Service that was made again", "10.96.0.30:80")
		address, problem = "", apierrors.NewNotFound(corev1.Resource("services"), "web")
		expect("of a Service that is gone", "")
		if got, err := r.resolve(t.Context(), forward.Target{Service: "never-seen"}); err == nil {
			t.Errorf("a Service that was never seen is at %q", got)
		}
	})
}
