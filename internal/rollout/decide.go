package rollout

import (
	"cmp"
	"slices"
)

// Decide returns what every Shop is to run now. It permits nothing that the policy does not allow, whatever order it is
// asked in, however often, and however much of what was permitted before is not to be seen yet.
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

// succeeded reports whether all waves are over. Of a release that this build cannot render it stays as it was: the next one
// may have to go back to it.
func (f *fleet) succeeded() bool {
	if f.latest.Unusable {
		return f.latest.Progress.Succeeded && f.latest.Progress.Attempt == f.latest.Attempt
	}
	return !slices.ContainsFunc(f.waves, func(w *wave) bool { return !w.passed })
}

// halt returns the latch in force, or a new one. A person may turn a halt into a rollback of all, and nothing else may.
func (f *fleet) halt() *Halt {
	r := f.latest
	if r.RollbackFor > r.Attempt {
		return &Halt{Reason: RollbackRequested, Action: Rollback, Scope: AllShops}
	}
	if r.Progress.Halt != nil && r.Progress.Attempt == r.Attempt {
		return r.Progress.Halt
	}
	for _, w := range f.waves {
		if !w.passed && w.failures() > w.MaxFailures.upTo(w.base()) {
			return &Halt{Reason: MaxFailuresExceeded, Wave: w.Name, Action: f.Policy.OnBreach, Scope: f.Policy.Scope}
		}
	}
	return nil
}

// base returns how many Shops of the wave count.
func (w *wave) base() int { return w.number(func(m *member) bool { return m.counts }) }

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

// passWaves closes the waves that are over, in their order, and returns the names of all that are.
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

// nothingToProtect holds for the very first release: no Shop serves anything else yet.
func (f *fleet) nothingToProtect() bool {
	return f.stable == "" && !slices.ContainsFunc(f.members, func(m *member) bool {
		return m.Running != "" && m.Running != f.latest.Name
	})
}

// mayStart reports whether the wave may begin. A wave without Shops needs no approval.
func (w *wave) mayStart(r *Release) bool {
	return !w.NeedsApproval || slices.Contains(r.Approved, w.Name) || w.base() == 0
}

// complete reports whether every Shop of the wave that counts has shown what it can show.
func (f *fleet) complete(w *wave) bool {
	return !slices.ContainsFunc(w.members, func(m *member) bool { return m.counts && !m.failed && !f.baked(m) })
}

// baked reports whether the Shop served on the latest release for as long as it has to. One whose pods were not replaced
// has nothing to show.
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

// open returns the waves in which Shops may move: those that are over, for who comes late, and the one at work.
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

// advance permits as many moves as the budgets of the open waves allow.
func (f *fleet) advance() {
	for _, w := range f.open() {
		budget := w.MaxConcurrent.atLeastOne(w.base()) - w.number(func(m *member) bool {
			return m.Mode == Auto && m.Running != "" && f.busy(m)
		})
		for _, m := range w.members {
			switch {
			case !f.movable(m):
			case m.Unchanged:
				m.target = f.latest.Name // nothing restarts, so it costs nothing
			case budget > 0:
				m.target = f.latest.Name
				budget--
			}
		}
	}
}

// movable reports whether the Shop waits for its move and can make it: one that is busy is let finish first.
func (f *fleet) movable(m *member) bool {
	return m.Mode == Auto && m.Running != "" && !m.failed && !m.Invalid && m.target != f.latest.Name && f.settled(m)
}

// rollBack withdraws what was permitted but not begun and, if so decided, returns Shops to the last stable release.
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

// withdraw takes back what was permitted and not begun, and returns the Shops that the rollback concerns.
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

// returns reports whether the rollback, if it is one, concerns the Shop.
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

// start returns what a new Shop begins with: the latest release only where others have tried it, or where it cannot begin with
// anything else. What it was told a moment ago stands: it may have begun, unseen. After that it is chosen anew, because the
// Shop may be unable to run what it was told.
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

// lastGood returns where a Shop goes that failed; one that already moves elsewhere goes on, and a new one that cannot run the
// stable release stays.
func (f *fleet) lastGood(m *member) string {
	if m.target != f.latest.Name || (m.Running == "" && m.NeedsLatest) {
		return m.target
	}
	if f.known[m.LastGood] && m.LastGood != f.latest.Name {
		return m.LastGood
	}
	return cmp.Or(f.stable, m.Running)
}
