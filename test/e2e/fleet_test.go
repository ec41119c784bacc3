//go:build e2e

package e2e

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/journey"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
	"github.com/wismo-dev/wismo/test/e2e/flights"
)

const (
	releaseTime = 8 * time.Minute // ends a test in which a release never comes to its end
	bakeTime    = 5 * time.Second
	// pageRate is how often each page is opened in a second: twelve at once.
	pageRate = 4
)

// ring is a wave of the plan, and the Shops that it takes.
type ring struct {
	name          string
	shops         int
	maxConcurrent string // as it is configured
	atOnce        int    // as it comes to
}

var rings = []ring{{"canary", 3, "2", 2}, {"early", 4, "50%", 2}, {"late", 5, "2", 2}}

// label is of this run alone: Shops that a killed one has left count for no ring.
func (r ring) label() string { return ofThisRun(r.name) }

// releasePlan is the section of the operator's configuration: three waves, and the Shops of no ring after them.
func releasePlan() string {
	var plan strings.Builder
	plan.WriteString("release:\n  progressDeadlineSeconds: 60\n  waves:\n")
	for _, r := range rings {
		fmt.Fprintf(&plan, "  - {name: %s, selector: {matchLabels: {%s: %s}}, maxConcurrent: %s, bakeSeconds: %d}\n",
			r.name, v1alpha1.LabelRing, r.label(), r.maxConcurrent, int(bakeTime.Seconds()))
	}
	plan.WriteString("  - {name: others, maxConcurrent: 1, bakeSeconds: 0}\n")
	return plan.String()
}

// member is a Shop of the fleet.
type member struct {
	merchant
	ring  string
	tight bool   // its pods have little memory, as those of one Shop of each ring have
	page  string // of an order
}

// fleet is twelve Shops in three rings, with the words of one template of the library.
type fleet struct {
	members []*member
	texts   client.ObjectKey
}

// newFleet onboards the Shops, each with an order whose page is known.
func newFleet(t *testing.T) *fleet {
	t.Helper()
	restore := reconfigure(t, releasePlan())
	t.Cleanup(restore)
	f := &fleet{texts: client.ObjectKey{Namespace: v1alpha1.LibraryNamespace, Name: ofThisRun("house")}}
	f.shareTexts(t)
	start := time.Now()
	for _, r := range rings {
		for i := range r.shops {
			f.members = append(f.members, newMember(t, r, i, f.texts.Name))
		}
	}
	t.Cleanup(func() { f.explain(t) })
	for _, m := range f.members {
		awaitReady(t, m.key())
	}
	t.Logf("%d Shops were Ready %.1f s after the first was applied", len(f.members), time.Since(start).Seconds())
	for _, m := range f.members {
		m.baseURL = "http://" + cluster.Address(firstTenantPort+int(tenantPorts.Add(1)))
		m.open(t)
		m.page = m.knownPage(t)
	}
	await(t.Context(), t, "no release to be under way", releaseTime, func(ctx context.Context) (bool, string) {
		now, err := release(ctx)
		return now["state"] == "Succeeded", fmt.Sprint(now, err)
	})
	return f
}

// shareTexts makes the template, and waits until it is part of a release.
func (f *fleet) shareTexts(t *testing.T) {
	t.Helper()
	before := latestRelease(t)
	texts := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: f.texts.Namespace, Name: f.texts.Name, Labels: map[string]string{v1alpha1.LabelLibrary: "true", v1alpha1.LabelWatch: "true"},
		},
		Data: map[string]string{"nl.yaml": nextWords("We zijn ermee bezig."), "en.yaml": nextWords("We are on it.")},
	}
	if err := cluster.Create(t.Context(), texts); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.awaitGone(t) // a template that a Shop uses is not removed: the release without it would be halted
		remove(t, texts)
	})
	awaitRelease(t, before, "Succeeded")
}

// awaitGone waits until no member is left.
func (f *fleet) awaitGone(t *testing.T) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	for _, m := range f.members {
		await(ctx, t, m.name+" to be gone", 3*time.Minute, func(ctx context.Context) (bool, string) {
			err := cluster.Get(ctx, m.key(), &v1alpha1.Shop{})
			return apierrors.IsNotFound(err), fmt.Sprint("it is there ", err)
		})
	}
}

// nextWords are texts that the page of a new order shows.
func nextWords(words string) string { return "page.next.OrderReceived: " + words + "\n" }

func newMember(t *testing.T, r ring, i int, texts string) *member {
	t.Helper()
	name := ofThisRun(fmt.Sprintf("%s-%d", r.name, i))
	m := &member{merchant: merchant{name: name, journey: journey.Linden, shopper: journey.LindenShopper}, ring: r.name, tight: i == 0}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}}}
	shop := atAnyHour(shopOf(m.key(), v1alpha1.DeletionDelete))
	shop.Labels = map[string]string{v1alpha1.LabelRing: r.label()}
	shop.Spec.Locales = []v1alpha1.Locale{"nl", "en"}
	if m.tight {
		little := resource.MustParse("20Mi") // twice what a page takes at rest
		shop.Spec.Scheduling = &v1alpha1.Scheduling{Resources: &v1alpha1.Resources{Limits: &v1alpha1.ResourceAmounts{Memory: &little}}}
	}
	shop.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: v1alpha1.ObjectName(texts)}, Source: v1alpha1.SourceLibrary}}
	for _, object := range []client.Object{namespace, anyHour(name), shop} {
		if err := cluster.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { remove(t, namespace) })
	return m
}

// of are the members of some rings.
func (f *fleet) of(names ...string) []*member {
	var some []*member
	for _, m := range f.members {
		if slices.Contains(names, m.ring) {
			some = append(some, m)
		}
	}
	return some
}

// processesOf are the containers of Shops by pod, with their restarts.
func processesOf(t *testing.T, members []*member) map[string]int32 {
	t.Helper()
	all := map[string]int32{}
	for _, m := range members {
		for process, restarts := range m.processes(t) {
			all[m.name+" "+process] = restarts
		}
	}
	return all
}

// visits opens the page of every member again and again, until what it returns is called; that holds that none failed.
func (f *fleet) visits(t *testing.T) (finish func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	var all []*traffic
	for _, m := range f.members {
		all = append(all, startTrafficOf(ctx, m.baseURL+m.page, pageRate))
	}
	return func() {
		t.Helper()
		stop()
		sent, failed := int64(0), int64(0)
		for _, tr := range all {
			tr.finish(t)
			sent, failed = sent+tr.sent.Load(), failed+tr.failed.Load()
		}
		t.Logf("%d pages opened %d times, %d failed", len(all), sent, failed)
	}
}

// wantOn holds that every member runs the release, and its page says the words.
func (f *fleet) wantOn(t *testing.T, name, words string) {
	t.Helper()
	for _, m := range f.members {
		await(t.Context(), t, m.name+" to say that it runs "+name, time.Minute, func(ctx context.Context) (bool, string) {
			var shop v1alpha1.Shop
			if err := cluster.Get(ctx, m.key(), &shop); err != nil {
				return false, err.Error()
			}
			at := shop.Status.Release
			return at != nil && string(at.Current) == name, fmt.Sprintf("%+v %s", at, kube.Describe(shop.Status.Conditions, v1alpha1.ConditionReleased))
		})
		m.awaitPage(t, m.page, words) // the node goes on sending visitors to the pod that ends, for a moment
	}
}

// heldToPlan holds by the audit log that every member moved to the release exactly once, that there were never more under
// way in a wave than may be, and that no wave began before the one before it had served for as long as it has to.
func (f *fleet) heldToPlan(t *testing.T, name string, since time.Time) {
	t.Helper()
	byRing, ended := f.flightsTo(t, name, since), time.Time{}
	for _, r := range rings {
		moves := byRing[r.name]
		if len(moves) != r.shops {
			t.Errorf("%d moves to %s in the wave %s of %d Shops", len(moves), name, r.name, r.shops)
		}
		if len(moves) == 0 {
			continue
		}
		if gap := moves[0].From.Sub(ended); gap < bakeTime-time.Second { // the times that a bake goes by are whole seconds
			t.Errorf("the wave %s began %s after the one before had landed, want %s", r.name, gap, bakeTime)
		}
		for _, move := range moves {
			if !move.Landed() || move.Writes != 2 || move.Replaced == 0 {
				t.Errorf("%s moved by %d writes, %d of which replaced pods; landed at %s", move.Namespace, move.Writes, move.Replaced, move.To)
			}
			if move.To.After(ended) {
				ended = move.To
			}
		}
		heldToBudget(t, r, moves)
	}
}

// heldToBudget holds that never more Shops of a wave moved at once than may.
func heldToBudget(t *testing.T, r ring, moves []*flights.Flight) {
	t.Helper()
	most := flights.MostAtOnce(moves)
	t.Logf("wave %s: %d of %d Shops at once at most, %d permitted", r.name, most, r.shops, r.atOnce)
	if most > r.atOnce {
		t.Errorf("%d Shops of the wave %s moved at once, want %d at most", most, r.name, r.atOnce)
	}
}

// flightsTo are the members' moves to a release by ring, as the audit log shows them.
func (f *fleet) flightsTo(t *testing.T, name string, since time.Time) map[string][]*flights.Flight {
	t.Helper()
	ringOf, namespaces := map[string]string{}, map[string]bool{}
	for _, m := range f.members {
		ringOf[m.name], namespaces[m.name] = m.ring, true
	}
	byRing := map[string][]*flights.Flight{}
	for _, move := range flightsTo(t, name, namespaces, since) {
		r := ringOf[move.Namespace]
		byRing[r] = append(byRing[r], move)
		landed := "did not land"
		if move.Landed() {
			landed = "landed at " + move.To.Format("15:04:05.0")
		}
		t.Logf("%-6s  %-24s began to move to %s at %s, %s", r, move.Namespace, name, move.From.Format("15:04:05.0"), landed)
	}
	return byRing
}

// explain prints where every Shop is, when a test failed.
func (f *fleet) explain(t *testing.T) {
	if !t.Failed() {
		return
	}
	ctx := context.WithoutCancel(t.Context())
	now, err := release(ctx)
	t.Logf("wismo-release: %v %v", now, err)
	for _, m := range f.members {
		var shop v1alpha1.Shop
		if err := cluster.Get(ctx, m.key(), &shop); err == nil {
			t.Logf("%s: %+v %s", m.name, shop.Status.Release, kube.Describe(shop.Status.Conditions, v1alpha1.ConditionReleased))
		}
	}
	out, err := cluster.Kubectl(ctx, "-n", operatorNamespace, "logs", "deployment/wismo-manager", "--tail=60")
	t.Logf("the manager: %v\n%s", err, out)
}

// released checks what the condition Released of a member says, and that the Shop is Ready all the same: a pipeline that
// waits for one Shop must not wait for the whole fleet.
func (m *member) released(t *testing.T, reason, words string) {
	t.Helper()
	var shop v1alpha1.Shop
	if err := cluster.Get(t.Context(), m.key(), &shop); err != nil {
		t.Fatal(err)
	}
	c := meta.FindStatusCondition(shop.Status.Conditions, v1alpha1.ConditionReleased)
	if c == nil || c.Reason != reason || !strings.Contains(c.Message, words) {
		t.Errorf("%s: want %s with %q, got %s", m.name, reason, words, kube.Describe(shop.Status.Conditions, v1alpha1.ConditionReleased))
		return
	}
	if !meta.IsStatusConditionTrue(shop.Status.Conditions, v1alpha1.ConditionReady) {
		t.Errorf("%s: %s", m.name, kube.Describe(shop.Status.Conditions, v1alpha1.ConditionReady))
	}
	t.Logf("%s: %s: %s", m.name, c.Reason, c.Message)
}

// release is what wismo-release says.
func release(ctx context.Context) (map[string]string, error) { return configMap(ctx, "wismo-release") }

// configMap is what a ConfigMap of the operator's holds; nothing if there is none.
func configMap(ctx context.Context, name string) (map[string]string, error) {
	cm := &corev1.ConfigMap{}
	err := cluster.Get(ctx, client.ObjectKey{Namespace: operatorNamespace, Name: name}, cm)
	return cm.Data, client.IgnoreNotFound(err)
}

func latestRelease(t *testing.T) string {
	t.Helper()
	now, err := release(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return now["release"]
}

// awaitRelease waits until there is another release than before and it is in the wanted state, and returns its name.
func awaitRelease(t *testing.T, before, state string) string {
	t.Helper()
	name := ""
	await(t.Context(), t, "a release after "+cmp.Or(before, "none")+" to be "+state, releaseTime, func(ctx context.Context) (bool, string) {
		now, err := release(ctx)
		name = now["release"]
		if name != before && state == "Succeeded" && slices.Contains([]string{"Halted", "RollingBack", "RolledBack"}, now["state"]) {
			t.Fatalf("it was stopped: %v", now)
		}
		return name != "" && name != before && now["state"] == state, fmt.Sprint(now, err)
	})
	return name
}

// awaitNext waits until there is another release than before.
func awaitNext(t *testing.T, before string) {
	t.Helper()
	await(t.Context(), t, "a release after "+before, time.Minute, func(ctx context.Context) (bool, string) {
		now, err := release(ctx)
		return err == nil && now["release"] != before, fmt.Sprint(now, err)
	})
}

// releases are the names of all that are kept.
func releases(t *testing.T) []string {
	t.Helper()
	var list appsv1.ControllerRevisionList
	if err := cluster.List(t.Context(), &list, client.InNamespace(operatorNamespace), client.MatchingLabels{v1alpha1.LabelRevision: v1alpha1.RevisionRelease}); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range list.Items {
		names = append(names, r.Name)
	}
	return names
}

// madeSince are the releases that were not kept before.
func madeSince(t *testing.T, before []string) []string {
	t.Helper()
	return slices.DeleteFunc(releases(t), func(name string) bool { return slices.Contains(before, name) })
}

// await waits, and says what for and how long it took.
func await(ctx context.Context, t *testing.T, what string, timeout time.Duration, ask func(context.Context) (bool, string)) {
	t.Helper()
	start := time.Now()
	if err := kube.Await(ctx, what, timeout, ask); err != nil {
		t.Fatal(err)
	}
	t.Logf("waited %.1f s for %s", time.Since(start).Seconds(), what)
}
