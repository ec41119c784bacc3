//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	shipped "github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/testing/older"
)

// shippedBefore makes, while no operator runs, the release that the version before would have made, and returns its name once
// the operator has made one of its own after it that is everywhere.
func shippedBefore(t *testing.T, like string) string {
	t.Helper()
	kept := &appsv1.ControllerRevision{}
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: operatorNamespace, Name: like}, kept); err != nil {
		t.Fatal(err)
	}
	number := kept.Revision + 1
	before, err := older.Release(kept, number)
	if err != nil {
		t.Fatal(err)
	}
	scaleManager(t, 0)
	err = cluster.Create(t.Context(), before)
	scaleManager(t, 1)
	if err != nil {
		t.Fatal(err)
	}
	await(t.Context(), t, "a release after "+before.Name+" to be everywhere", releaseTime, func(ctx context.Context) (bool, string) {
		now, err := release(ctx)
		made, _ := shipped.Number(now["release"])
		return made > number && now["state"] == "Succeeded", fmt.Sprint(now, err)
	})
	return before.Name
}

// olderRelease pins a Shop to a release whose workloads know no quiet hours, and then asks for them.
func (f *fleet) olderRelease(t *testing.T) {
	// The fleet's own policy has quiet hours: no Shop would fit the older release.
	for _, m := range f.members {
		m.edit(t, func(s *v1alpha1.Shop) { s.Spec.NotificationPolicyRef = nil })
	}
	for _, m := range f.members {
		awaitReady(t, m.key())
	}
	older := shippedBefore(t, latestRelease(t))
	m := f.of("late")[0]
	finish := f.visits(t)
	m.change(t, func(s *v1alpha1.Shop) {
		s.Spec.Release = &v1alpha1.ReleaseChoice{Policy: v1alpha1.ReleasePin, Name: v1alpha1.ReleaseName(older)}
	})
	awaitCondition(t, m.key(), v1alpha1.ConditionReleased, metav1.ConditionTrue, v1alpha1.ReasonPinned, 2*time.Minute)
	for _, component := range []string{v1alpha1.ComponentPage, v1alpha1.ComponentNotifier} {
		rolledOut(t, m.name, m.name+"-"+component)
		await(t.Context(), t, "the pod of before to be gone", time.Minute, func(ctx context.Context) (bool, string) {
			there := len(allPods(ctx, t, m.name, m.labels(component)))
			return there == 1, fmt.Sprintf("%d pods of %s", there, component)
		})
	}
	ran, since := processesOf(t, []*member{m}), time.Now()

	policy := &v1alpha1.NotificationPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.name, Name: "quiet"},
		Spec:       v1alpha1.NotificationPolicySpec{QuietHours: &v1alpha1.QuietHours{Start: "22:00", End: "07:00"}},
	}
	if err := cluster.Create(t.Context(), policy); err != nil {
		t.Fatal(err)
	}
	m.edit(t, func(s *v1alpha1.Shop) {
		s.Spec.NotificationPolicyRef = &v1alpha1.PolicyReference{Name: "quiet", Source: v1alpha1.SourceLocal}
	})
	message := awaitCondition(t, m.key(), v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonReleaseTooOld, time.Minute)
	if !strings.Contains(message, "spec.quietHours") {
		t.Errorf("it does not say what its release cannot do: %s", message)
	}
	awaitCondition(t, m.key(), v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonReleaseTooOld, time.Minute)
	time.Sleep(quiet)
	f.heldStill(t, []*member{m}, ran, since)

	m.change(t, func(s *v1alpha1.Shop) { s.Spec.Release = nil })
	awaitCondition(t, m.key(), v1alpha1.ConditionReleased, metav1.ConditionTrue, v1alpha1.ReasonUpToDate, 2*time.Minute)
	finish()
}
