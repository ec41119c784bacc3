package keys

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// generated returns the Secrets of a namespace by name, with their bytes.
func generated(t *testing.T, namespace string) map[string]string {
	t.Helper()
	list := &corev1.SecretList{}
	if err := suite.Kube.List(t.Context(), list, client.InNamespace(namespace)); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, s := range list.Items {
		owner := s.OwnerReferences
		record := &corev1.ConfigMap{}
		if len(owner) != 1 || suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: owner[0].Name}, record) != nil || record.UID != owner[0].UID || record.Data["secretName"] != s.Name {
			t.Errorf("the Secret %s is not owned by its record: %+v", s.Name, owner)
		}
		all[s.Name] = string(s.Data["key"])
	}
	return all
}

func records(t *testing.T, namespace string) []string {
	t.Helper()
	list := &corev1.ConfigMapList{}
	if err := suite.Kube.List(t.Context(), list, client.InNamespace(namespace), client.HasLabels{v1alpha1.LabelKeyPurpose}); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, cm := range list.Items {
		names = append(names, cm.Name)
	}
	return names
}

func TestKeysAreMadeOnceWhateverHappensToTheOperator(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	before := generated(t, shop.Namespace)
	if len(before) != 2 {
		t.Fatalf("%d Secrets were made, want one for links and one for the source api", len(before))
	}
	for name, key := range before {
		hook := strings.HasPrefix(name, "linden-key-hook-api-a-")
		if hook != strings.HasPrefix(key, "whsec_") || (!hook && len(key) != 32) {
			t.Errorf("the key %s has %d bytes and is spelled wrongly", name, len(key))
		}
	}
	want := []string{"linden-key-hook-api-1", "linden-key-links-1"}
	if diff := cmp.Diff(want, records(t, shop.Namespace)); diff != "" {
		t.Errorf("records:\n%s", diff)
	}
	posted := posts(shop.Namespace)
	suite.Resync(t, shop, 50)
	suite.Restart(t)
	suite.Resync(t, shop, 50)
	suite.Settled(t)
	if diff := cmp.Diff(before, generated(t, shop.Namespace)); diff != "" {
		t.Error("keys changed") // without the diff: it would show them
	}
	if posted != 2 || posts(shop.Namespace) != posted {
		t.Errorf("%d Secrets were offered at first, and %d more by 100 resyncs and a restart", posted, posts(shop.Namespace)-posted)
	}
}

// A user who may write ConfigMaps in a namespace may not be allowed to use its Secrets.
func TestAForgedKeyRecordMountsNoSecret(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	forged := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-key-links-1", Labels: map[string]string{
			"app.kubernetes.io/managed-by": "wismo", v1alpha1.LabelShop: "linden", v1alpha1.LabelKeyPurpose: "links",
		}},
		Data: map[string]string{"purpose": "links", "number": "1", "secretName": "bank-account", "createdAt": "2026-01-02T03:04:05Z"},
	}
	suite.Create(t, forged, shop)
	c := suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidSpec)
	if !strings.Contains(c.Message, "linden-key-links-1") || !strings.Contains(c.Message, "delete") {
		t.Errorf("the message does not say what to do: %s", c.Message)
	}
	if _, made := generated(t, shop.Namespace)["bank-account"]; made {
		t.Error("a Secret was made under the name in the forged record")
	}
	if err := suite.Kube.Delete(t.Context(), forged); err != nil {
		t.Fatal(err)
	}
	suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, "")
	suite.RollOut(t, shop.Namespace)
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

// posts returns how many Secrets the operator offered in a namespace, taken or not.
func posts(namespace string) int {
	n := 0
	for _, w := range suite.Writes(namespace) {
		if w.Method == http.MethodPost && strings.HasSuffix(w.Path, "/secrets") {
			n++
		}
	}
	return n
}

// A crash may come between a record and its Secret, or a Secret be made whose answer is lost.
func TestARecordWithoutItsSecretGetsIt(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.Operator.Stop()
	record := keyRecord(shop.Namespace, "links", 1, "a-k3j4h5l6", map[string]string{"token": "", "createdAt": "2026-01-02T03:04:05Z"})
	lost := keyRecord(shop.Namespace, "links", 2, "b-k3j4h5l6", map[string]string{"token": "", "createdAt": "2026-01-03T03:04:05Z", "endsOthers": "2030-01-03T03:04:05Z"})
	suite.Create(t, record, lost)
	posted := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-key-links-b-k3j4h5l6", OwnerReferences: []metav1.OwnerReference{
			{APIVersion: "v1", Kind: "ConfigMap", Name: lost.Name, UID: lost.UID},
		}},
		Data: map[string][]byte{"key": []byte("the answer to this was lost"), "number": []byte("2")},
	}
	suite.Create(t, posted)
	suite.Operator.MustStart(t)
	suite.ReadyShop(t, shop)
	keys := generated(t, shop.Namespace)
	if len(keys["linden-key-links-a-k3j4h5l6"]) != 32 || keys["linden-key-links-b-k3j4h5l6"] != "the answer to this was lost" {
		t.Errorf("%d Secrets, not under the names of the records, or overwritten", len(keys))
	}
	if diff := cmp.Diff([]string{"linden-key-hook-api-1", "linden-key-links-1", "linden-key-links-2"}, records(t, shop.Namespace)); diff != "" {
		t.Errorf("records:\n%s", diff)
	}
}

// keyRecord returns a record of the Shop linden as an operator wrote it before.
func keyRecord(namespace, purpose string, number int, secret string, data map[string]string) *corev1.ConfigMap {
	all := map[string]string{"purpose": purpose, "number": strconv.Itoa(number), "secretName": "linden-key-" + purpose + "-" + secret}
	maps.Copy(all, data)
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("linden-key-%s-%d", purpose, number), Labels: map[string]string{
			"app.kubernetes.io/managed-by": "wismo", v1alpha1.LabelShop: "linden", v1alpha1.LabelKeyPurpose: purpose,
		}},
		Data: all,
	}
}

func TestEveryPodMountsTheNamesOfKeysToComeFromTheFirstDayOn(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	var hooks, links int
	for _, name := range suite.PageVolumes(t, shop) {
		switch {
		case strings.HasPrefix(name, "linden-key-hook-api-"):
			hooks++
		case strings.HasPrefix(name, "linden-key-links-"):
			links++
		}
	}
	if hooks != 3 || links != 4 {
		t.Errorf("the page mounts %d names for webhooks and %d for links", hooks, links)
	}
}

func TestAShopThatComesBackOpensItsOldLinks(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	before := generated(t, shop.Namespace)
	if err := suite.Kube.Delete(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	collectGarbage(t, shop)
	suite.Settled(t)
	readyAgain := suite.MinimalShop(shop.Namespace)
	suite.ReadyShop(t, readyAgain)
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

// collectGarbage removes what a deleted Shop owned, with what its key records owned: no garbage collector runs here.
func collectGarbage(t *testing.T, shop *v1alpha1.Shop) {
	t.Helper()
	objects := []client.Object{
		&networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: shop.Name}},
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-key-hook-api-1"}},
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-keyring"}},
	}
	for name := range generated(t, shop.Namespace) {
		if strings.HasPrefix(name, "linden-key-hook-") {
			objects = append(objects, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: name}})
		}
	}
	for _, o := range objects {
		if err := suite.Kube.Delete(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
}
