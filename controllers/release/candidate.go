package release

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/release"
)

// ship makes a release of what has changed and passes the gate. That it cannot is no reason not to decide about the
// releases there are.
func (r *Reconciler) ship(ctx context.Context, s *round) error {
	s.candidateErr = r.candidate(ctx, s)
	return nil
}

func (r *Reconciler) candidate(ctx context.Context, s *round) error {
	latest := s.shelf.Latest()
	if latest != nil && fromLaterBuild(latest.Document) {
		return nil // an operator that was downgraded has nothing to say until it is upgraded again
	}
	items, err := r.Library.Read(ctx)
	if err != nil {
		return err
	}
	admitted, faults := r.gate.Admit(items, s.latest)
	s.faults = faults
	names, contents := releases.Content(admitted)
	document := releases.BuildDocument(r.Images(), names)
	if latest == nil {
		document.Images = releases.Adopted(s.deployments(), document.Images)
	}
	if latest != nil && document.Hash() == latest.Document.Hash() {
		r.pending = pending{}
		return r.Store.EnsureContent(ctx, s.shelf, document, contents, s.now)
	}
	if !r.quiet(s, document.Hash()) && latest != nil {
		return nil
	}
	return r.make(ctx, s, document, contents)
}

// make stores the candidate as the next release.
func (r *Reconciler) make(ctx context.Context, s *round, document release.Document, contents map[string]release.Content) error {
	number, err := r.number(ctx, s)
	if err != nil {
		return err
	}
	made, err := r.Store.Create(ctx, s.shelf, number, document, contents, s.now)
	if err != nil {
		return err
	}
	r.pending = pending{}
	r.Editions.Remember(contents)
	s.shelf.Releases = append(s.shelf.Releases, made)
	s.latest, err = r.edition(ctx, s, made)
	r.pruned = s.now // the shelf does not show all of it yet
	return err
}

// fromLaterBuild says whether a build after this one made the release.
func fromLaterBuild(d release.Document) bool {
	return !release.Known(d.HashVersion) || d.Render > desired.RenderVersion
}

// quiet says whether the candidate has been the same for long enough.
func (r *Reconciler) quiet(s *round, hash string) bool {
	if r.pending.hash != hash || s.now.Before(r.pending.since) { // or the clock was set back
		r.pending = pending{hash, s.now}
	}
	wait := r.pending.since.Add(quietTime).Sub(s.now)
	s.lookAfter(wait)
	return wait <= 0
}

// number is the next one: no number is used again, whatever became of its release.
func (r *Reconciler) number(ctx context.Context, s *round) (int64, error) {
	var seen []int64
	for _, revision := range s.shelf.Releases {
		seen = append(seen, int64(revision.Release.Number))
	}
	for _, name := range s.names() {
		if n, ok := release.Number(name); ok {
			seen = append(seen, n)
		}
	}
	told, err := r.StatusWriter.Highest(ctx)
	if n, ok := release.Number(told); ok {
		seen = append(seen, n)
	}
	return release.Next(seen...), err
}

// names are the releases that Shops refer to, in whatever way.
func (s *round) names() []string {
	var names []string
	for _, one := range s.shops {
		for _, d := range []*appsv1.Deployment{one.page, one.notifier} {
			names = append(names, releases.Mentioned(d)...)
		}
		if choice := one.shop.Spec.Release; choice != nil {
			names = append(names, string(choice.Name))
		}
	}
	return names
}

// referred are the numbers of the releases that must not be deleted.
func (r *Reconciler) referred(s *round) map[int64]bool {
	names := s.names()
	for _, permit := range r.permitted {
		names = append(names, permit.Release)
	}
	for _, step := range s.out.Steps {
		names = append(names, step.Release)
	}
	names = append(names, s.out.Latest, s.stable())
	if len(s.shelf.Releases) > 0 && s.unlabelled() {
		names = append(names, s.first())
	}
	numbers := map[int64]bool{}
	for _, name := range names {
		if n, ok := release.Number(name); ok {
			numbers[n] = true
		}
	}
	return numbers
}

// stable is the last release that succeeded before the latest one; empty = none did.
func (s *round) stable() string {
	for i := len(s.shelf.Releases) - 2; i >= 0; i-- {
		if r := s.shelf.Releases[i].Release; r.Latched.Succeeded {
			return r.Name
		}
	}
	return ""
}

// first is the oldest release; empty = there is none.
func (s *round) first() string {
	if len(s.shelf.Releases) == 0 {
		return ""
	}
	return s.shelf.Releases[0].Release.Name
}
