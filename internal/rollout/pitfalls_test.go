package rollout_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	. "github.com/wismo-dev/wismo/internal/rollout"
)

// The numbers in the names below are those of the table in docs/releases.md: what goes wrong with staged rollouts elsewhere.

// twelve returns a fleet at rest on rel-0001, an hour later: shop-04, -08 and -12 are canaries, -01, -05 and -09 early, the rest
// late.
func twelve() *world {
	w := newWorld(1, 12)
	w.settle()
	w.now = w.now.Add(time.Hour)
	return w
}

// run lets so many ticks pass in which everybody does what they are told, and returns the last decision.
func (w *world) run(ticks int) Output {
	var out Output
	for range ticks {
		w.now = w.now.Add(tick)
		out = w.decide(w.input(0))
		w.everybody()
	}
	return out
}

// until runs until the decision is as wanted.
func (w *world) until(t *testing.T, what string, wanted func(Output) bool) Output {
	t.Helper()
	for range 600 {
		if out := w.run(1); wanted(out) {
			return out
		}
	}
	t.Fatalf("it never came to this: %s", what)
	return Output{}
}

func passed(wave string) func(Output) bool {
	return func(out Output) bool { return slices.Contains(out.Progress.Passed, wave) }
}

func stands(state State) func(Output) bool {
	return func(out Output) bool { return out.State == state }
}

func (w *world) shop(number int) *simShop { return w.shops[fmt.Sprintf("ns/shop-%02d", number)] }

// on returns the Shops that are told to run the release.
func (w *world) on(release string) []string {
	var all []string
	for _, id := range w.ids() {
		if w.steps[id].Release == release {
			all = append(all, id)
		}
	}
	return all
}

func (w *world) expect(t *testing.T, release string, ids ...string) {
	t.Helper()
	if got := w.on(release); !slices.Equal(got, ids) {
		t.Errorf("on %s are %v, want %v", release, got, ids)
	}
}

func TestPitfall01ASecondChangeBeginsAgainWithTheFirstWave(t *testing.T) {
	w := twelve()
	first := w.release(0).Name
	w.until(t, "the early wave is at work", passed("canary"))
	moved := w.on(first)
	second := w.release(0).Name
	w.run(1)
	if got := w.on(second); len(got) != 1 || w.steps[got[0]].Wave != "canary" {
		t.Errorf("%v begin with the second change, want one canary", got)
	}
	for _, id := range w.on(first) {
		if !slices.Contains(moved, id) {
			t.Errorf("%s moves to the first change although there is a second", id)
		}
	}
	w.until(t, "the second change is everywhere", stands(StateSucceeded))
	if s := w.shop(2); s.LastGood != "rel-0001" {
		t.Errorf("a late Shop came by %s, want straight from rel-0001", s.LastGood)
	}
}

func TestPitfall01ARollbackReturnsToTheLastStableReleaseAndNotToOneInBetween(t *testing.T) {
	w := twelve()
	w.release(0)
	w.until(t, "the canaries have the first change", passed("canary"))
	w.release(1)
	w.until(t, "the second change is rolled back", stands(StateRolledBack))
	for _, id := range w.on("rel-0003") {
		t.Errorf("%s stays on the bad release", id)
	}
	w = twelve()
	w.release(0)
	w.until(t, "the canaries have the first change", passed("canary"))
	w.release(0)
	w.run(6)
	w.policy.Scope = AllShops
	w.latest().RollbackFor = 1
	w.until(t, "the second change is rolled back", stands(StateRolledBack))
	for _, id := range []string{"ns/shop-04", "ns/shop-08", "ns/shop-12"} {
		if s := w.shops[id]; s.Running == "rel-0003" || (s.Running == "rel-0002" && s.LastGood == "rel-0003") {
			t.Errorf("%s was rolled back to %s, which never succeeded", id, s.Running)
		}
	}
}

func TestPitfall01BackToWhatRanBeforeCostsShopsThatNeverLeftItNothing(t *testing.T) {
	w := twelve()
	w.release(0)
	w.until(t, "one canary has moved", func(out Output) bool { return out.Counts.UpToDate == 1 })
	w.content[w.release(0).Name] = w.content["rel-0001"]
	begun := w.now
	w.until(t, "everybody is where they were", stands(StateSucceeded))
	if took := w.now.Sub(begun); took > 25*tick {
		t.Errorf("it took %s, more than the bake of the one Shop that had left", took)
	}
}

func TestPitfall02ANewShopStartsOnWhatOthersHaveTried(t *testing.T) {
	w := twelve()
	latest := w.release(0).Name
	w.now = w.now.Add(tick)
	early := w.birth().ID
	if w.run(1); w.steps[early].Release != "rel-0001" {
		t.Errorf("a Shop made in the middle of a roll starts on %s", w.steps[early].Release)
	}
	w.until(t, "all is over", stands(StateSucceeded))
	if late := w.birth().ID; w.run(1).Steps[late].Release != latest {
		t.Errorf("a Shop made after its wave was over starts on %s", w.steps[late].Release)
	}
}

func TestPitfall02ANewShopIsNoFailureOfTheRelease(t *testing.T) {
	w := twelve()
	w.release(0)
	w.now = w.now.Add(tick)
	born := w.birth()
	w.run(5)
	born.sick, born.Serving, born.ServingChanged = true, false, w.now
	w.until(t, "the others arrive", stands(StateSucceeded))
}

func TestPitfall02ANewShopThatNeedsTheLatestReleaseStartsOnItAtOnceAndProvesNothing(t *testing.T) {
	w := twelve()
	born := w.birth()
	born.needs = w.latest().Number + 1
	w.now = w.now.Add(tick)
	latest := w.release(1).Name
	w.decide(w.input(0))
	step := w.steps[born.ID]
	if want := (AttemptRef{Release: latest}); step.Release != latest || step.UnhealthyBefore != want {
		t.Errorf("it starts on %s, marked %v; want %s, marked %v", step.Release, step.UnhealthyBefore, latest, want)
	}
	born.Running, born.RolloutStarted, born.ServingChanged, born.UnhealthyBefore = latest, w.now, w.now, step.UnhealthyBefore
	born.sick = true
	w.now = w.now.Add(time.Hour)
	in := w.input(0)
	in.Releases[1].RollbackFor = 1
	in.Policy.Scope = AllShops
	out := Decide(in)
	if failed := out.Steps[born.ID].Failed; failed != (AttemptRef{}) {
		t.Errorf("it failed (%v), although there was nothing else to start with", failed)
	}
	if got := out.Steps[born.ID]; got.Release != latest {
		t.Errorf("a rollback takes it to %s, on which it cannot run", got.Release)
	}
}

func TestPitfall03AnotherWaveMovesNoShopBack(t *testing.T) {
	w := twelve()
	latest := w.release(0).Name
	w.until(t, "a canary has moved", func(out Output) bool { return out.Counts.UpToDate == 1 })
	moved := w.shops[w.on(latest)[0]]
	moved.Labels = nil // late, from now on
	waiting := w.shop(2)
	waiting.Labels = map[string]string{"ring": "canary"}
	w.until(t, "the canary wave is over", passed("canary"))
	if w.steps[moved.ID].Release != latest || moved.Running != latest {
		t.Errorf("%s went back to %s because its label has changed", moved.ID, w.steps[moved.ID].Release)
	}
	if waiting.Running != latest {
		t.Errorf("%s has become a canary and did not move with them", waiting.ID)
	}
}

func TestPitfall04APolicyMayChangeInTheMiddleOfARoll(t *testing.T) {
	w := twelve()
	latest := w.release(0).Name
	w.policy.Waves[2].MaxConcurrent = Amount{Value: 4}
	w.until(t, "four late Shops are in flight", func(Output) bool { return len(w.on(latest)) == 10 })
	w.policy.Waves[2].MaxConcurrent = Amount{Value: 1}
	w.policy.Waves = slices.Delete(w.policy.Waves, 1, 2) // and the early wave is no more
	in := w.input(0)
	if out := w.decide(in); len(w.on(latest)) != 10 {
		t.Errorf("with less budget %d Shops are permitted (%s), want the ten that were in flight", len(w.on(latest)), out.State)
	}
	w.until(t, "everybody arrives", stands(StateSucceeded))
}

func TestPitfall05AWaveThatGetsStuckHalts(t *testing.T) {
	for name, stick := range map[string]func(w *world, s *simShop){
		"pods never become ready": func(w *world, s *simShop) {
			w.control(s, false)
			s.sick = true
		},
		"the cluster takes no write": func(_ *world, s *simShop) { s.denied = true },
		"only one of two workloads moves": func(w *world, s *simShop) {
			w.control(s, true)
			s.denied, s.Serving = true, true // each serves, but not on the same release
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := twelve()
			latest := w.release(0).Name
			w.now = w.now.Add(tick)
			w.decide(w.input(0))
			stick(w, w.shops[w.on(latest)[0]])
			begun := w.now
			out := w.until(t, "it is halted", func(out Output) bool { return out.Progress.Halt != nil })
			if out.Progress.Halt.Reason != MaxFailuresExceeded || out.Progress.Halt.Wave != "canary" {
				t.Errorf("the halt is %+v", out.Progress.Halt)
			}
			if took := w.now.Sub(begun); took > w.policy.ProgressDeadline+tick {
				t.Errorf("it was noticed after %s, with a deadline of %s", took, w.policy.ProgressDeadline)
			}
		})
	}
}

func TestPitfall05AnOperatorThatIsSlowIsNoFailureOfTheRelease(t *testing.T) {
	w := twelve()
	everything := Amount{Value: 99}
	w.policy.Waves = []Wave{{Name: "all", MaxConcurrent: everything}}
	w.policy.ProgressDeadline = 5 * tick
	latest := w.release(0).Name
	for _, id := range w.ids() { // one every four minutes
		for range 4 {
			w.now = w.now.Add(tick)
			if out := w.decide(w.input(0)); out.Progress.Halt != nil {
				t.Fatalf("halted although Shop after Shop moves: %+v", out.Progress.Halt)
			}
			for _, s := range w.shops {
				w.live(s)
			}
		}
		w.control(w.shops[id], false)
	}
	if got := len(w.on(latest)); got != 12 {
		t.Errorf("%d of 12 move", got)
	}
}

func TestPitfall05WhatAMerchantWroteHoldsUpNobodyElse(t *testing.T) {
	w := twelve()
	w.shop(4).Invalid = true
	w.release(0)
	w.until(t, "the others arrive", stands(StateSucceeded))
	if s := w.shop(4); s.Running != "rel-0001" || w.steps[s.ID].Reason != ShopInvalid {
		t.Errorf("the Shop runs %s (%s)", s.Running, w.steps[s.ID].Reason)
	}
	w.shop(4).Invalid = false
	w.until(t, "it follows once it is mended", func(Output) bool { return w.shop(4).Running == "rel-0002" })
}

func TestPitfall05AShopThatDoesNotFitTheReleaseBeforeMovesToTheLatest(t *testing.T) {
	w := twelve()
	second := w.release(0).Name
	for _, s := range w.shops {
		s.clash = second
	}
	w.run(1)
	if len(w.on(second)) == 0 {
		t.Fatal("no Shop was told to move")
	}
	w.release(0) // before the planner hears that the first ones do not fit
	w.until(t, "all are on the third release", stands(StateSucceeded))
	if !w.arrived() {
		t.Errorf("late are %s", w.stragglers())
	}
}

func TestPitfall06AnEmptyWaveIsOverAtOnce(t *testing.T) {
	w := twelve()
	nobody := labels.SelectorFromSet(labels.Set{"ring": "nobody"})
	w.policy.Waves = slices.Insert(w.policy.Waves, 0, Wave{Name: "empty", Selector: nobody, MaxConcurrent: Amount{Value: 1}, Bake: time.Hour, NeedsApproval: true})
	w.release(0)
	if out := w.run(1); !passed("empty")(out) || len(w.on("rel-0002")) != 1 {
		t.Errorf("passed %v; %v move", out.Progress.Passed, w.on("rel-0002"))
	}
}

func TestPitfall07PercentagesAreRoundedDownAndABudgetIsAtLeastOne(t *testing.T) {
	for _, c := range []struct {
		percent, permitted int // of six late Shops
	}{{0, 0}, {1, 1}, {33, 1}, {34, 2}, {49, 2}, {50, 3}, {100, 6}} {
		w := twelve()
		w.policy.Waves = []Wave{{Name: "all", Selector: labels.SelectorFromSet(labels.Set{"ring": ""}), MaxConcurrent: Amount{Value: c.percent, Percent: true}}}
		w.release(0)
		if w.run(1); len(w.on("rel-0002")) != c.permitted {
			t.Errorf("%d %% of six are %v, want %d", c.percent, w.on("rel-0002"), c.permitted)
		}
	}
}

func TestPitfall07OnePercentOfAFewMayFailMeansNone(t *testing.T) {
	w := twelve()
	w.policy.Waves = []Wave{{Name: "all", MaxConcurrent: Amount{Value: 1}, MaxFailures: Amount{Value: 8, Percent: true}}} // of twelve: 0.96
	w.release(1)
	w.until(t, "the first failure halts it", func(out Output) bool { return out.Progress.Halt != nil })
}

func TestPitfall07WhoDoesNotCountIsNotInTheBaseOfAPercentage(t *testing.T) {
	w := twelve()
	w.policy.Waves = []Wave{{Name: "all", Selector: labels.SelectorFromSet(labels.Set{"ring": ""}), MaxConcurrent: Amount{Value: 50, Percent: true}}}
	w.shop(2).Suspended, w.shop(3).Mode = true, Held
	w.release(0)
	if w.run(1); len(w.on("rel-0002")) != 2 {
		t.Errorf("half of the four that count are %v", w.on("rel-0002"))
	}
}

func TestPitfall08ARestartAtAnyMomentChangesNoOutcomeAndNeverTheBudget(t *testing.T) {
	for die := range 80 {
		w := twelve()
		latest := w.release(0).Name
		for i := range 200 {
			w.now = w.now.Add(tick)
			w.decide(w.input(0))
			if i == die {
				w.control(w.shops[w.ids()[die%12]], true) // one write, and then the process dies
				w.restart()
				continue
			}
			w.everybody()
			inFlight := 0
			for _, s := range w.shops {
				if s.Running == latest && !s.Serving || s.Moving == latest {
					inFlight++
				}
			}
			if inFlight > 2 { // 35 % of six
				t.Fatalf("died at %d: %d in flight", die, inFlight)
			}
		}
		if !w.arrived() {
			t.Fatalf("died at %d: late are %s", die, w.stragglers())
		}
	}
}

func TestPitfall08AMoveThatBeganUnseenBeforeItWasTakenBackStillCounts(t *testing.T) {
	for name, third := range map[string]int{"and the next release restarts it": 3, "and the next release is what it is seen to run": 1} {
		t.Run(name, func(t *testing.T) {
			w := twelve()
			second := w.release(0).Name
			w.run(1)
			left := w.shops[w.on(second)[0]] // one canary, of which one may be in flight
			stale := w.pictures[len(w.pictures)-1]
			late := func() Output {
				w.now = w.now.Add(tick)
				in := w.input(0)
				in.Shops = slices.Clone(stale)
				for i := range in.Shops {
					in.Shops[i].Unchanged = w.same(in.Shops[i].Running, w.latest().Name)
				}
				return w.decide(in)
			}
			w.latest().RollbackFor = 1
			if late(); w.steps[left.ID].Release != "rel-0001" {
				t.Fatalf("the rollback does not reach %s: %+v", left.ID, w.steps[left.ID])
			}
			w.control(left, true) // it comes back, unseen as well
			w.content[w.release(0).Name] = third
			for range MaxLag/tick - 1 {
				out := late()
				for _, id := range w.on("rel-0003") {
					if free := w.same("rel-0001", "rel-0003"); id == left.ID || !free {
						t.Fatalf("%s moves although %s may be in flight", id, left.ID)
					}
				}
				if !out.Next.After(w.now) || out.Next.After(w.now.Add(MaxLag)) {
					t.Fatalf("the next look is at %s", out.Next)
				}
			}
			w.until(t, "everybody arrives", stands(StateSucceeded))
		})
	}
}

func TestPitfall08WhoIsGivenUpMayStillHaveBegunAtTheLastMoment(t *testing.T) {
	w := twelve()
	w.policy.Waves = []Wave{{Name: "all", MaxConcurrent: Amount{Value: 1}, MaxFailures: Amount{Value: 1}}}
	latest := w.release(0).Name
	decide := func() []string {
		w.now = w.now.Add(tick)
		w.decide(w.input(0))
		return w.on(latest)
	}
	given := decide()[0]
	for w.steps[given].Release == latest { // nobody is seen to act
		decide()
	}
	if reason := w.steps[given].Reason; reason != ReleaseFailed {
		t.Fatalf("%s does not move: %s", given, reason)
	}
	for range MaxLag/tick - 1 {
		if moves := decide(); len(moves) > 0 {
			t.Fatalf("%v move although %s may just have begun", moves, given)
		}
	}
	if moves := decide(); len(moves) != 1 || moves[0] == given {
		t.Errorf("%v move, want the next one", moves)
	}
}

func TestPitfall09ABackwardClockDoesNotShortenABake(t *testing.T) {
	w := twelve()
	w.release(0)
	w.run(6)
	w.now = w.now.Add(-time.Hour)
	if out := w.decide(w.input(0)); passed("canary")(out) {
		t.Error("the canary wave is over although no time has passed")
	}
}

func TestPitfall10AShopThatIsInterruptedBakesAnew(t *testing.T) {
	w := twelve()
	w.policy.Waves[0].MaxConcurrent = Amount{Value: 3}
	w.release(0)
	w.until(t, "all canaries bake", stands(StateBaking))
	w.run(13)
	s := w.shop(4)
	s.Serving, s.ServingChanged = false, w.now
	s.readyAt, s.Interruptions = w.now.Add(tick), 1
	w.run(2)
	again := w.now
	out := w.until(t, "the wave is over", passed("canary"))
	if baked := w.now.Sub(again); baked < w.policy.Waves[0].Bake-2*tick {
		t.Errorf("the wave is over %s after a Shop was interrupted (%s)", baked, out.State)
	}
}

func TestPitfall10AShopThatIsInterruptedThriceHasFailed(t *testing.T) {
	w := twelve()
	latest := w.release(0).Name
	w.run(4)
	for _, s := range w.shops {
		if s.Running == latest {
			s.Interruptions = 3
		}
	}
	if out := w.decide(w.input(0)); out.State != StateRollingBack && out.State != StateRolledBack {
		t.Errorf("%s goes on (%s) although its canary never serves for long", latest, out.State)
	}
}

func TestPitfall11AHaltStaysUntilANewReleaseOrAnotherTry(t *testing.T) {
	w := twelve()
	w.release(1)
	w.until(t, "it is halted", func(out Output) bool { return out.Progress.Halt != nil })
	for _, s := range w.shops {
		s.Failed, s.Interruptions, s.sick = AttemptRef{}, 0, false
		if s.Running == "rel-0002" {
			delete(w.shops, s.ID) // those that failed are gone, and forgotten
		}
	}
	w.bad["rel-0002"] = 0
	w.restart()
	if out := w.run(30); out.Progress.Halt == nil || len(w.on("rel-0002")) > 0 {
		t.Errorf("the halt is %v, and %v move", out.Progress.Halt, w.on("rel-0002"))
	}
	w.latest().Attempt++
	if out := w.run(1); out.Progress.Halt != nil || len(w.on("rel-0002")) != 1 {
		t.Errorf("another try: the halt is %v, and %v move", out.Progress.Halt, w.on("rel-0002"))
	}
}

func TestPitfall11AHaltThatHoldsCanStillBeTurnedIntoARollback(t *testing.T) {
	w := twelve()
	w.policy.OnBreach = Hold
	w.release(1)
	w.until(t, "it is halted", stands(StateHalted))
	w.latest().RollbackFor = 1
	w.until(t, "everybody is back", stands(StateRolledBack))
	w.expect(t, "rel-0002")
}

func TestPitfall12ARollbackIsNoStampede(t *testing.T) {
	w := twelve()
	w.release(0)
	w.until(t, "all is over", stands(StateSucceeded))
	w.run(30)
	w.policy.Scope, w.policy.RollbackConcurrent = AllShops, Amount{Value: 25, Percent: true}
	w.latest().RollbackFor = 1
	w.shop(2).sick, w.shop(2).Serving, w.shop(2).ServingChanged = true, false, w.now.Add(-time.Hour) // and one was down before
	for range 60 {
		w.run(1)
		busy := 0
		for _, s := range w.shops {
			if s.Running == "rel-0001" && !s.Serving {
				busy++
			}
		}
		if busy > 3 {
			t.Fatalf("%d of 12 return at a time, of which three may", busy)
		}
	}
	for id, s := range w.shops {
		if s.Running != "rel-0001" {
			t.Errorf("%s stays on %s", id, s.Running)
		}
	}
}

func TestPitfall14AReleaseThatChangesNothingForAShopCostsItNeitherBudgetNorBake(t *testing.T) {
	w := twelve()
	w.content[w.release(0).Name] = w.content["rel-0001"]
	if out := w.run(1); len(w.on("rel-0002")) != 3 {
		t.Errorf("%v move, want all canaries at once (%s)", w.on("rel-0002"), out.State)
	}
	if out := w.run(1); !passed("canary")(out) {
		t.Errorf("the canary wave bakes although nothing has changed for it: %s", out.State)
	}
}

func TestPitfall15APauseDoesNotHoldUpARollbackUnlessItSaysSo(t *testing.T) {
	for pause, wanted := range map[Pause]string{PausedAdvance: "rel-0001", PausedAll: "rel-0002"} {
		w := twelve()
		w.release(0)
		w.until(t, "all is over", stands(StateSucceeded))
		w.run(30)
		w.policy.Scope = AllShops
		w.latest().RollbackFor, w.latest().Pause = 1, pause
		w.run(60)
		for id, s := range w.shops {
			if s.Running != wanted {
				t.Errorf("paused %s: %s is on %s", pause, id, s.Running)
			}
		}
	}
}

func TestPitfall17APinToAnUnknownReleaseIsSaidAndMovesNothing(t *testing.T) {
	w := twelve()
	s, known := w.shop(2), w.shop(3)
	w.release(0)
	w.until(t, "all is over", stands(StateSucceeded))
	s.Mode, s.Pinned = Pin, "rel-0815"
	known.Mode, known.Pinned = Pin, "rel-0001"
	w.run(10)
	if step := w.steps[s.ID]; step.Reason != PinUnknown || !step.Reason.Stalls() || s.Running != "rel-0002" {
		t.Errorf("pinned to nothing it runs %s (%s)", s.Running, step.Reason)
	}
	if step := w.steps[known.ID]; step.Reason != PinnedTo || step.Reason.Stalls() || known.Running != "rel-0001" {
		t.Errorf("pinned to rel-0001 it runs %s (%s)", known.Running, step.Reason)
	}
}

func TestPitfall18AnApprovalIsForOneRelease(t *testing.T) {
	w := twelve()
	w.policy.Waves[0].NeedsApproval = true
	w.release(0)
	if out := w.run(10); out.State != StateWaitingForApproval || len(w.on("rel-0002")) > 0 {
		t.Errorf("%s without approval; %v move", out.State, w.on("rel-0002"))
	}
	w.latest().Approved = []string{"canary"}
	w.until(t, "the canary wave is over", passed("canary"))
	w.release(0)
	if out := w.run(30); out.State != StateWaitingForApproval || len(w.on("rel-0003")) > 0 {
		t.Errorf("the next release: %s; %v move", out.State, w.on("rel-0003"))
	}
}

func TestPitfall19TheFirstReleaseWaitsForNobody(t *testing.T) {
	w := newWorld(1, 12)
	w.policy.Waves[0].NeedsApproval = true
	w.release(0)
	w.now = w.now.Add(tick)
	if out := w.decide(w.input(0)); len(w.on("rel-0001")) != 12 || out.State != StateSucceeded {
		t.Errorf("%s; only %v start", out.State, w.on("rel-0001"))
	}
	// But once Shops serve on something, being the first that is known of is no excuse.
	w = twelve()
	w.release(0)
	w.latest().Progress, w.releases[0].Progress = Progress{}, Progress{}
	if w.run(1); len(w.on("rel-0002")) != 1 {
		t.Errorf("%v move at once", w.on("rel-0002"))
	}
}

func TestPitfall20AReleaseOfAnotherBuildMovesNobody(t *testing.T) {
	w := twelve()
	w.release(0)
	w.until(t, "the canary wave is over", passed("canary"))
	before := slices.Clone(w.on("rel-0002"))
	w.latest().Unusable = true
	out := w.run(60)
	w.expect(t, "rel-0002", before...)
	if out.State != StateUnusable || w.steps["ns/shop-02"].Reason != ReleaseUnusable {
		t.Errorf("%s, and a Shop that waits says %s", out.State, w.steps["ns/shop-02"].Reason)
	}
	w.latest().Unusable = false
	w.until(t, "it goes on with the right build", stands(StateSucceeded))
}

func TestPitfall20AReleaseThatSucceededIsWhatTheNextOneGoesBackToEvenAfterADowngrade(t *testing.T) {
	w := twelve()
	w.release(0)
	w.until(t, "it is everywhere", stands(StateSucceeded))
	w.latest().Unusable = true
	if out := w.run(3); out.State != StateUnusable || len(w.on("rel-0002")) != 12 {
		t.Errorf("after the downgrade: %s, and %v run it", out.State, w.on("rel-0002"))
	}
	w.latest().Unusable = false
	w.release(0) // the next upgrade brings something, too
	w.run(3)
	w.latest().RollbackFor = 1
	w.until(t, "it is taken back", stands(StateRolledBack))
	if len(w.on("rel-0002")) != 12 {
		t.Errorf("only %v went back to what was everywhere", w.on("rel-0002"))
	}
}

func TestPitfall21ItIsNotAlwaysTheSameMerchantWhoComesFirst(t *testing.T) {
	w := newWorld(1, 12)
	w.policy = DefaultPolicy()
	w.settle()
	first := map[string]bool{}
	for range 12 {
		w.now = w.now.Add(time.Hour)
		release := w.release(0).Name
		w.run(1)
		for _, id := range w.on(release) {
			first[id] = true
		}
		w.until(t, "all is over", stands(StateSucceeded))
	}
	if len(first) < 4 {
		t.Errorf("in twelve releases only %v came first", first)
	}
}
