package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/testing/demo/journey"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
	"github.com/wismo-dev/wismo/internal/tracking"
)

const (
	demoNamespace  = "wismo-demo"
	inboxPort      = 18025
	ordersRecorded = "demo-orders" // a ConfigMap: <shop>.<number> = path of its page, "" until all its webhooks have been sent
)

var validNumber = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,18}[A-Za-z0-9])?$`)

// merchant is one of the demo's Shops; its namespace has the same name.
type merchant struct {
	name    string
	port    int // on this machine
	shopper func(number string) string
	orders  []sampleOrder
}

// sampleOrder is an order that the demo sends, with everything that happens to it.
type sampleOrder struct {
	name     string // in the file names of its pictures
	about    string // what happens to it, for the output
	journey  func(number string, now time.Time) []journey.Webhook
	pictured string // pictures of the page are taken after the mail about this occasion; "" = none
}

func merchants() []merchant {
	return []merchant{
		{"linden", 18081, journey.LindenShopper, []sampleOrder{
			{"linden", "delivered today", journey.Linden, ""},
			{"split", "one parcel today, one later, and something not sent yet", journey.Split, string(tracking.OutForDelivery)},
			{"late", "late, and without news from the carrier", journey.Late, ""},
		}},
		{"fjallro", 18082, journey.FjallroShopper, []sampleOrder{
			{"fjallro", "delivered today", journey.Fjallro, ""},
			{"corrected", "a corrected tracking number, and a partial refund", journey.Corrected, ""},
			{"duties", "not delivered: import duties are due", journey.Duties, string(tracking.ActionRequired)},
		}},
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
