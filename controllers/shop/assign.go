package shop

import (
	"context"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/gather"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/verdict"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// assign finds out what the Shop runs and what it is to run.
func (r *Reconciler) assign(ctx context.Context, s *scope) outcome.Outcome {
	s.deployments = map[bundle.Component]*appsv1.Deployment{}
	for _, component := range components {
		deployment := &appsv1.Deployment{}
		key := client.ObjectKey{Namespace: s.shop.Namespace, Name: desired.WorkloadName(s.shop.Name, component)}
		err := r.Client.Get(ctx, key, deployment)
		if client.IgnoreNotFound(err) != nil {
			return outcome.Retry(fmt.Errorf("reading the Deployment %s: %w", key, err))
		}
		if err == nil {
			s.deployments[component] = deployment
		}
	}
	s.running = runningOf(s.deployments)
	s.edition = s.assignment.Edition
	return outcome.Done()
}

// runningOf is the release that the Shop runs: the older one where a move is half done; "" = none.
func runningOf(deployments map[bundle.Component]*appsv1.Deployment) string {
	var running string
	var oldest int64
	for _, d := range deployments {
		name := release.MarksOf(d).Release
		if number, ok := release.Number(name); ok && (running == "" || number < oldest) {
			running, oldest = name, number
		}
	}
	return running
}

// build brings the Shop's objects to what its document says, on the release that it is to run. Without one, because this
// build cannot render it, everything stays as it is.
func (r *Reconciler) build(ctx context.Context, s *scope) outcome.Outcome {
	if s.edition != nil {
		out := r.compile(ctx, s)
		if !out.Stops() && s.output.Document != nil {
			out = out.And(run(ctx, s, r.makeKeys, r.makeRoom, r.applyObjects, r.prune))
		}
		if out.Kind() != outcome.KindRetry {
			r.note(s)
		}
		return out
	}
	if name := s.assignment.Step.Release; name != "" {
		return s.status.AsBefore(v1alpha1.ReasonReleaseUnusable, "another version of the operator made "+name+", and this one cannot render what the Shop asks for on it")
	}
	return s.status.AsBefore(v1alpha1.ReasonProgressing, "there is no release yet that the Shop could run")
}

// note tells the planner what was found out about the Shop and releases.
func (r *Reconciler) note(s *scope) {
	shop := client.ObjectKeyFromObject(s.shop)
	r.Fleet.NoteInvalid(shop, s.invalid)
	if s.tooOld != "" || s.running != "" { // what a new Shop needs stands until it runs
		r.Fleet.NoteTooOld(shop, s.tooOld)
	}
}

// fit compiles the Shop on the release that it is to run. Where that cannot be done, and on the release that it runs it
// can, the two of them clash: the Shop has failed on the new release without having moved a pod, and stays until that is
// mended. What it does to itself keeps it from moving, and says nothing of the release.
func (r *Reconciler) fit(ctx context.Context, s *scope) (gather.Gathered, compile.Output, error) {
	gathered, output, err := r.compileOn(ctx, s, s.edition.Name)
	switch {
	case err != nil:
		return gathered, output, err
	case output.Document != nil:
		return gathered, output, r.fitsLatest(ctx, s)
	}
	return r.unfit(ctx, s, gathered, output)
}

// unfit finds out whose fault it is that the Shop cannot be compiled on the release that it is to run.
func (r *Reconciler) unfit(ctx context.Context, s *scope, gathered gather.Gathered, output compile.Output) (gather.Gathered, compile.Output, error) {
	other := s.running // the one to compare with
	if s.edition.Name == s.running {
		other = s.assignment.Latest
	}
	if other == "" || other == s.edition.Name || r.Fleet.Edition(other) == nil {
		if !verdict.Later(output.Problems) {
			s.invalid = s.edition.Name
		}
		return gathered, output, nil
	}
	gatheredThere, outputThere, err := r.compileOn(ctx, s, other)
	switch {
	case err != nil:
		return gathered, output, err
	case outputThere.Document == nil:
		s.invalid = s.assignment.Latest
	case other == s.running:
		s.clashes(s.edition.Name, output)
		s.edition = r.Fleet.Edition(other)
		return gatheredThere, outputThere, nil
	}
	return gathered, output, nil
}

// fitsLatest finds out whether a Shop that clashed with the latest release still does. Once it does not, it takes part
// again.
func (r *Reconciler) fitsLatest(ctx context.Context, s *scope) error {
	latest := s.assignment.Latest
	if s.edition.Name == latest || !s.clashed() {
		return nil
	}
	if r.Fleet.Edition(latest) == nil { // nobody can tell
		s.clash = s.attempt()
		return nil
	}
	_, output, err := r.compileOn(ctx, s, latest)
	if err == nil && output.Document == nil {
		s.clashes(latest, output)
	}
	return err
}

// clashed says whether a Deployment says that the Shop does not fit the latest release.
func (s *scope) clashed() bool {
	for _, d := range s.deployments {
		if release.MarksOf(d).Clash == s.attempt() {
			return true
		}
	}
	return false
}

// attempt is what a Mark of the latest release says.
func (s *scope) attempt() rollout.Mark {
	return rollout.Mark{Release: s.assignment.Latest, Attempt: s.assignment.Attempt}
}

// compileOn compiles the Shop on the release of the name, unless that was done before.
func (r *Reconciler) compileOn(ctx context.Context, s *scope, name string) (gather.Gathered, compile.Output, error) {
	edition := s.edition
	if edition.Name != name {
		edition = r.Fleet.Edition(name)
	}
	gathered, err := r.Gatherer.Shop(ctx, s.shop, edition, s.now)
	if err != nil {
		return gathered, compile.Output{}, err
	}
	if s.returnsTo(name) {
		gathered.Input.Returning = true
		gathered.Fingerprint += "\nreturning"
	}
	memory := &r.bundles
	if name != s.assignment.Step.Release {
		memory = &r.others
	}
	key := client.ObjectKeyFromObject(s.shop)
	last, known := memory.Of(key)
	if !known || last.fingerprint != gathered.Fingerprint {
		last = compiled{gathered.Fingerprint, compile.Compile(gathered.Input)}
		memory.Keep(key, last)
	}
	return gathered, last.output, nil
}

// returnsTo says that the Shop goes back, or has gone back, to the release on which it served before.
func (s *scope) returnsTo(name string) bool {
	step := s.assignment.Step
	back := []rollout.Reason{rollout.RollingBack, rollout.RolledBack, rollout.ReleaseFailed}
	return name == step.Release && name != s.assignment.Latest && slices.Contains(back, step.Reason)
}

// clashes notes that the Shop cannot be compiled on the release, for the reason in the output.
func (s *scope) clashes(release string, output compile.Output) {
	if release == s.assignment.Latest {
		s.clash = s.attempt()
	}
	if s.assignment.Step.Reason == rollout.ReleaseFailed || release == s.assignment.Step.Release {
		s.failure = "what the Shop brings itself does not fit release " + release + ": " + inTheWay(output)
	}
}
