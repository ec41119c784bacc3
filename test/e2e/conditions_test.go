//go:build e2e

package e2e

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// breakTime is within what a person learns of a mistake.
const breakTime = 90 * time.Second

// serves makes sure that the merchant's page answers for an order that is known.
func (m merchant) serves(t *testing.T, path string) {
	t.Helper()
	if status, _ := m.get(t, path); status != http.StatusOK {
		t.Errorf("the page of %s answers %d", m.name, status)
	}
}

// knownPage is the path of an order's page.
func (m merchant) knownPage(t *testing.T) string {
	t.Helper()
	number := newNumber()
	m.send(t, m.journey(number, time.Now())[0])
	return m.awaitMails(t, number, 1)[0].PagePath()
}

func TestAMissingSecretIsNamedAndThePageServesOn(t *testing.T) {
	t.Parallel()
	m := live(t, "credentials", "")
	page := m.knownPage(t)
	secret := func() *corev1.Secret {
		return &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: m.name, Name: "webshop-app"},
			StringData: map[string]string{"client-secret": "of-the-app-that-the-merchant-made"},
		}
	}
	if err := cluster.Create(t.Context(), secret()); err != nil {
		t.Fatal(err)
	}
	m.change(t, func(s *v1alpha1.Shop) {
		s.Spec.Orders = &v1alpha1.Orders{Sources: []v1alpha1.OrderSource{{
			Name: "webshop", Definition: v1alpha1.DefinitionReference{Name: "shopify", Source: v1alpha1.DefinitionCatalog},
			AccountURL: "https://credentials.myshopify.example", CredentialsSecretRef: &v1alpha1.SecretReference{Name: "webshop-app"},
			Intake: v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook, Webhook: &v1alpha1.WebhookIntake{Registration: v1alpha1.RegistrationManual}},
		}}}
	})
	awaitCondition(t, m.key(), v1alpha1.ConditionCredentialsAccepted, metav1.ConditionTrue, "", 2*breakTime)
	remove(t, secret())
	message := awaitCondition(t, m.key(), v1alpha1.ConditionCredentialsAccepted, metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound, breakTime)
	if !strings.Contains(message, "webshop-app") {
		t.Errorf("the message does not name the Secret: %s", message)
	}
	awaitCondition(t, m.key(), v1alpha1.ConditionReady, metav1.ConditionTrue, "", 10*time.Second)
	awaitCondition(t, m.key(), v1alpha1.ConditionOperational, metav1.ConditionFalse, "", 10*time.Second)
	m.serves(t, page)

	if err := cluster.Create(t.Context(), secret()); err != nil {
		t.Fatal(err)
	}
	awaitCondition(t, m.key(), v1alpha1.ConditionCredentialsAccepted, metav1.ConditionTrue, "", 2*breakTime)
}

func TestABrokenTemplateIsNamedByFileAndLineAndThePageServesOn(t *testing.T) {
	page := fjallro.knownPage(t)
	texts, key := corev1.ConfigMap{}, client.ObjectKey{Namespace: "fjallro", Name: "fjallro-texts"}
	if err := cluster.Get(t.Context(), key, &texts); err != nil {
		t.Fatal(err)
	}
	original := texts.Data["sv.yaml"]
	t.Cleanup(func() { setContent(t, key, "sv.yaml", original) })
	setContent(t, key, "sv.yaml", original+"mail.Shipped.subject: \"På väg {{.Number\"\n")
	line := strings.Count(original, "\n") + 1

	message := awaitCondition(t, fjallro.key(), v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonInvalidTemplate, breakTime)
	if want := "sv.yaml:" + strconv.Itoa(line); !strings.Contains(message, want) {
		t.Errorf("the message does not say %s: %s", want, message)
	}
	awaitCondition(t, fjallro.key(), v1alpha1.ConditionReady, metav1.ConditionFalse, "", 10*time.Second)
	awaitCondition(t, fjallro.key(), v1alpha1.ConditionStalled, metav1.ConditionTrue, "", 10*time.Second)
	fjallro.serves(t, page)
	number := newNumber()
	fjallro.sendAll(t, number) // the last good texts are used on

	setContent(t, key, "sv.yaml", original)
	awaitCondition(t, fjallro.key(), v1alpha1.ConditionAccepted, metav1.ConditionTrue, "", breakTime)
	awaitReady(t, fjallro.key())
}

func TestATakenHostnameIsAConflictAndThePageServesOn(t *testing.T) {
	page := linden.knownPage(t)
	setHostname(t, "spara.fjallro.example")
	t.Cleanup(func() { setHostname(t, "track.linden.example") })
	awaitCondition(t, linden.key(), v1alpha1.ConditionHostnameAccepted, metav1.ConditionFalse, v1alpha1.ReasonHostnameConflict, breakTime)
	awaitCondition(t, linden.key(), v1alpha1.ConditionReady, metav1.ConditionFalse, "", 10*time.Second)
	linden.serves(t, page)
	awaitCondition(t, fjallro.key(), v1alpha1.ConditionHostnameAccepted, metav1.ConditionTrue, "", 10*time.Second)

	setHostname(t, "track.linden.example")
	awaitCondition(t, linden.key(), v1alpha1.ConditionHostnameAccepted, metav1.ConditionTrue, "", breakTime)
	awaitReady(t, linden.key())
}

func setHostname(t *testing.T, hostname string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	var shop v1alpha1.Shop
	if err := cluster.Get(ctx, linden.key(), &shop); err != nil {
		t.Fatal(err)
	}
	changed := shop.DeepCopy()
	changed.Spec.Hostname = v1alpha1.Hostname(hostname)
	if err := cluster.Patch(ctx, changed, client.MergeFrom(&shop)); err != nil {
		t.Fatal(err)
	}
}
