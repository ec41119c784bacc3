package rollout_test

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	. "github.com/wismo-dev/wismo/internal/rollout"
)

// judge holds every decision to what the policy promises. It works everything out for itself, by the words of the
// promises and not by those of the code.
type judge struct {
	w     *world
	wrong []string

	// Of the decision that is looked at.
	in     Input
	out    Output
	latest Release
	stable string     // the last release before that succeeded; empty = none did
	mine   AttemptRef // of this attempt
}

func (j *judge) check(ok bool, format string, args ...any) {
	if !ok {
		j.wrong = append(j.wrong, j.w.now.Format("15:04 ")+fmt.Sprintf(format, args...))
	}
}

// verdict looks at one decision: what was known, what was permitted before, and what came out.
func (j *judge) verdict(in Input, out Output) {
	j.in, j.out, j.latest, j.stable = in, out, in.Releases[len(in.Releases)-1], lastSucceeded(in.Releases)
	j.mine = AttemptRef{Release: j.latest.Name, Attempt: j.latest.Attempt}
	j.halts()
	j.permits()
	j.passes()
	j.returns()
	j.remembers()
	for i := range in.Shops {
		s := &in.Shops[i]
		step, decided := out.Steps[s.ID]
		j.check(decided != s.Deleting, "%s: decided %v, deleting %v", s.ID, decided, s.Deleting)
		if decided {
			j.chosen(s, step)
			j.starts(s, step)
			j.staysOut(s, step)
			j.blames(s, step)
		}
	}
}

func lastSucceeded(releases []Release) string {
	stable := ""
	for _, r := range releases[:len(releases)-1] {
		if r.Progress.Succeeded {
			stable = r.Name
		}
	}
	return stable
}

func waveOf(p Policy, s *Shop) int {
	for i, wave := range p.Waves {
		if wave.Selector == nil || wave.Selector.Matches(labels.Set(s.Labels)) {
			return i
		}
	}
	return len(p.Waves)
}

func since(now, then time.Time) time.Duration { return max(0, now.Sub(then)) }

func limit(a Amount, base int) int {
	if a.Percent {
		return a.Value * base / 100
	}
	return a.Value
}

// over reports whether a wave was over before this decision, in this attempt.
func (j *judge) over(wave string) bool {
	return j.latest.Progress.Attempt == j.latest.Attempt && slices.Contains(j.latest.Progress.Passed, wave)
}

// overNow reports whether it is over by this decision.
func (j *judge) overNow(wave string) bool { return slices.Contains(j.out.Progress.Passed, wave) }

// members returns the Shops of a wave.
func (j *judge) members(i int) []*Shop {
	var all []*Shop
	for k := range j.in.Shops {
		if s := &j.in.Shops[k]; !s.Deleting && waveOf(j.in.Policy, s) == i {
			all = append(all, s)
		}
	}
	return all
}

func (j *judge) number(i int, is func(*Shop) bool) int {
	n := 0
	for _, s := range j.members(i) {
		if is(s) {
			n++
		}
	}
	return n
}

func on(s *Shop, release string) bool { return s.Running == release || s.Moving == release }

// at reports whether the Shop runs the release and nothing else.
func at(s *Shop, release string) bool { return s.Running == release && s.Moving == "" }

// deadline reports whether the time that anything may take has passed since.
func (j *judge) deadline(then time.Time) bool {
	return since(j.in.Now, then) >= j.in.Policy.ProgressDeadline
}

func (j *judge) dead(s *Shop) bool { return !s.Serving && j.deadline(s.ServingChanged) }

// rolling reports whether it does not serve, and may come to.
func (j *judge) rolling(s *Shop) bool { return !s.Serving && !j.dead(s) }

// stuck reports whether it stands half-way, and not just now.
func (j *judge) stuck(s *Shop) bool { return s.Moving != "" && j.deadline(s.RolloutStarted) }

// before returns what the Shop was to run before this decision.
func (j *judge) before(s *Shop) string {
	return cmp.Or(j.in.Assigned[s.ID].Release, s.Moving, s.Running)
}

// clashes reports whether the Shop bears the Mark of what its owner wrote and does not fit.
func (j *judge) clashes(s *Shop) bool { return s.IncompatibleWith == j.mine && !on(s, j.latest.Name) }

func (j *judge) failedBefore(s *Shop) bool {
	return s.Failed == j.mine || j.in.Assigned[s.ID].Failed == j.mine
}

// takesPart reports whether the Shop is there and follows the platform.
func takesPart(s *Shop) bool { return !s.Deleting && s.Mode == Auto && s.Running != "" }

// matters reports whether the Shop counts in thresholds and percentages.
func (j *judge) matters(s *Shop) bool {
	if !takesPart(s) || s.Created.After(j.latest.Created) || s.Suspended || s.UnhealthyBefore == j.mine {
		return false
	}
	if j.failedBefore(s) || j.clashes(s) || at(s, j.latest.Name) {
		return true
	}
	return !s.Invalid && (on(s, j.latest.Name) || !j.dead(s))
}

// broke reports whether the Shop has failed on the latest release, by what is seen.
func (j *judge) broke(passed bool, s *Shop) bool {
	switch latest := j.latest.Name; {
	case j.failedBefore(s) || j.clashes(s):
		return true
	case on(s, latest):
		halfway := j.stuck(s) && !s.Invalid && s.UnhealthyBefore != j.mine
		return halfway || (!passed && (j.dead(s) || s.Interruptions >= 3))
	default:
		return j.matters(s) && j.neverBegan(s)
	}
}

// neverBegan reports whether the Shop was told to move to the latest release and had time enough to begin.
func (j *judge) neverBegan(s *Shop) bool {
	told := j.in.Assigned[s.ID]
	return told.Release == j.latest.Name && s.Moving == "" && j.deadline(told.Since) && j.idle(j.latest.Name)
}

// idle reports whether nobody who was there before has begun with the release for a whole deadline.
func (j *judge) idle(release string) bool {
	return !slices.ContainsFunc(j.in.Shops, func(s Shop) bool {
		return !s.Deleting && !s.Created.After(j.latest.Created) && on(&s, release) && !j.deadline(s.RolloutStarted)
	})
}

// halts: a breach stops the release, nothing else does, and it stays stopped.
func (j *judge) halts() {
	name, is, was := j.latest.Name, j.out.Progress.Halt, j.latest.Progress.Halt
	if j.latest.RollbackFor > j.latest.Attempt {
		wanted := Halt{Reason: RollbackRequested, Action: Rollback, Scope: AllShops}
		j.check(is != nil && *is == wanted, "somebody asked to roll %s back, and was not heard", name)
		return
	}
	if was != nil && j.latest.Progress.Attempt == j.latest.Attempt {
		j.check(is != nil && *is == *was, "the halt of %s did not last", name)
		return
	}
	breached := false
	for i := range j.in.Policy.Waves {
		breached = breached || j.breached(i)
	}
	j.check((is != nil) == breached, "%s: halted %v, breached %v", name, is != nil, breached)
}

func (j *judge) breached(i int) bool {
	wave := j.in.Policy.Waves[i]
	passed := j.over(wave.Name)
	failed := j.number(i, func(s *Shop) bool { return j.matters(s) && j.broke(passed, s) })
	return !passed && failed > limit(wave.MaxFailures, j.number(i, j.matters))
}

// permits: never more in flight than the budget, none in a wave before its time, none when stopped.
func (j *judge) permits() {
	fresh, costs := map[int][]string{}, map[int]bool{}
	for i := range j.in.Shops {
		if s := &j.in.Shops[i]; j.fresh(s) {
			wave := waveOf(j.in.Policy, s)
			fresh[wave] = append(fresh[wave], s.ID)
			costs[wave] = costs[wave] || !s.Unchanged
			j.check(!j.clashes(s), "%s moves to %s, which does not fit it", s.ID, j.latest.Name)
		}
	}
	for i, shops := range fresh {
		j.check(j.out.Progress.Halt == nil, "%v move to %s, which is halted", shops, j.latest.Name)
		j.check(j.latest.Pause == NotPaused, "%v move to %s, which is paused", shops, j.latest.Name)
		j.check(!j.latest.Unusable, "%v move to %s, which nobody can render", shops, j.latest.Name)
		if i >= len(j.in.Policy.Waves) {
			j.check(false, "%v is in no wave", shops)
			continue
		}
		if costs[i] {
			j.budget(i)
		}
		j.turn(i, shops)
	}
}

// fresh reports whether the Shop is permitted to move to the latest release by this decision.
func (j *judge) fresh(s *Shop) bool {
	return takesPart(s) && j.before(s) != j.latest.Name && j.out.Steps[s.ID].Release == j.latest.Name
}

// turn: a wave begins when those before it are over, and somebody has approved.
func (j *judge) turn(i int, shops []string) {
	for k := range i {
		j.check(j.overNow(j.in.Policy.Waves[k].Name), "%v move in wave %d before wave %d is over", shops, i, k)
	}
	wave := j.in.Policy.Waves[i]
	approved := !wave.NeedsApproval || slices.Contains(j.latest.Approved, wave.Name) || j.overNow(wave.Name) || j.number(i, j.matters) == 0
	j.check(approved, "%v move in wave %s without approval", shops, wave.Name)
}

// budget counts in the world as it really is, not as it was seen.
func (j *judge) budget(i int) {
	flying := j.number(i, j.flies)
	wave := j.in.Policy.Waves[i]
	most := limit(wave.MaxConcurrent, j.number(i, j.matters))
	if wave.MaxConcurrent.Value > 0 {
		most = max(1, most)
	}
	j.check(flying <= most, "%d in flight in wave %s, of which %d may", flying, wave.Name, most)
}

// flies reports whether the Shop is really on its way. Only one that was seen to have arrived, and was interrupted just now, cannot
// be known of. One that got stuck half-way is not waited for.
func (j *judge) flies(seen *Shop) bool {
	latest := j.latest.Name
	if j.out.Steps[seen.ID].Release != latest {
		return j.astray(seen)
	}
	s, alive := j.w.shops[seen.ID]
	if !alive || !takesPart(seen) {
		return false
	}
	switch arrived := at(seen, latest) && seen.Serving; {
	case arrived || j.stuck(&s.Shop):
		return false
	case at(&s.Shop, latest):
		return j.rolling(&s.Shop)
	}
	return s.Moving != "" || !j.w.same(s.Running, latest) // where no pod restarts, nothing flies
}

// astray reports whether the Shop is to stay where it was seen, but has left, or is on its way back: it had been told to leave.
func (j *judge) astray(seen *Shop) bool {
	s, alive := j.w.shops[seen.ID]
	stays := alive && takesPart(seen) && at(seen, j.out.Steps[seen.ID].Release) && seen.Serving
	if !stays {
		return false
	}
	left := !s.RolloutStarted.Equal(seen.RolloutStarted) && (!at(&s.Shop, seen.Running) || !s.Serving)
	return left && !j.deadline(s.RolloutStarted)
}

// passes: a wave is over only when all that counts in it served for the whole bake, or failed within the limit.
func (j *judge) passes() {
	if j.stable == "" && !slices.ContainsFunc(j.in.Shops, j.servesOther) {
		return // the very first release
	}
	for i, wave := range j.in.Policy.Waves {
		if j.over(wave.Name) || !j.overNow(wave.Name) {
			continue
		}
		for _, s := range j.members(i) {
			if j.matters(s) && !j.broke(false, s) {
				j.proved(wave, s)
			}
		}
	}
}

func (j *judge) proved(wave Wave, s *Shop) {
	j.check(at(s, j.latest.Name) && s.Serving, "wave %s of %s passed without %s", wave.Name, j.latest.Name, s.ID)
	rolled := s.RolloutStarted.After(j.latest.Created)
	j.check(!rolled || since(j.in.Now, s.ServingChanged) >= wave.Bake, "wave %s of %s passed before %s baked", wave.Name, j.latest.Name, s.ID)
}

func (j *judge) servesOther(s Shop) bool {
	return !s.Deleting && s.Running != "" && s.Running != j.latest.Name
}

// returns: a rollback moves no more Shops at a time than it may.
func (j *judge) returns() {
	halt := j.out.Progress.Halt
	if halt == nil || halt.Action != Rollback || j.stable == "" {
		return
	}
	concerned := j.concernedBy(*halt)
	returning, fresh := 0, false
	for _, s := range concerned {
		if (j.comesBack(s) && !j.givenUp(s)) || j.astray(s) {
			returning++
		}
		fresh = fresh || j.turnsBack(s)
	}
	most := max(1, limit(j.in.Policy.RollbackConcurrent, len(concerned)))
	j.check(!fresh || returning <= most, "%d return at a time, of which %d may", returning, most)
}

// comesBack reports whether the Shop is on its way to the last stable release.
func (j *judge) comesBack(s *Shop) bool {
	return j.out.Steps[s.ID].Release == j.stable && (!at(s, j.stable) || j.rolling(s))
}

// turnsBack reports whether it sets out by this decision.
func (j *judge) turnsBack(s *Shop) bool {
	return j.comesBack(s) && on(s, j.latest.Name) && j.in.Assigned[s.ID].Release == j.latest.Name
}

// remembers: that a release was everywhere is not forgotten by a build that cannot render it.
func (j *judge) remembers() {
	was := j.latest.Progress.Succeeded && j.latest.Progress.Attempt == j.latest.Attempt
	if was && j.latest.Unusable && j.out.Progress.Halt == nil {
		j.check(j.out.Progress.Succeeded, "it is forgotten that %s was everywhere", j.latest.Name)
	}
}

// concernedBy returns the Shops that the rollback is to return.
func (j *judge) concernedBy(halt Halt) []*Shop {
	var all []*Shop
	for i := range j.in.Shops {
		s := &j.in.Shops[i]
		wave := append(slices.Clone(j.in.Policy.Waves), Wave{})[waveOf(j.in.Policy, s)].Name
		inScope := halt.Scope == AllShops || (halt.Scope == WholeWave && wave == halt.Wave)
		if inScope && takesPart(s) && !s.NeedsLatest && !s.Invalid && !j.clashes(s) && j.out.Steps[s.ID].Failed == (AttemptRef{}) {
			all = append(all, s)
		}
	}
	return all
}

// givenUp reports whether nobody waits for the Shop to return any more.
func (j *judge) givenUp(s *Shop) bool {
	return (j.deadline(j.in.Assigned[s.ID].Since) && j.idle(j.stable)) || j.stuck(s)
}

// chosen: nobody runs what nobody chose, and a rollback leads to what was good.
func (j *judge) chosen(s *Shop, step Step) {
	told := j.in.Assigned[s.ID].Release
	allowed := []string{j.latest.Name, j.stable, s.Running, s.Moving, told, s.LastGood, s.Pinned}
	j.check(slices.Contains(allowed, step.Release), "%s is to run %s", s.ID, step.Release)
	if step.Reason == RollingBack || step.Reason == RolledBack {
		back := !slices.Contains([]string{told, s.Running, s.Moving}, step.Release)
		j.check(!back || step.Release == j.stable, "%s rolls back to %s, not to the last stable %s", s.ID, step.Release, j.stable)
	}
}

// starts: a new Shop begins with what others have tried, unless there is nothing else for it to begin with.
func (j *judge) starts(s *Shop, step Step) {
	if s.Running != "" || s.Moving != "" || s.Mode == Pin {
		return
	}
	if s.NeedsLatest {
		j.check(step.Release == j.latest.Name, "%s can start on %s only, but is to start on %s", s.ID, j.latest.Name, step.Release)
		j.check(step.UnhealthyBefore.Release == j.latest.Name || s.Mode != Auto, "%s could not start on anything else, but counts", s.ID)
		return
	}
	if j.stable != "" && j.in.Assigned[s.ID].Release == "" && s.Mode == Auto {
		j.check(step.Release == j.stable || j.tried(s), "%s is new and starts on %s, which nobody of its wave has tried", s.ID, step.Release)
	}
}

// tried reports whether the Shop's wave has the latest release behind it.
func (j *judge) tried(s *Shop) bool {
	i := waveOf(j.in.Policy, s)
	return i == len(j.in.Policy.Waves) || j.overNow(j.in.Policy.Waves[i].Name)
}

// staysOut: who is held or pinned is left alone.
func (j *judge) staysOut(s *Shop, step Step) {
	if s.Running == "" {
		return
	}
	j.check(s.Mode != Held || step.Release == s.Running, "%s is held, but moved to %s", s.ID, step.Release)
	known := slices.ContainsFunc(j.in.Releases, func(r Release) bool { return r.Name == s.Pinned })
	j.check(s.Mode != Pin || !known || step.Release == s.Pinned, "%s is pinned to %s, but moved to %s", s.ID, s.Pinned, step.Release)
}

// blames: who failed is told so, who waits is not at fault, and who was mended has not failed for ever.
func (j *judge) blames(s *Shop, step Step) {
	passed := j.over(append(slices.Clone(j.in.Policy.Waves), Wave{})[waveOf(j.in.Policy, s)].Name)
	j.check(step.Reason == ReleaseFailed || !j.matters(s) || !j.broke(passed, s), "%s has failed, and is said to be %s", s.ID, step.Reason)
	j.check(step.Reason != ReleaseFailed || j.broke(false, s), "%s is said to have failed, and has not", s.ID)
	j.check(step.Failed != j.mine || j.failedBefore(s) || !j.clashes(s), "%s clashes, and is to remember it for ever", s.ID)
	waits := step.Release == s.Running && step.Release != j.latest.Name && s.Mode == Auto
	j.check(!waits || !step.Reason.Stalls(), "%s waits (%s) and is said to be at fault", s.ID, step.Reason)
}
