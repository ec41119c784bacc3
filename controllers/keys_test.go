package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// generated are the Secrets of a namespace by name, with their bytes.
func generated(t *testing.T, namespace string) map[string]string {
	t.Helper()
	list := &corev1.SecretList{}
	if err := kube.List(t.Context(), list, client.InNamespace(namespace)); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, s := range list.Items {
		if s.Immutable == nil || !*s.Immutable {
			t.Errorf("the Secret %s can be changed", s.Name)
		}
		owner := s.OwnerReferences
		record := &corev1.ConfigMap{}
		if len(owner) != 1 || kube.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: owner[0].Name}, record) != nil || record.UID != owner[0].UID || record.Data["secretName"] != s.Name {
			t.Errorf("the Secret %s is not owned by its record: %+v", s.Name, owner)
		}
		all[s.Name] = string(s.Data["key"])
	}
	return all
}

func records(t *testing.T, namespace string) []string {
	t.Helper()
	list := &corev1.ConfigMapList{}
	if err := kube.List(t.Context(), list, client.InNamespace(namespace), client.HasLabels{v1alpha1.LabelKeyPurpose}); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, cm := range list.Items {
		names = append(names, cm.Name)
	}
	return names
}

func TestKeysAreMadeOnceWhateverHappensToTheOperator(t *testing.T) {
	shop := minimalShop(inNamespace(t))
	readyShop(t, shop)
	before := generated(t, shop.Namespace)
	if len(before) != 2 {
		t.Fatalf("%d Secrets were made, want one for links and one for the source api", len(before))
	}
	for name, key := range before {
		hook := strings.HasPrefix(name, "linden-key-hook-api-1-")
		if hook != strings.HasPrefix(key, "whsec_") || (!hook && len(key) != 32) {
			t.Errorf("the key %s has %d bytes and is spelled wrongly", name, len(key))
		}
	}
	want := []string{"linden-key-hook-api-1", "linden-key-hook-api-2", "linden-key-links-1", "linden-key-links-2"}
	if diff := cmp.Diff(want, records(t, shop.Namespace)); diff != "" {
		t.Errorf("records:\n%s", diff)
	}
	resync(t, shop, 50)
	restart(t)
	settled(t)
	if diff := cmp.Diff(before, generated(t, shop.Namespace)); diff != "" {
		t.Error("keys changed") // without the diff: it would show them
	}
}

// Whoever may write ConfigMaps in a namespace need not be one who may use its Secrets.
func TestAForgedKeyRecordMountsNobodysSecret(t *testing.T) {
	shop := minimalShop(inNamespace(t))
	forged := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-key-links-1", Labels: map[string]string{
			"app.kubernetes.io/managed-by": "wismo", v1alpha1.LabelShop: "linden", v1alpha1.LabelKeyPurpose: "links",
		}},
		Data: map[string]string{"purpose": "links", "number": "1", "secretName": "bank-account", "createdAt": "2026-01-02T03:04:05Z"},
	}
	create(t, forged, shop)
	c := wantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidSpec)
	if !strings.Contains(c.Message, "linden-key-links-1") || !strings.Contains(c.Message, "delete") {
		t.Errorf("the message does not say what to do: %s", c.Message)
	}
	if _, made := generated(t, shop.Namespace)["bank-account"]; made {
		t.Error("a Secret was made under a name that somebody chose")
	}
	if err := kube.Delete(t.Context(), forged); err != nil {
		t.Fatal(err)
	}
	wantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, "")
	rollOut(t, shop.Namespace)
	wantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

// A crash may come between a record and its Secret, and a Secret may be made whose answer is lost.
func TestARecordWithoutItsSecretGetsIt(t *testing.T) {
	shop := minimalShop(inNamespace(t))
	readyShop(t, shop)
	for name := range generated(t, shop.Namespace) {
		if err := kube.Delete(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: name}}); err != nil {
			t.Fatal(err)
		}
	}
	before := records(t, shop.Namespace)
	restart(t)
	eventually(t, "the Secrets are made under the same names", func() error {
		if made := generated(t, shop.Namespace); len(made) != 2 {
			return fmt.Errorf("%d Secrets", len(made))
		}
		return nil
	})
	if diff := cmp.Diff(before, records(t, shop.Namespace)); diff != "" {
		t.Errorf("records:\n%s", diff)
	}
}

func TestTheKeyAfterTheNextIsMountedBeforeItExists(t *testing.T) {
	shop := minimalShop(inNamespace(t))
	readyShop(t, shop)
	record := &corev1.ConfigMap{}
	if err := kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: "linden-key-links-2"}, record); err != nil {
		t.Fatal(err)
	}
	if mounts := fmt.Sprint(pageVolumes(t, shop)); !strings.Contains(mounts, record.Data["secretName"]) {
		t.Errorf("the page does not mount %s", record.Data["secretName"])
	}
	if _, exists := generated(t, shop.Namespace)[record.Data["secretName"]]; exists {
		t.Error("the next key exists before its time")
	}
}

func pageVolumes(t *testing.T, shop *v1alpha1.Shop) []string {
	t.Helper()
	deployment := deploymentOf(t, shop, "page")
	var names []string
	for _, v := range deployment.Spec.Template.Spec.Volumes {
		if v.Projected == nil {
			continue
		}
		for _, s := range v.Projected.Sources {
			if s.Secret != nil {
				names = append(names, s.Secret.Name)
			}
		}
	}
	return names
}

func TestAShopThatComesBackOpensItsOldLinks(t *testing.T) {
	shop := minimalShop(inNamespace(t))
	readyShop(t, shop)
	before := generated(t, shop.Namespace)
	if err := kube.Delete(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	collectGarbage(t, shop)
	settled(t)
	readyAgain := minimalShop(shop.Namespace)
	readyShop(t, readyAgain)
	after := generated(t, shop.Namespace)
	for name, key := range before {
		if strings.HasPrefix(name, "linden-key-links-") && after[name] != key {
			t.Errorf("the link key %s was lost", name)
		}
	}
	if readyAgain.Status.Endpoints[0].URL != shop.Status.Endpoints[0].URL {
		t.Errorf("the endpoint moved from %s to %s", shop.Status.Endpoints[0].URL, readyAgain.Status.Endpoints[0].URL)
	}
}

// collectGarbage removes what a deleted Shop owned, with what its key records owned; nobody else does it here.
func collectGarbage(t *testing.T, shop *v1alpha1.Shop) {
	t.Helper()
	objects := []client.Object{
		&networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: shop.Name}},
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-key-hook-api-1"}},
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-key-hook-api-2"}},
	}
	for name := range generated(t, shop.Namespace) {
		if strings.HasPrefix(name, "linden-key-hook-") {
			objects = append(objects, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: name}})
		}
	}
	for _, o := range objects {
		if err := kube.Delete(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
}
