package chaos_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/installed"
)

const (
	// longestLife is how long an operator lives at most before it is killed, and bake how long each wave bakes.
	longestLife = 4 * time.Second
	bake        = time.Second
	// failing is the Shop that is not well on a release that is bad.
	failing = "early-1"
)

// ring is a wave of the fleet: its Shops, and how many of them may be on their way at a time.
type ring struct {
	name          string
	shops, budget int
}

var rings = []ring{{"canary", 2, 1}, {"early", 4, 2}, {"late", 6, 3}}

// inRings returns the operator's configuration. Late takes all that no ring before took.
func inRings(deadline time.Duration) string {
	var waves strings.Builder
	for _, r := range rings {
		selector := ""
		if r.name != "late" {
			selector = fmt.Sprintf(", selector: {matchLabels: {%s: %s}}", v1alpha1.LabelRing, r.name)
		}
		fmt.Fprintf(&waves, "  - {name: %s, maxConcurrent: %d, bakeSeconds: %.0f%s}\n", r.name, r.budget, bake.Seconds(), selector)
	}
	return configuration + fmt.Sprintf("images: {trackingPage: \"image:1\", notifier: \"image:1\"}\nrelease:\n  progressDeadlineSeconds: %.0f\n  waves:\n%s",
		deadline.Seconds(), waves.String())
}

// step is one release, and what is to come of it.
type step struct {
	text     string
	deadline time.Duration
	calm     bool // no operator is killed meanwhile
	bad      bool // one Shop is not well on it
	state    string
	end      []string // what Shops say of it at last
}

// steps are what happens to a fleet, one after the other, until no operator is left to be killed. Those that are good all come
// to the end of the first.
var steps = []step{
	{text: "Bezorgd", deadline: 10 * time.Minute, state: "Succeeded", end: arrived, calm: true},
	{text: "Afgeleverd", deadline: 10 * time.Minute, state: "Succeeded", end: arrived},
	{text: "Ontvangen", deadline: 10 * time.Minute, state: "Succeeded", end: arrived},
	{text: "Besteld", deadline: 30 * time.Second, state: "RolledBack", end: takenBack, bad: true},
}

// rollouts is a fleet of its own in a namespace, with texts of the library that all of its Shops use.
type rollouts struct {
	t      *testing.T
	place  *place
	number uint64
	round  round // for its namespace
	dice   *rand.Rand
	kills  int            // that are still to come
	when   map[string]int // how many there were, by how far the rollout was
	// good is the release beside which one Shop is well on no other; "" = it is well on all.
	good atomic.Value
}

func newRollouts(t *testing.T, number uint64, kills int) *rollouts {
	t.Helper()
	r := &rollouts{
		t: t, place: newPlace(t), number: number, kills: kills, dice: rand.New(rand.NewPCG(number, 1)), when: map[string]int{},
		round: round{t: t, namespaces: []string{fmt.Sprintf("chaos-%d-99", number)}},
	}
	r.good.Store("")
	created(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: r.namespace()}})
	created(t, r.texts("Aangekomen"))
	return r
}

func (r *rollouts) namespace() string { return r.round.namespaces[0] }

func (r *rollouts) texts(word string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.LibraryNamespace, Name: r.namespace(), Labels: map[string]string{v1alpha1.LabelLibrary: ""}},
		Data:       map[string]string{"nl.yaml": "mail.Delivered.subject: " + word + "\n"},
	}
}

// onboard creates the Shops on the release that holds the texts, and waits until all of them serve.
func (r *rollouts) onboard() {
	r.t.Helper()
	before := r.told()["release"]
	r.place.configure(inRings(10 * time.Minute))
	kill := r.place.start()
	defer kill()
	r.arrives("Succeeded", func() bool { return r.told()["release"] != before })
	for _, ring := range rings {
		for i := range ring.shops {
			created(r.t, r.shop(ring.name, i))
		}
	}
	kubectl(r.t, "wait", "shops", "--all", "-n", r.namespace(), "--for=condition=Ready", "--timeout=5m")
	r.rests(arrived)
}

func (r *rollouts) shop(ring string, i int) *v1alpha1.Shop {
	name := fmt.Sprintf("%s-%d", ring, i)
	return &v1alpha1.Shop{
		ObjectMeta: metav1.ObjectMeta{Namespace: r.namespace(), Name: name, Labels: map[string]string{v1alpha1.LabelRing: ring}},
		Spec: v1alpha1.ShopSpec{
			DisplayName: "One of many", Hostname: v1alpha1.Hostname(name + "." + r.namespace() + ".example"), HomeCountry: "NL",
			Templates: []v1alpha1.TemplateReference{{
				ConfigMapRef: v1alpha1.ConfigMapReference{Name: v1alpha1.ObjectName(r.namespace())}, Source: v1alpha1.SourceLibrary,
			}},
			Storage: &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, DeletionPolicy: v1alpha1.DeletionDelete},
		},
	}
}

// told returns what the operator says of the latest release.
func (r *rollouts) told() map[string]string {
	r.t.Helper()
	told := &corev1.ConfigMap{}
	key := client.ObjectKey{Namespace: installed.Namespace, Name: "wismo-release"}
	if err := kube.Get(r.t.Context(), key, told); client.IgnoreNotFound(err) != nil {
		r.t.Fatal(err)
	}
	return told.Data
}

// arrives waits until a release is in the state, and it is the one.
func (r *rollouts) arrives(state string, one func() bool) {
	r.t.Helper()
	for until := time.Now().Add(5 * time.Minute); r.told()["state"] != state || !one(); {
		if time.Now().After(until) {
			r.t.Fatalf("seed %d: it is not %s after five minutes: %v", r.number, state, r.told())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// What Shops say of a release that is everywhere, and of one that was taken back: those that failed, those that follow
// them, and all others.
var (
	arrived   = []string{v1alpha1.ReasonUpToDate}
	takenBack = []string{v1alpha1.ReasonReleaseFailed, v1alpha1.ReasonRolledBack, v1alpha1.ReasonHalted}
)

// rests waits until all Shops report what is expected at the end, and the operator has stopped writing.
func (r *rollouts) rests(end []string) {
	r.t.Helper()
	for until := time.Now().Add(5 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		late := r.late(end)
		if len(late) == 0 {
			break
		}
		if time.Now().After(until) {
			r.t.Fatalf("seed %d: not all Shops say %v after five minutes: %v", r.number, end, late)
		}
	}
	for before, quiet := "", 0; quiet < 6; time.Sleep(200 * time.Millisecond) {
		now := versions(r.t, r.namespace())
		if quiet++; now != before {
			before, quiet = now, 0
		}
	}
}

// late returns what those Shops say that do not say what is said at the end, or not of the latest release.
func (r *rollouts) late(end []string) []string {
	r.t.Helper()
	shops := &v1alpha1.ShopList{}
	if err := kube.List(r.t.Context(), shops, client.InNamespace(r.namespace())); err != nil {
		r.t.Fatal(err)
	}
	latest := r.told()["release"]
	var late []string
	for _, shop := range shops.Items {
		c := meta.FindStatusCondition(shop.Status.Conditions, v1alpha1.ConditionReleased)
		if c == nil || !slices.Contains(end, c.Reason) || !strings.Contains(c.Message, latest) {
			late = append(late, fmt.Sprintf("%s: %+v", shop.Name, c))
		}
	}
	return late
}

// versions changes with every write in the namespace.
func versions(t *testing.T, namespace string) string {
	t.Helper()
	var all []string
	for _, object := range objects(t, namespace) {
		all = append(all, object.GetName()+object.GetResourceVersion())
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// rollOut makes the release of the step, kills operators while it is on its way, and returns how everything is at its end.
func (r *rollouts) rollOut(s step) []string {
	r.t.Helper()
	r.place.configure(inRings(s.deadline))
	before := r.told()["release"]
	if s.bad {
		r.good.Store(before)
	}
	seen := watchFrom(r.t, r.namespace(), before)
	texts := r.texts(s.text)
	if err := kube.Update(r.t.Context(), texts); err != nil {
		r.t.Fatal(err)
	}
	over := func() bool {
		told := r.told()
		return told["release"] != before && told["state"] == s.state
	}
	for r.kills > 0 && !s.calm && !over() {
		kill := r.place.start()
		time.Sleep(time.Duration(r.dice.Float64() * float64(longestLife)))
		kill()
		r.kills--
		r.when[seen.stage()]++
	}
	kill := r.place.start()
	r.arrives(s.state, over)
	r.rests(s.end)
	kill()
	seen.stop()
	if wrong := seen.complaints(); len(wrong) > 0 {
		r.t.Errorf("seed %d, %s: %d times too much:\n%s", r.number, s.text, len(wrong), strings.Join(wrong[:min(len(wrong), 20)], "\n"))
	}
	return r.outcome(s, before)
}

var (
	// byTurn is what depends on whose turn it was when the release was stopped, and older the releases before both.
	byTurn = regexp.MustCompile(`\n *"tracking.wismo.dev/release-(before|since)": "[^"]*",?`)
	older  = regexp.MustCompile(`rel-\d+`)
)

// outcome returns every object of the fleet in words, with the names of the releases relative to each other.
func (r *rollouts) outcome(s step, before string) []string {
	r.t.Helper()
	names := strings.NewReplacer(before, "BEFORE", r.told()["release"], "LATEST")
	var all []string
	for _, object := range dump(r.t, r.namespace()) {
		if s.bad { // the bundles of those that went ahead and back differ, too
			if strings.HasPrefix(object, "*v1.ConfigMap") {
				continue
			}
			object = byTurn.ReplaceAllString(object, "")
		}
		all = append(all, older.ReplaceAllString(names.Replace(object), "OLDER"))
	}
	return all
}

// goThrough takes the fleet through the steps until that is enough, and returns how each ended.
func (r *rollouts) goThrough(enough func() bool) (ends [][]string) {
	r.t.Helper()
	p := &player{dice: rand.New(rand.NewPCG(r.number, 2)), sick: func(d *appsv1.Deployment) bool {
		good, _ := r.good.Load().(string)
		return good != "" && d.Labels[v1alpha1.LabelShop] == failing && d.Labels[v1alpha1.LabelRelease] != good
	}}
	p.start(r.t, r.namespace())
	r.onboard()
	for i := 0; i < len(steps) && !enough(); i++ {
		ends = append(ends, r.rollOut(steps[i]))
	}
	r.round.clear()
	if err := kube.Delete(r.t.Context(), r.texts("")); err != nil {
		r.t.Fatal(err)
	}
	return ends
}

// A process that is killed flushes nothing, and its successor knows only what it finds in the cluster. A kill must show
// neither in the states in between nor in the last one.
func TestRolloutsWhoseOperatorIsKilledAtRandomMomentsComeToTheSameEndAndAreNeverOverBudget(t *testing.T) {
	stopped := map[uint64][]string{} // how bad releases ended
	for left, number := *kills, *seed; left > 0; number++ {
		again := fmt.Sprintf("-args -seed %d -kills %d", number, left)
		r := newRollouts(t, number, left)
		ends := r.goThrough(func() bool { return r.kills == 0 })
		t.Logf("seed %d: killed %d times: %v", number, left-r.kills, r.when)
		left = r.kills
		for i, end := range ends {
			if steps[i].bad {
				stopped[number] = end
			} else if diff := cmp.Diff(ends[0], end); diff != "" {
				t.Errorf("seed %d, %s: it came to another end:\n%s", number, steps[i].text, diff)
			}
		}
		if t.Failed() {
			t.Fatal("again with: " + again)
		}
	}
	if len(stopped) == 0 {
		return
	}
	calm := newRollouts(t, 0, 0).goThrough(func() bool { return false })
	for number, end := range stopped {
		if diff := cmp.Diff(calm[len(calm)-1], end); diff != "" {
			t.Errorf("seed %d: what was stopped came to another end; again with -args -seed %[1]d -kills %d:\n%s", number, *kills, diff)
		}
	}
}
