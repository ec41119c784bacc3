package release_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	releasecontroller "github.com/wismo-dev/wismo/controllers/release"
	"github.com/wismo-dev/wismo/internal/operator/namespaces"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

const (
	operatorNamespace = "wismo-system"
	tick              = 5 * time.Second  // while something changes
	longTick          = 30 * time.Second // while nothing does
	rollTime          = 2 * tick
)

// fakeCluster is a cluster in memory in which Shops do what they are assigned, with a clock of its own. The controller in
// it can die at any write.
type fakeCluster struct {
	t      testing.TB
	kube   client.WithWatch
	now    time.Time
	images release.Images
	policy rollout.Policy
	// sick says whether the Shop never becomes ready on what the edition holds.
	sick func(shop string, e *releases.Edition) bool
	// clashes are the Shops that bring what does not fit the latest release; nobody else marks them so.
	clashes     map[string]bool
	assignments *releases.Assignments
	subject     *releasecontroller.Reconciler
	recorder    *events.FakeRecorder
	events      []string // events
	writes      []string // of the controller, in words
	dieAt       int      // the write at which it dies; 0 = never
	after       bool     // that write is carried out
	dead        bool
	moved       map[string][]string // the releases that a Shop ran, in order
	overlap     int                 // the most Shops that were on their way to a release at once
}

var errDead = errors.New("the process is dead")

func newFakeCluster(t testing.TB, shops int) *fakeCluster {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), appsv1.AddToScheme(scheme), v1alpha1.AddToScheme(scheme), metav1.AddMetaToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	w := &fakeCluster{
		t: t, now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), images: release.Images{TrackingPage: "page:1", Notifier: "notifier:1"},
		policy: rollout.DefaultPolicy(), moved: map[string][]string{}, sick: func(string, *releases.Edition) bool { return false },
	}
	uid := 0
	w.kube = interceptor.NewClient(fake.NewClientBuilder().WithScheme(scheme).WithObjectTracker(
		clienttesting.NewObjectTracker(scheme, serializer.NewCodecFactory(scheme).UniversalDecoder())).Build(), interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, options ...client.CreateOption) error {
			uid++
			o.SetUID(types.UID(fmt.Sprintf("uid-%d", uid)))
			o.SetCreationTimestamp(metav1.NewTime(w.now.Truncate(time.Second)))
			return c.Create(ctx, o, options...)
		},
	})
	for i := range shops {
		w.addShop(i)
	}
	w.start()
	return w
}

func (w *fakeCluster) addShop(i int) *v1alpha1.Shop {
	shop := &v1alpha1.Shop{ObjectMeta: metav1.ObjectMeta{Namespace: fmt.Sprintf("shop-%02d", i), Name: "shop", Labels: map[string]string{"ring": fmt.Sprint(i % 3)}}}
	shop.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: "house"}, Source: v1alpha1.SourceLibrary}}
	w.must(w.kube.Create(w.t.Context(), shop))
	return shop
}

func (w *fakeCluster) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// start starts the controller, as after a restart: it remembers nothing.
func (w *fakeCluster) start() {
	w.dead = false
	trigger := releases.NewTrigger()
	w.assignments = releases.NewAssignments(trigger)
	w.recorder = events.NewFakeRecorder(1000)
	mine := w.mortal()
	w.subject = &releasecontroller.Reconciler{
		Client:      mine,
		Store:       &releases.Store{Client: mine, Live: mine, Namespace: operatorNamespace},
		Library:     &releases.Library{Policies: mine, Metadata: mine, Live: mine},
		Editions:    &releases.Editions{Live: mine, Namespace: operatorNamespace},
		Namespaces:  &namespaces.Namespaces{Cached: w.kube},
		Assignments: w.assignments, Trigger: trigger, Metrics: &releases.Metrics{Now: func() time.Time { return w.now }},
		StatusWriter: &releases.StatusWriter{Client: mine, Live: mine, Recorder: w.recorder, Namespace: operatorNamespace},
		Images:       func() release.Images { return w.images }, Policy: func() rollout.Policy { return w.policy }, Now: func() time.Time { return w.now },
	}
}

// mortal returns the controller's connection: its writes are noted, and at one of them it may die.
func (w *fakeCluster) mortal() client.WithWatch {
	write := func(verb string, o client.Object, do func() error) error {
		if w.dead {
			return errDead
		}
		w.writes = append(w.writes, fmt.Sprintf("%s %T %s", verb, o, o.GetName()))
		if len(w.writes) != w.dieAt {
			return do()
		}
		if w.after {
			_ = do()
		}
		w.dead = true
		return errDead
	}
	return interceptor.NewClient(w.kube, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, options ...client.CreateOption) error {
			return write("create", o, func() error { return c.Create(ctx, o, options...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, patch client.Patch, options ...client.PatchOption) error {
			return write("patch", o, func() error { return c.Patch(ctx, o, patch, options...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, options ...client.DeleteOption) error {
			return write("delete", o, func() error { return c.Delete(ctx, o, options...) })
		},
		Update: func(_ context.Context, _ client.WithWatch, o client.Object, _ ...client.UpdateOption) error {
			return fmt.Errorf("the controller updates %s, and has no right to", o.GetName())
		},
	})
}

// decide lets the controller look once; a dead one is started again.
func (w *fakeCluster) decide() {
	w.t.Helper()
	_, err := w.subject.Reconcile(w.t.Context(), ctrl.Request{})
	for len(w.recorder.Events) > 0 {
		w.events = append(w.events, <-w.recorder.Events)
	}
	if w.dead {
		w.start()
		return
	}
	if err != nil && !apierrors.IsConflict(err) {
		w.t.Fatalf("at %s: %v", w.now.Format(time.TimeOnly), err)
	}
}

// run lets time pass.
func (w *fakeCluster) run(span time.Duration) {
	w.t.Helper()
	for end := w.now.Add(span); w.now.Before(end); {
		w.step()
	}
}

func (w *fakeCluster) step() {
	w.t.Helper()
	w.decide()
	if w.obey() {
		w.now = w.now.Add(tick)
		return
	}
	w.now = w.now.Add(longTick)
}

// until lets time pass until the release is in the state.
func (w *fakeCluster) until(name string, state rollout.State) {
	w.t.Helper()
	for range 20_000 {
		if got := w.status(); got["release"] == name && got["state"] == string(state) {
			return
		}
		w.step()
	}
	w.t.Fatalf("%s is never %s; the status is %v", name, state, w.status())
}

func (w *fakeCluster) status() map[string]string {
	w.t.Helper()
	cm := &corev1.ConfigMap{}
	if err := w.kube.Get(w.t.Context(), client.ObjectKey{Namespace: operatorNamespace, Name: releases.StatusName}, cm); err != nil {
		return map[string]string{}
	}
	return cm.Data
}

func (w *fakeCluster) shops() []v1alpha1.Shop {
	list := &v1alpha1.ShopList{}
	w.must(w.kube.List(w.t.Context(), list))
	return list.Items
}

// obey does for every Shop what its controller, and that of Deployments, do. It says whether anything changed.
func (w *fakeCluster) obey() bool {
	w.t.Helper()
	inFlight, changed := 0, false
	for _, shop := range w.shops() {
		for _, component := range []string{v1alpha1.ComponentPage, v1alpha1.ComponentNotifier} {
			d, moved := w.obeyIn(&shop, component)
			changed = changed || moved
			if component == v1alpha1.ComponentPage && d != nil && !complete(d) {
				inFlight++
			}
		}
	}
	w.overlap = max(w.overlap, inFlight)
	return changed
}

// obeyIn does so for one of a Shop's Deployments, and returns it if it was there before.
func (w *fakeCluster) obeyIn(shop *v1alpha1.Shop, component string) (d *appsv1.Deployment, changed bool) {
	w.t.Helper()
	a, decided := w.assignments.Of(client.ObjectKeyFromObject(shop))
	decided = decided && a.Edition != nil
	d = &appsv1.Deployment{}
	err := w.kube.Get(w.t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: shop.Name + "-" + component}, d)
	w.must(client.IgnoreNotFound(err))
	if err != nil {
		if decided = decided && fits(shop, a.Edition); decided {
			w.must(w.kube.Create(w.t.Context(), w.deployment(shop, component, a)))
		}
		return nil, decided
	}
	before := d.DeepCopy()
	if decided {
		w.move(d, a)
	}
	w.live(d)
	if reflect.DeepEqual(before, d) {
		return d, false
	}
	status := d.Status
	w.must(w.kube.Update(w.t.Context(), d))
	d.Status = status
	w.must(w.kube.Status().Update(w.t.Context(), d))
	return d, true
}

// fits reports whether the Shop can be rendered with the edition.
func fits(shop *v1alpha1.Shop, e *releases.Edition) bool {
	_, ok := e.Content[string(shop.Spec.Templates[0].ConfigMapRef.Name)]
	return ok
}

func (w *fakeCluster) deployment(shop *v1alpha1.Shop, component string, a releases.Assignment) *appsv1.Deployment {
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{
		Namespace: shop.Namespace, Name: shop.Name + "-" + component,
		Labels: map[string]string{v1alpha1.LabelComponent: component, v1alpha1.LabelRelease: a.Step.Release}, Annotations: map[string]string{},
		OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(shop, v1alpha1.GroupVersion.WithKind("Shop"))},
	}}
	w.roll(d, a.Edition)
	return d
}

// roll begins to replace pods.
func (w *fakeCluster) roll(d *appsv1.Deployment, e *releases.Edition) {
	image := e.Document.Images.TrackingPage
	d.Spec.Template.Spec.Containers = []corev1.Container{{Name: "x", Image: image, Args: []string{e.Content["house"].Data["nl.yaml"]}}}
	d.Annotations[v1alpha1.AnnotationReleaseSince] = w.now.UTC().Format(time.RFC3339)
	w.set(d, appsv1.DeploymentProgressing, corev1.ConditionTrue, "ReplicaSetUpdated")
	if w.sick(d.Namespace, e) {
		d.Annotations["sick"] = "yes"
	} else {
		delete(d.Annotations, "sick")
	}
	d.Annotations["ready-at"] = w.now.Add(rollTime).Format(time.RFC3339)
}

func (w *fakeCluster) move(d *appsv1.Deployment, a releases.Assignment) {
	if d.Annotations == nil {
		d.Annotations = map[string]string{}
	}
	for annotation, mark := range map[string]rollout.AttemptRef{v1alpha1.AnnotationReleaseFailed: a.Step.Failed, v1alpha1.AnnotationReleaseUnwell: a.Step.UnhealthyBefore} {
		if mark != (rollout.AttemptRef{}) {
			d.Annotations[annotation] = fmt.Sprintf("%s.%d", mark.Release, mark.Attempt)
		}
	}
	was := d.Labels[v1alpha1.LabelRelease]
	if w.clash(d, a) || was == a.Step.Release {
		return
	}
	if complete(d) {
		d.Annotations[v1alpha1.AnnotationReleaseBefore] = was
	}
	d.Labels[v1alpha1.LabelRelease] = a.Step.Release
	if d.Labels[v1alpha1.LabelComponent] == v1alpha1.ComponentPage {
		w.moved[d.Namespace] = append(w.moved[d.Namespace], a.Step.Release)
	}
	container := d.Spec.Template.Spec.Containers[0]
	if container.Image != a.Edition.Document.Images.TrackingPage || container.Args[0] != a.Edition.Content["house"].Data["nl.yaml"] {
		w.roll(d, a.Edition)
	}
}

// clash marks a Deployment of a Shop that does not fit what it is told to run, and says so; it takes the mark away once
// the Shop is mended.
func (w *fakeCluster) clash(d *appsv1.Deployment, a releases.Assignment) bool {
	switch {
	case !w.clashes[d.Namespace]:
		delete(d.Annotations, v1alpha1.AnnotationReleaseClash)
	case a.Step.Release == a.Latest && d.Labels[v1alpha1.LabelRelease] != a.Latest:
		d.Annotations[v1alpha1.AnnotationReleaseClash] = fmt.Sprintf("%s.%d", a.Latest, a.Attempt)
		return true
	}
	return false
}

// live lets pods become ready.
func (w *fakeCluster) live(d *appsv1.Deployment) {
	at, err := time.Parse(time.RFC3339, d.Annotations["ready-at"])
	if err != nil || w.now.Before(at) || d.Annotations["sick"] != "" || complete(d) {
		return
	}
	w.set(d, appsv1.DeploymentAvailable, corev1.ConditionTrue, "MinimumReplicasAvailable")
	w.set(d, appsv1.DeploymentProgressing, corev1.ConditionTrue, "NewReplicaSetAvailable")
}

func (w *fakeCluster) set(d *appsv1.Deployment, kind appsv1.DeploymentConditionType, status corev1.ConditionStatus, reason string) {
	i := slices.IndexFunc(d.Status.Conditions, func(c appsv1.DeploymentCondition) bool { return c.Type == kind })
	if i < 0 {
		d.Status.Conditions = append(d.Status.Conditions, appsv1.DeploymentCondition{Type: kind})
		i = len(d.Status.Conditions) - 1
	}
	c := &d.Status.Conditions[i]
	if c.Status == status && c.Reason == reason {
		return
	}
	at := metav1.NewTime(w.now.Truncate(time.Second))
	if c.Status != status {
		c.LastTransitionTime = at
	}
	c.Status, c.Reason, c.LastUpdateTime = status, reason, at
}

func complete(d *appsv1.Deployment) bool {
	return slices.ContainsFunc(d.Status.Conditions, func(c appsv1.DeploymentCondition) bool {
		return c.Type == appsv1.DeploymentProgressing && c.Reason == "NewReplicaSetAvailable"
	})
}

// on returns the Shops whose page carries the release, sorted.
func (w *fakeCluster) on(name string) []string {
	list := &appsv1.DeploymentList{}
	w.must(w.kube.List(w.t.Context(), list, client.MatchingLabels{v1alpha1.LabelComponent: v1alpha1.ComponentPage, v1alpha1.LabelRelease: name}))
	var names []string
	for _, d := range list.Items {
		names = append(names, d.Namespace)
	}
	slices.Sort(names)
	return names
}

// edit gives the library's template another subject.
func (w *fakeCluster) edit(subject string) {
	w.t.Helper()
	w.content("house", "mail.OutForDelivery.subject: "+subject+"\n")
}

func (w *fakeCluster) content(name, text string) {
	w.t.Helper()
	key := client.ObjectKey{Namespace: v1alpha1.LibraryNamespace, Name: name}
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: name, Labels: map[string]string{v1alpha1.LabelLibrary: ""}}}
	err := w.kube.Get(w.t.Context(), key, cm)
	w.must(client.IgnoreNotFound(err))
	cm.Data = map[string]string{"nl.yaml": text}
	if err != nil {
		w.must(w.kube.Create(w.t.Context(), cm))
		return
	}
	w.must(w.kube.Update(w.t.Context(), cm))
}

// steer annotates a release, as people do.
func (w *fakeCluster) steer(name, annotation, value string) {
	w.t.Helper()
	r := &appsv1.ControllerRevision{}
	w.must(w.kube.Get(w.t.Context(), client.ObjectKey{Namespace: operatorNamespace, Name: name}, r))
	if r.Annotations == nil {
		r.Annotations = map[string]string{}
	}
	r.Annotations[annotation] = value
	w.must(w.kube.Update(w.t.Context(), r))
}

// revisions returns the names of what is kept, sorted.
func (w *fakeCluster) revisions(kind string) []string {
	list := &appsv1.ControllerRevisionList{}
	w.must(w.kube.List(w.t.Context(), list, client.MatchingLabels{v1alpha1.LabelRevision: kind}))
	var names []string
	for _, r := range list.Items {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return names
}

func (w *fakeCluster) stepOf(shop string) rollout.Step {
	a, _ := w.assignments.Of(types.NamespacedName{Namespace: shop, Name: "shop"})
	return a.Step
}

func (w *fakeCluster) wantEvent(words ...string) {
	w.t.Helper()
	if !slices.ContainsFunc(w.events, func(event string) bool {
		return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(event, word) })
	}) {
		w.t.Errorf("no event tells %v:\n%s", words, strings.Join(w.events, "\n"))
	}
}

// history returns what a Shop ran.
func (w *fakeCluster) history(shop string) string {
	return cmp.Or(strings.Join(w.moved[shop], " "), "nothing")
}

// keep stores a release as another build does.
func (w *fakeCluster) keep(name string, document release.Document) {
	number, _ := release.Number(name)
	w.must(w.kube.Create(w.t.Context(), &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: name, Labels: map[string]string{
			v1alpha1.LabelRevision: v1alpha1.RevisionRelease, "app.kubernetes.io/managed-by": "wismo",
		}},
		Revision: number, Data: runtime.RawExtension{Raw: document.Encode()},
	}))
}

// forget removes what the operator told people.
func (w *fakeCluster) forget() {
	w.must(w.kube.DeleteAllOf(w.t.Context(), &corev1.ConfigMap{}, client.InNamespace(operatorNamespace)))
}

// metric returns the value of a metric without labels.
func (w *fakeCluster) metric(name string) float64 {
	w.t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(w.subject.Metrics)
	families, err := registry.Gather()
	w.must(err)
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()[0].GetGauge().GetValue()
		}
	}
	w.t.Fatalf("there is no %s", name)
	return 0
}
