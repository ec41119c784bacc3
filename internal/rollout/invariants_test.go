package rollout_test

import (
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
}

func (j *judge) check(ok bool, format string, args ...any) {
	if !ok {
		j.wrong = append(j.wrong, j.w.now.Format("15:04 ")+fmt.Sprintf(format, args...))
	}
}

// verdict looks at one decision: what was known, what was permitted before, and what came out.
func (j *judge) verdict(in Input, out Output) {
	latest := in.Releases[len(in.Releases)-1]
	j.halts(latest, in, out)
	j.permits(latest, in, out)
	j.passes(latest, in, out)
	j.returns(latest, in, out)
	j.everyShop(latest, in, out)
}

func waveOf(p Policy, s *Shop) int {
	for i, wave := range p.Waves {
		if wave.Selector == nil || wave.Selector.Matches(labels.Set(s.Labels)) {
			return i
		}
	}
	return len(p.Waves)
}

// over says whether a wave was over before this decision, in this attempt.
func over(latest Release, wave string) bool {
	return latest.Latched.Attempt == latest.Attempt && slices.Contains(latest.Latched.Passed, wave)
}

func since(now, then time.Time) time.Duration { return max(0, now.Sub(then)) }

func on(s *Shop, release string) bool { return s.Running == release || s.Moving == release }

func dead(in Input, s *Shop) bool {
	return !s.Serving && since(in.Now, s.Since) >= in.Policy.ProgressDeadline
}

// matters says whether the Shop counts in thresholds and percentages.
func matters(in Input, latest Release, s *Shop) bool {
	mine := Mark{Release: latest.Name, Attempt: latest.Attempt}
	failed := s.Failed == mine || in.Permitted[s.ID].Failed == mine
	took := s.Mode == Auto && !s.Suspended && !s.Deleting && s.Running != "" && !s.Created.After(latest.Created) && s.Unwell != mine
	arrived := s.Running == latest.Name && s.Moving == ""
	return took && (failed || arrived || (!s.Invalid && (on(s, latest.Name) || !dead(in, s))))
}

func broke(in Input, latest Release, passed bool, s *Shop) bool {
	permit, mine := in.Permitted[s.ID], Mark{Release: latest.Name, Attempt: latest.Attempt}
	if s.Failed == mine || permit.Failed == mine {
		return true
	}
	if on(s, latest.Name) && s.Moving != "" && !s.Invalid && s.Unwell != mine && since(in.Now, s.Begun) >= in.Policy.ProgressDeadline {
		return true
	}
	if !on(s, latest.Name) && s.Moving == "" && s.Running != "" && permit.Release == latest.Name && matters(in, latest, s) &&
		since(in.Now, permit.Since) >= in.Policy.ProgressDeadline && idle(in, latest, latest.Name) {
		return true
	}
	return on(s, latest.Name) && !passed && (dead(in, s) || s.Stumbles >= 3)
}

// idle says that nobody who was there before has begun with the release for a whole deadline.
func idle(in Input, latest Release, release string) bool {
	return !slices.ContainsFunc(in.Shops, func(s Shop) bool {
		return !s.Deleting && !s.Created.After(latest.Created) && on(&s, release) && since(in.Now, s.Begun) < in.Policy.ProgressDeadline
	})
}

func (j *judge) inWave(in Input, i int, is func(*Shop) bool) int {
	n := 0
	for k := range in.Shops {
		if s := &in.Shops[k]; !s.Deleting && waveOf(in.Policy, s) == i && is(s) {
			n++
		}
	}
	return n
}

func limit(a Amount, base int) int {
	if a.Percent {
		return a.Value * base / 100
	}
	return a.Value
}

// halts: a breach stops the release, nothing else does, and it stays stopped.
func (j *judge) halts(latest Release, in Input, out Output) {
	if latest.RollbackFor > latest.Attempt {
		wanted := Halt{Reason: RollbackRequested, Action: Rollback, Scope: AllShops}
		j.check(out.Latches.Halt != nil && *out.Latches.Halt == wanted, "somebody asked to roll %s back, and was not heard", latest.Name)
		return
	}
	if halt := latest.Latched.Halt; halt != nil && latest.Latched.Attempt == latest.Attempt {
		j.check(out.Latches.Halt != nil && *out.Latches.Halt == *halt, "the halt of %s did not last", latest.Name)
		return
	}
	breached := ""
	for i, wave := range in.Policy.Waves {
		passed := over(latest, wave.Name)
		base := j.inWave(in, i, func(s *Shop) bool { return matters(in, latest, s) })
		failed := j.inWave(in, i, func(s *Shop) bool { return matters(in, latest, s) && broke(in, latest, passed, s) })
		if !passed && failed > limit(wave.MaxFailures, base) && breached == "" {
			breached = wave.Name
		}
	}
	halted := out.Latches.Halt != nil
	j.check(halted == (breached != ""), "%s: halted %v, but breached in %q", latest.Name, halted, breached)
}

// permits: never more in flight than the budget, none in a wave before its time, none when stopped.
func (j *judge) permits(latest Release, in Input, out Output) {
	fresh, costs := map[int][]string{}, map[int]bool{}
	for _, s := range in.Shops {
		before := in.Permitted[s.ID].Release
		if before == "" {
			before = s.Moving
		}
		if before == "" {
			before = s.Running
		}
		if !s.Deleting && s.Mode == Auto && s.Running != "" && before != latest.Name && out.Steps[s.ID].Release == latest.Name {
			wave := waveOf(in.Policy, &s)
			fresh[wave] = append(fresh[wave], s.ID)
			costs[wave] = costs[wave] || !s.Unchanged
		}
	}
	if len(fresh) == 0 {
		return
	}
	j.check(out.Latches.Halt == nil, "%v move to %s, which is halted", fresh, latest.Name)
	j.check(latest.Pause == NotPaused, "%v move to %s, which is paused", fresh, latest.Name)
	for i := range fresh {
		if i >= len(in.Policy.Waves) {
			j.check(false, "%v is in no wave", fresh[i])
			continue
		}
		if costs[i] {
			j.budget(i, latest, in, out)
		}
		for k := range i {
			j.check(slices.Contains(out.Latches.Passed, in.Policy.Waves[k].Name), "%v move in wave %d before wave %d is over", fresh[i], i, k)
		}
		wave := in.Policy.Waves[i]
		base := j.inWave(in, i, func(s *Shop) bool { return matters(in, latest, s) })
		approved := !wave.NeedsApproval || slices.Contains(latest.Approved, wave.Name) || slices.Contains(out.Latches.Passed, wave.Name) || base == 0
		j.check(approved, "%v move in wave %s without approval", fresh[i], wave.Name)
	}
}

// budget counts in the world as it really is, not as it was seen.
func (j *judge) budget(i int, latest Release, in Input, out Output) {
	flying := j.inWave(in, i, func(s *Shop) bool { return j.flies(latest, in, s, out.Steps[s.ID]) })
	amount := in.Policy.Waves[i].MaxConcurrent
	base := j.inWave(in, i, func(s *Shop) bool { return matters(in, latest, s) })
	most := limit(amount, base)
	if amount.Value > 0 {
		most = max(1, most)
	}
	j.check(flying <= most, "%d in flight in wave %s, of which %d may", flying, in.Policy.Waves[i].Name, most)
}

// flies says whether the Shop is really on its way. Only one that was seen to have arrived, and stumbled just now, cannot
// be known of. One that got stuck half-way is not waited for.
func (j *judge) flies(latest Release, in Input, seen *Shop, step Step) bool {
	s, alive := j.w.shops[seen.ID]
	if !alive || seen.Mode != Auto || seen.Running == "" || s.Running == "" {
		return false
	}
	if step.Release != latest.Name {
		return astray(in, seen, s, step)
	}
	arrived := seen.Running == latest.Name && seen.Moving == "" && seen.Serving
	free := s.Moving == "" && s.Running != latest.Name && j.w.same(s.Running, latest.Name)
	stuck := s.Moving != "" && since(in.Now, s.Begun) >= in.Policy.ProgressDeadline
	if arrived || free || stuck {
		return false
	}
	return s.Running != latest.Name || s.Moving != "" || (!s.Serving && !dead(in, &s.Shop))
}

// astray says that the Shop is to stay where it was seen, but has left, or is on its way back: it had been told to leave.
func astray(in Input, seen *Shop, s *simShop, step Step) bool {
	stays := step.Release == seen.Running && seen.Moving == "" && seen.Serving
	left := !s.Begun.Equal(seen.Begun) && (s.Running != seen.Running || s.Moving != "" || !s.Serving)
	return stays && left && since(in.Now, s.Begun) < in.Policy.ProgressDeadline
}

// passes: a wave is over only when all that counts in it served for the whole bake, or failed within the limit.
func (j *judge) passes(latest Release, in Input, out Output) {
	first := true
	for _, s := range in.Shops {
		if !s.Deleting && s.Running != "" && s.Running != latest.Name {
			first = false
		}
	}
	stable := lastSucceeded(in.Releases)
	for i, wave := range in.Policy.Waves {
		if over(latest, wave.Name) || !slices.Contains(out.Latches.Passed, wave.Name) || (first && stable == "") {
			continue
		}
		for _, s := range in.Shops {
			if s.Deleting || waveOf(in.Policy, &s) != i || !matters(in, latest, &s) || broke(in, latest, false, &s) {
				continue
			}
			served := s.Running == latest.Name && s.Moving == "" && s.Serving
			j.check(served, "wave %s of %s passed without %s", wave.Name, latest.Name, s.ID)
			rolled := s.Begun.After(latest.Created)
			j.check(!rolled || since(in.Now, s.Since) >= wave.Bake, "wave %s of %s passed before %s baked", wave.Name, latest.Name, s.ID)
		}
	}
}

// returns: a rollback moves no more Shops at a time than it may.
func (j *judge) returns(latest Release, in Input, out Output) {
	stable, halt := lastSucceeded(in.Releases), out.Latches.Halt
	if halt == nil || halt.Action != Rollback || halt.Scope == FailedShops || stable == "" {
		return
	}
	concerned, returning, fresh := 0, 0, 0
	for _, s := range in.Shops {
		wave := append(slices.Clone(in.Policy.Waves), Wave{})[waveOf(in.Policy, &s)].Name
		step, before := out.Steps[s.ID], in.Permitted[s.ID]
		if s.Deleting || s.Mode != Auto || s.Running == "" || step.Failed != (Mark{}) || s.NeedsLatest || s.Invalid || (halt.Scope == WholeWave && wave != halt.Wave) {
			continue
		}
		concerned++
		rolling := step.Release == stable && (s.Running != stable || s.Moving != "" || (!s.Serving && !dead(in, &s)))
		stuck := (since(in.Now, before.Since) >= in.Policy.ProgressDeadline && idle(in, latest, stable)) || (s.Moving != "" && since(in.Now, s.Begun) >= in.Policy.ProgressDeadline)
		if rolling && !stuck {
			returning++
		}
		if rolling && on(&s, latest.Name) && before.Release == latest.Name {
			fresh++
		}
	}
	most := max(1, limit(in.Policy.RollbackConcurrent, concerned))
	j.check(fresh == 0 || returning <= most, "%d return at a time, of which %d may", returning, most)
}

func lastSucceeded(releases []Release) string {
	stable := ""
	for _, r := range releases[:len(releases)-1] {
		if r.Latched.Succeeded {
			stable = r.Name
		}
	}
	return stable
}

// everyShop: nobody runs what nobody chose; who stays out is left alone; who waits is not at fault.
func (j *judge) everyShop(latest Release, in Input, out Output) {
	stable := lastSucceeded(in.Releases)
	for _, s := range in.Shops {
		step, decided := out.Steps[s.ID]
		j.check(decided != s.Deleting, "%s: decided %v, deleting %v", s.ID, decided, s.Deleting)
		if s.Deleting {
			continue
		}
		allowed := []string{latest.Name, stable, s.Running, s.Moving, in.Permitted[s.ID].Release, s.LastGood, s.Pinned}
		j.check(slices.Contains(allowed, step.Release), "%s is to run %s", s.ID, step.Release)
		if s.NeedsLatest && s.Running == "" && s.Moving == "" && s.Mode != Pin {
			j.check(step.Release == latest.Name, "%s can start on %s only, but is to start on %s", s.ID, latest.Name, step.Release)
			j.check(step.Unwell.Release == latest.Name || s.Mode != Auto, "%s could not start on anything else, but counts", s.ID)
		} else if stable != "" && s.Running == "" && s.Moving == "" && in.Permitted[s.ID].Release == "" && s.Mode == Auto {
			i := waveOf(in.Policy, &s)
			tried := i < len(in.Policy.Waves) && slices.Contains(out.Latches.Passed, in.Policy.Waves[i].Name)
			j.check(step.Release == stable || tried || i == len(in.Policy.Waves), "%s is new and starts on %s, which nobody of its wave has tried", s.ID, step.Release)
		}
		switch {
		case s.Mode == Held && s.Running != "":
			j.check(step.Release == s.Running, "%s is held, but moved to %s", s.ID, step.Release)
		case s.Mode == Pin && s.Running != "" && slices.ContainsFunc(in.Releases, func(r Release) bool { return r.Name == s.Pinned }):
			j.check(step.Release == s.Pinned, "%s is pinned to %s, but moved to %s", s.ID, s.Pinned, step.Release)
		}
		if step.Reason == RollingBack || step.Reason == RolledBack {
			back := step.Release != in.Permitted[s.ID].Release && step.Release != s.Running && step.Release != s.Moving
			j.check(!back || step.Release == stable, "%s rolls back to %s, not to the last stable %s", s.ID, step.Release, stable)
		}
		waits := step.Release == s.Running && step.Release != latest.Name && s.Mode == Auto
		j.check(!waits || !step.Reason.Stalls(), "%s waits (%s) and is said to be at fault", s.ID, step.Reason)
	}
}
