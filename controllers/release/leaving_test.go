package release_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// deleteNamespace lets a namespace be Terminating, as one is for as long as a pod in it stays.
func (w *fakeCluster) deleteNamespace(name string) {
	w.t.Helper()
	namespace := &corev1.Namespace{}
	namespace.Name, namespace.Finalizers = name, []string{"example.com/hold"}
	w.must(w.kube.Create(w.t.Context(), namespace))
	w.must(w.kube.Delete(w.t.Context(), namespace))
}

// Kubernetes deletes the pods of a namespace first: its Shop fails, and is not being deleted itself.
func TestAShopWhoseNamespaceIsBeingDeletedHaltsNoRelease(t *testing.T) {
	for name, tc := range map[string]struct {
		deleted bool // the namespace
		begun   bool // the Shop had begun to move before
		state   rollout.State
	}{
		"it fails, and stays":  {false, true, rollout.StateRolledBack},
		"before it is to move": {true, false, rollout.StateSucceeded},
		"when it has begun to": {true, true, rollout.StateSucceeded},
	} {
		t.Run(name, func(t *testing.T) {
			w := settled(t, 6)
			leaving := ""
			w.sick = func(shop string, e *releases.Edition) bool {
				return strings.HasPrefix(shop, leaving) && e.Name == "rel-0002"
			}
			leaving = w.shops()[0].Namespace
			if !tc.begun {
				w.deleteNamespace(leaving)
			}
			w.edit("Tweede")
			for range 10_000 {
				if !tc.begun || slices.Contains(w.on("rel-0002"), leaving) {
					break
				}
				w.step()
			}
			if tc.begun && tc.deleted {
				w.deleteNamespace(leaving)
			}
			w.until("rel-0002", tc.state)
			if tc.deleted && len(w.on("rel-0002")) < 5 {
				t.Errorf("only %v run the release", w.on("rel-0002"))
			}
			if !tc.begun && slices.Contains(w.on("rel-0002"), leaving) {
				t.Error("the Shop moved although its namespace is being deleted")
			}
			w.run(time.Minute)
		})
	}
}
