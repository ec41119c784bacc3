package releases

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/rollout"
)

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// at returns a time in seconds after the start.
func at(seconds int) metav1.Time {
	return metav1.NewTime(start.Add(time.Duration(seconds) * time.Second))
}

// seen is a Deployment as its controller describes it.
type seen struct {
	release, before string
	began           int    // s; 0 = never
	available       bool   // since availableAt
	availableAt     int    // s
	reason          string // of Progressing, since progressAt
	progressAt      int    // s
	unseen          bool   // its controller has not looked at the last change yet
}

func (s seen) deployment() *appsv1.Deployment {
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Generation: 2, Labels: map[string]string{}, Annotations: map[string]string{}}}
	d.Status.ObservedGeneration = 2
	if s.unseen {
		d.Status.ObservedGeneration = 1
	}
	if s.release != "" {
		d.Labels[v1alpha1.LabelRelease] = s.release
	}
	d.Annotations[v1alpha1.AnnotationReleaseBefore] = s.before
	if s.began > 0 {
		d.Annotations[v1alpha1.AnnotationReleaseSince] = at(s.began).Format(time.RFC3339)
	}
	status := corev1.ConditionFalse
	if s.available {
		status = corev1.ConditionTrue
	}
	deadline := int32(180)
	d.Spec.ProgressDeadlineSeconds = &deadline
	d.Status.Conditions = []appsv1.DeploymentCondition{
		{Type: appsv1.DeploymentAvailable, Status: status, LastTransitionTime: at(s.availableAt)},
		{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: s.reason, LastUpdateTime: at(s.progressAt)},
	}
	return d
}

func scene(page, notifier *appsv1.Deployment) Snapshot {
	shop := &v1alpha1.Shop{ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "linden", UID: "u", CreationTimestamp: at(0)}}
	return Snapshot{Shop: shop, Page: page, Notifier: notifier, First: "rel-0001"}
}

const done, rolling = "NewReplicaSetAvailable", "ReplicaSetUpdated"

func TestAShopIsSeenAsItsDeploymentsSay(t *testing.T) {
	serving := seen{release: "rel-0002", before: "rel-0001", began: 100, available: true, availableAt: 10, reason: done, progressAt: 130}
	with := func(change func(*seen)) seen { s := serving; change(&s); return s }
	for name, c := range map[string]struct {
		page, notifier seen
		running        string
		moving         string
		serving        bool
		since          int
	}{
		"it serves":                      {serving, with(func(s *seen) { s.progressAt = 140 }), "rel-0002", "", true, 140},
		"it is half moved":               {serving, with(func(s *seen) { s.release, s.began = "rel-0001", 50 }), "rel-0001", "rel-0002", true, 130},
		"it rolls":                       {serving, with(func(s *seen) { s.reason, s.progressAt = rolling, 105 }), "rel-0002", "", false, 100},
		"nobody has seen the roll":       {serving, with(func(s *seen) { s.unseen = true; s.progressAt = 20 }), "rel-0002", "", false, 100},
		"its roll has not ended in time": {serving, with(func(s *seen) { s.reason, s.progressAt = "ProgressDeadlineExceeded", 290 }), "rel-0002", "", false, 100},
		"it rolls, much later, its own":  {serving, with(func(s *seen) { s.reason, s.progressAt = rolling, 5000 }), "rel-0002", "", false, 5000},
		"its page is down":               {with(func(s *seen) { s.available, s.availableAt = false, 700 }), serving, "rel-0002", "", false, 700},
		"it was down before it moved":    {with(func(s *seen) { s.available, s.availableAt = false, 40 }), serving, "rel-0002", "", false, 100},
		"it is older than releases":      {seen{available: true, availableAt: 10, reason: done, progressAt: 12}, seen{available: true, availableAt: 15, reason: done, progressAt: 12}, "rel-0001", "", true, 15},
	} {
		got := (&Observer{}).Observe(scene(c.page.deployment(), c.notifier.deployment()))
		if got.Running != c.running || got.Moving != c.moving || got.Serving != c.serving || !got.ServingChanged.Equal(at(c.since).Time) {
			t.Errorf("%s: it runs %q, moves to %q, serves %v since %d s", name, got.Running, got.Moving, got.Serving, int(got.ServingChanged.Sub(start).Seconds()))
		}
	}
	if got := (&Observer{}).Observe(scene(nil, nil)); got.Running != "" || got.Serving {
		t.Errorf("a Shop without pods is %+v", got)
	}
	if got := (&Observer{}).Observe(scene(serving.deployment(), nil)); got.Running != "rel-0002" || got.Serving {
		t.Errorf("a Shop without a notifier is %+v", got)
	}
}

func TestAShopsOwnEditInterruptsNoBake(t *testing.T) {
	observer := &Observer{}
	serving := seen{release: "rel-0002", began: 100, available: true, availableAt: 10, reason: done, progressAt: 130}
	look := func(change func(*seen)) rollout.Shop {
		s := serving
		change(&s)
		return observer.Observe(scene(s.deployment(), serving.deployment()))
	}
	look(func(*seen) {})
	for _, change := range []func(*seen){
		func(s *seen) { s.reason, s.progressAt = rolling, 400 },
		func(s *seen) { s.progressAt = 420 },
		func(s *seen) { s.unseen = true },
	} {
		if got := look(change); !got.Serving || !got.ServingChanged.Equal(at(130).Time) || got.Interruptions != 0 {
			t.Errorf("it serves %v since %d s, after %d interruptions", got.Serving, int(got.ServingChanged.Sub(start).Seconds()), got.Interruptions)
		}
	}
	observer.Forget(nil)
	if got := look(func(s *seen) { s.reason, s.progressAt = rolling, 400 }); got.Serving {
		t.Error("without a memory, after a restart, a roll is not taken for one of its own")
	}
}

// An operator may die when it has moved one Deployment, and the next one find its pods ready. Its own clock may be behind,
// so that the second move does not look later than the first.
func TestPitfall08AShopServesOnAReleaseWhenBothOfItsDeploymentsHaveMoved(t *testing.T) {
	old := seen{release: "rel-0001", began: 20, available: true, availableAt: 10, reason: done, progressAt: 30}
	moved := seen{release: "rel-0002", before: "rel-0001", began: 100, available: true, availableAt: 10, reason: done, progressAt: 103}
	var observer Observer
	look := func(notifier seen) rollout.Shop {
		s := scene(moved.deployment(), notifier.deployment())
		s.Now = at(104).Time
		return observer.Observe(s)
	}
	if got := look(old); got.Moving != "rel-0002" {
		t.Fatalf("it moves to %q", got.Moving)
	}
	for _, rolls := range []seen{
		{release: "rel-0002", began: 99, available: true, availableAt: 10, reason: done, progressAt: 30, unseen: true},
		{release: "rel-0002", began: 99, available: true, availableAt: 10, reason: rolling, progressAt: 105},
	} {
		if got := look(rolls); got.Serving || got.Interruptions != 0 {
			t.Errorf("it serves while its notifier rolls (%d interruptions)", got.Interruptions)
		}
	}
	if got := look(seen{release: "rel-0002", began: 99, available: true, availableAt: 10, reason: done, progressAt: 108}); !got.Serving || !got.ServingChanged.Equal(at(108).Time) {
		t.Errorf("it serves %v since %d s", got.Serving, int(got.ServingChanged.Sub(start).Seconds()))
	}
}

// A name is written to one Deployment after the other: between the two, a Shop whose pods have run for months is not late.
func TestPitfall14AShopThatOnlyChangesItsReleasesNameIsNotLateHalfway(t *testing.T) {
	serving := seen{release: "rel-0002", before: "rel-0001", began: 100, available: true, availableAt: 10, reason: done, progressAt: 130}
	halfway := serving
	halfway.release, halfway.before = "rel-0003", "rel-0002"
	var observer Observer
	look := func(page seen, now int) rollout.Shop {
		s := scene(page.deployment(), serving.deployment())
		s.Now = at(now).Time
		return observer.Observe(s)
	}
	if got := look(serving, 4000); got.Moving != "" || !got.RolloutStarted.Equal(at(100).Time) {
		t.Errorf("at rest: moves to %q since %s", got.Moving, got.RolloutStarted)
	}
	for _, now := range []int{5000, 5100} {
		if got := look(halfway, now); got.Moving != "rel-0003" || !got.RolloutStarted.Equal(at(5000).Time) {
			t.Errorf("halfway: moves to %q since %s", got.Moving, got.RolloutStarted)
		}
	}
	if got := observer.Observe(scene(halfway.deployment(), halfway.deployment())); got.Moving != "" || !got.RolloutStarted.Equal(at(100).Time) {
		t.Errorf("in the end: moves to %q since %s", got.Moving, got.RolloutStarted)
	}
}

// A name is a new generation of a Deployment, which its controller has to look at before it says again that all is well.
func TestPitfall14AShopWhoseNewNameNobodyHasLookedAtIsNotDownForMonths(t *testing.T) {
	named := seen{release: "rel-0003", before: "rel-0002", began: 100, available: true, availableAt: 10, reason: done, progressAt: 130, unseen: true}
	look := func(observer *Observer, one seen, now int) rollout.Shop {
		s := scene(one.deployment(), one.deployment())
		s.Now = at(now).Time
		return observer.Observe(s)
	}
	var observer Observer // as after a restart
	for _, now := range []int{5000, 5100} {
		if got := look(&observer, named, now); got.Serving || !got.ServingChanged.Equal(at(5000).Time) {
			t.Errorf("in between: serves %t since %s", got.Serving, got.ServingChanged)
		}
	}
	named.unseen = false
	if got := look(&observer, named, 5101); !got.Serving || !got.ServingChanged.Equal(at(130).Time) {
		t.Errorf("in the end: serves %t since %s", got.Serving, got.ServingChanged)
	}
}

// A Deployment that returns to a ReplicaSet that is there goes on to say that it is complete until its first pod is.
func TestPitfall12AShopOnItsWayBackToPodsOfBeforeDoesNotServeYet(t *testing.T) {
	back := seen{release: "rel-0001", before: "rel-0002", began: 200, available: true, availableAt: 10, reason: done, progressAt: 130}
	page, notifier := back.deployment(), back.deployment()
	page.Status.Replicas = 1 // none of them is of the template that was asked for last
	var observer Observer
	if got := observer.Observe(scene(page, notifier)); got.Serving {
		t.Error("it serves before its pods are replaced")
	}
	page.Status.UpdatedReplicas = 1
	if got := observer.Observe(scene(page, notifier)); !got.Serving {
		t.Error("it does not serve after its pods were replaced")
	}
}

func TestPitfall10WhatStopsServingBakesAnewAndIsCounted(t *testing.T) {
	observer := &Observer{}
	look := func(available bool, since int, release string) rollout.Shop {
		s := seen{release: release, began: 100, available: available, availableAt: since, reason: done, progressAt: 130}
		if release == "rel-0003" {
			s.began = 2000
		}
		return observer.Observe(scene(s.deployment(), s.deployment()))
	}
	look(true, 10, "rel-0002")
	for i, step := range []struct {
		available bool
		since     int
		want      int
	}{{false, 300, 1}, {true, 310, 1}, {true, 330, 2} /* it was away, unseen */, {true, 330, 2}, {false, 400, 3}} {
		got := look(step.available, step.since, "rel-0002")
		if got.Interruptions != step.want || got.Serving != step.available || !got.ServingChanged.Equal(at(step.since).Time) {
			t.Errorf("step %d: %d interruptions, serves %v since %d s", i, got.Interruptions, got.Serving, int(got.ServingChanged.Sub(start).Seconds()))
		}
	}
	if got := look(true, 2010, "rel-0003"); got.Interruptions != 0 {
		t.Errorf("on the next release it has %d interruptions", got.Interruptions)
	}
}

func TestMarksAreReadFromWhicheverDeploymentHasTheLaterOne(t *testing.T) {
	page, notifier := seen{release: "rel-0002"}.deployment(), seen{release: "rel-0002"}.deployment()
	page.Annotations[v1alpha1.AnnotationReleaseFailed] = "rel-0002.0"
	notifier.Annotations[v1alpha1.AnnotationReleaseFailed] = "rel-0002.1"
	page.Annotations[v1alpha1.AnnotationReleaseUnwell] = "nonsense"
	got := (&Observer{}).Observe(scene(page, notifier))
	if want := (rollout.AttemptRef{Release: "rel-0002", Attempt: 1}); got.Failed != want || got.UnhealthyBefore != (rollout.AttemptRef{}) {
		t.Errorf("marks are %v and %v", got.Failed, got.UnhealthyBefore)
	}
}

func TestPitfall23WhatSaysNothingOfTheReleaseWakesNobody(t *testing.T) {
	before := seen{release: "rel-0002", available: true, availableAt: 10, reason: rolling, progressAt: 130}
	chatter := before.deployment()
	chatter.Status.Replicas, chatter.Status.ReadyReplicas, chatter.ResourceVersion = 2, 1, "9"
	chatter.Status.Conditions[1].LastUpdateTime = at(131)
	chatter.Annotations["deployment.kubernetes.io/revision"] = "3"
	if Matters(before.deployment(), chatter) {
		t.Error("a pod more is news")
	}
	after := before
	after.reason = done
	if !Matters(before.deployment(), after.deployment()) {
		t.Error("the end of a roll is none")
	}
}
