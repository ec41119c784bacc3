package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

const (
	fleetSize    = 600
	perNamespace = 50
)

// revokedPod is behind the Shop whose credentials are refused.
var revokedPod = netip.MustParseAddr("10.1.2.3")

// reportOf answers for the one pod that is there.
func reportOf(_ context.Context, pod netip.Addr) (*bundle.Report, error) {
	if pod != revokedPod {
		return nil, errors.New("no connection")
	}
	return &bundle.Report{
		Version: bundle.ReportVersion, Component: bundle.PageComponent, BundleHash: "0123456789", Storage: bundle.Healthy,
		Credentials: []bundle.CredentialReport{{Source: "webshop", Key: "client-secret", State: bundle.Rejected}},
	}, nil
}

// A platform waits for all its Shops: a fault that only one merchant can fix must hold up neither the other Shops nor the release.
func TestOfSixHundredShopsTheTwoInTroubleAreNamedAndNoOtherIsHeldUp(t *testing.T) {
	shops := fleet(t)
	// no DNS server knows these hostnames
	operator, err := startWith(t.Context(), newTrouble(0, 0), reportOf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(operator.kill)
	playDeployments(t)
	r := &round{t: t, trouble: newTrouble(0, 0)}
	for i := 0; i < fleetSize; i += perNamespace {
		r.namespaces = append(r.namespaces, shops[i].Namespace)
	}
	t.Cleanup(r.clear)
	kubectl(t, "wait", "shops", "-A", "-l", "fleet,broken!=yes", "--for=condition=Ready", "--timeout=30m")
	kubectl(t, "wait", "shops", "-A", "-l", "broken=yes", "--for=condition=Stalled", "--timeout=30m")
	leadTo(t, shops[0], revokedPod)
	kubectl(t, "wait", "shop", shops[0].Name, "-n", shops[0].Namespace, "--for=condition=Operational=False", "--timeout=30m")
	kubectl(t, "wait", "shops", "-A", "-l", "fleet,broken!=yes", "--for=condition=Ready", "--timeout=30m")

	in := func(condition, status string) string {
		const each = `{range .items[*]}{.metadata.name}:{range .status.conditions[?(@.type=="%s")]}{.status} {.reason}{end}{"\n"}{end}`
		var named []string
		for line := range strings.Lines(kubectl(t, "get", "shops", "-A", "-l", "fleet", "-o", "jsonpath="+fmt.Sprintf(each, condition))) {
			if strings.Contains(line, ":"+status) {
				named = append(named, strings.TrimSpace(line))
			}
		}
		return strings.Join(named, ", ")
	}
	for condition, want := range map[string]string{
		"Operational": "shop-0:False Refused",
		"Stalled":     "shop-1:True InvalidTemplate",
	} {
		got := in(condition, strings.Fields(strings.SplitN(want, ":", 2)[1])[0])
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s names others than the one in trouble:\n%s", condition, diff)
		}
	}
}

// fleet creates the Shops: the first has credentials that will be refused, the second a text that is no template.
func fleet(t *testing.T) []*v1alpha1.Shop {
	t.Helper()
	var shops []*v1alpha1.Shop
	for i := range fleetSize {
		namespace := fmt.Sprintf("chaos-600-%d", i/perNamespace)
		if i%perNamespace == 0 {
			created(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})
		}
		shop := &v1alpha1.Shop{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("shop-%d", i), Labels: map[string]string{"fleet": "yes"}},
			Spec: v1alpha1.ShopSpec{
				DisplayName: "One of many", Hostname: v1alpha1.Hostname(fmt.Sprintf("shop-%d.fleet.example", i)), HomeCountry: "NL",
			},
		}
		switch i {
		case 0:
			shop.Spec.Orders = &v1alpha1.Orders{Sources: []v1alpha1.OrderSource{{
				Name: "webshop", Definition: v1alpha1.DefinitionReference{Name: "shopify", Source: v1alpha1.DefinitionCatalog},
				AccountURL: "https://one-of-many.myshopify.com", CredentialsSecretRef: &v1alpha1.SecretReference{Name: "webshop"},
				Intake: v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook},
			}}}
		case 1:
			shop.Labels["broken"] = "yes"
			shop.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: "texts"}, Source: v1alpha1.SourceLocal}}
			created(t, &corev1.ConfigMap{
				ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "texts"}, Data: map[string]string{"nl.yaml": "mail.Delivered.subject: '{{'\n"},
			})
		}
		created(t, shop)
		shops = append(shops, shop)
	}
	return shops
}

func created(t *testing.T, object client.Object) {
	t.Helper()
	if err := kube.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}

// leadTo puts a pod behind the Shop's page, as the controller of EndpointSlices does.
func leadTo(t *testing.T, shop *v1alpha1.Shop, pod netip.Addr) {
	t.Helper()
	service := &corev1.Service{}
	if err := kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: shop.Name + "-page"}, service); err != nil {
		t.Fatal(err)
	}
	created(t, &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: shop.Namespace, GenerateName: service.Name + "-", Labels: service.Labels,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(service, corev1.SchemeGroupVersion.WithKind("Service"))},
		},
		AddressType: discoveryv1.AddressTypeIPv4,
		Endpoints: []discoveryv1.Endpoint{{
			Addresses: []string{pod.String()}, TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: "pod", Namespace: shop.Namespace},
		}},
	})
}

// kubectl runs the real kubectl, as a user with every right.
func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	began := time.Now()
	output, err := cluster.Kubectl(t.Context(), args...).CombinedOutput()
	if err != nil {
		bad := slices.DeleteFunc(strings.Split(string(output), "\n"), func(line string) bool { return strings.HasSuffix(line, "condition met") })
		t.Fatalf("kubectl %s: %v\n%.2000s", strings.Join(args, " "), err, strings.Join(bad, "\n"))
	}
	t.Logf("kubectl %s: %.1f s", strings.Join(args[:2], " "), time.Since(began).Seconds())
	return string(output)
}
