package release

import (
	"context"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/release"
)

// createRelease creates a release if the content for Shops has changed, passes the gate, and is quiet. It returns what was found
// with the new release in it.
func (r *Reconciler) createRelease(ctx context.Context, found observed) (observed, candidate) {
	latest := found.inventory.Latest()
	if latest != nil && fromLaterBuild(latest.Document) {
		return found, candidate{} // after a downgrade, only the later build creates releases
	}
	items, err := r.Library.Read(ctx)
	if err != nil {
		return found, candidate{err: err}
	}
	admitted, faults := r.gate.Admit(items, found.latest)
	names, contents := releases.Content(admitted)
	document := releases.BuildDocument(r.Images(), names)
	if latest == nil {
		document.Images = releases.Adopted(found.deployments(), document.Images)
	}
	if latest != nil && document.Hash() == latest.Document.Hash() {
		r.pending = pending{}
		return found, candidate{libraryProblems: faults, err: r.Store.EnsureContent(ctx, found.inventory, document, contents, found.now)}
	}
	if wait := r.untilQuiet(document.Hash(), found.now); wait > 0 && latest != nil {
		return found, candidate{libraryProblems: faults, wait: wait}
	}
	found, err = r.store(ctx, found, document, contents)
	return found, candidate{libraryProblems: faults, err: err}
}

// store stores the document as the next release.
func (r *Reconciler) store(ctx context.Context, found observed, document release.Document, contents map[string]release.Content) (observed, error) {
	number, err := r.nextNumber(ctx, found)
	if err != nil {
		return found, err
	}
	created, err := r.Store.Create(ctx, found.inventory, number, document, contents, found.now)
	if err != nil {
		return found, err
	}
	r.pending = pending{}
	r.Editions.Remember(contents)
	found.inventory.Releases = append(slices.Clone(found.inventory.Releases), created)
	var problem string
	found.latest, problem, err = r.edition(ctx, found.inventory, created)
	if problem != "" {
		found.problems = append(slices.Clone(found.problems), problem)
	}
	r.pruned = found.now // the inventory does not list all of its content yet
	return found, err
}

// fromLaterBuild reports whether a later build than this one created the release.
func fromLaterBuild(d release.Document) bool {
	return !release.Known(d.HashVersion) || d.Render > desired.RenderVersion
}

// untilQuiet returns how long the content with this hash has yet to stay as it is before it becomes a release.
func (r *Reconciler) untilQuiet(hash string, now time.Time) time.Duration {
	if r.pending.hash != hash || now.Before(r.pending.since) { // or the clock was set back
		r.pending = pending{hash, now}
	}
	return r.pending.since.Add(quietTime).Sub(now)
}

// nextNumber returns the number of the next release. No number is used again, whatever became of its release.
func (r *Reconciler) nextNumber(ctx context.Context, found observed) (int64, error) {
	var known []int64
	for _, revision := range found.inventory.Releases {
		known = append(known, int64(revision.Release.Number))
	}
	highest, err := r.StatusWriter.Highest(ctx)
	for _, name := range append(found.names(), highest) {
		if n, ok := release.Number(name); ok {
			known = append(known, n)
		}
	}
	return release.Next(known...), err
}

// names returns the releases that Shops refer to, with repetitions.
func (o observed) names() []string {
	var names []string
	for _, one := range o.shops {
		for _, d := range []*appsv1.Deployment{one.page, one.notifier} {
			names = append(names, releases.Mentioned(d)...)
		}
		if choice := one.shop.Spec.Release; choice != nil {
			names = append(names, string(choice.Name))
		}
	}
	return names
}

// referred returns the numbers of the releases that must not be deleted.
func (r *Reconciler) referred(found observed, decided decision) map[int64]bool {
	names := found.names()
	for _, previous := range r.assigned {
		names = append(names, previous.Release)
	}
	for _, step := range decided.Steps {
		names = append(names, step.Release)
	}
	names = append(names, decided.Latest, found.stable())
	if len(found.inventory.Releases) > 0 && found.unlabelled() {
		names = append(names, found.first())
	}
	numbers := map[int64]bool{}
	for _, name := range names {
		if n, ok := release.Number(name); ok {
			numbers[n] = true
		}
	}
	return numbers
}

// stable returns the last release that succeeded before the latest one, or "".
func (o observed) stable() string {
	for i := len(o.inventory.Releases) - 2; i >= 0; i-- {
		if r := o.inventory.Releases[i].Release; r.Progress.Succeeded {
			return r.Name
		}
	}
	return ""
}

// first returns the oldest release, or "".
func (o observed) first() string {
	if len(o.inventory.Releases) == 0 {
		return ""
	}
	return o.inventory.Releases[0].Release.Name
}
