package rollout_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	. "github.com/wismo-dev/wismo/internal/rollout"
)

const tick = time.Minute

var dawn = time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)

// fate is what happens to a Shop's pods under a release.
type fate struct {
	never    bool          // they do not become ready
	after    time.Duration // until they are
	stumbles int           // how often they lose it again
}

// simShop is a Shop with what Decide does not see: what will become of its pods.
type simShop struct {
	Shop
	readyAt time.Time
	toGo    int // stumbles
	sick    bool
	needs   int    // the number of the first release that has what the Shop refers to
	denied  bool   // the cluster takes no write to its Deployments
	clash   string // the release that what its owner wrote does not fit; empty = none
}

// world is a fleet in motion. Controllers, pods and people act on it in any order; Decide sees a picture of it that may
// be some ticks old.
type world struct {
	random    *rand.Rand
	now       time.Time
	policy    Policy
	releases  []Release
	bad       map[string]float64 // how likely a Shop fails under a release
	content   map[string]int     // what is in a release; two may be equal for a Shop
	shops     map[string]*simShop
	permitted map[string]AssignedRelease
	steps     map[string]Step
	before    map[string]Step // of the decision before
	behind    map[string]bool // Shops whose controllers still act on that one
	mine      [2]AttemptRef   // the attempt of the decision before, and of the last one
	pictures  [][]Shop
	age       int // of the picture that was seen last, in ticks
	born      int
	steady    bool // the operator dies no more: nothing is helped by its forgetting
}

func newWorld(seed uint64, shops int) *world {
	w := &world{
		random: rand.New(rand.NewPCG(seed, seed)), now: dawn, policy: threeWaves(),
		bad: map[string]float64{}, content: map[string]int{}, shops: map[string]*simShop{}, permitted: map[string]AssignedRelease{},
	}
	for range shops {
		w.birth().Created = dawn.AddDate(0, 0, -1) // no clock is put right by a day
	}
	return w
}

func threeWaves() Policy {
	p := DefaultPolicy()
	p.Waves = []Wave{
		{Name: "canary", Selector: labels.SelectorFromSet(labels.Set{"ring": "canary"}), MaxConcurrent: Amount{Value: 1}, Bake: 15 * time.Minute},
		{Name: "early", Selector: labels.SelectorFromSet(labels.Set{"ring": "early"}), MaxConcurrent: Amount{Value: 30, Percent: true}, MaxFailures: Amount{Value: 15, Percent: true}, Bake: 10 * time.Minute},
		{Name: "late", MaxConcurrent: Amount{Value: 35, Percent: true}, MaxFailures: Amount{Value: 1}},
	}
	return p
}

var rings = []string{"canary", "early", "", ""}

func (w *world) birth() *simShop {
	w.born++
	id := fmt.Sprintf("ns/shop-%02d", w.born)
	s := &simShop{Shop: Shop{
		ID: id, UID: fmt.Sprint("uid-", w.born), Created: w.now, Mode: Auto, Labels: map[string]string{"ring": rings[w.born%len(rings)]},
	}}
	w.shops[id] = s
	return s
}

func (w *world) release(bad float64) *Release {
	number := len(w.releases) + 1
	w.releases = append(w.releases, Release{Name: fmt.Sprintf("rel-%04d", number), Number: number, Created: w.now})
	r := w.latest()
	w.bad[r.Name], w.content[r.Name] = bad, number
	return r
}

// stable returns the number of the last release that succeeded before the latest one.
func (w *world) stable() int {
	for i := len(w.releases) - 2; i >= 0; i-- {
		if w.releases[i].Progress.Succeeded {
			return w.releases[i].Number
		}
	}
	return 0
}

// same reports whether no pod restarts between the two releases.
func (w *world) same(a, b string) bool { return w.content[a] == w.content[b] }

// number returns that of the release with the name.
func (w *world) number(name string) int {
	return 1 + slices.IndexFunc(w.releases, func(r Release) bool { return r.Name == name })
}

func (w *world) latest() *Release { return &w.releases[len(w.releases)-1] }

func (w *world) ids() []string { return slices.Sorted(maps.Keys(w.shops)) }

// picture returns what a cache shows.
func (w *world) picture() []Shop {
	var all []Shop
	for _, id := range w.ids() {
		s := w.shops[id].Shop
		s.NeedsLatest = w.shops[id].needs > w.stable() && w.shops[id].needs <= len(w.releases)
		all = append(all, s)
	}
	w.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// oldest is how many ticks a picture may be old. With the tick in which somebody may still act on the decision before, it is
// as much as Decide takes for possible, and not a tick less.
const oldest = int(MaxLag/tick) - 1

// look takes the picture of this tick; the one that was seen last has become older by that.
func (w *world) look() {
	w.pictures = append(w.pictures[max(0, len(w.pictures)-oldest):], w.picture())
	w.age++
}

// input returns what Decide is asked, with a picture that is lag ticks old, but none from before what was seen already: a
// cache is late, and does not go back.
func (w *world) input(lag int) Input {
	w.look()
	w.age = min(lag, w.age)
	shops := slices.Clone(w.pictures[max(0, len(w.pictures)-1-w.age)])
	for i := range shops {
		shops[i].Unchanged = shops[i].Moving == "" && w.same(shops[i].Running, w.latest().Name)
	}
	return Input{Now: w.now, Policy: w.policy, Releases: slices.Clone(w.releases), Shops: shops, Assigned: maps.Clone(w.permitted)}
}

// decide asks, keeps the latches, and only then lets the controllers know.
func (w *world) decide(in Input) Output {
	out := Decide(in)
	latest := w.latest()
	latest.Progress = out.Progress
	w.before, w.steps = w.steps, out.Steps
	w.permitted = out.Assigned
	w.mine = [2]AttemptRef{w.mine[1], {Release: out.Latest, Attempt: out.Progress.Attempt}}
	return out
}

// restart loses what is kept in memory; the new process begins with a fresh picture.
func (w *world) restart() {
	w.permitted, w.steps, w.before, w.pictures, w.age = nil, nil, nil, nil, 0
}

// control returns one look of a Shop's controller, which may end half-way.
func (w *world) control(s *simShop, half bool) {
	steps, mine := w.steps, w.mine[1]
	if w.behind[s.ID] {
		steps, mine = w.before, w.mine[0]
	}
	step, told := steps[s.ID]
	if !told || !w.able(s, step) {
		return
	}
	step = w.fit(s, step, mine, half)
	if step.Failed != (AttemptRef{}) {
		s.Failed = step.Failed
	}
	if s.Running == step.Release {
		if s.Moving != "" {
			s.Moving = "" // the half that went ahead comes back
			w.roll(s)
		}
		return
	}
	switch {
	case s.Moving == "" && w.same(s.Running, step.Release):
		s.LastGood, s.Running, s.IncompatibleWith = s.Running, step.Release, AttemptRef{} // labels are written, and that is all
	case half:
		s.begin(step, w.now)
		s.Moving = step.Release
	default:
		s.begin(step, w.now)
		s.Running, s.Moving, s.IncompatibleWith = step.Release, "", AttemptRef{}
		w.roll(s)
	}
}

// fit lets a Shop stay that clashes with what it is told to run, and marks it. The Mark goes once it clashes no more; half
// a look leaves it on one of the two.
func (w *world) fit(s *simShop, step Step, mine AttemptRef, half bool) Step {
	clashes := func(release string) bool { return s.clash == release && !w.same(s.Running, release) }
	switch {
	case s.Running != "" && s.Running != step.Release && clashes(step.Release):
		if step.Release == mine.Release {
			s.IncompatibleWith = mine
		}
		return Step{Release: s.Running}
	case !half && s.Running == step.Release && s.IncompatibleWith == mine && !clashes(mine.Release):
		s.IncompatibleWith = AttemptRef{}
	}
	return step
}

// able reports whether the Shop's controller can do what it is told.
func (w *world) able(s *simShop, step Step) bool {
	number := w.number(step.Release)
	renders := number > 0 && !w.releases[number-1].Unusable
	return renders && !s.Deleting && !s.denied && !s.Invalid && number >= s.needs
}

// begin returns the first write of a move: the marks go with it.
func (s *simShop) begin(step Step, now time.Time) {
	if step.UnhealthyBefore != (AttemptRef{}) {
		s.UnhealthyBefore = step.UnhealthyBefore
	}
	if s.Serving {
		s.LastGood = s.Running
	}
	if s.Moving == "" && (s.Serving || s.Running == "") {
		s.ServingChanged = now
	}
	if s.Running != "" || s.ServingChanged.IsZero() {
		s.Serving, s.ServingChanged = false, now
	}
	s.RolloutStarted, s.Interruptions = now, 0
}

func (w *world) roll(s *simShop) {
	f := w.fateOf(s)
	s.Serving, s.ServingChanged, s.RolloutStarted = false, w.now, w.now
	s.readyAt, s.toGo, s.sick = w.now.Add(f.after), f.stumbles, f.never
}

// fateOf returns the same for a Shop and a release every time.
func (w *world) fateOf(s *simShop) fate {
	sum := uint64(0)
	for _, c := range s.UID + s.Running {
		sum = sum*31 + uint64(c)
	}
	own := rand.New(rand.NewPCG(sum, 7))
	f := fate{after: time.Duration(1+own.IntN(4)) * tick}
	switch bad := w.bad[s.Running]; {
	case own.Float64() < bad:
		f.never = true
	case own.Float64() < bad/2:
		f.stumbles = 1 + own.IntN(4)
	}
	return f
}

// live lets the pods of a Shop go on.
func (w *world) live(s *simShop) {
	switch {
	case s.Running == "" || s.Moving != "" || s.sick:
	case !s.Serving && !w.now.Before(s.readyAt):
		s.Serving, s.ServingChanged = true, w.now
	case s.Serving && s.toGo > 0 && w.random.IntN(3) == 0:
		s.Serving, s.ServingChanged, s.readyAt = false, w.now, w.now.Add(tick)
		s.toGo--
		s.Interruptions++
	}
}

// settle brings all Shops to serve on the only release there is.
func (w *world) settle() {
	w.release(0)
	for range 12 {
		w.now = w.now.Add(tick)
		w.decide(w.input(0))
		w.everybody()
	}
}

func (w *world) everybody() {
	for _, id := range w.ids() {
		w.control(w.shops[id], false)
		w.live(w.shops[id])
	}
}
