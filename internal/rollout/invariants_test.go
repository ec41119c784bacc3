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
	took := s.Mode == Auto && !s.Suspended && !s.Deleting && s.Running != "" && !s.Created.After(latest.Created) && s.Unwell != mine
	touched := on(s, latest.Name) || in.Permitted[s.ID] == latest.Name || s.Failed == mine
	return took && (touched || !dead(in, s))
}

func broke(in Input, latest Release, passed bool, s *Shop) bool {
	if s.Failed == (Mark{Release: latest.Name, Attempt: latest.Attempt}) {
		return true
	}
	return on(s, latest.Name) && !passed && (dead(in, s) || s.Stumbles >= 3)
}

// members are the Shops of a wave.
func members(in Input, i int) []*Shop {
	var all []*Shop
	for k := range in.Shops {
		if s := &in.Shops[k]; !s.Deleting && waveOf(in.Policy, s) == i {
			all = append(all, s)
		}
	}
	return all
}

func inWave(in Input, i int, is func(*Shop) bool) int {
	n := 0
	for _, s := range members(in, i) {
		if is(s) {
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
	if halt := latest.Latched.Halt; halt != nil && latest.Latched.Attempt == latest.Attempt {
		j.check(out.Latches.Halt != nil && *out.Latches.Halt == *halt, "the halt of %s did not last", latest.Name)
		return
	}
	breached := ""
	for i, wave := range in.Policy.Waves {
		passed := over(latest, wave.Name)
		base := inWave(in, i, func(s *Shop) bool { return matters(in, latest, s) })
		failed := inWave(in, i, func(s *Shop) bool { return matters(in, latest, s) && broke(in, latest, passed, s) })
		if !passed && failed > limit(wave.MaxFailures, base) && breached == "" {
			breached = wave.Name
		}
	}
	asked := latest.RollbackFor > latest.Attempt
	halted := out.Latches.Halt != nil
	j.check(halted == (breached != "" || asked), "%s: halted %v, but breached in %q and asked %v", latest.Name, halted, breached, asked)
}

// permits: never more in flight than the budget, none in a wave before its time, none when stopped.
func (j *judge) permits(latest Release, in Input, out Output) {
	fresh := permitted(latest, in, out)
	if len(fresh) == 0 {
		return
	}
	j.check(out.Latches.Halt == nil, "%v move to %s, which is halted", fresh, latest.Name)
	j.check(latest.Pause == NotPaused, "%v move to %s, which is paused", fresh, latest.Name)
	for i, ids := range fresh {
		if i >= len(in.Policy.Waves) {
			j.check(false, "%v is in no wave", ids)
			continue
		}
		j.budget(i, latest, in, out)
		j.begun(i, latest, in, out)
	}
}

// permitted are the Shops, by wave, that may move to the release and might not before.
func permitted(latest Release, in Input, out Output) map[int][]string {
	fresh := map[int][]string{}
	for _, s := range in.Shops {
		before := cmp.Or(in.Permitted[s.ID], s.Moving, s.Running)
		if moves(&s) && before != latest.Name && out.Steps[s.ID].Release == latest.Name {
			i := waveOf(in.Policy, &s)
			fresh[i] = append(fresh[i], s.ID)
		}
	}
	return fresh
}

// moves says whether the Shop has something to move from, and lets the platform say when.
func moves(s *Shop) bool { return !s.Deleting && s.Mode == Auto && s.Running != "" }

// begun: a wave begins when those before it are over, and somebody has approved it where that is asked for.
func (j *judge) begun(i int, latest Release, in Input, out Output) {
	wave, passed := in.Policy.Waves[i], out.Latches.Passed
	for k := range i {
		j.check(slices.Contains(passed, in.Policy.Waves[k].Name), "Shops move in wave %d before wave %d is over", i, k)
	}
	base := inWave(in, i, func(s *Shop) bool { return matters(in, latest, s) })
	approved := !wave.NeedsApproval || slices.Contains(latest.Approved, wave.Name) || slices.Contains(passed, wave.Name) || base == 0
	j.check(approved, "Shops move in wave %s without approval", wave.Name)
}

// budget counts in the world as it really is, not as it was seen.
func (j *judge) budget(i int, latest Release, in Input, out Output) {
	flying := inWave(in, i, func(seen *Shop) bool { return out.Steps[seen.ID].Release == latest.Name && j.flies(seen, latest, in) })
	amount := in.Policy.Waves[i].MaxConcurrent
	base := inWave(in, i, func(s *Shop) bool { return matters(in, latest, s) })
	most := limit(amount, base)
	if amount.Value > 0 {
		most = max(1, most)
	}
	j.check(flying <= most, "%d in flight in wave %s, of which %d may", flying, in.Policy.Waves[i].Name, most)
}

// flies says whether a Shop is on its way to the release. Only one that was seen to have arrived, and stumbled just now,
// cannot be known of.
func (j *judge) flies(seen *Shop, latest Release, in Input) bool {
	s, alive := j.w.shops[seen.ID]
	if !alive || s.Running == "" || !moves(seen) || serves(seen, latest) {
		return false
	}
	return s.Running != latest.Name || s.Moving != "" || (!s.Serving && !dead(in, &s.Shop))
}

// serves says whether the Shop has arrived at the release, and is well.
func serves(s *Shop, release Release) bool {
	return s.Running == release.Name && s.Moving == "" && s.Serving
}

// passes: a wave is over only when all that counts in it served for the whole bake, or failed within the limit. The
// first release that a fleet has needs no waves.
func (j *judge) passes(latest Release, in Input, out Output) {
	if lastSucceeded(in.Releases) == "" && isFirst(latest, in) {
		return
	}
	for i, wave := range in.Policy.Waves {
		if over(latest, wave.Name) || !slices.Contains(out.Latches.Passed, wave.Name) {
			continue
		}
		for _, s := range members(in, i) {
			if matters(in, latest, s) && !broke(in, latest, false, s) {
				j.baked(s, wave, latest, in)
			}
		}
	}
}

func (j *judge) baked(s *Shop, wave Wave, latest Release, in Input) {
	j.check(serves(s, latest), "wave %s of %s passed without %s", wave.Name, latest.Name, s.ID)
	rolled := s.Begun.After(latest.Created)
	j.check(!rolled || since(in.Now, s.Since) >= wave.Bake, "wave %s of %s passed before %s baked", wave.Name, latest.Name, s.ID)
}

// isFirst says whether no Shop runs anything else.
func isFirst(latest Release, in Input) bool {
	return !slices.ContainsFunc(in.Shops, func(s Shop) bool { return !s.Deleting && s.Running != "" && s.Running != latest.Name })
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
		allowed := []string{latest.Name, stable, s.Running, s.Moving, in.Permitted[s.ID], s.LastGood, s.Pinned}
		j.check(slices.Contains(allowed, step.Release), "%s is to run %s", s.ID, step.Release)
		j.stays(&s, step, in)
		j.rollsBack(&s, step, stable, in)
		waits := step.Release == s.Running && step.Release != latest.Name && s.Mode == Auto
		j.check(!waits || !step.Reason.Stalls(), "%s waits (%s) and is said to be at fault", s.ID, step.Reason)
	}
}

// stays: a Shop that is held stays where it is, and a pinned one where it is pinned to, if there is such a release.
func (j *judge) stays(s *Shop, step Step, in Input) {
	if s.Running == "" {
		return
	}
	switch s.Mode {
	case Held:
		j.check(step.Release == s.Running, "%s is held, but moved to %s", s.ID, step.Release)
	case Pin:
		exists := slices.ContainsFunc(in.Releases, func(r Release) bool { return r.Name == s.Pinned })
		j.check(!exists || step.Release == s.Pinned, "%s is pinned to %s, but moved to %s", s.ID, s.Pinned, step.Release)
	case Auto: // it goes where the release goes
	}
}

// rollsBack: who is sent back goes to what served everybody last.
func (j *judge) rollsBack(s *Shop, step Step, stable string, in Input) {
	if step.Reason != RollingBack && step.Reason != RolledBack {
		return
	}
	known := []string{in.Permitted[s.ID], s.Running, s.Moving}
	j.check(slices.Contains(known, step.Release) || step.Release == stable, "%s rolls back to %s, not to the last stable %s", s.ID, step.Release, stable)
}
