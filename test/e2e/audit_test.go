//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/hack/demo/kube"
)

// auditLog is where the local cluster's API server records every write.
func auditLog(t *testing.T) string {
	t.Helper()
	state, err := kube.LocalState()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(state, "logs", "audit.log")
	if _, err := os.Stat(path); err != nil || !cluster.Local {
		t.Skip("only the local cluster shows its audit log")
	}
	return path
}

// auditLines calls for each line of the audit log that holds all the words.
func auditLines(t *testing.T, read func(line []byte), words ...string) {
	t.Helper()
	file, err := os.Open(auditLog(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		holds := func(word string) bool { return bytes.Contains(lines.Bytes(), []byte(word)) }
		if !slices.ContainsFunc(words, func(word string) bool { return !holds(word) }) {
			read(lines.Bytes())
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// step is a Deployment as one write left it.
type step struct {
	at         time.Time
	by         string
	revision   int64 // the API server's: the order in which writes took place
	deployment appsv1.Deployment
}

// steps are the writes to the Deployments of the namespaces since a time, in their order.
func steps(t *testing.T, namespaces map[string]bool, since time.Time) []step {
	t.Helper()
	var all []step
	auditLines(t, func(line []byte) {
		var w deploymentWrite
		if err := json.Unmarshal(line, &w); err != nil {
			return // the line that is being written
		}
		if w.counts() && namespaces[w.ObjectRef.Namespace] && !w.RequestReceivedTimestamp.Before(since) {
			all = append(all, w.step(t))
		}
	}, `"resource":"deployments"`)
	slices.SortStableFunc(all, func(a, b step) int { return cmp.Compare(a.revision, b.revision) })
	return all
}

// deploymentWrite is a write of which the audit log also holds the result.
type deploymentWrite struct {
	write
	ResponseObject json.RawMessage `json:"responseObject"`
}

// counts says whether the result is a Deployment.
func (w deploymentWrite) counts() bool {
	return w.ResponseStatus.Code/100 == 2 && w.ObjectRef.Resource == "deployments" && len(w.ResponseObject) > 0 &&
		slices.Contains([]string{"", "status"}, w.ObjectRef.Subresource)
}

func (w deploymentWrite) step(t *testing.T) step {
	t.Helper()
	s := step{at: w.RequestReceivedTimestamp, by: w.User.Username}
	err := json.Unmarshal(w.ResponseObject, &s.deployment)
	if err == nil {
		s.revision, err = strconv.ParseInt(s.deployment.ResourceVersion, 10, 64)
	}
	if err != nil {
		t.Fatalf("%s: %v", w.write, err)
	}
	return s
}

// flight is a Shop's move to a release: from the first of its Deployments that names it until both serve on it.
type flight struct {
	namespace     string
	began, landed int64 // revisions; landed is 0 while it has not
	from, to      time.Time
	writes        int // by which a Deployment began to name the release
	replaced      int // of these, how many replaced pods
}

// flights are the moves to the release, in the order in which they began.
func flights(all []step, release string) []*flight {
	seen := map[string]map[string]appsv1.Deployment{}
	under := map[string]*flight{} // by namespace: what is under way
	var moves []*flight
	for _, s := range all {
		namespace, component := s.deployment.Namespace, s.deployment.Labels[v1alpha1.LabelComponent]
		if seen[namespace] == nil {
			seen[namespace] = map[string]appsv1.Deployment{}
		}
		before, known := seen[namespace][component]
		seen[namespace][component] = s.deployment
		if on(s.deployment, release) && (known && !on(before, release) || !known && s.by == managerUser) {
			moves = depart(moves, under, s)
		}
		if f := under[namespace]; f != nil && arrived(seen[namespace], release) {
			f.landed, f.to = s.revision, s.at
			delete(under, namespace)
		}
	}
	return moves
}

// depart notes that a Deployment began to name the release: the first one of a Shop begins its flight.
func depart(moves []*flight, under map[string]*flight, s step) []*flight {
	namespace := s.deployment.Namespace
	if under[namespace] == nil {
		under[namespace] = &flight{namespace: namespace, began: s.revision, from: s.at}
		moves = append(moves, under[namespace])
	}
	under[namespace].writes++
	if s.deployment.Status.ObservedGeneration < s.deployment.Generation {
		under[namespace].replaced++
	}
	return moves
}

func on(d appsv1.Deployment, release string) bool { return d.Labels[v1alpha1.LabelRelease] == release }

// arrived says whether both Deployments of a Shop serve on the release, and nothing else of them is left.
func arrived(d map[string]appsv1.Deployment, release string) bool {
	for _, component := range []string{v1alpha1.ComponentPage, v1alpha1.ComponentNotifier} {
		one, known := d[component]
		if !known || !on(one, release) || !complete(one) {
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

// mostAtOnce is how many of the moves were under way at the same time. One that has not landed never ends.
func mostAtOnce(moves []*flight) int {
	type change struct {
		at int64
		by int
	}
	var changes []change
	for _, f := range moves {
		changes = append(changes, change{f.began, 1})
		if f.landed != 0 {
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
