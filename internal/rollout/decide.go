package rollout

import (
	"cmp"
	"slices"
)

// Decide returns the release that every Shop is to run now. It keeps to the limits of the policy even if it is called more
// often than needed, or before the moves that it assigned earlier can be observed.
func Decide(in Input) Output {
	f := newFleet(in)
	out := Output{Steps: make(map[string]Step, len(in.Shops)), Assigned: make(map[string]AssignedRelease, len(in.Shops))}
	if f.latest == nil {
		return out
	}
	halt := f.halt()
	out.Latest = f.latest.Name
	out.Progress = Progress{Attempt: f.latest.Attempt, Halt: halt, Passed: f.passed()}
	if halt == nil && !f.latest.Unusable {
		out.Progress.Passed = f.passWaves()
	}
	out.Progress.Succeeded = halt == nil && f.succeeded()
	switch {
	case halt != nil:
		f.rollBack(*halt)
	case !f.latest.Unusable && f.latest.Pause == NotPaused:
		f.advance()
	}
	for _, m := range f.members {
		m.step = f.stepOf(m, halt)
		m.assigned = f.remember(m)
		out.Steps[m.ID], out.Assigned[m.ID] = m.step, m.assigned
	}
	out.State, out.Wave = f.state(halt)
	out.Counts = f.count()
	out.Next = f.next()
	return out
}

// succeeded reports whether all waves are complete. For a release that this build cannot render, the stored value stays: a
// rollback of the next release may have to return to it.
func (f *fleet) succeeded() bool {
	if f.latest.Unusable {
		return f.latest.Progress.Succeeded && f.latest.Progress.Attempt == f.latest.Attempt
	}
	return !slices.ContainsFunc(f.waves, func(w *wave) bool { return !w.passed })
}

// halt returns the stored Halt, or a new one; nil = the release goes on. Only a request of a person replaces a stored Halt.
func (f *fleet) halt() *Halt {
	r := f.latest
	if r.RollbackFor > r.Attempt {
		return &Halt{Reason: RollbackRequested, Action: Rollback, Scope: AllShops}
	}
	if r.Progress.Halt != nil && r.Progress.Attempt == r.Attempt {
		return r.Progress.Halt
	}
	for _, w := range f.waves {
		if !w.passed && w.failures() > w.MaxFailures.upTo(w.countedShops()) {
			return &Halt{Reason: MaxFailuresExceeded, Wave: w.Name, Action: f.Policy.OnBreach, Scope: f.Policy.Scope}
		}
	}
	return nil
}

// countedShops returns how many Shops of the wave count: maxFailures and maxConcurrent in percent are of this number.
func (w *wave) countedShops() int { return w.number(func(m *member) bool { return m.counts }) }

func (w *wave) failures() int {
	return w.number(func(m *member) bool { return m.counts && m.failed })
}

func (w *wave) number(is func(*member) bool) int {
	n := 0
	for _, m := range w.members {
		if is(m) {
			n++
		}
	}
	return n
}

// passWaves marks the waves that are complete, in their order, and returns the names of all complete waves.
func (f *fleet) passWaves() []string {
	nothingToProtect := f.nothingToProtect()
	var names []string
	for _, w := range f.waves {
		w.passed = w.passed || nothingToProtect || (w.mayStart(f.latest) && f.complete(w))
		if !w.passed {
			break
		}
		names = append(names, w.Name)
	}
	return names
}

// nothingToProtect reports whether no Shop runs another release yet, as with the very first release.
func (f *fleet) nothingToProtect() bool {
	return f.stable == "" && !slices.ContainsFunc(f.members, func(m *member) bool {
		return m.Running != "" && m.Running != f.latest.Name
	})
}

// mayStart reports whether the wave needs no approval, or has it. A wave without Shops that count needs none.
func (w *wave) mayStart(r *Release) bool {
	return !w.NeedsApproval || slices.Contains(r.Approved, w.Name) || w.countedShops() == 0
}

// complete reports whether every Shop of the wave that counts has failed or baked.
func (f *fleet) complete(w *wave) bool {
	return !slices.ContainsFunc(w.members, func(m *member) bool { return m.counts && !m.failed && !f.baked(m) })
}

// baked reports whether the Shop has served on the latest release for the bake time of its wave. A Shop whose pods the
// release did not replace needs no bake.
func (f *fleet) baked(m *member) bool {
	if !f.arrived(m) {
		return false
	}
	return !m.RolloutStarted.After(f.latest.Created) || elapsed(f.Now, m.ServingChanged) >= m.wave.Bake
}

// arrived reports whether the Shop serves on the latest release.
func (f *fleet) arrived(m *member) bool {
	return f.runsLatest(m) && m.Serving
}

// open returns the waves in which Shops may move: the complete ones, for Shops that join late, and the current one.
func (f *fleet) open() []*wave {
	var all []*wave
	for _, w := range f.waves {
		if !w.passed && !w.mayStart(f.latest) {
			break
		}
		all = append(all, w)
		if !w.passed {
			break
		}
	}
	return all
}

// advance assigns the latest release to as many Shops as MaxConcurrent of the open waves allows.
func (f *fleet) advance() {
	for _, w := range f.open() {
		budget := w.MaxConcurrent.atLeastOne(w.countedShops()) - w.number(func(m *member) bool {
			return m.Mode == Auto && m.Running != "" && f.busy(m)
		})
		for _, m := range w.members {
			switch {
			case !f.movable(m):
			case m.Unchanged:
				m.target = f.latest.Name // no pod restarts, so it does not count against the budget
			case budget > 0:
				m.target = f.latest.Name
				budget--
			}
		}
	}
}

// movable reports whether the Shop waits for its move and can make it. A Shop that is busy finishes first.
func (f *fleet) movable(m *member) bool {
	return m.Mode == Auto && m.Running != "" && !m.failed && !m.Invalid && m.target != f.latest.Name && f.settled(m)
}

// rollBack withdraws moves that have not begun and, unless the halt only holds, moves Shops back to the last release that succeeded.
func (f *fleet) rollBack(halt Halt) {
	scope := f.withdraw(halt)
	budget := f.Policy.RollbackConcurrent.atLeastOne(len(scope))
	for _, m := range scope {
		if m.target != f.latest.Name && f.busy(m) {
			budget--
		}
	}
	for _, m := range scope {
		if m.target == f.latest.Name && budget > 0 && f.latest.Pause != PausedAll {
			m.target = f.stable
			budget--
		}
	}
}

// withdraw takes back the moves that were assigned and have not begun, and returns the Shops that the rollback moves back.
func (f *fleet) withdraw(halt Halt) []*member {
	var scope []*member
	for _, m := range f.members {
		if m.Mode != Auto || m.Running == "" {
			continue
		}
		if m.target == f.latest.Name && !f.at(m) {
			m.target = m.Running
		}
		if f.returns(m, halt) {
			scope = append(scope, m)
		}
	}
	return scope
}

// returns reports whether the halt is a rollback that moves the Shop back.
func (f *fleet) returns(m *member, halt Halt) bool {
	if halt.Action != Rollback || f.stable == "" || m.failed || m.NeedsLatest || m.Invalid {
		return false
	}
	switch halt.Scope {
	case AllShops:
		return true
	case WholeWave:
		return m.wave.Name == halt.Wave
	case FailedShops:
	}
	return false
}

// start returns the release on which a new Shop starts: the latest one only if its wave is complete or the Shop can run no
// other. Within MaxLag the previous assignment stays, because the Shop may have started on it, unobserved. After that the
// release is chosen again, because the Shop may be unable to run the assigned one.
func (f *fleet) start(m *member, halt *Halt) string {
	if m.NeedsLatest {
		return f.latest.Name
	}
	if f.known[m.target] && elapsed(f.Now, m.assigned.Since) < MaxLag {
		return m.target
	}
	if f.stable == "" || (halt == nil && m.wave.passed) {
		return f.latest.Name
	}
	return f.stable
}

// lastGood returns the release to which a failed Shop moves back. A Shop that already moves elsewhere continues, and a new
// one that can run only the latest release stays on it.
func (f *fleet) lastGood(m *member) string {
	if m.target != f.latest.Name || (m.Running == "" && m.NeedsLatest) {
		return m.target
	}
	if f.known[m.LastGood] && m.LastGood != f.latest.Name {
		return m.LastGood
	}
	return cmp.Or(f.stable, m.Running)
}
