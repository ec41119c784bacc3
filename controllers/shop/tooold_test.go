package shop

import (
	"encoding/json"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/controllers/shop/placement"
	"github.com/wismo-dev/wismo/controllers/shop/workloads"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/bundle/frozen"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
	"github.com/wismo-dev/wismo/internal/testing/inmemory"
)

const old, latest = "rel-0001", "rel-0002"

// twoReleases returns the last one, whose workloads know no quiet hours, and one of this build.
func twoReleases(t *testing.T) map[string]*releases.Edition {
	t.Helper()
	text, err := json.Marshal(frozen.BuiltinPolicy())
	if err != nil {
		t.Fatal(err)
	}
	before := &releases.Edition{Name: old, Document: release.Document{Render: frozen.Render}}
	if err := json.Unmarshal(text, &before.Document.Policy); err != nil {
		t.Fatal(err)
	}
	return map[string]*releases.Edition{old: before, latest: {Name: latest, Document: release.Document{Render: desired.RenderVersion, Policy: bundle.BuiltinPolicy()}}}
}

// quietShop returns a Shop whose policy asks for quiet hours, which its status has not seen yet; unless it has settled.
func quietShop(settled bool) *v1alpha1.Shop {
	shop := &v1alpha1.Shop{
		ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "linden", UID: "linden", Generation: 2},
		Spec: v1alpha1.ShopSpec{
			DisplayName: "Linden", Hostname: "track.linden.example", HomeCountry: "NL",
			NotificationPolicyRef: &v1alpha1.PolicyReference{Name: "own", Source: v1alpha1.SourceLocal},
		},
	}
	if settled {
		shop.Status.ObservedGeneration = shop.Generation
	}
	return shop
}

// serves makes both workloads serve on the release.
func serves(t *testing.T, w *inmemory.Fixture, shop *v1alpha1.Shop, release string) {
	t.Helper()
	one := int32(1)
	for _, c := range workloads.Components {
		w.Create(t, &appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: shop.Namespace, Name: desired.WorkloadName(shop.Name, c), Labels: map[string]string{v1alpha1.LabelRelease: release, v1alpha1.LabelBundle: "of-then"},
			},
			Spec: appsv1.DeploymentSpec{Replicas: &one},
			Status: appsv1.DeploymentStatus{Replicas: 1, UpdatedReplicas: 1, AvailableReplicas: 1, Conditions: []appsv1.DeploymentCondition{
				{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue}, {Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: "NewReplicaSetAvailable"},
			}},
		})
	}
}

func TestAShopWhoseReleaseKnowsNoQuietHoursServesOnAsItDidAndIsToldWhatToDo(t *testing.T) {
	for name, tc := range map[string]struct {
		reason   rollout.Reason
		settled  bool
		state    string // of the conditions that pipelines read
		accepted metav1.ConditionStatus
		says     string
	}{
		"pinned":                     {rollout.PinnedTo, false, "Stalled ReleaseTooOld", metav1.ConditionFalse, "spec.quietHours"},
		"held":                       {rollout.HeldBack, false, "Stalled ReleaseTooOld", metav1.ConditionFalse, "a later release supports it"},
		"waits since before":         {rollout.WaitingForWave, true, "Ready Ready", metav1.ConditionTrue, "the last bundle stays in use"},
		"waits and was edited":       {rollout.WaitingForTurn, false, "Reconciling ReleaseTooOld", metav1.ConditionTrue, "spec.quietHours"},
		"waits while it is approved": {rollout.WaitingForApproval, true, "Ready Ready", metav1.ConditionTrue, "until the Shop moves to a later release"},
	} {
		t.Run(name, func(t *testing.T) {
			shop := quietShop(tc.settled)
			w := newFixture(t, shop)
			w.Create(t, &v1alpha1.NotificationPolicy{
				ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "own"},
				Spec:       v1alpha1.NotificationPolicySpec{QuietHours: &v1alpha1.QuietHours{Start: "22:00", End: "07:00"}},
			})
			serves(t, w, shop, old)
			editions := twoReleases(t)
			w.Assignments.Publish(map[types.NamespacedName]releases.Assignment{client.ObjectKeyFromObject(shop): {
				Edition: editions[old], Latest: latest, Step: rollout.Step{Release: old, Reason: tc.reason},
			}}, editions)
			if _, state := w.Reconcile(t, newReconciler(w), shop, &shop.Status.Conditions); state != tc.state {
				t.Errorf("it is %s, want %s: %+v", state, tc.state, shop.Status.Conditions)
			}
			if c := meta.FindStatusCondition(shop.Status.Conditions, v1alpha1.ConditionAccepted); c.Status != tc.accepted || !strings.Contains(c.Message, tc.says) {
				t.Errorf("Accepted is %s: %s", c.Status, c.Message)
			}
			for _, c := range workloads.Components {
				d := &appsv1.Deployment{}
				if err := w.Kube.Get(t.Context(), client.ObjectKey{Namespace: "linden", Name: desired.WorkloadName("linden", c)}, d); err != nil {
					t.Fatal(err)
				}
				if d.Labels[v1alpha1.LabelRelease] != old || d.Labels[v1alpha1.LabelBundle] != "of-then" {
					t.Errorf("%s has become %v", d.Name, d.Labels)
				}
			}
		})
	}
}

func TestANewShopThatAsksForWhatTheStableReleaseDoesNotDoBeginsWithTheLatest(t *testing.T) {
	shop := quietShop(false)
	w := newFixture(t, shop)
	w.Create(t, &v1alpha1.NotificationPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "own"},
		Spec:       v1alpha1.NotificationPolicySpec{QuietHours: &v1alpha1.QuietHours{Start: "22:00", End: "07:00"}},
	})
	editions, key := twoReleases(t), client.ObjectKeyFromObject(shop)
	w.Assignments.Publish(map[types.NamespacedName]releases.Assignment{key: {
		Edition: editions[old], Latest: latest, Step: rollout.Step{Release: old, Reason: rollout.Updating},
	}}, editions)
	r := newReconciler(w)
	if _, state := w.Reconcile(t, r, shop, &shop.Status.Conditions); state != "Reconciling ReleaseTooOld" || !w.Assignments.TooOld(key, old) || w.Assignments.TooOld(key, latest) {
		t.Errorf("it is %s, and the planner knows %t", state, w.Assignments.TooOld(key, old))
	}
	if w.Assignments.Invalid(key, old) || w.Assignments.Invalid(key, latest) {
		t.Error("it counts as broken by its owner")
	}
}

func TestAShopThatGoesBackIsCompiledForWhereItServedBeforeAndToldWhatThatDoesNotDo(t *testing.T) {
	shop := quietShop(true)
	for reason, compiles := range map[rollout.Reason]bool{
		rollout.RollingBack: true, rollout.RolledBack: true, rollout.ReleaseFailed: true, rollout.PinnedTo: false, rollout.WaitingForWave: false,
	} {
		w := newFixture(t, shop.DeepCopy())
		w.Create(t, &v1alpha1.NotificationPolicy{
			ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "own"},
			Spec:       v1alpha1.NotificationPolicySpec{QuietHours: &v1alpha1.QuietHours{Start: "22:00", End: "07:00"}},
		})
		editions := twoReleases(t)
		s := placement.NewSituation(shop, releases.Assignment{
			Edition: editions[old], Latest: latest, Step: rollout.Step{Release: old, Reason: reason},
		}, workloads.State{Shop: shop, Now: w.Now()}, "")
		fit, err := placement.New(w.Assignments, w.Gatherer, w.Kube).Fit(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if (fit.Output.Document != nil) != compiles {
			t.Errorf("%s: problems %v", reason, fit.Output.Problems)
		}
		if compiles && (len(fit.Output.NotYetActive) != 1 || !strings.Contains(fit.Output.NotYetActive[0], "quietHours")) {
			t.Errorf("%s: it is told %v", reason, fit.Output.NotYetActive)
		}
	}
}
