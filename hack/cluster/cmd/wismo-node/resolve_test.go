package main

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
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
