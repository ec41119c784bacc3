package api_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// enforced applies the policies of a file and waits until they refuse what they should; they go with the test, which
// waits until they let it through again.
func enforced(t *testing.T, file string, refused client.Object, by client.Client) {
	t.Helper()
	await := func(ctx context.Context, forbidden bool) {
		deadline := time.Now().Add(20 * time.Second)
		for {
			object, _ := refused.DeepCopyObject().(client.Object)
			err := by.Create(ctx, object, client.DryRunAll)
			if (err != nil && strings.Contains(err.Error(), "ValidatingAdmissionPolicy")) == forbidden {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("refused is to be %v: %v", forbidden, err)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	t.Cleanup(func() { await(context.Background(), false) })
	for _, object := range samples(t, filepath.Join("..", "policies", file)) {
		create(t, object)
	}
	await(t.Context(), true)
}

// as returns a client that acts as a user with these rights in every namespace.
func as(t *testing.T, user string, rules ...rbacv1.PolicyRule) client.Client {
	t.Helper()
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: user}, Rules: rules}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: user},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: user},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: user}},
	}
	for _, object := range []client.Object{role, binding} {
		if err := api.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = api.Delete(context.Background(), object) })
	}
	impersonated := rest.CopyConfig(config)
	impersonated.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: []string{"system:authenticated"}}
	c, err := client.New(impersonated, client.Options{Scheme: api.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func writesShops(verbs ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{
		APIGroups: []string{"tracking.wismo.dev"}, Resources: []string{"shops"},
		Verbs: append([]string{"get", "create", "update", "patch", "delete"}, verbs...),
	}
}

func TestANamespaceMayUseTheHostnamesBelowItsSuffixes(t *testing.T) {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: "granted", Annotations: map[string]string{"tracking.wismo.dev/hostname-suffixes": "granted.example, shops.platform.example"},
	}}
	if err := api.Create(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	shop := func(changes string) *unstructured.Unstructured {
		return document(t, strings.ReplaceAll(minimalShop, "namespace: linden", "namespace: granted"), changes)
	}
	merchant := as(t, "merchant", writesShops(), rbacv1.PolicyRule{APIGroups: []string{"networking.k8s.io"}, Resources: []string{"ingresses"}, Verbs: []string{"create"}})
	enforced(t, "hostname-suffixes.yaml", shop(`spec: {hostname: track.other.example}`), merchant)
	wantShopsJudged(t, merchant, shop)
	wantIngressesJudged(t, merchant)
	t.Run("a revoked suffix stops no other edit", func(t *testing.T) { revoked(t, merchant, ns, shop) })
}

// variant is a Shop with changes.
type variant func(changes string) *unstructured.Unstructured

func wantShopsJudged(t *testing.T, merchant client.Client, shop variant) {
	t.Helper()
	for _, c := range []struct {
		name, changes, refused string
	}{
		{"below a suffix", `spec: {hostname: track.granted.example}`, ""},
		{"the suffix itself", `spec: {hostname: granted.example}`, ""},
		{"the second suffix", `spec: {hostname: a.b.shops.platform.example}`, ""},
		{"one that only ends alike", `spec: {hostname: track.notgranted.example}`, "track.notgranted.example"},
		{"an alias", `spec: {hostname: track.granted.example, aliases: [{hostname: track.other.example}]}`, "track.other.example"},
		{"the hostname for webhooks", `spec: {hostname: track.granted.example, exposure: {type: Ingress, webhookHostname: hooks.other.example}}`, "hooks.other.example"},
	} {
		err := merchant.Create(t.Context(), shop(c.changes), client.DryRunAll)
		switch {
		case c.refused == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.refused != "" && (!apierrors.IsForbidden(err) || !strings.Contains(err.Error(), c.refused+" is below no suffix")):
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func wantIngressesJudged(t *testing.T, merchant client.Client) {
	t.Helper()
	around := func(host string) *networkingv1.Ingress {
		return &networkingv1.Ingress{
			ObjectMeta: metav1.ObjectMeta{Namespace: "granted", Name: "around"},
			Spec: networkingv1.IngressSpec{
				DefaultBackend: nil, Rules: []networkingv1.IngressRule{{Host: host, IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{
					Paths: []networkingv1.HTTPIngressPath{{Path: "/", PathType: new(networkingv1.PathTypePrefix), Backend: networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{Name: "x", Port: networkingv1.ServiceBackendPort{Number: 80}}}}},
				}}}},
			},
		}
	}
	for host, allowed := range map[string]bool{"track.granted.example": true, "track.other.example": false, "": false, "*.other.example": false, "*.granted.example": true} {
		if err := merchant.Create(t.Context(), around(host), client.DryRunAll); (err == nil) != allowed {
			t.Errorf("an Ingress for %q: %v", host, err)
		}
	}
}

func revoked(t *testing.T, merchant client.Client, ns *corev1.Namespace, shop variant) {
	t.Helper()
	living := shop(`spec: {hostname: track.granted.example}`)
	if err := merchant.Create(t.Context(), living); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Delete(context.Background(), living) })
	ns.Annotations = nil
	if err := api.Update(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	if err := unstructured.SetNestedField(living.Object, "Linden", "spec", "displayName"); err != nil {
		t.Fatal(err)
	}
	if err := merchant.Update(t.Context(), living); err != nil {
		t.Errorf("another field: %v", err)
	}
	if err := unstructured.SetNestedField(living.Object, "new.granted.example", "spec", "hostname"); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second) // the API server remembers namespaces for a moment
	for !apierrors.IsForbidden(merchant.Update(t.Context(), living, client.DryRunAll)) {
		if time.Now().After(deadline) {
			t.Fatal("a hostname is granted without a grant")
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func TestOnlyWhoMaySteersReleaseAndActivity(t *testing.T) {
	merchant, steward := as(t, "merchant", writesShops()), as(t, "steward", writesShops("release", "activity"))
	suspended := document(t, minimalShop, `spec: {activity: Suspended}`)
	enforced(t, "steering.yaml", suspended, merchant)
	for _, c := range []struct {
		name, changes string
		merchant      bool
	}{
		{"neither", `{}`, true},
		{"the default, spelled out", `spec: {activity: Live}`, true},
		{"activity", `spec: {activity: Suspended}`, false},
		{"release", `spec: {release: {policy: Hold}}`, false},
	} {
		if err := merchant.Create(t.Context(), document(t, minimalShop, c.changes), client.DryRunAll); (err == nil) != c.merchant {
			t.Errorf("%s, by the merchant: %v", c.name, err)
		}
		if err := steward.Create(t.Context(), document(t, minimalShop, c.changes), client.DryRunAll); err != nil {
			t.Errorf("%s, by the steward: %v", c.name, err)
		}
	}
	if err := steward.Create(t.Context(), suspended); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Delete(context.Background(), suspended) })
	wantEditsJudged(t, merchant, suspended)
}

func wantEditsJudged(t *testing.T, merchant client.Client, suspended *unstructured.Unstructured) {
	t.Helper()
	edit := func(change map[string]any) error {
		edited := suspended.DeepCopy()
		for field, value := range change {
			if err := unstructured.SetNestedField(edited.Object, value, "spec", field); err != nil {
				t.Fatal(err)
			}
		}
		return merchant.Update(t.Context(), edited, client.DryRunAll)
	}
	if err := edit(map[string]any{"displayName": "Linden"}); err != nil {
		t.Errorf("another field of a suspended Shop: %v", err)
	}
	if err := edit(map[string]any{"activity": "Live"}); !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "verb activity on shops") {
		t.Errorf("waking a suspended Shop: %v", err)
	}
	if err := edit(map[string]any{"release": map[string]any{"policy": "Hold"}}); !apierrors.IsForbidden(err) {
		t.Errorf("holding a release: %v", err)
	}
}
