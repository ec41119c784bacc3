package cli_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// keyRecord is what the operator writes of a generated key.
func keyRecord(namespace, shop, purpose string, number int) *corev1.ConfigMap {
	name := shop + "-key-" + purpose + "-" + strconv.Itoa(number)
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{v1alpha1.LabelShop: shop, v1alpha1.LabelKeyPurpose: purpose}},
		Data: map[string]string{
			"purpose": purpose, "number": strconv.Itoa(number), "secretName": name + "-abcdefgh",
			"createdAt": time.Now().UTC().Format(time.RFC3339), "endsOthers": time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339),
		},
	}
}

func newIntegration(namespace, name string) *v1alpha1.CarrierIntegration {
	return &v1alpha1.CarrierIntegration{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.CarrierIntegrationSpec{
			ShopRef: v1alpha1.ShopReference{Name: "linden"}, Definition: v1alpha1.DefinitionReference{Name: "easypost", Source: v1alpha1.DefinitionCatalog},
			Intake: v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook},
		},
	}
}

func rotation(t *testing.T, ci *v1alpha1.CarrierIntegration) v1alpha1.Rotation {
	t.Helper()
	if err := api.Get(t.Context(), client.ObjectKeyFromObject(ci), ci); err != nil {
		t.Fatal(err)
	}
	if ci.Spec.Intake.Webhook == nil || ci.Spec.Intake.Webhook.Rotation == nil {
		return v1alpha1.Rotation{}
	}
	return *ci.Spec.Intake.Webhook.Rotation
}

func TestRotateChangesTheTokenAndNothingElseAsItsOwnFieldManager(t *testing.T) {
	namespace := newNamespace(t, "rotate")
	ci := newIntegration(namespace, "easypost")
	create(t, ci, keyRecord(namespace, "linden", "hook-carrier-easypost", 1))
	for _, dry := range []string{"client", "server"} {
		says(t, 0, []string{"asked for ("}, "rotate", "carrierintegration/easypost", "-n", namespace, "--dry-run="+dry)
		if r := rotation(t, ci); r.Token != "" {
			t.Errorf("--dry-run=%s set the token %s", dry, r.Token)
		}
	}
	says(t, 0, []string{"carrierintegration/easypost: rotation ", " asked for"}, "rotate", "carrierintegration/easypost", "-n", namespace)
	first := rotation(t, ci)
	if first.Token == "" || first.OverlapHours != nil {
		t.Errorf("the rotation is %+v, want a token and nothing else", first)
	}
	own := 0
	for _, m := range ci.ManagedFields {
		if strings.Contains(m.Manager, "kubectl") {
			t.Errorf("%s owns fields; Flux would take them away", m.Manager)
		}
		if m.Manager == "wismo-cli" {
			own++
			if fields := m.FieldsV1.GetRawString(); !strings.Contains(fields, "f:token") || strings.Contains(fields, "f:mode") {
				t.Errorf("wismo-cli owns %s", fields)
			}
		}
	}
	if own != 1 {
		t.Errorf("wismo-cli owns fields in %d entries, want one", own)
	}
	time.Sleep(time.Second) // a token is a time
	says(t, 0, []string{"overlapHours is 0 now"}, "rotate", "wcarrier/easypost", "-n", namespace, "--leaked")
	if second := rotation(t, ci); second.Token == first.Token || second.OverlapHours == nil || *second.OverlapHours != 0 {
		t.Errorf("after a leak the rotation is %+v", second)
	}
}

func TestRotateWaitsForTheNewKeyAndSaysUntilWhenTheOldOneCounts(t *testing.T) {
	namespace := newNamespace(t, "rotate-wait")
	create(t, newIntegration(namespace, "easypost"), keyRecord(namespace, "linden", "hook-carrier-easypost", 1))
	go func() { // the operator
		time.Sleep(1500 * time.Millisecond)
		_ = api.Create(context.Background(), keyRecord(namespace, "linden", "hook-carrier-easypost", 2))
	}()
	says(t, 0, []string{"key 2 is live; Secret linden-key-hook-carrier-easypost-2-abcdefgh", "key 1 verifies until 20", "kubectl get secret"},
		"rotate", "carrierintegration/easypost", "-n", namespace, "--wait", "--timeout=30s")
	says(t, 1, []string{"no new key within 2s", "kubectl wismo status linden"}, "rotate", "carrierintegration/easypost", "-n", namespace, "--wait", "--timeout=2s")
}

func TestRotateRefusesWhatAPipelineWouldTakeBackAndPrintsWhatToCommit(t *testing.T) {
	namespace := newNamespace(t, "rotate-gitops")
	byFlux, labelled := newIntegration(namespace, "flux"), newIntegration(namespace, "argo")
	byFlux.Spec.Intake.Webhook = &v1alpha1.WebhookIntake{Rotation: &v1alpha1.Rotation{Token: "1"}}
	labelled.Annotations = map[string]string{"argocd.argoproj.io/tracking-id": "merchants:tracking.wismo.dev/CarrierIntegration:x/argo"}
	byFlux.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("CarrierIntegration"))
	applyAs(t, byFlux, "kustomize-controller")
	create(t, labelled, keyRecord(namespace, "linden", "hook-carrier-flux", 1), keyRecord(namespace, "linden", "hook-carrier-argo", 1))

	says(t, 1, []string{"belongs to the field manager kustomize-controller", "Commit this instead", "kind: CarrierIntegration", "token: 20"}, "rotate", "carrierintegration/flux", "-n", namespace)
	says(t, 1, []string{"belongs to Argo CD (merchants:", "token: 20"}, "rotate", "carrierintegration/argo", "-n", namespace)
	if r := rotation(t, byFlux); r.Token != "1" {
		t.Errorf("a refused rotation set the token %s", r.Token)
	}
	says(t, 0, []string{"asked for"}, "rotate", "carrierintegration/flux", "-n", namespace, "--force")
	if r := rotation(t, byFlux); r.Token == "1" {
		t.Error("--force changed nothing")
	}
}

func applyAs(t *testing.T, o client.Object, manager string) {
	t.Helper()
	fields, err := toUnstructured(o)
	if err != nil {
		t.Fatal(err)
	}
	unstructured.RemoveNestedField(fields.Object, "status")
	unstructured.RemoveNestedField(fields.Object, "metadata", "creationTimestamp")
	if err := api.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(fields), client.FieldOwner(manager)); err != nil {
		t.Fatal(err)
	}
}

func TestRotateASourceOfAShop(t *testing.T) {
	namespace := newNamespace(t, "rotate-shop")
	shop := newShop(namespace, "linden")
	definition := v1alpha1.DefinitionReference{Name: "own", Source: v1alpha1.DefinitionLocal}
	shop.Spec.Orders = &v1alpha1.Orders{Sources: []v1alpha1.OrderSource{
		{Name: "till", Definition: definition, Intake: v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook}},
		{Name: "webshop", Definition: definition, Intake: v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook, Webhook: &v1alpha1.WebhookIntake{Rotation: &v1alpha1.Rotation{OverlapHours: ptr.To(int32(12))}}}},
	}}
	link := keyRecord(namespace, "linden", "links", 1)
	create(t, shop, keyRecord(namespace, "linden", "hook-webshop", 1), link)
	says(t, 0, []string{"shop/linden source webshop: rotation"}, "rotate", "shop/linden", "-n", namespace)
	if err := api.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
		t.Fatal(err)
	}
	till, webshop := shop.Spec.Orders.Sources[0], shop.Spec.Orders.Sources[1]
	if r := webshop.Intake.Webhook.Rotation; till.Intake.Webhook != nil || r.Token == "" || *r.OverlapHours != 12 {
		t.Errorf("the sources are %+v and %+v", till, webshop)
	}
	says(t, 1, []string{"has no generated secret"}, "rotate", "shop/linden", "-n", namespace, "--key", "till")
	says(t, 2, []string{`no order source "absent"`}, "rotate", "shop/linden", "-n", namespace, "--key", "absent")
	says(t, 1, []string{"after a leak add --leaked"}, "rotate", "shop/linden", "-n", namespace, "--key", "links")
	says(t, 1, []string{"not confirmed"}, "rotate", "shop/linden", "-n", namespace, "--key", "links", "--leaked")
	if err := api.Get(t.Context(), client.ObjectKeyFromObject(link), link); err != nil || link.DeletionTimestamp != nil {
		t.Errorf("without a yes the link key is gone: %v", err)
	}
	says(t, 0, []string{"key 1 is taken away"}, "rotate", "shop/linden", "-n", namespace, "--key", "links", "--leaked", "--yes")
	if err := api.Get(t.Context(), client.ObjectKeyFromObject(link), link); err == nil && link.DeletionTimestamp == nil || err != nil && !apierrors.IsNotFound(err) {
		t.Errorf("the leaked link key is still there (%v)", err)
	}
	says(t, 2, []string{"there is no Shop lindn in the namespace"}, "rotate", "shop/lindn", "-n", namespace)
}
