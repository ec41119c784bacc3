package cli_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
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

// wantOwnFields holds that the plugin owns the token, in one entry, and nothing as kubectl.
func wantOwnFields(t *testing.T, ci *v1alpha1.CarrierIntegration) {
	t.Helper()
	var own []string
	for _, m := range ci.ManagedFields {
		if strings.Contains(m.Manager, "kubectl") {
			t.Errorf("%s owns fields; Flux would take them away", m.Manager)
		}
		if m.Manager == "wismo-cli" {
			own = append(own, m.FieldsV1.GetRawString())
		}
	}
	if len(own) != 1 || !strings.Contains(own[0], "f:token") || strings.Contains(own[0], "f:mode") {
		t.Errorf("wismo-cli owns %v", own)
	}
}

func TestRotateChangesTheTokenAndNothingElseAsItsOwnFieldManager(t *testing.T) {
	namespace := newNamespace(t, "rotate")
	ci := newIntegration(namespace, "easypost")
	create(t, ci, keyRecord(namespace, "linden", "hook-carrier-easypost", 1))
	for _, dry := range []string{"client", "server"} {
		says(t, 0, []string{"requested ("}, "rotate", "carrierintegration/easypost", "-n", namespace, "--dry-run="+dry)
		if r := rotation(t, ci); r.Token != "" {
			t.Errorf("--dry-run=%s set the token %s", dry, r.Token)
		}
	}
	says(t, 0, []string{"carrierintegration/easypost: rotation ", " requested"}, "rotate", "carrierintegration/easypost", "-n", namespace)
	first := rotation(t, ci)
	if first.Token == "" || first.OverlapHours != nil {
		t.Errorf("the rotation is %+v, want a token and nothing else", first)
	}
	wantOwnFields(t, ci)
	time.Sleep(time.Second) // a token is a time
	says(t, 0, []string{"overlapHours is now 0"}, "rotate", "wcarrier/easypost", "-n", namespace, "--leaked")
	if second := rotation(t, ci); second.Token == first.Token || ptr.Deref(second.OverlapHours, -1) != 0 {
		t.Errorf("after a leak the rotation is %+v", second)
	}
}

func TestRotateWaitsForTheNewKeyAndSaysUntilWhenTheOldOneCounts(t *testing.T) {
	namespace := newNamespace(t, "rotate-wait")
	create(t, newIntegration(namespace, "easypost"), keyRecord(namespace, "linden", "hook-carrier-easypost", 1))
	operator := acts{"requested": func() { create(t, keyRecord(namespace, "linden", "hook-carrier-easypost", 2)) }}
	saysBefore(t, operator, 0, []string{"key 2 is active; Secret linden-key-hook-carrier-easypost-2-abcdefgh", "key 1 is valid until 20", "kubectl get secret"},
		"rotate", "carrierintegration/easypost", "-n", namespace, "--wait", "--timeout=5m")
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

	says(t, 1, []string{"is managed by the field manager kustomize-controller", "Commit this instead", "kind: CarrierIntegration", "token: 20"}, "rotate", "carrierintegration/flux", "-n", namespace)
	says(t, 1, []string{"is managed by Argo CD (merchants:", "token: 20"}, "rotate", "carrierintegration/argo", "-n", namespace)
	if r := rotation(t, byFlux); r.Token != "1" {
		t.Errorf("a refused rotation set the token %s", r.Token)
	}
	says(t, 0, []string{"requested"}, "rotate", "carrierintegration/flux", "-n", namespace, "--force")
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
	create(t, shop, keyRecord(namespace, "linden", "hook-webshop", 1))
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
	says(t, 2, []string{"there is no Shop lindn in the namespace"}, "rotate", "shop/lindn", "-n", namespace)
}

func TestRotateALinkKeySoonerAndTakeALeakedOneAwayAfterAYes(t *testing.T) {
	namespace := newNamespace(t, "rotate-links")
	link := keyRecord(namespace, "linden", "links", 1)
	create(t, newShop(namespace, "linden"), link)
	says(t, 0, []string{"the replacement of key 1 is due now (server dry run)"}, "rotate", "shop/linden", "-n", namespace, "--key", "links", "--dry-run=server")
	if at := rotateAt(t, link); at != "" {
		t.Errorf("a dry run made the next key due at %s", at)
	}
	says(t, 0, []string{"the replacement of key 1 is due now"}, "rotate", "shop/linden", "-n", namespace, "--key", "links")
	if at, err := time.Parse(time.RFC3339, rotateAt(t, link)); err != nil || time.Since(at) > time.Minute {
		t.Errorf("the next key is due at %s (%v)", at, err)
	}
	says(t, 1, []string{"not confirmed"}, "rotate", "shop/linden", "-n", namespace, "--key", "links", "--leaked")
	if !exists(t, link) || link.DeletionTimestamp != nil {
		t.Error("without a yes the link key is gone")
	}
	says(t, 0, []string{"key 1 deleted"}, "rotate", "shop/linden", "-n", namespace, "--key", "links", "--leaked", "--yes")
	if exists(t, link) && link.DeletionTimestamp == nil {
		t.Error("the leaked link key is still there")
	}
}

func rotateAt(t *testing.T, record *corev1.ConfigMap) string {
	t.Helper()
	if err := api.Get(t.Context(), client.ObjectKeyFromObject(record), record); err != nil {
		t.Fatal(err)
	}
	return record.Data["rotateAt"]
}

// Of the source that every Shop has, the spec says nothing until its key is rotated.
func TestRotateTheBuiltInSource(t *testing.T) {
	namespace := newNamespace(t, "rotate-api")
	bare, other, flux := newShop(namespace, "linden"), newShop(namespace, "fjallro"), newShop(namespace, "flux")
	other.Spec.Hostname, flux.Spec.Hostname = "track.fjallro.example", "track.flux.example"
	other.Spec.Orders = &v1alpha1.Orders{Sources: []v1alpha1.OrderSource{{
		Name: "till", Definition: v1alpha1.DefinitionReference{Name: "own", Source: v1alpha1.DefinitionLocal}, Intake: v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook},
	}}}
	flux.Labels = map[string]string{"kustomize.toolkit.fluxcd.io/name": "merchants"}
	create(t, bare, other, flux)
	for _, shop := range []*v1alpha1.Shop{bare, other} {
		create(t, keyRecord(namespace, shop.Name, "hook-api", 1))
		says(t, 0, []string{"source api: rotation"}, "rotate", "shop/"+shop.Name, "-n", namespace, "--key", "api")
		first := tunedBuiltIn(t, shop)
		if first.Token == "" || first.OverlapHours != nil {
			t.Errorf("the rotation is %+v, want a token and the usual overlap", first)
		}
		time.Sleep(time.Second) // a token is a time
		says(t, 0, []string{"overlapHours is now 0"}, "rotate", "shop/"+shop.Name, "-n", namespace, "--key", "api", "--leaked")
		if second := tunedBuiltIn(t, shop); second.Token == first.Token || second.OverlapHours == nil || *second.OverlapHours != 0 {
			t.Errorf("after a leak the rotation is %+v", second)
		}
	}
	create(t, keyRecord(namespace, "flux", "hook-api", 1))
	says(t, 1, []string{"Commit this instead", "name: api", "source: Catalog", "mode: Webhook", "token: 20"}, "rotate", "shop/flux", "-n", namespace, "--key", "api")
}

func tunedBuiltIn(t *testing.T, shop *v1alpha1.Shop) v1alpha1.Rotation {
	t.Helper()
	if err := api.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
		t.Fatal(err)
	}
	sources := shop.Spec.Orders.Sources
	last := sources[len(sources)-1]
	if last.Name != v1alpha1.SourceAPI || last.Definition.Source != v1alpha1.DefinitionCatalog {
		t.Fatalf("the sources are %+v", sources)
	}
	return *last.Intake.Webhook.Rotation
}
