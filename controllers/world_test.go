package controllers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// recorder sees every request of the operator.
type recorder struct {
	mu       sync.Mutex
	requests []seen
	denied   []error
}

type seen struct {
	method string
	path   string
	query  query
	status int
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (r *recorder) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(request)
		if err == nil && response.StatusCode == http.StatusForbidden {
			r.refused(request, response)
		}
		if err == nil {
			r.mu.Lock()
			r.requests = append(r.requests, seen{request.Method, request.URL.Path, request.URL.Query(), response.StatusCode})
			r.mu.Unlock()
		}
		return response, err
	})
}

// writes returns what the operator wrote, or tried to write, in a namespace and about its hostnames; events do not
// count, and neither does the Lease by which it leads.
func (r *recorder) writes(namespace string) []seen {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []seen
	for _, s := range r.requests {
		mine := strings.Contains(s.path, "/namespaces/"+namespace+"/")
		claim := strings.Contains(s.path, "/leases") && !strings.HasSuffix(s.path, "/leases/wismo-manager")
		if s.method != http.MethodGet && (mine || claim) && !strings.Contains(s.path, "/events") {
			all = append(all, s)
		}
	}
	return all
}

// refused notes an answer of the authorizer. Quotas and namespaces that go away refuse, too, and need no right.
func (r *recorder) refused(request *http.Request, response *http.Response) {
	body, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil || !bytes.Contains(body, []byte(" cannot ")) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.denied = append(r.denied, fmt.Errorf("config/rbac does not allow the operator's %s %s", request.Method, request.URL.Path))
}

// forbidden is an error if the operator ever asked for something it may not do.
func (r *recorder) forbidden() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.denied...)
}

// fakePods answer for the workloads, which no kubelet starts here.
type fakePods struct {
	mu      sync.Mutex
	next    byte
	reports map[netip.Addr]bundle.Report
	met     map[netip.Addr]bool
}

// asked says whether the operator ever asked the pod at the address.
func (f *fakePods) asked(address netip.Addr) bool {
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

// say changes what the pod at the address reports.
func (f *fakePods) say(address netip.Addr, report bundle.Report) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reports[address] = report
}

// fallSilent makes the pod at the address give no answer.
func (f *fakePods) fallSilent(address netip.Addr) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.reports, address)
}

// start lets a pod of the component appear behind the Shop's Service, and returns its address.
func (f *fakePods) start(t *testing.T, shop *v1alpha1.Shop, component string, report bundle.Report) netip.Addr {
	t.Helper()
	f.mu.Lock()
	f.next++
	address := netip.AddrFrom4([4]byte{10, 1, 2, f.next})
	f.mu.Unlock()
	f.say(address, report)
	service := &corev1.Service{}
	if err := kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: shop.Name + "-" + component}, service); err != nil {
		t.Fatal(err)
	}
	slice := endpointSlice(shop, component, address)
	slice.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(service, corev1.SchemeGroupVersion.WithKind("Service"))}
	create(t, slice)
	return address
}

// endpointSlice leads to a pod, as everybody can write one who may write EndpointSlices.
func endpointSlice(shop *v1alpha1.Shop, component string, address netip.Addr) *discoveryv1.EndpointSlice {
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

// healthy is the report of a workload that has nothing to complain about.
func healthy(component bundle.Component) bundle.Report {
	r := bundle.Report{Version: bundle.ReportVersion, Component: component, BundleHash: "0123456789", Storage: bundle.Healthy}
	if component == bundle.NotifierComponent {
		r.Sender = bundle.SenderAccepted
	}
	return r
}

// rollOut does for the Deployments of a namespace what their controller does when all pods are there.
func rollOut(t *testing.T, namespace string) {
	t.Helper()
	eventually(t, "the Deployments roll out", func() error {
		list := &appsv1.DeploymentList{}
		if err := kube.List(t.Context(), list, client.InNamespace(namespace)); err != nil {
			return err
		}
		if len(list.Items) < 2 {
			return fmt.Errorf("%d Deployments", len(list.Items))
		}
		for i := range list.Items {
			d := &list.Items[i]
			d.Status = appsv1.DeploymentStatus{
				ObservedGeneration: d.Generation, Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1, AvailableReplicas: 1,
				Conditions: []appsv1.DeploymentCondition{
					{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, Reason: "MinimumReplicasAvailable", LastUpdateTime: metav1.Now(), LastTransitionTime: metav1.Now()},
					{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: "NewReplicaSetAvailable", LastUpdateTime: metav1.Now(), LastTransitionTime: metav1.Now()},
				},
			}
			if err := kube.Status().Update(t.Context(), d); err != nil {
				return err
			}
		}
		return nil
	})
}

// reconciliations is how often the controllers have looked, errors included.
func reconciliations(t *testing.T, controllers ...string) int {
	t.Helper()
	return total(t, "controller_runtime_reconcile_total", controllers)
}

// total is the sum of a metric over these controllers.
func total(t *testing.T, metric string, controllers []string) int {
	t.Helper()
	families, err := metrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, family := range families {
		if family.GetName() != metric {
			continue
		}
		for _, m := range family.GetMetric() {
			for _, label := range m.GetLabel() {
				if label.GetName() == "controller" && slices.Contains(controllers, label.GetValue()) {
					sum += int(m.GetCounter().GetValue() + m.GetGauge().GetValue()) // it is one of the two
				}
			}
		}
	}
	return sum
}

// settled waits until the operator has nothing more to do for a while.
func settled(t *testing.T) {
	t.Helper()
	rested(t, 500*time.Millisecond, "shop", "carrierintegration", "notificationpolicy")
}

// rested waits until the controllers have not looked for so long, and none of them does: a look may take longer than that.
func rested(t *testing.T, long time.Duration, controllers ...string) {
	t.Helper()
	const step, longest = 100 * time.Millisecond, 5 * time.Minute
	began, before := time.Now(), -1
	for quiet := time.Duration(0); quiet < long; time.Sleep(step) {
		looks, underWay := reconciliations(t, controllers...), total(t, "controller_runtime_active_workers", controllers)
		quiet += step
		if looks != before || underWay > 0 {
			before, quiet = looks, 0
		}
		if time.Since(began) > longest {
			t.Fatalf("%v: not at rest within %s: %d looks so far, %d under way", controllers, longest, looks, underWay)
		}
	}
}

func statusOf(object client.Object) ([]metav1.Condition, int64) {
	switch o := object.(type) {
	case *v1alpha1.Shop:
		return o.Status.Conditions, o.Status.ObservedGeneration
	case *v1alpha1.CarrierIntegration:
		return o.Status.Conditions, o.Status.ObservedGeneration
	case *v1alpha1.NotificationPolicy:
		return o.Status.Conditions, o.Status.ObservedGeneration
	default:
		return nil, 0
	}
}
