package desired_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile/compiletest"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/testing/golden"
)

// exposed returns the smallest sample with two more hostnames, exposed in some way.
func exposed(t *testing.T, e *v1alpha1.Exposure) desired.Input {
	t.Helper()
	in := input(t, compiletest.Linden(t))
	in.Shop.Spec.Aliases = []v1alpha1.Alias{{Hostname: "spor.linden.example"}}
	in.Shop.Spec.Exposure = e
	return in
}

func routesOf(in desired.Input) []desired.Object {
	return slices.DeleteFunc(desired.Objects(in), func(o desired.Object) bool {
		return *o.GetKind() != "Ingress" && *o.GetKind() != "HTTPRoute"
	})
}

func TestTheRoutesOfEveryExposure(t *testing.T) {
	gateway := &v1alpha1.GatewayExposure{ParentRefs: []v1alpha1.GatewayReference{
		{Name: "public", Namespace: "gateways", SectionName: "https"}, {Name: "own"},
	}}
	issuer := &v1alpha1.IssuerReference{Kind: v1alpha1.IssuerNamespaced, Name: "acme"}
	for name, e := range map[string]*v1alpha1.Exposure{
		"ingress-cert-manager": {Type: v1alpha1.ExposureIngress, WebhookHostname: "hooks.linden.example",
			TLS: &v1alpha1.ExposureTLS{Type: v1alpha1.TLSCertManager, IssuerRef: issuer}},
		"ingress-secret": {Type: v1alpha1.ExposureIngress, Ingress: &v1alpha1.IngressExposure{ClassName: "internal"}, WebhookHostname: "hooks.linden.example",
			TLS: &v1alpha1.ExposureTLS{Type: v1alpha1.TLSSecret, SecretRef: &v1alpha1.SecretReference{Name: "own-certificate"}}},
		"gateway":       {Type: v1alpha1.ExposureGateway, Gateway: gateway},
		"gateway-hooks": {Type: v1alpha1.ExposureGateway, Gateway: gateway, WebhookHostname: "hooks.linden.example"},
	} {
		t.Run(name, func(t *testing.T) {
			got := rendered(t, routesOf(exposed(t, e)))
			golden.File(t, filepath.Join("testdata", "routes", name+".yaml"), got)
		})
	}
}

func TestAShopThatSaysNothingIsExposedAsThePlatformSays(t *testing.T) {
	in := exposed(t, nil)
	in.Platform.Exposure = desired.Exposure{
		Type: v1alpha1.ExposureGateway, IngressClass: "public",
		ParentRefs: []v1alpha1.GatewayReference{{Name: "public", Namespace: "gateways"}},
		TLS:        &v1alpha1.ExposureTLS{Type: v1alpha1.TLSCertManager, IssuerRef: &v1alpha1.IssuerReference{Kind: v1alpha1.IssuerCluster, Name: "acme"}},
	}
	if routes := routesOf(in); len(routes) != 1 || *routes[0].GetKind() != "HTTPRoute" {
		t.Errorf("%d routes, want one HTTPRoute", len(routes))
	}
	in.Shop.Spec.Exposure = &v1alpha1.Exposure{Type: v1alpha1.ExposureIngress}
	i := find[networkingv1.Ingress](t, in, "Ingress", in.Shop.Name)
	if *i.Spec.IngressClassName != "public" || i.Annotations["cert-manager.io/cluster-issuer"] != "acme" {
		t.Errorf("the Ingress has the class %s and the annotations %v", *i.Spec.IngressClassName, i.Annotations)
	}
	in.Shop.Spec.Exposure = &v1alpha1.Exposure{Type: v1alpha1.ExposureNone}
	if routes := routesOf(in); len(routes) != 0 {
		t.Errorf("%d routes, want none", len(routes))
	}
}

func TestNoTwoHostnamesShareACertificateOfCertManager(t *testing.T) {
	in := exposed(t, &v1alpha1.Exposure{Type: v1alpha1.ExposureIngress, WebhookHostname: "hooks.linden.example", TLS: &v1alpha1.ExposureTLS{
		Type: v1alpha1.TLSCertManager, IssuerRef: &v1alpha1.IssuerReference{Kind: v1alpha1.IssuerCluster, Name: "acme"},
	}})
	first := find[networkingv1.Ingress](t, in, "Ingress", in.Shop.Name).Spec.TLS
	secrets := map[string]bool{}
	for _, entry := range first {
		if len(entry.Hosts) != 1 {
			t.Errorf("the Secret %s is for %v", entry.SecretName, entry.Hosts)
		}
		secrets[entry.SecretName] = true
	}
	if len(secrets) != 3 {
		t.Errorf("%d Secrets for 3 hostnames", len(secrets))
	}
	// An alias more in front moves no certificate to another Secret.
	in.Shop.Spec.Aliases = append([]v1alpha1.Alias{{Hostname: "alt.linden.example"}}, in.Shop.Spec.Aliases...)
	for _, entry := range find[networkingv1.Ingress](t, in, "Ingress", in.Shop.Name).Spec.TLS {
		if entry.Hosts[0] != "alt.linden.example" && !secrets[entry.SecretName] {
			t.Errorf("%s has another Secret now, %s", entry.Hosts[0], entry.SecretName)
		}
	}
}

func TestParentsMetadataIsNotCopiedToRoutes(t *testing.T) {
	in := exposed(t, &v1alpha1.Exposure{Type: v1alpha1.ExposureGateway, WebhookHostname: "hooks.linden.example",
		Gateway: &v1alpha1.GatewayExposure{ParentRefs: []v1alpha1.GatewayReference{{Name: "own"}}}})
	before := rendered(t, routesOf(in))
	in.Shop.Labels = map[string]string{"app.kubernetes.io/instance": "argo-app", "team": "x"}
	in.Shop.Annotations = map[string]string{"argocd.argoproj.io/tracking-id": "argo-app:x"}
	if diff := cmp.Diff(string(before), string(rendered(t, routesOf(in)))); diff != "" {
		t.Error(diff)
	}
}
