package keys

import (
	stdcmp "cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// rotating returns a Shop whose source erp signs with keys that are rotated so.
func rotating(t *testing.T, rotation v1alpha1.Rotation) *v1alpha1.Shop {
	t.Helper()
	shop := suite.MinimalShop(suite.InNamespace(t))
	shop.Spec.Orders = &v1alpha1.Orders{Sources: []v1alpha1.OrderSource{{
		Name: "erp", Definition: v1alpha1.DefinitionReference{Name: "api", Source: v1alpha1.DefinitionCatalog},
		Intake: v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook, Webhook: &v1alpha1.WebhookIntake{Rotation: &rotation}},
	}}}
	suite.ReadyShop(t, shop)
	return shop
}

// rotate edits the rotation of the source erp.
func rotate(t *testing.T, shop *v1alpha1.Shop, change func(*v1alpha1.Rotation)) {
	t.Helper()
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { change(s.Spec.Orders.Sources[0].Intake.Webhook.Rotation) })
}

// told returns what the keyring tells the pods about a purpose, the newest last.
func told(t *testing.T, shop *v1alpha1.Shop, purpose string) []bundle.KeyTimes {
	t.Helper()
	cm := &corev1.ConfigMap{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: "linden-keyring"}, cm); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
	keyring := bundle.Keyring{}
	if err := json.Unmarshal([]byte(stdcmp.Or(cm.Data["keyring.json"], "{}")), &keyring); err != nil {
		t.Fatal(err)
	}
	return keyring[purpose]
}

// wantKeys waits until exactly these keys of a purpose count.
func wantKeys(t *testing.T, shop *v1alpha1.Shop, purpose string, numbers ...int) []bundle.KeyTimes {
	t.Helper()
	var got []bundle.KeyTimes
	suite.Eventually(t, fmt.Sprintf("the keys %v of %s count", numbers, purpose), func() error {
		collect(t, shop)
		got = nil
		var have []int
		for _, k := range told(t, shop, purpose) {
			if k.NotAfter.IsZero() || suite.Clock.Now().Before(k.NotAfter) {
				got, have = append(got, k), append(have, k.Number)
			}
		}
		if !slices.Equal(have, numbers) {
			return fmt.Errorf("%v", have)
		}
		return nil
	})
	return got
}

// collect does what garbage collection does with records that are deleted in the foreground: first their Secrets, then they.
func collect(t *testing.T, shop *v1alpha1.Shop) {
	t.Helper()
	list := &corev1.ConfigMapList{}
	if err := suite.Kube.List(t.Context(), list, client.InNamespace(shop.Namespace), client.HasLabels{v1alpha1.LabelKeyPurpose}); err != nil {
		t.Fatal(err)
	}
	for i := range list.Items {
		cm := &list.Items[i]
		if cm.DeletionTimestamp == nil {
			continue
		}
		if !slices.Equal(cm.Finalizers, []string{metav1.FinalizerDeleteDependents}) {
			t.Fatalf("the record %s is not deleted in the foreground: %v", cm.Name, cm.Finalizers)
		}
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: cm.Namespace, Name: cm.Data["secretName"]}}
		cm.Finalizers = nil
		if err := errors.Join(client.IgnoreNotFound(suite.Kube.Delete(t.Context(), secret)), client.IgnoreNotFound(suite.Kube.Update(t.Context(), cm))); err != nil {
			t.Fatal(err)
		}
	}
}

// secretOf returns the name and the bytes of a key.
func secretOf(t *testing.T, shop *v1alpha1.Shop, purpose string, number int) (string, string) {
	t.Helper()
	cm, secret := &corev1.ConfigMap{}, &corev1.Secret{}
	err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: fmt.Sprintf("linden-key-%s-%d", purpose, number)}, cm)
	if err == nil {
		err = suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: cm.Data["secretName"]}, secret)
	}
	if err != nil {
		t.Fatal(err)
	}
	if string(secret.Data["number"]) != strconv.Itoa(number) {
		t.Errorf("the Secret %s says that it holds key %s", secret.Name, secret.Data["number"])
	}
	return secret.Name, string(secret.Data["key"])
}

// unrolled returns a check that no pod was replaced since.
func unrolled(t *testing.T, shop *v1alpha1.Shop) func() {
	t.Helper()
	before := map[string]corev1.PodSpec{}
	for _, component := range []string{"page", "notifier"} {
		before[component] = suite.DeploymentOf(t, shop, component).Spec.Template.Spec
	}
	return func() {
		t.Helper()
		for component, spec := range before {
			if diff := cmp.Diff(spec, suite.DeploymentOf(t, shop, component).Spec.Template.Spec); diff != "" {
				t.Errorf("the %s was restarted:\n%s", component, diff)
			}
		}
	}
}

// wantShown holds that the status tells of both keys of the source erp, and in which Secret the newer one is.
func wantShown(t *testing.T, shop *v1alpha1.Shop, secret string) {
	t.Helper()
	shown := shop.Status.Endpoints[slices.IndexFunc(shop.Status.Endpoints, func(e v1alpha1.Endpoint) bool { return e.Name == "erp" })].Keys
	if len(shown) != 2 || shown[1].NotAfter == nil {
		t.Fatalf("the status shows %+v", shown)
	}
	if newer := shown[0]; newer.Number != 2 || string(newer.SecretName) != secret || newer.SignFrom == nil || newer.NotAfter != nil {
		t.Errorf("the status shows %+v", newer)
	}
}

// wantSecretGone waits until no generated Secret holds these bytes.
func wantSecretGone(t *testing.T, shop *v1alpha1.Shop, old string) {
	t.Helper()
	suite.Eventually(t, "the old secret is gone", func() error {
		collect(t, shop)
		if slices.Contains(slices.Collect(maps.Values(generated(t, shop.Namespace))), old) {
			return errors.New("it is there")
		}
		return nil
	})
}

func TestARotationOnDemandLetsBothSecretsCountAndRestartsNothing(t *testing.T) {
	shop := rotating(t, v1alpha1.Rotation{Token: "1"})
	wantKeys(t, shop, "hook-erp", 1)
	_, first := secretOf(t, shop, "hook-erp", 1)
	defer unrolled(t, shop)()
	rotate(t, shop, func(r *v1alpha1.Rotation) { r.Token = "2" })
	keys := wantKeys(t, shop, "hook-erp", 1, 2)
	name, second := secretOf(t, shop, "hook-erp", 2)
	if first == second || !slices.Contains(suite.PageVolumes(t, shop), name) {
		t.Errorf("key 2 is not another one, or its Secret %s is not mounted", name)
	}
	if lead, overlap := keys[1].SignFrom.Sub(keys[1].CreatedAt), keys[0].NotAfter.Sub(keys[1].SignFrom); lead < 2*time.Minute || overlap != 24*time.Hour {
		t.Errorf("key 2 may sign %s after it was made, and key 1 counts for %s more", lead, overlap)
	}
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	wantShown(t, shop, name)
	if !slices.ContainsFunc(suite.EventsOf(t, shop), func(e eventsv1.Event) bool {
		return e.Reason == v1alpha1.EventKeyRotated && strings.Contains(e.Note, name)
	}) {
		t.Error("no event says where the new secret is")
	}
	posted := posts(shop.Namespace)
	suite.Restart(t)
	suite.Resync(t, shop, 20)
	wantKeys(t, shop, "hook-erp", 1, 2)
	if n := posts(shop.Namespace); n != posted {
		t.Errorf("%d more Secrets were offered by a restart in mid-rotation", n-posted)
	}
	suite.Clock.Jump(t, shop, 24*time.Hour+5*time.Minute)
	wantKeys(t, shop, "hook-erp", 2)
	suite.Clock.Jump(t, shop, 20*time.Minute)
	wantSecretGone(t, shop, first)
}

func TestARotationOnScheduleComesWhenItsTimeHasCome(t *testing.T) {
	shop := rotating(t, v1alpha1.Rotation{IntervalDays: 1, OverlapHours: new(int32(1))})
	wantKeys(t, shop, "hook-erp", 1)
	defer unrolled(t, shop)()
	suite.Clock.Jump(t, shop, 23*time.Hour)
	wantKeys(t, shop, "hook-erp", 1)
	suite.Clock.Jump(t, shop, time.Hour+time.Minute)
	wantKeys(t, shop, "hook-erp", 1, 2)
	suite.Clock.Jump(t, shop, time.Hour+20*time.Minute)
	wantKeys(t, shop, "hook-erp", 2)
}

func TestAnIntervalThatIsEditedUpOrDownAffectsTheNextKeyOnly(t *testing.T) {
	shop := rotating(t, v1alpha1.Rotation{IntervalDays: 90})
	wantKeys(t, shop, "hook-erp", 1)
	rotateAt := func(number int) string {
		cm := &corev1.ConfigMap{}
		if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: fmt.Sprint("linden-key-hook-erp-", number)}, cm); err != nil {
			t.Fatal(err)
		}
		return cm.Data["rotateAt"]
	}
	before := rotateAt(1)
	for _, days := range []int32{730, 1} {
		rotate(t, shop, func(r *v1alpha1.Rotation) { r.IntervalDays = days })
		suite.Settled(t)
		if now := rotateAt(1); now != before {
			t.Errorf("with %d days the key that is in use ends at %s instead of %s", days, now, before)
		}
	}
	rotate(t, shop, func(r *v1alpha1.Rotation) { r.Token = "now" })
	keys := wantKeys(t, shop, "hook-erp", 1, 2)
	if at, err := time.Parse(time.RFC3339, rotateAt(2)); err != nil || at.Sub(keys[1].CreatedAt) != 24*time.Hour {
		t.Errorf("the next key is rotated at %s (%v)", at, err)
	}
}

func TestAfterALeakTheOldSecretEndsAtOnce(t *testing.T) {
	shop := rotating(t, v1alpha1.Rotation{OverlapHours: new(int32(24))})
	wantKeys(t, shop, "hook-erp", 1)
	defer unrolled(t, shop)()
	rotate(t, shop, func(r *v1alpha1.Rotation) { r.Token = "1" })
	wantKeys(t, shop, "hook-erp", 1, 2)
	_, leaked := secretOf(t, shop, "hook-erp", 2)
	rotate(t, shop, func(r *v1alpha1.Rotation) { r.Token, r.OverlapHours = "leak", new(int32(0)) })
	keys := wantKeys(t, shop, "hook-erp", 3)
	if !keys[0].SignFrom.IsZero() {
		t.Errorf("its sender has to wait until %s", keys[0].SignFrom)
	}
	wantSecretGone(t, shop, leaked)
	rotate(t, shop, func(r *v1alpha1.Rotation) { r.Token = "leak again" })
	wantKeys(t, shop, "hook-erp", 4)
	secretOf(t, shop, "hook-erp", 4) // in a place that was used before
}

// A leak may become known while something else in the spec is broken.
func TestALeakIsAnsweredAlthoughTheSpecIsBroken(t *testing.T) {
	shop := rotating(t, v1alpha1.Rotation{OverlapHours: new(int32(0))})
	wantKeys(t, shop, "hook-erp", 1)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) {
		s.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: "nowhere"}, Source: v1alpha1.SourceLocal}}
		s.Spec.Orders.Sources[0].Intake.Webhook.Rotation.Token = "leak"
	})
	wantKeys(t, shop, "hook-erp", 2)
	secretOf(t, shop, "hook-erp", 2)
}

func TestAClockThatJumpsInMidRotationDropsNoSecretThatIsPromised(t *testing.T) {
	shop := rotating(t, v1alpha1.Rotation{IntervalDays: 10})
	wantKeys(t, shop, "hook-erp", 1)
	defer unrolled(t, shop)()
	rotate(t, shop, func(r *v1alpha1.Rotation) { r.Token = "1" })
	wantKeys(t, shop, "hook-erp", 1, 2)
	suite.Clock.Jump(t, shop, -30*24*time.Hour)
	wantKeys(t, shop, "hook-erp", 1, 2)
	suite.Clock.Jump(t, shop, 30*24*time.Hour+23*time.Hour)
	wantKeys(t, shop, "hook-erp", 1, 2)
	suite.Clock.Jump(t, shop, 24*time.Hour)
	wantKeys(t, shop, "hook-erp", 2)
}

func TestASecondRotationWaitsForTheSenderOfTheFirst(t *testing.T) {
	shop := rotating(t, v1alpha1.Rotation{OverlapHours: new(int32(1))})
	wantKeys(t, shop, "hook-erp", 1)
	rotate(t, shop, func(r *v1alpha1.Rotation) { r.Token = "1" })
	wantKeys(t, shop, "hook-erp", 1, 2)
	rotate(t, shop, func(r *v1alpha1.Rotation) { r.Token = "2" })
	suite.Settled(t)
	wantKeys(t, shop, "hook-erp", 1, 2)
	suite.Clock.Jump(t, shop, time.Hour+20*time.Minute)
	wantKeys(t, shop, "hook-erp", 2, 3)
}

func TestADeletedRecordHasASuccessorAndRestartsNothing(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	defer unrolled(t, shop)()
	for _, purpose := range []string{"hook-api", "links"} {
		wantKeys(t, shop, purpose, 1)
		name, _ := secretOf(t, shop, purpose, 1)
		record := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-key-" + purpose + "-1"}}
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: name}}
		for _, o := range []client.Object{record, secret} { // as kubectl and garbage collection do
			if err := suite.Kube.Delete(t.Context(), o); err != nil {
				t.Fatal(err)
			}
		}
		keys := wantKeys(t, shop, purpose, 2)
		if !keys[0].SignFrom.IsZero() {
			t.Errorf("the only key of %s signs from %s on", purpose, keys[0].SignFrom)
		}
		if successor, _ := secretOf(t, shop, purpose, 2); successor == name {
			t.Errorf("the new key of %s has the name of a Secret that is just going", purpose)
		}
	}
}

// The operator cannot see Secrets; the pods can.
func TestADeletedSecretIsToldWithTheLineThatMendsIt(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	page := suite.Healthy(bundle.PageComponent)
	page.Credentials = []bundle.CredentialReport{{Source: "hook-api", Key: "key", Number: 1, State: bundle.Missing}}
	suite.Pods.Start(t, shop, "page", page)
	c := suite.WantCondition(t, shop, v1alpha1.ConditionCredentialsAccepted, metav1.ConditionFalse, v1alpha1.ReasonGeneratedSecretMissing)
	if want := "kubectl delete configmap -n " + shop.Namespace + " linden-key-hook-api-1"; !strings.Contains(c.Message, want) {
		t.Errorf("the message does not say %q: %s", want, c.Message)
	}
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
}

// onlyEndpoint waits until an integration shows its endpoint, with one key.
func onlyEndpoint(t *testing.T, ci *v1alpha1.CarrierIntegration) v1alpha1.Endpoint {
	t.Helper()
	suite.Eventually(t, "the integration shows its endpoint and its key", func() error {
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(ci), ci); err != nil {
			return err
		}
		if e := ci.Status.Endpoints; len(e) != 1 || len(e[0].Keys) != 1 {
			return fmt.Errorf("endpoints are %+v", e)
		}
		return nil
	})
	return ci.Status.Endpoints[0]
}

// wantUnwanted waits until a key record says that its key is no longer used.
func wantUnwanted(t *testing.T, shop *v1alpha1.Shop, record string) {
	t.Helper()
	suite.Eventually(t, "the record says that the key is no longer used", func() error {
		cm := &corev1.ConfigMap{}
		if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: record}, cm); err != nil {
			return err
		}
		if cm.Data["unwanted"] == "" {
			return errors.New("it is not")
		}
		return nil
	})
}

func TestAReCreatedIntegrationKeepsItsEndpointAndItsSecret(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	ci := suite.Easypost(shop.Namespace)
	ci.Spec.CredentialsSecretRef = nil
	suite.Create(t, ci)
	wantKeys(t, shop, "hook-carrier-easypost", 1)
	_, before := secretOf(t, shop, "hook-carrier-easypost", 1)
	endpoint := onlyEndpoint(t, ci)
	if err := suite.Kube.Delete(t.Context(), ci); err != nil {
		t.Fatal(err)
	}
	wantUnwanted(t, shop, "linden-key-hook-carrier-easypost-1")
	again := suite.Easypost(shop.Namespace)
	again.Spec.CredentialsSecretRef = nil
	suite.Create(t, again)
	suite.WantCondition(t, again, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	if back := onlyEndpoint(t, again); back.URL != endpoint.URL || back.Keys[0].Number != 1 {
		t.Errorf("its endpoint is %+v, and was %+v", back, endpoint)
	}
	if _, after := secretOf(t, shop, "hook-carrier-easypost", 1); after != before {
		t.Error("its sender would have to be given another secret")
	}
	if err := suite.Kube.Delete(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	suite.Settled(t)
	suite.Clock.Jump(t, shop, 8*24*time.Hour)
	suite.Eventually(t, "the key of an integration that stays away is gone", func() error {
		collect(t, shop)
		if all := records(t, shop.Namespace); slices.Contains(all, "linden-key-hook-carrier-easypost-1") {
			return fmt.Errorf("%v", all)
		}
		return nil
	})
}

// The version before gave each key a name of its own, made its Secret immutable, and wrote the record of the next key ahead.
func TestAShopOfTheVersionBeforeKeepsItsKeys(t *testing.T) {
	shop := rotating(t, v1alpha1.Rotation{Token: "set long before"})
	suite.Operator.Stop()
	removeKeys(t, shop)
	immutable := true
	for _, purpose := range []string{"hook-api", "hook-erp", "links"} {
		active := keyRecord(shop.Namespace, purpose, 1, "1-oldoldol", map[string]string{"createdAt": "2026-01-02T03:04:05Z"})
		next := keyRecord(shop.Namespace, purpose, 2, "2-nextnext", nil)
		suite.Create(t, active, next)
		suite.Create(t, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: active.Data["secretName"], OwnerReferences: []metav1.OwnerReference{
				{APIVersion: "v1", Kind: "ConfigMap", Name: active.Name, UID: active.UID},
			}},
			Immutable: &immutable, Data: map[string][]byte{"key": []byte("old " + purpose)},
		})
	}
	suite.Operator.MustStart(t)
	for _, purpose := range []string{"hook-api", "hook-erp", "links"} {
		keys := wantKeys(t, shop, purpose, 1)
		if !keys[0].NotAfter.IsZero() {
			t.Errorf("the old key of %s ends at %s", purpose, keys[0].NotAfter)
		}
		suite.Eventually(t, "the pods mount the old key of "+purpose, func() error {
			if mounted := suite.PageVolumes(t, shop); !slices.Contains(mounted, "linden-key-"+purpose+"-1-oldoldol") {
				return fmt.Errorf("they mount %q", mounted)
			}
			return nil
		})
	}
	suite.Settled(t)
	defer unrolled(t, shop)()
	rotate(t, shop, func(r *v1alpha1.Rotation) { r.Token = "set now" })
	wantKeys(t, shop, "hook-erp", 1, 3)
	secretOf(t, shop, "hook-erp", 3)
}

// removeKeys leaves a Shop without keys, as if it had never been seen.
func removeKeys(t *testing.T, shop *v1alpha1.Shop) {
	t.Helper()
	keyring := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-keyring"}}
	if err := suite.Kube.Delete(t.Context(), keyring); err != nil {
		t.Fatal(err)
	}
	ours := []client.DeleteAllOfOption{client.InNamespace(shop.Namespace), client.HasLabels{v1alpha1.LabelKeyPurpose}}
	if err := errors.Join(suite.Kube.DeleteAllOf(t.Context(), &corev1.Secret{}, ours...), suite.Kube.DeleteAllOf(t.Context(), &corev1.ConfigMap{}, ours...)); err != nil {
		t.Fatal(err)
	}
}
