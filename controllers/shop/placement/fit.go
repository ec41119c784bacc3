package placement

import (
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/operator/accepted"
	"github.com/wismo-dev/wismo/internal/operator/inputs"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// Placer places all Shops.
type Placer struct {
	assignments *releases.Assignments
	live        client.Reader // the API server itself: no cache holds ReplicaSets and pods
	compiler    compiler
}

// New returns a Placer.
func New(assignments *releases.Assignments, gatherer *inputs.Gatherer, live client.Reader) *Placer {
	return &Placer{assignments: assignments, live: live, compiler: compiler{gatherer: gatherer}}
}

// Forget drops what is remembered of a deleted Shop.
func (p *Placer) Forget(shop types.NamespacedName) { p.compiler.forget(shop) }

// Fit is a Shop compiled on a release, and whether it can be compiled on the latest one.
type Fit struct {
	Edition   *releases.Edition // on which the Shop is rendered
	Output    compile.Output    // on Edition; without a Document if the Shop cannot be compiled
	LookAfter time.Duration     // when to read the inputs again; 0 = a watch reports every change of them

	IncompatibleWith release.AttemptRef // of the latest release; see rollout.Shop
	Failure          string             // why the Shop cannot be moved to its assigned release; "" = it can
	Invalid          string             // the release on which the Shop's own spec, templates or policies do not compile; "" = none
}

// Fit compiles the Shop on its assigned release, which must exist. If that fails, and the Shop compiles on the release that it
// runs, the Shop is incompatible with the new release: it has failed there without having replaced a pod, and stays until its
// owner has fixed that. If it compiles on neither release, it is Invalid: it cannot move, which is no failure of the release.
func (p *Placer) Fit(ctx context.Context, s Situation) (Fit, error) {
	edition, latest := s.Assignment.Edition, s.Assignment.Latest
	gathered, output, err := p.compiler.on(ctx, s, edition)
	fit := Fit{Edition: edition, Output: output, LookAfter: gathered.LookAfter}
	if err != nil {
		return fit, err
	}
	if output.Document != nil {
		return p.againstLatest(ctx, s, fit)
	}
	other := s.Running // the one to compare with
	if edition.Name == s.Running {
		other = latest
	}
	compared := p.assignments.Edition(other)
	if other == "" || other == edition.Name || compared == nil {
		if !accepted.Later(output.Problems) {
			fit.Invalid = edition.Name
		}
		return fit, nil
	}
	gatheredThere, outputThere, err := p.compiler.on(ctx, s, compared)
	switch {
	case err != nil:
		return fit, err
	case outputThere.Document == nil:
		fit.Invalid = latest
	case other == s.Running:
		fit = fit.incompatibleFit(s, edition.Name, output)
		fit.Edition, fit.Output, fit.LookAfter = compared, outputThere, gatheredThere.LookAfter
	}
	return fit, nil
}

// againstLatest checks whether a Shop that was incompatible with the latest release still is. If it is not, it follows the
// rollout again.
func (p *Placer) againstLatest(ctx context.Context, s Situation, fit Fit) (Fit, error) {
	latest := s.Assignment.Latest
	if fit.Edition.Name == latest || !s.incompatible() {
		return fit, nil
	}
	edition := p.assignments.Edition(latest)
	if edition == nil { // it cannot be compiled
		fit.IncompatibleWith = s.attempt()
		return fit, nil
	}
	_, output, err := p.compiler.on(ctx, s, edition)
	if err == nil && output.Document == nil {
		fit = fit.incompatibleFit(s, latest, output)
	}
	return fit, err
}

// incompatibleFit returns the Fit of a Shop that cannot be compiled on the named release, for the reason in the output.
func (f Fit) incompatibleFit(s Situation, name string, output compile.Output) Fit {
	if name == s.Assignment.Latest {
		f.IncompatibleWith = s.attempt()
	}
	if s.Assignment.Step.Reason == rollout.ReleaseFailed || name == s.Assignment.Step.Release {
		f.Failure = "the Shop's own spec, templates or policy do not compile on release " + name + ": " + inTheWay(output)
	}
	return f
}

// inTheWay returns why the Shop cannot be compiled, in one line.
func inTheWay(output compile.Output) string {
	if len(output.Problems) > 0 {
		_, message := accepted.Problems(output.Problems)
		return message
	}
	message, _ := accepted.Missing(output.Missing, time.Time{}, time.Time{})
	return message
}

// incompatible reports whether a Deployment records that the Shop is incompatible with the latest release.
func (s Situation) incompatible() bool {
	for _, d := range s.Workloads.Deployments {
		if release.MarksOf(d).IncompatibleWith == s.attempt() {
			return true
		}
	}
	return false
}

// returnsTo reports whether the Shop moves back, or has moved back, to the named release.
func (s Situation) returnsTo(name string) bool {
	step := s.Assignment.Step
	back := []rollout.Reason{rollout.RollingBack, rollout.RolledBack, rollout.ReleaseFailed}
	return name == step.Release && name != s.Assignment.Latest && slices.Contains(back, step.Reason)
}

// ComesTo reports whether the Shop comes by itself to a release that does what it asks for. One that runs nothing yet begins
// there.
func (s Situation) ComesTo(fit Fit) bool {
	stays := []rollout.Reason{rollout.PinnedTo, rollout.HeldBack, rollout.PinUnknown}
	return accepted.Later(fit.Output.Problems) && fit.Edition.Name != s.Assignment.Latest && !slices.Contains(stays, s.Assignment.Step.Reason)
}

// Note tells the planner what was found out about the Shop and releases: with which one it cannot be rendered by its own
// fault, and which one does not do what it asks for, and a later one does; "" = none.
func (p *Placer) Note(s Situation, invalid, tooOld string) {
	shop := client.ObjectKeyFromObject(s.Shop)
	p.assignments.NoteInvalid(shop, invalid)
	if tooOld != "" || s.Running != "" { // what a new Shop needs stands until it runs
		p.assignments.NoteTooOld(shop, tooOld)
	}
}
