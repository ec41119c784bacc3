package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/hack/demo/journey"
	"github.com/wismo-dev/wismo/hack/demo/kube"
)

const (
	demoNamespace  = "wismo-demo"
	inboxPort      = 18025
	ordersRecorded = "demo-orders" // a ConfigMap: <shop>.<number> = path of its page
)

var validNumber = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,18}[A-Za-z0-9])?$`)

// merchant is one of the demo's Shops; its namespace has the same name.
type merchant struct {
	name    string
	port    int // on this machine
	journey func(number string, now time.Time) []journey.Webhook
	shopper func(number string) string
	locale  string
}

func merchants() []merchant {
	return []merchant{
		{"linden", 18081, journey.Linden, journey.LindenShopper, "nl"},
		{"fjallro", 18082, journey.Fjallro, journey.FjallroShopper, "sv"},
	}
}

func findMerchant(name string) (merchant, error) {
	var names []string
	for _, m := range merchants() {
		if m.name == name {
			return m, nil
		}
		names = append(names, m.name)
	}
	return merchant{}, fmt.Errorf("the demo has no Shop %q; it has %s", name, strings.Join(names, ", "))
}

func (m merchant) key() client.ObjectKey { return client.ObjectKey{Namespace: m.name, Name: m.name} }

func (m merchant) target() kube.Target {
	return kube.Target{Namespace: m.name, Service: m.name + "-page", Port: 80}
}
