package tracking

import (
	"cmp"
	"slices"
	"time"
)

// Ending is one entry of a log: a statement that called its resource cancelled.
type Ending struct {
	Said  time.Time // the version of the statement
	At    time.Time // when it was cancelled, by the source
	Heard time.Time
}

// maxEndings bounds the log; the oldest are kept.
const maxEndings = 16

func (p Phase) cancelled() bool { return p == Cancelled || p == OrderCancelled }

// phase returns what the statement says of the phase of an order or a shipment; said = false where it does not speak of it.
func (s *Statement) phase() (p Phase, said bool) {
	if s.Fields != nil && !slices.Contains(s.Fields, "Phase") {
		return "", false
	}
	switch {
	case s.Order != nil:
		return s.Order.Phase, true
	case s.Shipment != nil:
		return s.Shipment.Phase, true
	}
	return "", false
}

// takeEnding logs that the resource was called cancelled, and forgets what was said before the newest statement that did not call it so.
// What remains is the present cancellation, from its first telling on.
func (r *Record) takeEnding(s Statement) (changed bool) {
	r.seedEndings()
	phase, said := s.phase()
	switch {
	case !said:
		return false
	case phase.cancelled():
		changed = r.addEnding(s, phase)
	default:
		r.Standing = latest(r.Standing, s.Stamp.Version)
	}
	before := len(r.Endings)
	r.Endings = slices.DeleteFunc(slices.Clone(r.Endings), func(e Ending) bool { return e.Said.Before(r.Standing) })
	r.Endings = r.Endings[:min(len(r.Endings), maxEndings)]
	return changed || len(r.Endings) != before
}

func (r *Record) addEnding(s Statement, phase Phase) bool {
	e := Ending{Said: s.Stamp.Version, At: s.Stamp.Version, Heard: s.Stamp.Heard}
	if c, ok := phaseOf(s.Phases, phase); ok {
		e.At, e.Heard = c.At, c.Heard
	}
	if slices.Contains(r.Endings, e) {
		return false
	}
	r.Endings = append(slices.Clone(r.Endings), e)
	slices.SortFunc(r.Endings, func(a, b Ending) int {
		return cmp.Or(a.Said.Compare(b.Said), a.At.Compare(b.At), a.Heard.Compare(b.Heard))
	})
	return true
}

// seedEndings begins the log of a record that was written before there was one, with the cancellation that was told last.
func (r *Record) seedEndings() {
	phase := r.phase()
	if len(r.Endings) > 0 || !phase.cancelled() {
		return
	}
	for _, c := range r.Phases {
		if c.Phase == phase {
			r.Endings = []Ending{{Said: r.stampOf("Phase").Version, At: c.At, Heard: c.Heard}}
		}
	}
}

func (r *Record) phase() Phase {
	switch {
	case r.Order != nil:
		return r.Order.Phase
	case r.Shipment != nil:
		return r.Shipment.Phase
	}
	return ""
}

// ended returns the statement with which the present cancellation began; false = the resource is not cancelled.
func (r *Record) ended() (Ending, bool) {
	r.seedEndings()
	if !r.phase().cancelled() || len(r.Endings) == 0 {
		return Ending{}, false
	}
	return r.Endings[0], true
}

// reinstated returns when a cancellation was last taken back; zero = none was.
func (r *Record) reinstated() time.Time {
	again := func(c PhaseChange) bool { return c.Phase.cancelled() && c.At.Before(r.Standing) }
	if slices.ContainsFunc(r.Phases, again) {
		return r.Standing
	}
	return time.Time{}
}

// cancelledSince returns when the present cancellation of the order began: by the source that said so first, since the leading one last took
// a cancellation back.
func (a *assembly) cancelledSince() (since time.Time) {
	var back time.Time
	for _, r := range a.orders {
		e, ok := r.ended()
		if !ok {
			continue
		}
		if since.IsZero() {
			since, back = e.At, r.reinstated()
		} else if !e.Said.Before(back) {
			since = earliest(since, e.At)
		}
	}
	return since
}

// forgetRepeats leaves out of a log that what is cancelled was called so again.
func forgetRepeats(log []PhaseChange, since time.Time) []PhaseChange {
	if since.IsZero() {
		return log
	}
	return slices.DeleteFunc(log, func(c PhaseChange) bool { return c.Phase.cancelled() && c.At.After(since) })
}
