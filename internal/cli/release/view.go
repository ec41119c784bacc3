package release

import (
	"cmp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	shipped "github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// States beside those of the rollout.
const (
	Unpublished = "Unpublished" // the operator has not published a state yet
	Superseded  = "Superseded"  // a newer release was created before it was everywhere
)

// Halt is why a release was stopped, and what the operator does.
type Halt struct {
	Reason string `json:"reason"`
	Wave   string `json:"wave,omitempty"`
	Action string `json:"action"`
	Scope  string `json:"scope,omitempty"`
}

// Wave counts the Shops of one wave.
type Wave struct {
	Name     string `json:"name"`
	Shops    int    `json:"shops"`
	UpToDate int    `json:"upToDate"`
	Baking   int    `json:"baking"`
	Updating int    `json:"updating"`
	Waiting  int    `json:"waiting"`
	Failed   int    `json:"failed"`
	Back     int    `json:"back"`  // rolled back, or rolling back
	Apart    int    `json:"apart"` // held, pinned, or kept back by their own spec
	Over     bool   `json:"over"`
}

// Shop is the state of one Shop in the rollout.
type Shop struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Wave      string `json:"wave,omitempty"`
	Current   string `json:"current,omitempty"`
	Target    string `json:"target,omitempty"`
	Reason    string `json:"reason"`
	Message   string `json:"message,omitempty"`
}

// Status is the state of the latest release.
type Status struct {
	Release  string         `json:"release"`
	State    string         `json:"state"`
	Wave     string         `json:"wave,omitempty"`
	Few      string         `json:"waveShops,omitempty"` // the Shops of the current wave, if they are few
	Stable   string         `json:"stable,omitempty"`    // the release that a rollback leads to
	Paused   string         `json:"paused,omitempty"`
	Approved []string       `json:"approved,omitempty"`
	Attempt  int            `json:"attempt"`
	Halt     *Halt          `json:"halt,omitempty"`
	Problems string         `json:"problems,omitempty"`
	Created  metav1.Time    `json:"created"`
	Waves    []Wave         `json:"waves"`
	Running  map[string]int `json:"running"` // how many Shops run a release
	Shops    []Shop         `json:"shops"`
}

// statusOf combines what the operator keeps and publishes with the status of each Shop.
func statusOf(s *releases, all []v1alpha1.Shop) Status {
	r := s.latest()
	st := Status{
		Release: r.object.Name, State: stateOf(s, r), Paused: r.pause, Approved: r.approved, Attempt: r.attempt, Halt: haltOf(r),
		Problems: strings.TrimSpace(s.published["problems"]), Created: r.object.CreationTimestamp, Running: map[string]int{}, Shops: []Shop{},
	}
	if s.published["release"] == st.Release {
		st.Wave, st.Few = s.published["wave"], s.published["waveShops"]
	}
	if stable := s.stable(); stable != nil {
		st.Stable = stable.object.Name
	}
	for i := range all {
		shop := shopOf(&all[i])
		if shop.Reason == v1alpha1.ReasonUpToDate && shop.Current != st.Release { // the condition is about an earlier release
			shop.Reason, shop.Message = v1alpha1.ReasonNotYetObserved, ""
		}
		st.Shops = append(st.Shops, shop)
		if shop.Current != "" {
			st.Running[shop.Current]++
		}
	}
	slices.SortFunc(st.Shops, func(a, b Shop) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	st.Waves = countByWave(st, r.progress.Passed)
	return st
}

// stateOf returns the published state of the latest release, or the recorded result of an older one.
func stateOf(s *releases, r *storedRelease) string {
	switch {
	case r == s.latest() && s.published["release"] == r.object.Name && s.published["state"] != "":
		return s.published["state"]
	case r == s.latest():
		return Unpublished
	case r.progress.Succeeded:
		return string(rollout.StateSucceeded)
	case r.progress.Halt == nil:
		return Superseded
	case r.progress.Halt.Action == rollout.Rollback:
		return string(rollout.StateRolledBack)
	}
	return string(rollout.StateHalted)
}

func haltOf(r *storedRelease) *Halt {
	h := r.progress.Halt
	if h == nil || r.progress.Attempt != r.attempt {
		return nil
	}
	return &Halt{Reason: h.Reason, Wave: h.Wave, Action: string(h.Action), Scope: string(h.Scope)}
}

func shopOf(shop *v1alpha1.Shop) Shop {
	view := Shop{Namespace: shop.Namespace, Name: shop.Name, Reason: v1alpha1.ReasonNotYetObserved}
	if r := shop.Status.Release; r != nil {
		view.Current, view.Target, view.Wave = string(r.Current), string(r.Target), r.Wave
	}
	if c := meta.FindStatusCondition(shop.Status.Conditions, v1alpha1.ConditionReleased); c != nil {
		view.Reason, view.Message = c.Reason, c.Message
	}
	return view
}

// countByWave returns the counts of Shops for each wave: first the complete waves, then the current one, the others by name, and last
// the one of all Shops that no wave takes.
func countByWave(st Status, passed []string) []Wave {
	by := map[string]*Wave{}
	for _, shop := range st.Shops {
		if shop.Wave == "" {
			continue
		}
		if by[shop.Wave] == nil {
			by[shop.Wave] = &Wave{Name: shop.Wave, Over: slices.Contains(passed, shop.Wave)}
		}
		by[shop.Wave].add(shop)
	}
	rank := func(w Wave) int {
		switch i := slices.Index(passed, w.Name); {
		case i >= 0:
			return i
		case w.Name == st.Wave:
			return len(passed)
		case w.Name == rollout.RestWave:
			return len(passed) + 2
		}
		return len(passed) + 1
	}
	all := []Wave{}
	for _, w := range by {
		all = append(all, *w)
	}
	slices.SortFunc(all, func(a, b Wave) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.Name, b.Name)) })
	return all
}

func (w *Wave) add(shop Shop) {
	w.Shops++
	switch shop.Reason {
	case v1alpha1.ReasonUpToDate:
		w.UpToDate++
	case v1alpha1.ReasonBaking:
		w.Baking++
	case v1alpha1.ReasonUpdating:
		w.Updating++
	case v1alpha1.ReasonReleaseFailed:
		w.Failed++
	case v1alpha1.ReasonRollingBack, v1alpha1.ReasonRolledBack:
		w.Back++
	case v1alpha1.ReasonHeld, v1alpha1.ReasonPinned, v1alpha1.ReasonReleaseNotFound, v1alpha1.ReasonShopInvalid:
		w.Apart++
	default:
		w.Waiting++
	}
}

// stopped reports whether the release needs attention.
func (st Status) stopped() bool {
	switch rollout.State(st.State) {
	case rollout.StateHalted, rollout.StateRollingBack, rollout.StateRolledBack, rollout.StateUnusable:
		return true
	default:
		return st.Problems != ""
	}
}

// Entry is one release in the history.
type Entry struct {
	Name    string      `json:"name"`
	Created metav1.Time `json:"created"`
	State   string      `json:"state"`
	Shops   int         `json:"shops"` // that run it
	Changes []string    `json:"changes,omitempty"`
}

// historyOf lists the releases, the newest first.
func historyOf(s *releases, all []v1alpha1.Shop) []Entry {
	running := map[string]int{}
	for i := range all {
		if r := all[i].Status.Release; r != nil {
			running[string(r.Current)]++
		}
	}
	entries := make([]Entry, 0, len(s.revisions))
	for i, r := range s.revisions {
		e := Entry{Name: r.object.Name, Created: r.object.CreationTimestamp, State: stateOf(s, r), Shops: running[r.object.Name]}
		switch {
		case r.damaged != nil:
			e.Changes = []string{r.damaged.Error()}
		case i+1 < len(s.revisions) && s.revisions[i+1].damaged == nil:
			e.Changes = summary(s.revisions[i+1].document, r.document)
		}
		entries = append(entries, e)
	}
	return entries
}

// summary returns the names of the parts that differ.
func summary(before, after shipped.Document) []string {
	var names []string
	for _, c := range parts(before, after) {
		names = append(names, c.Part)
	}
	return append(names, shipped.Compare(before, after).Library...)
}
