package chaos_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/follow"
	"github.com/wismo-dev/wismo/internal/testing/installed"
)

const (
	perRound = 24              // onboardings at the same time
	perDeath = 4               // of which one says when the process dies; all feel it
	patience = 3 * time.Minute // without any write
	// rate is the share of requests that meet a fault.
	rate = 0.03
	// flaps is by how many a condition may change more often than undisturbed: a write that failed may come first.
	flaps = 2
)

// documents returns what a merchant's repository holds: a Shop with a carrier, a policy and texts of its own, and nothing kept
// when it goes. The Shop comes last, as in a repository that is applied in the order of its dependencies.
func documents(namespace string) []client.Object {
	in := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: namespace, Name: name} }
	texts := &corev1.ConfigMap{ObjectMeta: in("texts"), Data: map[string]string{"nl.yaml": "mail.Delivered.subject: Bezorgd\n"}}
	texts.Labels = map[string]string{v1alpha1.LabelWatch: ""}
	return []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}},
		texts,
		&v1alpha1.NotificationPolicy{ObjectMeta: in("own"), Spec: v1alpha1.NotificationPolicySpec{
			Rules: []v1alpha1.Rule{{Occasion: v1alpha1.OccasionLastAttempt, Level: v1alpha1.LevelCritical}},
		}},
		&v1alpha1.CarrierIntegration{ObjectMeta: in("easypost"), Spec: v1alpha1.CarrierIntegrationSpec{
			ShopRef:              v1alpha1.ShopReference{Name: "linden"},
			Definition:           v1alpha1.DefinitionReference{Name: "easypost", Source: v1alpha1.DefinitionCatalog},
			CredentialsSecretRef: &v1alpha1.SecretReference{Name: "easypost"},
			Intake:               v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook},
		}},
		&v1alpha1.Shop{ObjectMeta: in("linden"), Spec: v1alpha1.ShopSpec{
			DisplayName: "Linden Living", Hostname: v1alpha1.Hostname("track." + namespace + ".example"), HomeCountry: "NL",
			Templates:             []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: "texts"}, Source: v1alpha1.SourceLocal}},
			NotificationPolicyRef: &v1alpha1.PolicyReference{Name: "own", Source: v1alpha1.SourceLocal},
			Storage:               &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, DeletionPolicy: v1alpha1.DeletionDelete},
		}},
	}
}

// round is some onboardings at the same time, against one operator in trouble.
type round struct {
	t          *testing.T
	namespaces []string
	trouble    *trouble
	history    *history
}

func newRound(t *testing.T, number uint64, shops int, trouble *trouble) *round {
	t.Helper()
	r := &round{t: t, trouble: trouble, history: &history{seen: map[string][]seen{}}}
	for i := range shops {
		r.namespaces = append(r.namespaces, fmt.Sprintf("chaos-%d-%d", number, i))
	}
	following(t, &v1alpha1.ShopList{}, r.history.add)
	playDeployments(t)
	return r
}

// onboard applies the documents, and after all is Ready an edit: both have to arrive.
func (r *round) onboard() {
	r.t.Helper()
	for _, namespace := range r.namespaces {
		for _, object := range documents(namespace) {
			if err := kube.Create(r.t.Context(), object); err != nil {
				r.t.Fatal(err)
			}
		}
	}
	r.ready(1)
	for _, namespace := range r.namespaces {
		edit := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"displayName":"Linden"}}`))
		shop := &v1alpha1.Shop{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "linden"}}
		if err := kube.Patch(r.t.Context(), shop, edit); err != nil {
			r.t.Fatal(err)
		}
	}
	r.ready(2)
}

// ready waits until all that was applied is Ready in this generation.
func (r *round) ready(generation int64) {
	r.t.Helper()
	last, at := 0, time.Now()
	for {
		late := r.late(generation)
		if len(late) == 0 {
			return
		}
		if made := len(r.trouble.done()); made != last {
			last, at = made, time.Now()
		}
		if time.Since(at) > patience {
			r.t.Fatalf("not Ready, and nothing was written for %s: %s", patience, strings.Join(late, "\n"))
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (r *round) late(generation int64) []string {
	r.t.Helper()
	shops := &v1alpha1.ShopList{}
	if err := kube.List(r.t.Context(), shops); err != nil {
		r.t.Fatal(err)
	}
	waiting := map[string]string{}
	for _, namespace := range r.namespaces {
		waiting[namespace] = "no Shop"
	}
	for _, shop := range shops.Items {
		ready := meta.FindStatusCondition(shop.Status.Conditions, v1alpha1.ConditionReady)
		if ready != nil && ready.Status == metav1.ConditionTrue && shop.Status.ObservedGeneration >= generation {
			delete(waiting, shop.Namespace)
		} else if ready != nil {
			waiting[shop.Namespace] = ready.Reason + ": " + ready.Message
		}
	}
	var late []string
	for namespace, why := range waiting {
		late = append(late, namespace+" "+why)
	}
	return late
}

// settled waits until nothing was written for a while.
func (r *round) settled() {
	for quiet := 0; quiet < 10; {
		before := len(r.trouble.done())
		time.Sleep(100 * time.Millisecond)
		if quiet++; before != len(r.trouble.done()) {
			quiet = 0
		}
	}
}

// outcome returns every namespace in words, after an operator without trouble has had its look.
func (r *round) outcome() map[string][]string {
	r.t.Helper()
	all := map[string][]string{}
	for _, namespace := range r.namespaces {
		all[namespace] = dump(r.t, namespace)
	}
	return all
}

// clear removes all objects, so that the next round starts from nothing.
func (r *round) clear() {
	r.t.Helper()
	ctx := context.WithoutCancel(r.t.Context()) // also at the end of a test
	for _, namespace := range r.namespaces {
		for _, object := range objects(r.t, namespace) {
			_ = kube.Patch(ctx, object, client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`)))
			if err := kube.Delete(ctx, object); client.IgnoreNotFound(err) != nil {
				r.t.Fatal(err)
			}
		}
	}
}

// undisturbed returns the outcome that all others are held to, and how often each condition changed on the way.
func undisturbed(t *testing.T) ([]string, map[string]int, int) {
	t.Helper()
	trouble := newTrouble(0, 0)
	r := newRound(t, 0, 1, trouble)
	operator := supervise(t, trouble)
	r.onboard()
	r.settled()
	operator.stop()
	want := r.outcome()[r.namespaces[0]]
	changes := r.history.changes(r.namespaces[0])
	r.clear()
	return want, changes, len(trouble.done())
}

func TestAnOnboardingThatDiesAtAnyWriteAndLosesAnythingOnTheWayComesToTheSameEnd(t *testing.T) {
	want, changes, writes := undisturbed(t)
	t.Logf("undisturbed: %d objects, %d writes", len(want), writes)
	for done, number := 0, *seed; done < *runs; number++ {
		shops := min(perRound, *runs-done)
		trouble := newTrouble(number, rate)
		r := newRound(t, number, shops, trouble)
		for i := 0; i < shops; i += perDeath {
			trouble.deaths[r.namespaces[i]] = 1 + ((done+i)/perDeath)%writes
		}
		done += shops
		operator := supervise(t, trouble)
		r.onboard()
		trouble.quiet()
		r.settled()
		operator.stop()
		t.Logf("seed %d: %d onboardings, %d deaths, %d times two at work, %v", number, shops, operator.deaths, operator.two, trouble.met)
		r.compare(want, changes, number)
		r.writesNothing(number)
		r.clear()
		if t.Failed() {
			t.Fatalf("again with: -args -seed %d -runs %d", number, shops)
		}
	}
}

// compare holds every outcome to the undisturbed one.
func (r *round) compare(want []string, changes map[string]int, number uint64) {
	r.t.Helper()
	for namespace, got := range r.outcome() {
		if diff := cmp.Diff(want, got); diff != "" {
			r.t.Errorf("seed %d: %s came to another end:\n%s", number, namespace, diff)
		}
		for condition, n := range r.history.changes(namespace) {
			if n > changes[condition]+flaps {
				r.t.Errorf("seed %d: %s flapped: %s changed %d times, undisturbed %d: %v", number, namespace, condition, n, changes[condition], r.history.of(namespace, condition))
			}
		}
	}
}

// writesNothing starts an operator without trouble: it looks at everything, and there is nothing left to do.
func (r *round) writesNothing(number uint64) {
	r.t.Helper()
	calm := newTrouble(number, 0)
	r.trouble = calm
	operator := supervise(r.t, calm)
	time.Sleep(time.Second)
	r.settled()
	operator.stop()
	made := slices.Clone(calm.done())
	if i := slices.Index(made, "PATCH /api/v1/namespaces/"+installed.Namespace+"/configmaps/wismo-release"); i >= 0 {
		made = slices.Delete(made, i, i+1) // how many Shops there are is told a little later, and so perhaps by this one
	}
	if len(made) > 0 {
		r.t.Errorf("seed %d: %d writes at rest:\n%s", number, len(made), strings.Join(made[:min(len(made), 20)], "\n"))
	}
}

// history is every status that every condition had.
type history struct {
	mu   sync.Mutex
	seen map[string][]seen
}

// seen is a status, and what was said of it at first.
type seen struct{ status, reason, message string }

// following shows every version of the objects that there are, as long as the test lasts.
func following[O client.Object](t *testing.T, list client.ObjectList, see func(O), opts ...client.ListOption) {
	t.Helper()
	stop, err := follow.Versions(t.Context(), kube, list, func(_ watch.EventType, o O) { see(o) }, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func (h *history) add(shop *v1alpha1.Shop) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, kind := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionStalled, v1alpha1.ConditionAccepted, v1alpha1.ConditionHostnameAccepted, v1alpha1.ConditionWorkloadsAvailable, v1alpha1.ConditionOperational} {
		value := seen{status: "absent"}
		if c := meta.FindStatusCondition(shop.Status.Conditions, kind); c != nil {
			value = seen{string(c.Status), c.Reason, c.Message}
		}
		key := shop.Namespace + " " + kind
		if past := h.seen[key]; len(past) == 0 || past[len(past)-1].status != value.status {
			h.seen[key] = append(past, value)
		}
	}
}

func (h *history) of(namespace, kind string) []seen {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seen[namespace+" "+kind]
}

func (h *history) changes(namespace string) map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := map[string]int{}
	for key, values := range h.seen {
		if kind, ok := strings.CutPrefix(key, namespace+" "); ok {
			all[kind] = len(values)
		}
	}
	return all
}

// playDeployments does what the controller of Deployments does when every pod starts at once.
func playDeployments(t *testing.T) {
	t.Helper()
	following(t, &appsv1.DeploymentList{}, func(d *appsv1.Deployment) {
		if d.Status.ObservedGeneration != d.Generation {
			d.Status = rolledOut(d.Generation)
			_ = kube.Status().Update(t.Context(), d) // after a conflict comes a newer one
		}
	})
}

func rolledOut(generation int64) appsv1.DeploymentStatus {
	now := metav1.Now()
	return appsv1.DeploymentStatus{
		ObservedGeneration: generation, Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1, AvailableReplicas: 1,
		Conditions: []appsv1.DeploymentCondition{
			{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, Reason: "MinimumReplicasAvailable", LastUpdateTime: now, LastTransitionTime: now},
			{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: "NewReplicaSetAvailable", LastUpdateTime: now, LastTransitionTime: now},
		},
	}
}
