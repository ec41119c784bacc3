package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/testing/argocd"
	"github.com/wismo-dev/wismo/internal/testing/follow"
	"github.com/wismo-dev/wismo/internal/testing/installed"
	"github.com/wismo-dev/wismo/internal/testing/kstatus"
)

// statusWatcher sees every version of every object of the three kinds that a watcher could see, in all tests, and
// holds each to the rules that GitOps tools rely on. It keeps one object of each state, to show them to Argo CD's
// health check at the end.
type statusWatcher struct {
	mu     sync.Mutex
	latest map[types.UID]*unstructured.Unstructured
	states map[string]*unstructured.Unstructured
	seen   int
	wrong  []error
}

// mayWrite is all that the operator may ever write into its users' objects.
var mayWrite = []string{"status", "metadata.finalizers"}

func (w *statusWatcher) start(kube client.WithWatch) (stop func() error, err error) {
	w.latest, w.states = map[types.UID]*unstructured.Unstructured{}, map[string]*unstructured.Unstructured{}
	var stops []func() error
	stop = func() error {
		var missed error
		for _, end := range stops {
			missed = errors.Join(missed, end())
		}
		return missed
	}
	for _, kind := range []string{"Shop", "CarrierIntegration", "NotificationPolicy"} {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind + "List"))
		end, err := follow.Versions(context.Background(), kube, list, w.see)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", kind, err), stop())
		}
		stops = append(stops, end)
	}
	return stop, nil
}

func (w *statusWatcher) see(how watch.EventType, o *unstructured.Unstructured) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen++
	faults := kstatus.Faults(o)
	if before, known := w.latest[o.GetUID()]; known {
		faults = append(faults, kstatus.Step(before, o)...)
	}
	for _, path := range kstatus.Written(o, apply.FieldManager) {
		if !slices.Contains(mayWrite, path) {
			faults = append(faults, "the operator wrote into "+path)
		}
	}
	for _, fault := range faults {
		w.wrong = append(w.wrong, fmt.Errorf("%s: %s", describe(o), fault))
	}
	w.states[stateOf(o)] = o
	if w.latest[o.GetUID()] = o; how == watch.Deleted {
		delete(w.latest, o.GetUID())
	}
}

func describe(o *unstructured.Unstructured) string {
	return fmt.Sprintf("%s %s/%s generation %d", o.GetKind(), o.GetNamespace(), o.GetName(), o.GetGeneration())
}

// stateOf returns equal for objects that every tool must judge alike.
func stateOf(o *unstructured.Unstructured) string {
	activity := activityOf(o)
	observed, _, _ := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
	parts := []string{o.GetKind(), activity, fmt.Sprint(observed == o.GetGeneration()), fmt.Sprint(o.GetDeletionTimestamp() != nil)}
	for _, c := range kstatus.Conditions(o) {
		parts = append(parts, fmt.Sprintf("%s=%s/%s", c.Type, c.Status, c.Reason))
	}
	return strings.Join(parts, " ")
}

// activityOf returns Suspended where the spec or the annotation says so, else what the spec says.
func activityOf(o *unstructured.Unstructured) string {
	if a := o.GetAnnotations()[v1alpha1.AnnotationActivity]; a == string(v1alpha1.ActivitySuspended) {
		return a
	}
	activity, _, _ := unstructured.NestedString(o.Object, "spec", "activity")
	return activity
}

// violations returns what was wrong with any version of any object, and where Argo CD would judge otherwise than kstatus.
func (w *statusWatcher) violations() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen == 0 {
		return errors.New("the watcher of statuses saw nothing, so the tests prove nothing about them")
	}
	files, err := installed.SourceFiles("config/gitops/argocd/health.lua")
	if err != nil {
		return err
	}
	script, err := os.ReadFile(files[0])
	if err != nil {
		return err
	}
	all := w.wrong
	for _, o := range w.states {
		all = append(all, disagreement(string(script), o))
	}
	fmt.Printf("kstatus: %d versions of objects held to its rules, in %d states, all shown to Argo CD's health check\n", w.seen, len(w.states))
	return errors.Join(all...)
}

// disagreement returns an error where Argo CD's health check and kstatus see an object differently.
func disagreement(script string, o *unstructured.Unstructured) error {
	health, err := argocd.HealthOf(script, o)
	if err != nil {
		return fmt.Errorf("%s: %w", describe(o), err)
	}
	want := map[kstatus.Status]string{
		kstatus.Current: "Healthy", kstatus.Failed: "Degraded", kstatus.InProgress: "Progressing", kstatus.Terminating: "Progressing",
	}[kstatus.Of(o)]
	if want == "Healthy" && activityOf(o) == string(v1alpha1.ActivitySuspended) {
		want = "Suspended"
	}
	if health.Status != want {
		return fmt.Errorf("%s: Argo CD sees %s (%s), want %s, in the state %s", describe(o), health.Status, health.Message, want, stateOf(o))
	}
	return nil
}
