package chaos_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/follow"
)

// onlooker sees each version of each Deployment of a fleet, in the order in which they were written, and holds them to
// what rings allow. It knows nothing of the operator but the labels that it writes.
type onlooker struct {
	before string // the release on which all Shops begin
	end    func() error

	mu    sync.Mutex
	shops map[string]map[string]*appsv1.Deployment // by the name of the Shop, then of the Deployment
	moved map[string]bool                          // Deployments that moved to the next release
	wrong []string
}

func watchFrom(t *testing.T, namespace, before string) *onlooker {
	t.Helper()
	o := &onlooker{before: before, shops: map[string]map[string]*appsv1.Deployment{}, moved: map[string]bool{}}
	end, err := follow.Versions(t.Context(), kube, &appsv1.DeploymentList{}, func(_ watch.EventType, d *appsv1.Deployment) { o.see(d) }, client.InNamespace(namespace))
	if err != nil {
		t.Fatal(err)
	}
	o.end = sync.OnceValue(end)
	t.Cleanup(o.stop)
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.wrong) > 0 || len(o.shops) == 0 {
		t.Fatalf("it does not begin at rest, with %d Shops: %v", len(o.shops), o.wrong)
	}
	return o
}

func (o *onlooker) stop() {
	if err := o.end(); err != nil {
		o.complain("the watch could not be read: %v", err)
	}
}

func (o *onlooker) complain(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wrong = append(o.wrong, fmt.Sprintf(format, args...))
}

func (o *onlooker) complaints() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.wrong)
}

// see takes the next version of a Deployment.
func (o *onlooker) see(d *appsv1.Deployment) {
	o.mu.Lock()
	defer o.mu.Unlock()
	shop := d.Labels[v1alpha1.LabelShop]
	if o.shops[shop] == nil {
		o.shops[shop] = map[string]*appsv1.Deployment{}
	}
	last := o.shops[shop][d.Name]
	o.shops[shop][d.Name] = d
	if last == nil {
		return
	}
	if o.isNew(d) && o.isNew(last) && d.Generation != last.Generation {
		o.blame("%s replaced its pods twice on one release", d.Name)
	}
	if o.isNew(d) && !o.isNew(last) {
		o.move(shop, d)
	}
	for _, r := range rings {
		if n := len(o.underWay(r)); n > r.budget {
			o.blame("%d Shops of ring %s on their way, %d may be: %v", n, r.name, r.budget, o.underWay(r))
		}
	}
}

func (o *onlooker) blame(format string, args ...any) {
	o.wrong = append(o.wrong, fmt.Sprintf(format, args...))
}

func (o *onlooker) isNew(d *appsv1.Deployment) bool {
	return d.Labels[v1alpha1.LabelRelease] != o.before
}

// move sees a Deployment's first version of the next release.
func (o *onlooker) move(shop string, d *appsv1.Deployment) {
	if o.moved[d.Name] {
		o.blame("%s moved twice to one release", d.Name)
	}
	o.moved[d.Name] = true
	began, err := time.Parse(time.RFC3339, d.Annotations[v1alpha1.AnnotationReleaseSince])
	if err != nil {
		o.blame("%s does not say when it began: %v", d.Name, err)
	}
	for _, r := range rings {
		if r.has(shop) {
			return
		}
		for earlier, deployments := range o.shops {
			if r.has(earlier) && !o.arrived(deployments) {
				o.blame("%s moves before %s has arrived", shop, earlier)
			}
			// both are whole seconds, rounded down, and so is the bake: load makes this longer, and nothing shorter
			if served := servingSince(deployments); r.has(earlier) && began.Before(served.Add(bake)) {
				o.blame("%s moves at %s, and %s has served since %s only", shop, began, earlier, served)
			}
		}
	}
}

func (r ring) has(shop string) bool { return strings.HasPrefix(shop, r.name+"-") }

// underWay returns the Shops of the ring of which something is on the next release, and which do not serve on it yet.
func (o *onlooker) underWay(r ring) []string {
	var names []string
	for name, deployments := range o.shops {
		if r.has(name) && o.begun(deployments) && !o.arrived(deployments) {
			names = append(names, name)
		}
	}
	return names
}

func (o *onlooker) begun(deployments map[string]*appsv1.Deployment) bool {
	for _, d := range deployments {
		if o.isNew(d) {
			return true
		}
	}
	return false
}

// arrived reports whether page and notifier are on the next release, and have nothing but its pods, all of them available.
func (o *onlooker) arrived(deployments map[string]*appsv1.Deployment) bool {
	for _, d := range deployments {
		s := d.Status
		if !o.isNew(d) || s.ObservedGeneration < d.Generation || s.UpdatedReplicas != s.Replicas || s.AvailableReplicas != s.Replicas {
			return false
		}
	}
	return len(deployments) == 2
}

func servingSince(deployments map[string]*appsv1.Deployment) (since time.Time) {
	for _, d := range deployments {
		for _, c := range d.Status.Conditions {
			if c.Type == appsv1.DeploymentProgressing && c.LastUpdateTime.After(since) {
				since = c.LastUpdateTime.Time
			}
		}
	}
	return since
}

// stage returns how far the rollout is, in words.
func (o *onlooker) stage() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	begun, arrived := 0, 0
	for _, deployments := range o.shops {
		if o.begun(deployments) {
			begun++
		}
		if o.arrived(deployments) {
			arrived++
		}
	}
	switch {
	case begun == 0:
		return "before any Shop moved"
	case begun > arrived:
		return "with Shops on their way"
	case arrived < len(o.shops):
		return "between two moves"
	default:
		return "after the last move"
	}
}
