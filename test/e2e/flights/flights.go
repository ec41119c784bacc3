// Package flights reads from an API server's audit log how Shops moved to a release, and how many moved at once: the
// server's own order of writes, which no polling can miss. It must not connect to a cluster.
package flights

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/test/e2e/audit"
)

// Step is one write to a Deployment, with the Deployment after it.
type Step struct {
	At         time.Time
	By         string // the user
	Revision   int64  // the API server's: the order in which writes took place
	Deployment appsv1.Deployment
}

// Read returns the writes to the Deployments of the namespaces since a time, in their order.
func Read(log io.Reader, namespaces map[string]bool, since time.Time) ([]Step, error) {
	var all []Step
	for w, err := range audit.Writes(log, `"resource":"deployments"`) {
		if err != nil {
			return nil, err
		}
		if !counts(w) || !namespaces[w.ObjectRef.Namespace] || w.RequestReceivedTimestamp.Before(since) {
			continue
		}
		step, err := stepOf(w)
		if err != nil {
			return nil, err
		}
		all = append(all, step)
	}
	slices.SortStableFunc(all, func(a, b Step) int { return cmp.Compare(a.Revision, b.Revision) })
	return all, nil
}

// counts reports whether a write succeeded and has a Deployment as its result.
func counts(w audit.Write) bool {
	return w.ResponseStatus.Code/100 == 2 && w.ObjectRef.Resource == "deployments" && len(w.ResponseObject) > 0 &&
		slices.Contains([]string{"", "status"}, w.ObjectRef.Subresource)
}

func stepOf(w audit.Write) (Step, error) {
	s := Step{At: w.RequestReceivedTimestamp, By: w.User.Username}
	err := json.Unmarshal(w.ResponseObject, &s.Deployment)
	if err == nil {
		s.Revision, err = strconv.ParseInt(s.Deployment.ResourceVersion, 10, 64)
	}
	if err != nil {
		return s, fmt.Errorf("reading the write to the Deployment %s/%s at %s: %w", w.ObjectRef.Namespace, w.ObjectRef.Name, s.At.Format(time.RFC3339), err)
	}
	return s, nil
}

// Flight is a Shop's move to a release: from the first of its Deployments that names it until both serve on it. There is one
// Shop in a namespace.
type Flight struct {
	Namespace string
	From, To  time.Time // To is zero while it has not landed
	Writes    int       // by which a Deployment began to name the release
	Replaced  int       // of these, how many replaced pods

	began, landed int64
}

// Landed reports whether the Shop arrived on the release. One that turned back did not.
func (f *Flight) Landed() bool { return f.landed != 0 }

// To returns the moves to the release, in the order in which they began. A Deployment whose first write in the log names the
// release and is not the operator's moved before the log begins, so it is no move.
func To(release, operator string, steps []Step) []*Flight {
	seen := map[string]map[string]appsv1.Deployment{}
	under := map[string]*Flight{} // by namespace: what is under way
	var moves []*Flight
	for _, s := range steps {
		namespace, component := s.Deployment.Namespace, s.Deployment.Labels[v1alpha1.LabelComponent]
		if seen[namespace] == nil {
			seen[namespace] = map[string]appsv1.Deployment{}
		}
		before, known := seen[namespace][component]
		seen[namespace][component] = s.Deployment
		if onRelease(s.Deployment, release) && (known && !onRelease(before, release) || !known && s.By == operator) {
			moves = depart(moves, under, s)
		}
		if f := under[namespace]; f != nil && arrived(seen[namespace], release) {
			f.landed, f.To = s.Revision, s.At
			delete(under, namespace)
		}
	}
	return moves
}

// depart records that a Deployment began to name the release. A Shop's first such Deployment begins its Flight.
func depart(moves []*Flight, under map[string]*Flight, s Step) []*Flight {
	namespace := s.Deployment.Namespace
	if under[namespace] == nil {
		under[namespace] = &Flight{Namespace: namespace, began: s.Revision, From: s.At}
		moves = append(moves, under[namespace])
	}
	under[namespace].Writes++
	if s.Deployment.Status.ObservedGeneration < s.Deployment.Generation {
		under[namespace].Replaced++
	}
	return moves
}

// onRelease reports whether the Deployment's label names the release.
func onRelease(d appsv1.Deployment, release string) bool {
	return d.Labels[v1alpha1.LabelRelease] == release
}

// arrived reports whether both Deployments of a Shop serve on the release, without pods of another one.
func arrived(d map[string]appsv1.Deployment, release string) bool {
	for _, component := range []string{v1alpha1.ComponentPage, v1alpha1.ComponentNotifier} {
		one, known := d[component]
		if !known || !onRelease(one, release) || !complete(one) {
			return false
		}
	}
	return true
}

func complete(d appsv1.Deployment) bool {
	want, s := int32(1), d.Status
	if d.Spec.Replicas != nil {
		want = *d.Spec.Replicas
	}
	available := slices.ContainsFunc(s.Conditions, func(c appsv1.DeploymentCondition) bool {
		return c.Type == appsv1.DeploymentAvailable && c.Status == corev1.ConditionTrue
	})
	return available && s.ObservedGeneration >= d.Generation && s.Replicas == want && s.UpdatedReplicas == want && s.AvailableReplicas == want
}

// MostAtOnce returns the highest number of moves that were under way at the same time. A move that has not landed never ends.
func MostAtOnce(moves []*Flight) int {
	type change struct {
		at int64
		by int
	}
	var changes []change
	for _, f := range moves {
		changes = append(changes, change{f.began, 1})
		if f.Landed() {
			changes = append(changes, change{f.landed, -1})
		}
	}
	slices.SortFunc(changes, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.at, b.at), b.by-a.by) // what begins and lands with one write was there for a moment
	})
	now, most := 0, 0
	for _, c := range changes {
		now += c.by
		most = max(most, now)
	}
	return most
}
