package carrierintegration

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/inmemory"
)

// A pipeline applies in any order, so a Shop that is not there yet is no mistake; after ten minutes it is.
func TestAMissingShopIsWaitedForTenMinutesAndThenAMistakeAndStillTakenUp(t *testing.T) {
	ci := &v1alpha1.CarrierIntegration{
		ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "easypost", Generation: 1},
		Spec: v1alpha1.CarrierIntegrationSpec{
			ShopRef:              v1alpha1.ShopReference{Name: "linden"},
			Definition:           v1alpha1.DefinitionReference{Name: "easypost", Source: v1alpha1.DefinitionCatalog},
			CredentialsSecretRef: &v1alpha1.SecretReference{Name: "easypost"},
			Intake:               v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook},
		},
	}
	w := inmemory.NewFixture(t, ci, nil)
	r := &Reconciler{Client: w.Kube, Assignments: w.Assignments, Gatherer: w.Gatherer, Reports: w.Reports, Recorder: events.NewFakeRecorder(100), Now: w.Now}
	w.WaitsTenMinutes(t, r, ci, &ci.Status.Conditions)
	shop := &v1alpha1.Shop{
		ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "linden"},
		Spec:       v1alpha1.ShopSpec{DisplayName: "Linden", Hostname: "track.linden.example", HomeCountry: "NL"},
	}
	w.Create(t, shop)
	if _, got := w.Reconcile(t, r, ci, &ci.Status.Conditions); got != "Stalled MissingReference" {
		t.Errorf("before the Shop has a release to run the integration is %s", got)
	}
	w.Assign(shop)
	if _, got := w.Reconcile(t, r, ci, &ci.Status.Conditions); got != "Ready Ready" {
		t.Errorf("with its Shop the integration is %s", got)
	}
}
