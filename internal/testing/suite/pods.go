package suite

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// fakePods answer for the workloads, which no kubelet starts here.
type fakePods struct {
	mu      sync.Mutex
	next    byte
	reports map[netip.Addr]bundle.Report
	met     map[netip.Addr]bool
}

// Asked reports whether the operator ever asked the pod at the address.
func (f *fakePods) Asked(address netip.Addr) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.met[address]
}

func (f *fakePods) fetch(_ context.Context, address netip.Addr) (*bundle.Report, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.met[address] = true
	report, ok := f.reports[address]
	if !ok {
		return nil, errors.New("no connection")
	}
	return &report, nil
}

// Say changes what the pod at the address reports.
func (f *fakePods) Say(address netip.Addr, report bundle.Report) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reports[address] = report
}

// FallSilent makes the pod at the address give no answer.
func (f *fakePods) FallSilent(address netip.Addr) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.reports, address)
}

// Start lets a pod of the component appear behind the Shop's Service, and returns its address.
func (f *fakePods) Start(t *testing.T, shop *v1alpha1.Shop, component string, report bundle.Report) netip.Addr {
	t.Helper()
	f.mu.Lock()
	f.next++
	address := netip.AddrFrom4([4]byte{10, 1, 2, f.next})
	f.mu.Unlock()
	f.Say(address, report)
	service := &corev1.Service{}
	if err := Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: shop.Name + "-" + component}, service); err != nil {
		t.Fatal(err)
	}
	slice := EndpointSlice(shop, component, address)
	slice.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(service, corev1.SchemeGroupVersion.WithKind("Service"))}
	Create(t, slice)
	return address
}

// EndpointSlice returns an EndpointSlice that leads to a pod. Any user with the right to create EndpointSlices can create one like it.
func EndpointSlice(shop *v1alpha1.Shop, component string, address netip.Addr) *discoveryv1.EndpointSlice {
	return &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: shop.Namespace, GenerateName: shop.Name + "-" + component + "-",
			Labels: map[string]string{ // as the controller of EndpointSlices copies them from the Service
				"app.kubernetes.io/managed-by": "wismo", v1alpha1.LabelShop: shop.Name, discoveryv1.LabelServiceName: shop.Name + "-" + component,
			},
		},
		AddressType: discoveryv1.AddressTypeIPv4,
		Endpoints: []discoveryv1.Endpoint{{
			Addresses: []string{address.String()}, TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: "pod", Namespace: shop.Namespace},
		}},
	}
}

// Healthy returns the report of a workload that has nothing to complain about.
func Healthy(component bundle.Component) bundle.Report {
	r := bundle.Report{Version: bundle.ReportVersion, Component: component, BundleHash: "0123456789", Storage: bundle.Healthy}
	if component == bundle.NotifierComponent {
		r.Sender = bundle.SenderAccepted
	}
	return r
}
