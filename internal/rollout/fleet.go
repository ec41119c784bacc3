package rollout

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"
)

// fleet is an Input and the values that are derived from it once.
type fleet struct {
	Input
	latest      *Release
	stable      string // the last release that succeeded before the latest one; empty = none did
	known       map[string]bool
	lastStarted map[string]time.Time // by release: when an existing Shop last began to move to it
	members     []*member
	waves       []*wave
}

// member is one Shop and its relation to the latest release.
type member struct {
	Shop
	order [sha256.Size]byte
	// target is the release to run: at first the assigned one, or else the one that it moves to or runs.
	target string
	counts bool // its success or failure counts in its wave
	failed bool
	late   bool // it did not begin or finish its move within the progress deadline
	// neverStarted reports whether it was assigned to the latest release and did not begin to move in time.
	neverStarted bool
	wave         *wave
	assigned     AssignedRelease // of the previous decision, replaced by the one of this decision
	step         Step
}

// wave is a Wave with its members, in the order in which they move.
type wave struct {
	Wave
	members []*member
	passed  bool
}

func newFleet(in Input) *fleet {
	f := &fleet{Input: in, known: map[string]bool{}, lastStarted: map[string]time.Time{}}
	for i := range in.Releases {
		r := &in.Releases[i]
		f.known[r.Name] = true
		if f.latest == nil || r.Number > f.latest.Number {
			f.latest = r
		}
	}
	f.stable = lastStable(in.Releases, f.latest)
	f.noteStarted()
	for _, shop := range in.Shops {
		if !shop.Deleting {
			f.members = append(f.members, f.newMember(shop))
		}
	}
	if f.latest != nil {
		slices.SortFunc(f.members, func(a, b *member) int { return slices.Compare(a.order[:], b.order[:]) })
		f.assign()
	}
	return f
}

// noteStarted records when a Shop last began to move, by release: while the operator works through many moves, a Shop that
// waits for its move is not late.
func (f *fleet) noteStarted() {
	for i := range f.Shops {
		s := &f.Shops[i]
		if f.latest == nil || s.Deleting || s.Created.After(f.latest.Created) || elapsed(f.Now, s.RolloutStarted) >= f.Policy.ProgressDeadline {
			continue
		}
		for _, release := range []string{s.Running, s.Moving} {
			f.lastStarted[release] = later(f.lastStarted[release], s.RolloutStarted)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// lastStable returns the newest release before the latest that succeeded; empty = none did.
func lastStable(all []Release, latest *Release) string {
	var stable *Release
	for i := range all {
		r := &all[i]
		if r.Progress.Succeeded && r.Number < latest.Number && (stable == nil || r.Number > stable.Number) {
			stable = r
		}
	}
	if stable == nil {
		return ""
	}
	return stable.Name
}

func (f *fleet) newMember(shop Shop) *member {
	previous := f.Assigned[shop.ID]
	m := &member{Shop: shop, assigned: previous, target: cmp.Or(previous.Release, shop.Moving, shop.Running)}
	if f.latest == nil {
		return m
	}
	if previous.Failed == f.attempt() {
		m.Failed = previous.Failed
	}
	m.late = f.overdue(shop, previous)
	awaited := m.target == f.latest.Name && !f.at(m)
	m.neverStarted = m.late && awaited
	switch {
	case m.neverStarted || (awaited && f.cannotRun(m)) || f.outdated(m):
		m.target = m.Running
	case m.Running == "" && m.Moving != "" && m.Moving != m.target && m.NeedsLatest:
		m.target = f.latest.Name // it cannot run the stable release, which it was assigned
	}
	// The order differs between releases, so that it is not always the same merchant whose Shop moves first.
	m.order = sha256.Sum256([]byte(f.latest.Name + "\x00" + shop.UID))
	m.counts = f.countable(m)
	return m
}

// outdated reports whether the Shop is late to begin its move to a release that is no longer the latest. It may be unable to
// run that release, and would wait for it forever.
func (f *fleet) outdated(m *member) bool {
	return m.late && !f.at(m) && m.Running != "" && m.Moving == ""
}

// attempt returns the current attempt of the latest release.
func (f *fleet) attempt() AttemptRef {
	return AttemptRef{Release: f.latest.Name, Attempt: f.latest.Attempt}
}

// passed returns the names of the waves that are complete in this attempt.
func (f *fleet) passed() []string {
	if f.latest.Progress.Attempt != f.latest.Attempt {
		return nil
	}
	return f.latest.Progress.Passed
}

// at reports whether the Shop has begun to run the latest release.
func (f *fleet) at(m *member) bool { return m.Running == f.latest.Name || m.Moving == f.latest.Name }

// countable reports whether the success or failure of the Shop counts for the release: it follows releases, it existed before
// the release, and it was healthy.
func (f *fleet) countable(m *member) bool {
	part := m.Mode == Auto && !m.Suspended && m.UnhealthyBefore != f.attempt() && m.Running != "" && !m.Created.After(f.latest.Created)
	switch {
	case !part:
		return false
	case f.hasFailed(m) || f.runsLatest(m):
		return true
	}
	return !m.Invalid && (f.at(m) || !f.down(m))
}

// hasFailed reports whether the Shop failed on the current attempt, or is incompatible with it.
func (f *fleet) hasFailed(m *member) bool { return m.Failed == f.attempt() || f.incompatible(m) }

// incompatible reports whether the latest release cannot render the Shop's own spec, templates or policies.
func (f *fleet) incompatible(m *member) bool { return m.IncompatibleWith == f.attempt() && !f.at(m) }

// cannotRun reports whether an existing Shop cannot move because of its own spec, templates or policies.
func (f *fleet) cannotRun(m *member) bool { return m.Running != "" && (m.Invalid || f.incompatible(m)) }

// runsLatest reports whether all of the Shop runs the latest release, serving or not.
func (f *fleet) runsLatest(m *member) bool { return m.Running == f.latest.Name && m.Moving == "" }

// overdue reports whether the Shop did not begin its assigned move, or did not finish the move that it began, within the
// progress deadline. While other Shops still begin to move to the same release, a Shop that has not begun is not overdue.
func (f *fleet) overdue(shop Shop, previous AssignedRelease) bool {
	since := later(previous.Since, f.lastStarted[previous.Release])
	switch {
	case shop.Moving != "":
		since = shop.RolloutStarted
	case previous.Release == "" || shop.Running == "" || previous.Release == shop.Running:
		return false
	}
	return elapsed(f.Now, since) >= f.Policy.ProgressDeadline
}

// remember returns the AssignedRelease of the Shop's step.
func (f *fleet) remember(m *member) AssignedRelease {
	p := AssignedRelease{Release: m.step.Release, Since: f.Now, Withdrawn: f.withdrawn(m, m.step.Release), Failed: m.step.Failed}
	if m.assigned.Release == p.Release && m.Running != p.Release {
		p.Since = m.assigned.Since
	}
	return p
}

// withdrawn returns AssignedRelease.Withdrawn for a Shop that is assigned to the release now.
func (f *fleet) withdrawn(m *member, release string) time.Time {
	if told := m.assigned.Release; told != "" && told != release && release == m.Running {
		return f.Now
	}
	return m.assigned.Withdrawn
}

// unsure reports whether the Shop may be moving although it is not observed to: its move was withdrawn within MaxLag, and it
// may have begun before.
func (f *fleet) unsure(m *member) bool {
	return elapsed(f.Now, f.withdrawn(m, m.target)) < MaxLag
}

// provesNothing reports whether a failure of the Shop on the latest release does not count: it did not serve before either, or
// it could not have started on another release.
func (f *fleet) provesNothing(m *member) bool {
	if m.Running == "" {
		return m.NeedsLatest
	}
	return !f.at(m) && f.down(m)
}

// down reports whether the Shop has not served for the progress deadline or longer.
func (f *fleet) down(m *member) bool {
	return !m.Serving && elapsed(f.Now, m.ServingChanged) >= f.Policy.ProgressDeadline
}

// settled reports whether the Shop certainly does not move: it runs its target, and either serves or is down.
func (f *fleet) settled(m *member) bool {
	return m.target == m.Running && m.Moving == "" && (m.Serving || f.down(m)) && !f.unsure(m)
}

// busy reports whether the Shop moves, or may be moving, and is not late.
func (f *fleet) busy(m *member) bool { return !f.settled(m) && (!m.late || f.unsure(m)) }

// maxInterruptions is how many interruptions during its wave make a Shop failed.
const maxInterruptions = 3

// failure reports whether the Shop has failed on the latest release. After its wave is complete, only a move that does not
// finish is a failure.
func (f *fleet) failure(m *member) bool {
	switch {
	case f.hasFailed(m):
		return true
	case m.neverStarted:
		return m.counts
	case !f.at(m) || m.UnhealthyBefore == f.attempt():
		return false
	case m.Moving != "" && m.late:
		return !m.Invalid
	}
	return f.failsToServe(m)
}

func (f *fleet) failsToServe(m *member) bool {
	if f.down(m) {
		return !m.wave.passed || !m.ServingChanged.After(m.RolloutStarted)
	}
	return m.Interruptions >= maxInterruptions && !m.wave.passed
}

// elapsed returns the time between the two, and 0 instead of a negative time: clocks differ.
func elapsed(now, since time.Time) time.Duration { return max(0, now.Sub(since)) }

// assign puts every Shop into its wave, and sorts the Shops that count to its beginning.
func (f *fleet) assign() {
	for _, w := range append(slices.Clone(f.Policy.Waves), rest) {
		f.waves = append(f.waves, &wave{Wave: w, passed: slices.Contains(f.passed(), w.Name)})
	}
	for _, m := range f.members {
		m.wave = f.waveOf(m)
		m.wave.members = append(m.wave.members, m)
		m.failed = f.failure(m)
	}
	for _, w := range f.waves {
		slices.SortStableFunc(w.members, func(a, b *member) int { return compareBool(b.counts, a.counts) })
	}
}

// waveOf returns the first wave that takes the Shop. A wave of limited size takes only Shops that count, because it is there to
// test the release.
func (f *fleet) waveOf(m *member) *wave {
	for _, w := range f.waves {
		selected := w.Selector == nil || w.Selector.Matches(labels.Set(m.Labels))
		if selected && (w.Size == 0 || (m.counts && len(w.members) < w.Size)) {
			return w
		}
	}
	return f.waves[len(f.waves)-1]
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	default:
		return -1
	}
}
