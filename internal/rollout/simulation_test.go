package rollout_test

import (
	"flag"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/wismo-dev/wismo/internal/rollout"
)

var (
	seeds = flag.Int("seeds", 5000, "how many histories to simulate")
	first = flag.Uint64("first", 0, "the seed of the first one")
)

// TestNoHistoryOfReleasesFailuresAndPeopleBreaksAPromise lets random histories happen, in any order of controllers,
// with pictures that are late and permits that are lost, and holds every single decision to the promises. At the end
// people mend what they broke, and everybody must arrive.
func TestNoHistoryOfReleasesFailuresAndPeopleBreaksAPromise(t *testing.T) {
	t.Parallel()
	end := *first + uint64(*seeds)
	part := max(1, uint64(*seeds)/20)
	var next atomic.Uint64
	next.Store(*first)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for seed := next.Add(1) - 1; seed < end && !t.Failed(); seed = next.Add(1) - 1 {
				if wrong := history(seed); len(wrong) > 0 {
					t.Errorf("seed %d: %d promises broken; the first: %s", seed, len(wrong), wrong[0])
				}
				if done := seed - *first + 1; done%part == 0 {
					t.Logf("%d of %d histories", done, *seeds)
				}
			}
		})
	}
	workers.Wait()
}

// TestHistoriesThatBrokeAPromiseOnceBreakNoneAnyMore are those in which a permit was withdrawn after its move had begun
// unseen, and the Shop was permitted anew, or another in its place, while it was in flight.
func TestHistoriesThatBrokeAPromiseOnceBreakNoneAnyMore(t *testing.T) {
	for _, seed := range []uint64{31, 719, 51178} {
		if wrong := history(seed); len(wrong) > 0 {
			t.Errorf("seed %d: %s", seed, wrong[0])
		}
	}
}

func history(seed uint64) []string {
	w := newWorld(seed, 6+int(seed%15))
	w.settle()
	j := &judge{w: w}
	for range 60 {
		w.now = w.now.Add(tick)
		w.people()
		w.controllers(j)
		if len(j.wrong) > 0 {
			return j.wrong
		}
	}
	w.mend()
	for i := range 400 {
		w.now = w.now.Add(tick)
		if i == 30 {
			w.reconcile()
		}
		if i%60 == 59 && w.failed() {
			w.latest().Attempt++ // somebody asks for another try: what was mended meanwhile had failed before
		}
		w.controllers(j)
		if len(j.wrong) > 0 || w.arrived() {
			return j.wrong
		}
	}
	return append(j.wrong, "the fleet never arrived: "+w.stragglers())
}

// controllers act once, in any order; some are late, some die half-way.
func (w *world) controllers(j *judge) {
	lag := w.random.IntN(oldest + 1)
	if w.steps == nil {
		lag = 0
	}
	w.behind = map[string]bool{}
	if w.random.IntN(5) > 0 || w.steps == nil {
		in := w.input(lag)
		j.verdict(in, w.decide(in))
		for _, id := range w.ids() {
			w.behind[id] = w.random.IntN(8) == 0
		}
	} else {
		w.look()
	}
	order := w.ids()
	w.random.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
	for _, id := range order {
		s := w.shops[id]
		switch w.random.IntN(6) {
		case 0:
		case 1:
			w.control(s, true)
		default:
			w.control(s, false)
		}
		w.live(s)
	}
	if w.random.IntN(15) == 0 && !w.steady {
		w.restart()
	}
}

// people do what people do, at the worst moment.
func (w *world) people() {
	ids := w.ids()
	if len(ids) == 0 {
		w.birth()
		return
	}
	s := w.shops[ids[w.random.IntN(len(ids))]]
	if i := w.random.IntN(40); i < len(deeds) {
		deeds[i](w, s)
	}
}

// deeds are what people do, some of it more often.
var deeds = []func(*world, *simShop){
	(*world).ship, (*world).ship,
	func(w *world, _ *simShop) { w.birth().needs = w.random.IntN(len(w.releases) + 2) },
	func(w *world, s *simShop) { delete(w.shops, s.ID) },
	func(w *world, s *simShop) { s.Labels = map[string]string{"ring": rings[w.random.IntN(len(rings))]} },
	func(w *world, s *simShop) {
		s.Mode, s.Pinned = []Mode{Auto, Held, Pin}[w.random.IntN(3)], w.releases[w.random.IntN(len(w.releases))].Name
	},
	func(w *world, _ *simShop) {
		w.latest().Pause = []Pause{NotPaused, PausedAdvance, PausedAll}[w.random.IntN(3)]
	},
	func(w *world, _ *simShop) { w.latest().Attempt++ },
	func(w *world, _ *simShop) { w.latest().RollbackFor = w.latest().Attempt + 1 },
	func(w *world, _ *simShop) { w.editPolicy() },
	func(_ *world, s *simShop) { s.Suspended = !s.Suspended },
	func(w *world, _ *simShop) {
		w.latest().Approved = append(w.latest().Approved, w.policy.Waves[w.random.IntN(len(w.policy.Waves))].Name)
	},
	func(w *world, s *simShop) {
		if s.sick = true; s.Serving { // a node burns
			s.Serving, s.ServingChanged = false, w.now
		}
	},
	func(w *world, s *simShop) { s.sick, s.readyAt = false, w.now },
	func(_ *world, s *simShop) { s.Deleting = true },
	func(w *world, _ *simShop) { w.now = w.now.Add(-time.Duration(1+w.random.IntN(40)) * tick) }, // a clock is put right
	func(_ *world, s *simShop) { s.Invalid = !s.Invalid },
	func(_ *world, s *simShop) { s.denied = !s.denied },
	func(w *world, s *simShop) { s.clash = map[bool]string{true: w.latest().Name}[s.clash == ""] },
	func(w *world, _ *simShop) { w.latest().Unusable = !w.latest().Unusable }, // another build takes over
}

func (w *world) ship(*simShop) {
	r := w.release([]float64{0, 0, 0.1, 0.5, 1}[w.random.IntN(5)])
	if w.random.IntN(3) == 0 {
		w.content[r.Name] = 1 + w.random.IntN(r.Number)
	}
}

func (w *world) editPolicy() {
	p := threeWaves()
	i := w.random.IntN(len(p.Waves))
	switch w.random.IntN(5) {
	case 0:
		p.Waves[i].MaxConcurrent = Amount{Value: w.random.IntN(60), Percent: true}
	case 1:
		p.Waves[i].MaxFailures = Amount{Value: w.random.IntN(60), Percent: true}
	case 2:
		p.Waves[i].NeedsApproval = true
	case 3:
		p.Waves = slices.Delete(p.Waves, 1, 2)
	case 4:
		p.OnBreach, p.Scope = []OnBreach{Hold, Rollback}[w.random.IntN(2)], []Scope{FailedShops, WholeWave, AllShops}[w.random.IntN(3)]
	}
	w.policy = p
}

// mend ships a good release and takes back all that people did to stop one. What a merchant wrote stays: who does not fit an
// earlier release arrives all the same, and the others arrive without who does not fit this one.
func (w *world) mend() {
	w.policy, w.steady = threeWaves(), w.random.IntN(2) == 0
	for i := range w.releases {
		w.releases[i].Unusable = false
	}
	for range 5 {
		w.now = w.now.Add(tick)
		w.look()
	}
	if w.random.IntN(4) == 0 { // another one came before it, and some were told to move that do not fit it
		overtaken := w.release(0).Name
		for _, s := range w.shops {
			if w.random.IntN(3) == 0 {
				s.clash = overtaken
			}
		}
		w.now = w.now.Add(tick)
		w.decide(w.input(0))
	}
	w.release(0)
	for _, id := range w.ids() {
		s := w.shops[id]
		s.Mode, s.Suspended, s.sick, s.denied = Auto, false, false, false
		if w.random.IntN(6) == 0 {
			s.clash = w.latest().Name // until its owner has seen it
		}
		if s.Deleting {
			delete(w.shops, id)
		}
		if !s.Serving {
			s.readyAt = w.now
		}
		s.toGo = 0
	}
}

// reconcile mends what clashes with the latest release. That is all that it takes: nobody asks for another try because of it.
func (w *world) reconcile() {
	for _, s := range w.shops {
		if s.clash == w.latest().Name {
			s.clash = ""
		}
	}
}

// failed reports whether the release was halted, or a Shop failed on it for another reason than a clash.
func (w *world) failed() bool {
	latest := w.latest()
	mine := AttemptRef{Release: latest.Name, Attempt: latest.Attempt}
	return latest.Progress.Halt != nil || slices.ContainsFunc(w.ids(), func(id string) bool {
		return w.shops[id].Failed == mine || w.permitted[id].Failed == mine
	})
}

func (w *world) arrived() bool {
	return w.latest().Progress.Succeeded && w.stragglers() == ""
}

func (w *world) stragglers() string {
	var late string
	for _, id := range w.ids() {
		if s := w.shops[id]; !s.Invalid && (s.Running != w.latest().Name || !s.Serving) {
			late += " " + id
		}
	}
	return late
}
