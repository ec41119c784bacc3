package placement

import (
	"context"
	"time"

	"github.com/wismo-dev/wismo/controllers/shop/workloads"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/release"
)

// Templates are the hashes of the pod templates as rendered, by component.
type Templates map[bundle.Component]string

// Marked are the marks for the Deployments of a Shop.
type Marked struct {
	Marks   map[bundle.Component]release.Marks
	Instead map[bundle.Component]*desired.Template // what serves instead of what is rendered; none = that serves

	RolledBack string    // why a Deployment runs what served before; "" = none does
	Began      time.Time // when its pods were last replaced for a release; zero = never, or not known
	Relabelled bool      // it moves to a release that changes nothing for it
}

// Mark returns the marks of the Shop as rendered, and rolls back the Deployments that failed.
func (p *Placer) Mark(ctx context.Context, s Situation, fit Fit, rendered Templates) (Marked, error) {
	marked := Marked{Marks: map[bundle.Component]release.Marks{}}
	var err error
	if marked.RolledBack, marked.Instead, err = p.rollBack(ctx, s, fit, rendered); err != nil {
		return Marked{}, err
	}
	for component, hash := range rendered {
		m, relabelled := s.marks(fit, component, hash)
		if marked.RolledBack != "" {
			m.FailedTemplate = hash
		}
		if m.Since.After(marked.Began) {
			marked.Began = m.Since
		}
		marked.Relabelled = marked.Relabelled || relabelled
		marked.Marks[component] = m
	}
	return marked, nil
}

// marks returns the marks for the Deployment of a component, whose pod template as rendered has the hash, and whether it moves to
// a release that changes nothing for it. While nothing changes they are those that the Deployment has.
func (s Situation) marks(fit Fit, component bundle.Component, hash string) (m release.Marks, relabelled bool) {
	step := s.Assignment.Step
	m = release.Marks{Release: fit.Edition.Name, Failed: step.Failed, UnhealthyBefore: step.UnhealthyBefore}
	live := s.Workloads.Deployments[component]
	if live == nil {
		m.Since = s.Workloads.Now
		return m, false
	}
	there := release.MarksOf(live)
	moves := there.Release != m.Release
	m.Before, m.Since = there.Before, there.Since
	m.Failed, m.UnhealthyBefore = s.kept(m.Failed, there.Failed, moves), s.kept(m.UnhealthyBefore, there.UnhealthyBefore, moves)
	if moves && there.Release != "" && (s.Workloads.Serve() || s.halfway(m.Release, there.Release)) {
		m.Before = there.Release
	}
	if moves && there.Template != hash {
		m.Since = s.Workloads.Now
	}
	// A mark of another attempt than the latest has no meaning any more. It stays until the Shop moves, because removing it
	// would be an unnecessary write.
	if m.IncompatibleWith = fit.IncompatibleWith; m.IncompatibleWith == (release.AttemptRef{}) && !moves && there.IncompatibleWith != s.attempt() {
		m.IncompatibleWith = there.IncompatibleWith
	}
	return m, moves && there.Template == hash
}

// kept returns the mark of the decision, or else the one on the Deployment, unless that is about another release than the latest
// and the Shop moves anyway.
func (s Situation) kept(told, there release.AttemptRef, moves bool) release.AttemptRef {
	if told != (release.AttemptRef{}) || (moves && there.Release != s.Assignment.Latest) {
		return told
	}
	return there
}

// halfway reports whether the other Deployment has gone ahead to one release from the other: the operator that moved it saw the
// Shop serve there, and ended before it moved this one.
func (s Situation) halfway(to, from string) bool {
	for _, component := range workloads.Components {
		d := s.Workloads.Deployments[component]
		if d == nil {
			continue
		}
		if m := release.MarksOf(d); m.Release == to && m.Before == from {
			return true
		}
	}
	return false
}
