//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

// outside is how a shopper's browser gets in: through the ports of the ingress controller.
type outside struct {
	http, https string // addresses on this machine
	balancer    string // the address to which DNS should lead
}

// ingress gives the local cluster its ingress controller and opens it.
func ingress(t *testing.T) outside {
	t.Helper()
	if !cluster.Local {
		t.Skip("another cluster has an ingress controller of its own, and a DNS that is not ours")
	}
	var told bytes.Buffer
	ctx := context.WithoutCancel(t.Context())
	if err := kube.LocalCommand(ctx, cluster.Root, &told, "ingress"); err != nil {
		t.Fatalf("%v\n%s", err, told.String())
	}
	out := outside{http: cluster.Address(18070), https: cluster.Address(18071), balancer: clusterIP(t, "ingress", "traefik")}
	for port, listen := range map[int]string{80: out.http, 443: out.https} {
		name := fmt.Sprintf("e2e-ingress-%d", port)
		if err := cluster.Publish(ctx, name, listen, kube.Target{Namespace: "ingress", Service: "traefik", Port: port}, &told); err != nil {
			t.Fatalf("%v\n%s", err, told.String())
		}
		t.Cleanup(func() { _ = cluster.Unpublish(ctx, name, io.Discard) })
	}
	return out
}

// open asks for a page as a browser does that knows a hostname. Without roots it speaks plain HTTP.
func (o outside) open(t *testing.T, authority *authority, method, host, path string) (status int, body string) {
	t.Helper()
	scheme, address, transport := "http", o.http, &http.Transport{DisableKeepAlives: true}
	if authority != nil {
		scheme, address = "https", o.https
		transport.TLSClientConfig = &tls.Config{RootCAs: authority.pool(), MinVersion: tls.VersionTLS12}
	}
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, scheme+"://"+host+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{Transport: transport, Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(text)
}

// awaitOpen waits until the page answers with some words.
func (o outside) awaitOpen(t *testing.T, authority *authority, host, words string) {
	t.Helper()
	err := kube.Await(t.Context(), "the page at "+host, time.Minute, func(context.Context) (bool, string) {
		status, body := o.open(t, authority, http.MethodGet, host, "/")
		return status == http.StatusOK && strings.Contains(body, words), fmt.Sprintf("status %d: %.300s", status, body)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// dnsZone is a DNS server of the test's own, which knows some names and no other.
type dnsZone struct {
	namespace, balancer string
}

const zoneTemplate = `template IN A {
            match "^(%s)[.]$"
            answer "{{ .Name }} 5 IN A %s"
            fallthrough
        }
        `

// knows makes the zone hold exactly the names, each with the load balancer's address.
func (z dnsZone) knows(t *testing.T, names ...string) {
	t.Helper()
	records := ""
	if len(names) > 0 {
		records = fmt.Sprintf(zoneTemplate, strings.ReplaceAll(strings.Join(names, "|"), ".", "[.]"), z.balancer)
	}
	corefile := fmt.Sprintf(".:5353 {\n        errors\n        %stemplate IN ANY . {\n            rcode NXDOMAIN\n        }\n    }\n", records)
	config := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: z.namespace, Name: "zone"}}
	apply(t, config, func() { config.Data = map[string]string{"Corefile": corefile} })
	server := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: z.namespace, Name: "zone"}}
	image := coreDNSImage(t)
	apply(t, server, func() { serveZone(server, image, strings.Join(names, ",")) })
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: z.namespace, Name: "zone"}}
	apply(t, service, func() {
		service.Spec.Selector = map[string]string{"app": "zone"}
		service.Spec.Ports = []corev1.ServicePort{
			{Name: "udp", Protocol: corev1.ProtocolUDP, Port: 53, TargetPort: intOf(5353)}, {Name: "tcp", Protocol: corev1.ProtocolTCP, Port: 53, TargetPort: intOf(5353)},
		}
	})
	rolledOut(t, z.namespace, "zone")
}

func (z dnsZone) address(t *testing.T) string {
	t.Helper()
	return net.JoinHostPort(clusterIP(t, z.namespace, "zone"), "53")
}

// exposedShop is a Shop of the test's own namespace, without more than it needs.
func exposedShop(t *testing.T, namespace, name, hostname string, e *v1alpha1.Exposure) *v1alpha1.Shop {
	t.Helper()
	shop := &v1alpha1.Shop{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       v1alpha1.ShopSpec{DisplayName: "Shop " + name, Hostname: v1alpha1.Hostname(hostname), HomeCountry: "NL", Exposure: e},
	}
	if err := cluster.Create(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	return shop
}

// wantRecord waits until the status asks for the record and knows its state: on a busy machine a look-up may time out and be repeated.
func wantRecord(t *testing.T, key client.ObjectKey, want v1alpha1.DNSRecord) {
	t.Helper()
	await(t.Context(), t, fmt.Sprintf("the status to list the record %+v", want), 2*time.Minute, func(ctx context.Context) (bool, string) {
		var shop v1alpha1.Shop
		if err := cluster.Get(ctx, key, &shop); err != nil {
			return false, err.Error()
		}
		return shop.Status.DNS != nil && slices.Contains(shop.Status.DNS.Records, want), fmt.Sprintf("status.dns is %+v", shop.Status.DNS)
	})
}

// The whole way from a hostname to the page, and what the status says of every stone on it.
func TestAPageIsReachedByItsHostnameAndTheStatusSaysWhatIsMissing(t *testing.T) {
	out := ingress(t)
	ns := openNamespace(t, "exposure")
	zone := dnsZone{namespace: openNamespace(t, "exposure-zone"), balancer: out.balancer}
	zone.knows(t)
	ca := newAuthority(t)
	page, hooks, gate := "track."+ns+".example", "hooks."+ns+".example", "gate."+ns+".example"
	ca.issue(t, ns, "own-certificate", page, hooks)
	operatorOf(t, fmt.Sprintf("exposure: {checkDomains: Enabled, resolver: %q, addresses: [%s]}\nnetwork: {egressNamespaces: [wismo-demo], ingressFrom: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress}}}]}\n", zone.address(t), out.balancer), ca)

	first := exposedShop(t, ns, "first", page, &v1alpha1.Exposure{
		Type: v1alpha1.ExposureIngress, Ingress: &v1alpha1.IngressExposure{ClassName: "public"}, WebhookHostname: v1alpha1.Hostname(hooks),
		TLS: &v1alpha1.ExposureTLS{Type: v1alpha1.TLSSecret, SecretRef: &v1alpha1.SecretReference{Name: "own-certificate"}},
	})
	key := client.ObjectKeyFromObject(first)
	awaitReady(t, key)

	t.Run("the page answers by its hostname, and the webhooks by theirs", func(t *testing.T) {
		out.awaitOpen(t, nil, page, "Shop first")
		out.awaitOpen(t, ca, page, "Shop first")
		path, err := cluster.EndpointPath(t.Context(), key, "api")
		if err != nil {
			t.Fatal(err)
		}
		for host, want := range map[string]int{hooks: http.StatusNotFound, page: http.StatusOK} {
			if status, body := out.open(t, ca, http.MethodGet, host, "/"); status != want {
				t.Errorf("the page at %s answers %d: %.200s", host, status, body)
			}
			if status, body := out.open(t, ca, http.MethodPost, host, path); status != http.StatusUnauthorized {
				t.Errorf("an unsigned order at %s is answered %d: %.200s", host, status, body)
			}
		}
	})
	t.Run("a record is missing, is made, and then the certificate counts", func(t *testing.T) {
		said := awaitCondition(t, key, v1alpha1.ConditionDomainReady, metav1.ConditionFalse, v1alpha1.ReasonDNSRecordMissing, time.Minute)
		if !strings.Contains(said, "create A "+out.balancer) {
			t.Errorf("the message does not say what to do: %s", said)
		}
		wantRecord(t, key, v1alpha1.DNSRecord{Name: page, Type: "A", Value: out.balancer, State: v1alpha1.DNSRecordMissing})
		wantRecord(t, key, v1alpha1.DNSRecord{Name: hooks, Type: "A", Value: out.balancer, State: v1alpha1.DNSRecordMissing})
		awaitReady(t, key) // what only other parties can fix keeps no pipeline waiting

		zone.knows(t, page, hooks, gate)
		said = awaitCondition(t, key, v1alpha1.ConditionDomainReady, metav1.ConditionFalse, v1alpha1.ReasonCertificateFailed, 3*time.Minute)
		if !strings.Contains(said, "not trusted") {
			t.Errorf("the message does not say that the certificate is not trusted: %s", said)
		}
		wantRecord(t, key, v1alpha1.DNSRecord{Name: page, Type: "A", Value: out.balancer, State: v1alpha1.DNSRecordFound})

		operatorTrusts(t)
		awaitCondition(t, key, v1alpha1.ConditionDomainReady, metav1.ConditionTrue, v1alpha1.ReasonReachable, 2*time.Minute)
	})
	t.Run("the ingress controller reaches the page, and no other pod does", func(t *testing.T) {
		address := net.JoinHostPort(pods(t, ns, map[string]string{v1alpha1.LabelShop: "first", v1alpha1.LabelComponent: v1alpha1.ComponentPage})[0].Status.PodIP, "8080")
		if probe(t, "exposure", address) {
			t.Error("a pod that is no ingress controller reaches the page")
		}
		out.awaitOpen(t, ca, page, "Shop first")
	})
	t.Run("through a Gateway", func(t *testing.T) {
		second := exposedShop(t, ns, "second", gate, &v1alpha1.Exposure{Type: v1alpha1.ExposureGateway, Gateway: &v1alpha1.GatewayExposure{
			ParentRefs: []v1alpha1.GatewayReference{{Name: "public", Namespace: "ingress", SectionName: "http"}},
		}})
		awaitReady(t, client.ObjectKeyFromObject(second))
		out.awaitOpen(t, nil, gate, "Shop second")
		// The Gateway took the route and DNS leads to it; only its listener has no certificate.
		awaitCondition(t, client.ObjectKeyFromObject(second), v1alpha1.ConditionDomainReady, metav1.ConditionFalse, v1alpha1.ReasonCertificateFailed, time.Minute)
	})
	t.Run("of two Shops with one hostname the first serves, and the second takes over", func(t *testing.T) {
		third := exposedShop(t, ns, "third", page, &v1alpha1.Exposure{Type: v1alpha1.ExposureIngress})
		said := awaitCondition(t, client.ObjectKeyFromObject(third), v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonHostnameConflict, time.Minute)
		if strings.Contains(said, "first") {
			t.Errorf("the message names the other Shop: %s", said)
		}
		out.awaitOpen(t, nil, page, "Shop first")
		if err := cluster.Delete(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		awaitReady(t, client.ObjectKeyFromObject(third))
		out.awaitOpen(t, nil, page, "Shop third")
	})
}
