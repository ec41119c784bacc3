package keys

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// recordOf returns the record of a key of the Shop linden, when it is there.
func recordOf(t *testing.T, shop *v1alpha1.Shop, purpose string, number int, ready func(data map[string]string) bool) *corev1.ConfigMap {
	t.Helper()
	record := &corev1.ConfigMap{}
	suite.Eventually(t, fmt.Sprintf("key %d of %s is there", number, purpose), func() error {
		key := client.ObjectKey{Namespace: shop.Namespace, Name: fmt.Sprintf("linden-key-%s-%d", purpose, number)}
		if err := suite.Kube.Get(t.Context(), key, record); err != nil {
			return err
		}
		if !ready(record.Data) {
			return fmt.Errorf("its record says %v", record.Data)
		}
		return nil
	})
	return record
}

// until reports whether a time of a record lies in the future.
func until(text string, at time.Duration) bool {
	end, err := time.Parse(time.RFC3339, text)
	return err == nil && time.Until(end) > at
}

// No field of the spec asks for the next link key; its record does, and mails that were sent before open on.
func TestALinkKeyIsReplacedWithOverlapWhenItsRecordSaysThatItIsDue(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	still := unrolled(t, shop)
	first := recordOf(t, shop, "links", 1, func(data map[string]string) bool { return data["rotateAt"] != "" })
	_, before := secretOf(t, shop, "links", 1)
	due := first.DeepCopy()
	due.Data["rotateAt"] = time.Now().UTC().Format(time.RFC3339)
	if err := suite.Kube.Patch(t.Context(), due, client.MergeFrom(first)); err != nil {
		t.Fatal(err)
	}
	recordOf(t, shop, "links", 2, func(data map[string]string) bool { return until(data["signFrom"], time.Minute) })
	recordOf(t, shop, "links", 1, func(data map[string]string) bool { return until(data["notAfter"], 24*time.Hour) })
	if _, after := secretOf(t, shop, "links", 1); after != before {
		t.Error("the key before has other bytes")
	}
	still()
}

func TestTheBuiltInSourceIsRotatedWithOverlapByItsEntryInTheSpec(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	still := unrolled(t, shop)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) {
		s.Spec.Orders = &v1alpha1.Orders{Sources: []v1alpha1.OrderSource{{
			Name: v1alpha1.SourceAPI, Definition: v1alpha1.DefinitionReference{Name: "api", Source: v1alpha1.DefinitionCatalog},
			Intake: v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook, Webhook: &v1alpha1.WebhookIntake{Rotation: &v1alpha1.Rotation{Token: "2"}}},
		}}}
	})
	recordOf(t, shop, "hook-api", 2, func(data map[string]string) bool { return data["token"] == "2" && until(data["signFrom"], time.Minute) })
	recordOf(t, shop, "hook-api", 1, func(data map[string]string) bool { return until(data["notAfter"], 12*time.Hour) })
	still()
}

// A backup that left the keyring out: a Secret that was restored under a name of the old ring, a leaked one perhaps, is
// given to no key.
func TestALinkKeyThatWasRestoredWithoutItsKeyringGivesItsNameToNoOther(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	prefix := "linden-key-links-"
	labels := map[string]string{v1alpha1.LabelShop: "linden", v1alpha1.LabelKeyPurpose: "links", "app.kubernetes.io/managed-by": "wismo"}
	record := &corev1.ConfigMap{Data: map[string]string{
		"purpose": "links", "number": "4", "secretName": prefix + "a-oldoldol", "token": "",
		"createdAt": time.Now().AddDate(0, 0, -100).UTC().Format(time.RFC3339), "rotateAt": time.Now().AddDate(0, 0, -10).UTC().Format(time.RFC3339),
	}}
	record.Namespace, record.Name, record.Labels = shop.Namespace, prefix+"4", labels
	leaked := &corev1.Secret{Data: map[string][]byte{"key": []byte("leaked leaked leaked leaked leak"), "number": []byte("5")}}
	leaked.Namespace, leaked.Name = shop.Namespace, prefix+"b-oldoldol"
	suite.Create(t, record, leaked)
	suite.ReadyShop(t, shop)
	next := recordOf(t, shop, "links", 5, func(map[string]string) bool { return true })
	if name := next.Data["secretName"]; !strings.HasPrefix(name, prefix) || strings.HasSuffix(name, "-oldoldol") {
		t.Errorf("key 5 is in the Secret %s", name)
	}
}

// A source may have a name with which a record of its key is named as a link key of another Shop is.
func TestASourceWhoseKeysAreNamedAsThoseOfAnotherShopIsStalled(t *testing.T) {
	ns := suite.InNamespace(t)
	other := suite.MinimalShop(ns)
	other.Name = "linden-key-hook-x"
	other.Spec.Hostname = v1alpha1.Hostname("other." + ns + ".example")
	suite.ReadyShop(t, other)
	before := &corev1.ConfigMap{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: ns, Name: "linden-key-hook-x-key-links-1"}, before); err != nil {
		t.Fatal(err)
	}
	shop := suite.MinimalShop(ns)
	shop.Spec.Orders = &v1alpha1.Orders{Sources: []v1alpha1.OrderSource{{
		Name: "x-key-links", Definition: v1alpha1.DefinitionReference{Name: "api", Source: v1alpha1.DefinitionCatalog},
		Intake: v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook},
	}}}
	suite.Create(t, shop)
	if c := suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonNameTaken); !strings.Contains(c.Message, "x-key-links") {
		t.Errorf("the message does not name the record: %s", c.Message)
	}
	after := &corev1.ConfigMap{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(before), after); err != nil || after.UID != before.UID || after.Labels[v1alpha1.LabelShop] != other.Name {
		t.Errorf("the other Shop's record became %+v (%v)", after.ObjectMeta, err)
	}
}
