package placement

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/controllers/shop/workloads"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// failing returns workloads of which the page's roll did not come to its end in time, and the ReplicaSets of both.
func failing() (workloads.State, []client.Object) {
	live := servingOn(is)
	var sets []client.Object
	for _, c := range workloads.Components {
		d := live.Deployments[c]
		d.Namespace, d.Name, d.UID = "linden", desired.WorkloadName("linden", c), types.UID(c)
		d.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"of": string(c)}}
		for number, mounts := range map[string]string{"1": "bundle-before", "2": "bundle-now"} {
			sets = append(sets, &appsv1.ReplicaSet{
				ObjectMeta: metav1.ObjectMeta{
					Namespace: "linden", Name: d.Name + "-" + number, Labels: d.Spec.Selector.MatchLabels,
					Annotations:     map[string]string{revision: number},
					OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(d, appsv1.SchemeGroupVersion.WithKind("Deployment"))},
				},
				Spec: appsv1.ReplicaSetSpec{Selector: d.Spec.Selector, Template: mounting(mounts)},
			})
		}
		d.Spec.Template = mounting("bundle-now")
	}
	live.Deployments[bundle.PageComponent].Status.Conditions[0].Reason = "ProgressDeadlineExceeded"
	return live, sets
}

func mounting(name string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{Spec: corev1.PodSpec{Volumes: []corev1.Volume{{
		Name: desired.BundleVolume, VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: name}}},
	}}}}
}

func mark(t *testing.T, shop *v1alpha1.Shop, live workloads.State, rendered Templates, sets ...client.Object) Marked {
	t.Helper()
	p := New(nil, nil, fake.NewClientBuilder().WithObjects(sets...).Build())
	assignment := releases.Assignment{Latest: is, Step: rollout.Step{Release: is, Reason: rollout.UpToDate}}
	marked, err := p.Mark(t.Context(), NewSituation(shop, assignment, live, ""), Fit{Edition: &releases.Edition{Name: is}}, rendered)
	if err != nil {
		t.Fatal(err)
	}
	return marked
}

func TestBothWorkloadsGoBackToTheBundleThatServedBeforeWhenOneDoesNotBecomeReady(t *testing.T) {
	live, sets := failing()
	rendered := Templates{}
	for _, c := range workloads.Components {
		rendered[c] = "now"
		live.Deployments[c].Annotations[v1alpha1.AnnotationTemplate] = "now"
	}
	marked := mark(t, &v1alpha1.Shop{}, live, rendered, sets...)
	if !strings.HasPrefix(marked.RolledBack, rolledBackMessage) || len(marked.Instead) != 2 {
		t.Fatalf("%q, and %d go back", marked.RolledBack, len(marked.Instead))
	}
	for _, c := range workloads.Components {
		if got := *marked.Instead[c].Spec.Spec.Volumes[0].ConfigMap.Name; got != "bundle-before" {
			t.Errorf("the %s serves %s", c, got)
		}
		if marked.Marks[c].FailedTemplate != "now" {
			t.Errorf("the %s will try the same again", c)
		}
	}
	if marked := mark(t, &v1alpha1.Shop{}, live, Templates{bundle.PageComponent: "next", bundle.NotifierComponent: "next"}, sets...); marked.RolledBack != "" {
		t.Errorf("what has not been tried yet failed: %s", marked.RolledBack)
	}
}

func TestAShopThatWentBackSaysWhyUntilSomethingElseIsRendered(t *testing.T) {
	live, sets := failing()
	for _, c := range workloads.Components {
		marks := release.MarksOf(live.Deployments[c])
		marks.Template, marks.FailedTemplate = "before", "now"
		live.Deployments[c].Annotations = marks.Annotations()
	}
	rendered := Templates{bundle.PageComponent: "now", bundle.NotifierComponent: "now"}
	for reason, want := range map[string]string{
		v1alpha1.ReasonProgressDeadlineExceeded: "the page said: no such image", // what was told when it went back
		v1alpha1.ReasonInvalidSpec:              rolledBackMessage,
	} {
		shop := &v1alpha1.Shop{Status: v1alpha1.ShopStatus{Conditions: []metav1.Condition{
			{Type: v1alpha1.ConditionStalled, Status: metav1.ConditionTrue, Reason: reason, Message: "the page said: no such image"},
		}}}
		if marked := mark(t, shop, live, rendered, sets...); marked.RolledBack != want {
			t.Errorf("Stalled for %s before: %q, want %q", reason, marked.RolledBack, want)
		}
	}
}

func TestTheFirstThingThatKeepsAPodFromBeingReadyIsQuoted(t *testing.T) {
	for want, pod := range map[string]corev1.PodStatus{
		"Error, exit code 2 panic": {ContainerStatuses: []corev1.ContainerStatus{{LastTerminationState: corev1.ContainerState{
			Terminated: &corev1.ContainerStateTerminated{Reason: "Error", ExitCode: 2, Message: "panic"}}}}},
		"ErrImagePull not found": {ContainerStatuses: []corev1.ContainerStatus{{State: corev1.ContainerState{
			Waiting: &corev1.ContainerStateWaiting{Reason: "ErrImagePull", Message: "not found"}}}}},
		"no node": {Conditions: []corev1.PodCondition{{Status: corev1.ConditionFalse, Message: "no node"}}},
		"":        {},
	} {
		if got := podErrorIn(corev1.Pod{Status: pod}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
