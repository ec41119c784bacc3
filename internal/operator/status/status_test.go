package status

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/outcome"

	"k8s.io/client-go/tools/events"
)

var (
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	words = Vocabulary{
		Ready:       []string{v1alpha1.ConditionAccepted, v1alpha1.ConditionWorkloadsAvailable},
		Operational: []string{v1alpha1.ConditionStorageReady, v1alpha1.ConditionOrdersFlowing},
	}
)

// api counts status writes.
type api struct {
	client.SubResourceWriter
	writes int
	err    error
}

func (a *api) Patch(context.Context, client.Object, client.Patch, ...client.SubResourcePatchOption) error {
	a.writes++
	return a.err
}

// desk is one object and what writes its status.
type desk struct {
	shop       *v1alpha1.Shop
	vocabulary Vocabulary
	api        *api
	ledger     WriteTracker
	events     *events.FakeRecorder
}

func newDesk() *desk {
	return &desk{
		shop: &v1alpha1.Shop{ObjectMeta: metav1.ObjectMeta{Name: "linden", Generation: 1}}, vocabulary: words,
		api: &api{}, events: events.NewFakeRecorder(100),
	}
}

func (d *desk) target() Target {
	return Target{d.shop, &d.shop.Status.Conditions, &d.shop.Status.ObservedGeneration, &d.shop.Status.LastHandledReconcileAt}
}

// pass returns one reconciliation that states the facts and comes to the outcome.
func (d *desk) pass(t *testing.T, at time.Time, out outcome.Outcome, facts func(*Writer)) {
	t.Helper()
	w := Begin(d.target(), d.vocabulary, at)
	facts(w)
	if err := w.Commit(t.Context(), d.api, &d.ledger, d.events, out); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) told() []string {
	var all []string
	for len(d.events.Events) > 0 {
		all = append(all, <-d.events.Events)
	}
	return all
}

func (d *desk) conditions() map[string]string {
	all := map[string]string{}
	for _, c := range d.shop.Status.Conditions {
		all[c.Type] = string(c.Status) + " " + c.Reason
	}
	return all
}

func good(w *Writer) {
	w.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonValid, "valid")
	w.True(v1alpha1.ConditionWorkloadsAvailable, v1alpha1.ReasonAvailable, "serving")
	w.True(v1alpha1.ConditionStorageReady, v1alpha1.ReasonHealthy, "healthy")
	w.Unknown(v1alpha1.ConditionOrdersFlowing, v1alpha1.ReasonWaitingForFirstOrder, "none yet")
}

func TestAConditionThatAnUpgradeAddsCountsForOperationalOnceItIsStated(t *testing.T) {
	d := newDesk()
	allGood := func(w *Writer) {
		good(w)
		w.True(v1alpha1.ConditionOrdersFlowing, v1alpha1.ReasonFlowing, "orders arrive")
	}
	d.pass(t, noon, outcome.Done(), allGood)
	d.vocabulary.Operational = append(slices.Clone(words.Operational), v1alpha1.ConditionSenderVerified)
	d.pass(t, noon, outcome.Done(), allGood)
	if got, stated := d.conditions()[v1alpha1.ConditionSenderVerified]; stated || d.conditions()[v1alpha1.ConditionOperational] != "True Operational" {
		t.Errorf("before it is stated it is %q, and Operational is %s", got, d.conditions()[v1alpha1.ConditionOperational])
	}
	d.pass(t, noon, outcome.Done(), func(w *Writer) {
		w.False(v1alpha1.ConditionSenderVerified, v1alpha1.ReasonSenderRefused, "refused")
	})
	if got := d.conditions()[v1alpha1.ConditionOperational]; got != "False SenderRefused" {
		t.Errorf("once it is False, Operational is %s", got)
	}
}

func TestFactsRollUpIntoWhatToolsWaitFor(t *testing.T) {
	refused := apierrors.NewForbidden(schema.GroupResource{Resource: "services"}, "linden-page", errors.New("quota"))
	for name, tc := range map[string]struct {
		out   outcome.Outcome
		facts func(*Writer)
		want  map[string]string
	}{
		"all is good": {outcome.Done(), good, map[string]string{"Ready": "True Ready", "Operational": "Unknown WaitingForFirstOrder"}},
		"the world's faults do not reach Ready": {outcome.Done(), func(w *Writer) {
			good(w)
			w.False(v1alpha1.ConditionStorageReady, v1alpha1.ReasonStorageUnreachable, "no answer")
		}, map[string]string{"Ready": "True Ready", "Operational": "False StorageUnreachable"}},
		"starting": {outcome.Wait(0, v1alpha1.ReasonProgressing, "starting"), good,
			map[string]string{"Ready": "False Progressing", "Reconciling": "True Progressing", "Operational": "Unknown WaitingForFirstOrder"}},
		"wrong input": {outcome.Stalled(v1alpha1.ReasonInvalidTemplate, "line 2"), good,
			map[string]string{"Ready": "False InvalidTemplate", "Stalled": "True InvalidTemplate", "Operational": "Unknown WaitingForFirstOrder"}},
		"an error on the way": {outcome.Retry(errors.New("connection 10.0.0.1:4321 reset")), func(*Writer) {},
			map[string]string{"Ready": "False Progressing", "Reconciling": "True Progressing", "Operational": "Unknown NotYetObserved"}},
		"a refusal": {outcome.Retry(refused), good,
			map[string]string{"Ready": "False ObjectRefused", "Reconciling": "True ObjectRefused", "Operational": "Unknown WaitingForFirstOrder"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk()
			d.pass(t, noon, tc.out, tc.facts)
			got := d.conditions()
			for _, part := range append(words.Ready, words.Operational...) {
				delete(got, part)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			if d.shop.Status.ObservedGeneration != 1 {
				t.Errorf("observed generation %d", d.shop.Status.ObservedGeneration)
			}
			for _, c := range d.shop.Status.Conditions {
				if strings.Contains(c.Message, "4321") {
					t.Errorf("the message changes with every try: %s", c.Message)
				}
			}
		})
	}
}

func TestAConditionThatIsPresentOnlyWhileTrueFeedsNothing(t *testing.T) {
	d := newDesk()
	d.vocabulary.WhileTrue = []string{v1alpha1.ConditionFieldsInactive}
	right := func(w *Writer) {
		for _, kind := range slices.Concat(words.Ready, words.Operational) {
			w.True(kind, v1alpha1.ReasonReady, "")
		}
	}
	inactive := func(w *Writer) {
		right(w)
		w.True(v1alpha1.ConditionFieldsInactive, v1alpha1.ReasonNotActedOn, "spec.retention")
	}
	absent := func(w *Writer) {
		right(w)
		w.Absent(v1alpha1.ConditionFieldsInactive)
	}
	for i, c := range []struct {
		facts   func(*Writer)
		present bool
	}{{right, false}, {inactive, true}, {right, true}, {absent, false}} {
		d.shop.Generation++
		d.pass(t, noon, outcome.Done(), c.facts)
		found := meta.FindStatusCondition(d.shop.Status.Conditions, v1alpha1.ConditionFieldsInactive)
		if (found != nil) != c.present || found != nil && (found.Status != metav1.ConditionTrue || found.ObservedGeneration != d.shop.Generation) {
			t.Errorf("pass %d: %+v, want it present: %t", i, found, c.present)
		}
		for _, rollUp := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionOperational} {
			if !meta.IsStatusConditionTrue(d.shop.Status.Conditions, rollUp) {
				t.Errorf("pass %d: %s is not True", i, rollUp)
			}
		}
	}
}

func TestASecondLookThatFindsTheSameWritesAndTellsNothing(t *testing.T) {
	d := newDesk()
	d.pass(t, noon, outcome.Done(), good)
	first := d.shop.DeepCopy()
	if diff := cmp.Diff([]string{"Normal Ready the spec is valid, and everything it asks for is in place"}, d.told()); diff != "" {
		t.Errorf("events:\n%s", diff)
	}
	d.pass(t, noon.Add(time.Hour), outcome.Done(), good)
	if d.api.writes != 1 {
		t.Errorf("%d writes", d.api.writes)
	}
	if diff := cmp.Diff(first.Status, d.shop.Status); diff != "" {
		t.Errorf("the status moved:\n%s", diff)
	}
	if told := d.told(); len(told) != 0 {
		t.Errorf("told %v", told)
	}
}

func TestAFailedCallDoesNotUnsettleAShopThatIsReady(t *testing.T) {
	d := newDesk()
	d.pass(t, noon, outcome.Done(), good)
	d.pass(t, noon.Add(time.Minute), outcome.Retry(errors.New("timeout")), func(*Writer) {})
	if d.conditions()["Ready"] != "True Ready" || d.api.writes != 1 {
		t.Errorf("conditions %v after %d writes", d.conditions(), d.api.writes)
	}
	d.shop.Generation = 2
	d.pass(t, noon.Add(time.Minute), outcome.Retry(errors.New("timeout")), func(*Writer) {})
	if d.conditions()["Ready"] != "False Progressing" {
		t.Errorf("a new generation counts as reached: %v", d.conditions())
	}
}

func TestAFailedCallHidesNoBreakThatWasFoundBeforeIt(t *testing.T) {
	d := newDesk()
	d.pass(t, noon, outcome.Done(), good)
	d.pass(t, noon.Add(time.Minute), outcome.Retry(errors.New("timeout")), func(w *Writer) {
		w.False(v1alpha1.ConditionWorkloadsAvailable, v1alpha1.ReasonPodsFailing, "a pod crashes")
	})
	if got := d.conditions(); got["Ready"] != "False PodsFailing" || got["Reconciling"] != "True PodsFailing" {
		t.Errorf("conditions %v", got)
	}
}

func TestAFailedCallLeavesAStalledShopStalled(t *testing.T) {
	d := newDesk()
	d.pass(t, noon, outcome.Stalled(v1alpha1.ReasonInvalidTemplate, "line 2"), good)
	d.pass(t, noon.Add(time.Minute), outcome.Retry(errors.New("timeout")), func(*Writer) {})
	if d.conditions()["Stalled"] != "True InvalidTemplate" || d.api.writes != 1 {
		t.Errorf("conditions %v after %d writes", d.conditions(), d.api.writes)
	}
}

func TestWhatTheAPIServerRefusesIsStalledAfterTenMinutesAndMendsItself(t *testing.T) {
	d := newDesk()
	quota := apierrors.NewForbidden(schema.GroupResource{Resource: "services"}, "linden-page", errors.New("exceeded quota"))
	refusal := outcome.Retry(fmt.Errorf("applying Service linden-page: %w", quota))
	for _, step := range []struct {
		after time.Duration
		out   outcome.Outcome
		want  map[string]string
	}{
		{0, refusal, map[string]string{"Ready": "False ObjectRefused", "Reconciling": "True ObjectRefused"}},
		{9*time.Minute + 59*time.Second, refusal, map[string]string{"Ready": "False ObjectRefused", "Reconciling": "True ObjectRefused"}},
		{10 * time.Minute, refusal, map[string]string{"Ready": "False ObjectRefused", "Stalled": "True ObjectRefused"}},
		{11 * time.Minute, refusal, map[string]string{"Ready": "False ObjectRefused", "Stalled": "True ObjectRefused"}},
		{12 * time.Minute, outcome.Done(), map[string]string{"Ready": "True Ready"}},
	} {
		d.pass(t, noon.Add(step.after), step.out, good)
		got := d.conditions()
		for _, part := range append(words.Ready, append(words.Operational, v1alpha1.ConditionOperational)...) {
			delete(got, part)
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("after %s:\n%s", step.after, diff)
		}
	}
}

func TestWhatMayNeverComeIsStalledAfterTenMinutesAndWhatIsOnItsWayIsNot(t *testing.T) {
	for name, tc := range map[string]struct {
		wait func(time.Duration, string, string) outcome.Outcome
		want string
	}{
		"awaited": {outcome.Await, "True PodsForbidden"},
		"waited":  {outcome.Wait, ""},
	} {
		d := newDesk()
		for _, at := range []time.Duration{0, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute} {
			d.pass(t, noon.Add(at), tc.wait(time.Second, v1alpha1.ReasonPodsForbidden, "a quota"), good)
			want := tc.want
			if at < outcome.MissingTimeout {
				want = ""
			}
			if got := d.conditions()["Stalled"]; got != want {
				t.Errorf("%s: after %s Stalled is %q, want %q", name, at, got, want)
			}
		}
	}
}

func TestANamespaceThatIsBeingDeletedIsNoMistake(t *testing.T) {
	d := newDesk()
	terminating := apierrors.NewForbidden(schema.GroupResource{Resource: "services"}, "linden-page", errors.New("being terminated"))
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	for _, at := range []time.Duration{0, time.Hour} {
		d.pass(t, noon.Add(at), outcome.Retry(terminating), good)
	}
	if d.conditions()["Reconciling"] != "True Progressing" {
		t.Errorf("conditions %v", d.conditions())
	}
}

func TestALookThatWasAskedForIsEchoedOnceItWasTaken(t *testing.T) {
	d := newDesk()
	d.pass(t, noon, outcome.Done(), good)
	for _, step := range []struct {
		request string
		out     outcome.Outcome
		asked   bool
		want    string
	}{
		{"", outcome.Done(), false, ""},
		{"2026-03-01T12:00:00Z", outcome.Retry(errors.New("timeout")), true, ""},
		{"2026-03-01T12:00:00Z", outcome.Done(), true, "2026-03-01T12:00:00Z"},
		{"2026-03-01T12:00:00Z", outcome.Done(), false, "2026-03-01T12:00:00Z"},
		{"again", outcome.Stalled(v1alpha1.ReasonInvalidTemplate, "line 2"), true, "again"},
		{"", outcome.Done(), false, "again"},
		{strings.Repeat("x", 100), outcome.Done(), true, strings.Repeat("x", 61) + "..."},
		{strings.Repeat("x", 100), outcome.Done(), false, strings.Repeat("x", 61) + "..."},
	} {
		d.shop.Annotations = map[string]string{v1alpha1.AnnotationReconcileRequestedAt: step.request}
		asked := false
		d.pass(t, noon, step.out, func(w *Writer) { good(w); asked = w.Requested() })
		if echo := d.shop.Status.LastHandledReconcileAt; echo != step.want || asked != step.asked {
			t.Errorf("%.20q: asked %t, echo %q, want %t, %q", step.request, asked, echo, step.asked, step.want)
		}
	}
}

func TestFiftyResyncsTellNothing(t *testing.T) {
	d := newDesk()
	d.pass(t, noon, outcome.Done(), good)
	d.told()
	for i := range 50 {
		d.pass(t, noon.Add(time.Duration(i)*time.Minute), outcome.Done(), good)
	}
	if told := d.told(); len(told) != 0 || d.api.writes != 1 {
		t.Errorf("told %v in %d writes", told, d.api.writes)
	}
}

// A store that comes and goes twice a second is told of a few times, and then once a minute.
func TestWhatFlapsDoesNotBuryWhatOthersTell(t *testing.T) {
	d := newDesk()
	flap := func(at time.Duration, broken bool) {
		d.pass(t, noon.Add(at), outcome.Done(), func(w *Writer) {
			good(w)
			if broken {
				w.False(v1alpha1.ConditionStorageReady, v1alpha1.ReasonStorageUnreachable, "no answer")
			}
		})
	}
	for i := range 90 {
		flap(time.Duration(i)*500*time.Millisecond, i%2 == 0)
	}
	if told := len(d.told()); told > eventBurst || told < eventBurst/2 {
		t.Errorf("%d events in 45 seconds, want at most %d", told, eventBurst)
	}
	for i := range 20 {
		flap(time.Minute+time.Duration(i)*500*time.Millisecond, i%2 == 0)
	}
	if told := len(d.told()); told > 2 {
		t.Errorf("%d events in the seconds after, want at most 2", told)
	}
	flap(time.Hour, true)
	if told := d.told(); len(told) == 0 {
		t.Error("an hour later nothing is told any more")
	}
}

func TestATransitionTimeMovesWithTheStatusAndWithNothingElse(t *testing.T) {
	d := newDesk()
	at := func() time.Time {
		return meta.FindStatusCondition(d.shop.Status.Conditions, v1alpha1.ConditionStorageReady).LastTransitionTime.Time
	}
	state := func(after time.Duration, stated func(*Writer)) {
		d.pass(t, noon.Add(after), outcome.Done(), func(w *Writer) { good(w); stated(w) })
	}
	state(0, func(*Writer) {})
	state(time.Minute, func(w *Writer) { w.True(v1alpha1.ConditionStorageReady, v1alpha1.ReasonHealthy, "still healthy") })
	if !at().Equal(noon) {
		t.Errorf("another message moved the time to %s", at())
	}
	state(2*time.Minute, func(w *Writer) {
		w.False(v1alpha1.ConditionStorageReady, v1alpha1.ReasonStorageUnreachable, "no answer")
	})
	if !at().Equal(noon.Add(2 * time.Minute)) {
		t.Errorf("another status did not move the time: %s", at())
	}
}

func TestEveryBreakAndEveryRepairIsToldOnce(t *testing.T) {
	d := newDesk()
	d.pass(t, noon, outcome.Done(), good)
	d.told()
	broken := func(w *Writer) {
		good(w)
		w.False(v1alpha1.ConditionStorageReady, v1alpha1.ReasonStorageUnreachable, "no answer")
	}
	d.pass(t, noon, outcome.Done(), broken)
	d.pass(t, noon, outcome.Done(), broken)
	d.pass(t, noon, outcome.Done(), good)
	want := []string{"Warning StorageUnreachable no answer", "Normal Healthy healthy"}
	if diff := cmp.Diff(want, d.told()); diff != "" {
		t.Error(diff)
	}
}

func TestTheTimeSinceAReasonHoldsIsKept(t *testing.T) {
	d := newDesk()
	missing := func(w *Writer) { w.False(v1alpha1.ConditionAccepted, v1alpha1.ReasonMissingReference, "no policy") }
	d.pass(t, noon, outcome.Wait(0, v1alpha1.ReasonMissingReference, "no policy"), missing)
	w := Begin(d.target(), words, noon.Add(time.Hour))
	if since := w.Since(v1alpha1.ConditionAccepted, v1alpha1.ReasonMissingReference); !since.Equal(noon) {
		t.Errorf("since %s", since)
	}
	if since := w.Since(v1alpha1.ConditionAccepted, v1alpha1.ReasonInvalidTemplate); !since.Equal(noon.Add(time.Hour)) {
		t.Errorf("another reason holds since %s", since)
	}
}

func TestACacheThatIsBehindOurOwnWriteIsRecognised(t *testing.T) {
	d := newDesk()
	d.shop.ResourceVersion = "7"
	stale := d.shop.DeepCopy()
	d.pass(t, noon, outcome.Done(), good)
	fresh := stale.DeepCopy()
	fresh.ResourceVersion = "8"
	if !d.ledger.IsStale(stale) || d.ledger.IsStale(fresh) {
		t.Error("the ledger takes the old for the new")
	}
	d.ledger.Forget(client.ObjectKeyFromObject(stale))
	if d.ledger.IsStale(stale) {
		t.Error("the ledger does not forget")
	}
}
