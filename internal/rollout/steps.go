package rollout

import (
	"slices"
	"time"
)

// stepOf returns the decision about one Shop. Its target must have been set.
func (f *fleet) stepOf(m *member, halt *Halt) Step {
	s := Step{Release: m.target, Wave: m.wave.Name}
	switch {
	case m.Mode == Pin:
		s.Release, s.Reason = f.pinned(m)
	case m.Running == "" && m.Moving == "":
		s.Release, s.Reason = f.start(m, halt), Updating
	case m.Mode == Held:
		s.Release, s.Reason = m.Running, HeldBack
	case m.failed:
		s.Release, s.Reason, s.Failed = f.lastGood(m), ReleaseFailed, f.failedAttempt(m)
	default:
		s.Reason = f.reason(m, halt)
	}
	if m.Mode == Auto && s.Release == f.latest.Name && f.provesNothing(m) {
		s.UnhealthyBefore = f.attempt()
	}
	return s
}

// failedAttempt returns Step.Failed of a Shop that failed. For an incompatible Shop it is what the Shop has stored already:
// IncompatibleWith records the failure, and goes away once the owner has fixed it.
func (f *fleet) failedAttempt(m *member) AttemptRef {
	if f.incompatible(m) {
		return m.Failed
	}
	return f.attempt()
}

func (f *fleet) pinned(m *member) (string, Reason) {
	if f.known[m.Pinned] {
		return m.Pinned, PinnedTo
	}
	return m.Running, PinUnknown
}

// reason returns the Reason of a Shop in mode Auto that runs a release and has not failed.
func (f *fleet) reason(m *member, halt *Halt) Reason {
	switch {
	case halt != nil:
		return f.reasonOfHalt(m, *halt)
	case f.arrived(m) && (m.wave.passed || !m.counts || f.baked(m)):
		return UpToDate
	case f.arrived(m):
		return Baking
	case m.target == f.latest.Name:
		return Updating
	case f.latest.Unusable:
		return ReleaseUnusable
	case f.latest.Pause != NotPaused:
		return Paused
	default:
		return f.reasonToWait(m)
	}
}

func (f *fleet) reasonOfHalt(m *member, halt Halt) Reason {
	switch {
	case !f.returns(m, halt):
		return Halted
	case f.at(m) || !f.settled(m):
		return RollingBack
	default:
		return RolledBack
	}
}

func (f *fleet) reasonToWait(m *member) Reason {
	if m.Invalid {
		return ShopInvalid
	}
	if slices.Contains(f.open(), m.wave) {
		return WaitingForTurn
	}
	for _, w := range f.waves {
		if w.passed {
			continue
		}
		if w == m.wave && !w.mayStart(f.latest) {
			return WaitingForApproval
		}
		break
	}
	return WaitingForWave
}

// state returns the state of the latest release, and the name of the current wave.
func (f *fleet) state(halt *Halt) (State, string) {
	w := f.atWork()
	switch {
	case halt != nil:
		return f.stateOfHalt(*halt), halt.Wave
	case f.latest.Unusable: // even if all Shops run it: their own edits cannot be rendered either
		return StateUnusable, w.Name
	case w.passed:
		return StateSucceeded, ""
	case f.latest.Pause != NotPaused:
		return StatePaused, w.Name
	case !w.mayStart(f.latest):
		return StateWaitingForApproval, w.Name
	}
	if w.number(func(m *member) bool { return m.counts && !m.failed && !f.arrived(m) }) > 0 {
		return StateProgressing, w.Name
	}
	return StateBaking, w.Name
}

// atWork returns the first wave that is not complete; if all are, a complete one without a name.
func (f *fleet) atWork() *wave {
	if i := slices.IndexFunc(f.waves, func(w *wave) bool { return !w.passed }); i >= 0 {
		return f.waves[i]
	}
	return &wave{passed: true}
}

func (f *fleet) stateOfHalt(halt Halt) State {
	if halt.Action != Rollback || f.stable == "" {
		return StateHalted
	}
	for _, m := range f.members {
		concerned := m.Mode == Auto && !m.Invalid && (m.failed || f.returns(m, halt))
		if concerned && (f.at(m) || !f.settled(m)) {
			return StateRollingBack
		}
	}
	return StateRolledBack
}

func (f *fleet) count() Counts {
	c := Counts{Total: len(f.members)}
	for _, m := range f.members {
		switch {
		case m.failed:
			c.Failed++
		case f.arrived(m):
			c.UpToDate++
		case m.Mode != Auto || m.Suspended:
			c.Skipped++
		case m.step.Release == f.latest.Name:
			c.Updating++
		default:
			c.Waiting++
		}
	}
	return c
}

// next returns the earliest time at which the decision may change without any other change of the input. The steps must have
// been set.
func (f *fleet) next() time.Time {
	var earliest time.Time
	consider := func(at time.Time) {
		if at.After(f.Now) && (earliest.IsZero() || at.Before(earliest)) {
			earliest = at
		}
	}
	for _, m := range f.members {
		if !m.Serving {
			consider(m.ServingChanged.Add(f.Policy.ProgressDeadline))
		}
		if m.Moving != "" {
			consider(m.RolloutStarted.Add(f.Policy.ProgressDeadline))
		}
		if p := m.assigned; p.Release != m.Running {
			consider(later(p.Since, f.lastStarted[p.Release]).Add(f.Policy.ProgressDeadline))
			consider(p.Since.Add(MaxLag))
		}
		consider(m.assigned.Withdrawn.Add(MaxLag))
		if f.arrived(m) && !m.wave.passed {
			consider(m.ServingChanged.Add(m.wave.Bake))
		}
	}
	return earliest
}
