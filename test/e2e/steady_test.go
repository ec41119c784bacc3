//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
	"github.com/wismo-dev/wismo/test/e2e/audit"
)

const (
	resyncs     = 20
	resyncPause = 1500 * time.Millisecond
)

// managerWrites are the operator's writes since a time; its own Lease aside.
func managerWrites(t *testing.T, since time.Time) []audit.Write {
	t.Helper()
	return fromAudit(t, func(log io.Reader) ([]audit.Write, error) {
		var writes []audit.Write
		for w, err := range audit.Writes(log, managerUser) {
			if err != nil {
				return nil, err
			}
			if w.User.Username == managerUser && w.RequestReceivedTimestamp.After(since) && !ownLease(w) && !refused(w) {
				writes = append(writes, w)
			}
		}
		return writes, nil
	})
}

// ownLease is the one with which the manager leads; those with which it claims hostnames count as writes.
func ownLease(w audit.Write) bool {
	return w.ObjectRef.Resource == "leases" && w.ObjectRef.Namespace == "wismo-system" && !strings.HasPrefix(w.ObjectRef.Name, "host-")
}

// refused is a write that was none: a manager that has just started offers the generated Secrets again, because it may
// not look whether they are there, and hears that they are. Or what it writes to has gone meanwhile.
func refused(w audit.Write) bool {
	again := w.ObjectRef.Resource == "secrets" && w.Verb == "create" && w.ResponseStatus.Code == http.StatusConflict
	return again || w.ResponseStatus.Code == http.StatusNotFound
}

func TestTwentyResyncsWriteNothing(t *testing.T) {
	auditLog(t)
	for _, m := range []merchant{linden, fjallro} {
		awaitReady(t, m.key())
	}
	for range 2 { // who leads first may make a release, which the next one finds to be one too many
		restartManager(t)
		settle(t)
	}
	since := time.Now()
	restartManager(t) // each object is looked at anew
	for round := range resyncs {
		for _, m := range []merchant{linden, fjallro} {
			touch(t, &v1alpha1.Shop{}, m.key(), round)
			// Not the Deployments: an annotation there is a new generation, which is rolled out and reported.
			for _, component := range []string{"-page", "-notifier"} {
				touch(t, &corev1.Service{}, client.ObjectKey{Namespace: m.name, Name: m.name + component}, round)
			}
		}
		time.Sleep(resyncPause)
	}
	settle(t)
	writes := slices.DeleteFunc(managerWrites(t, since), leaderEvent)
	if len(writes) > 0 {
		t.Errorf("%d writes in %d resyncs:\n%s", len(writes), resyncs, join(writes))
	}
	// The same drift detection that wrote nothing must see a real difference.
	t.Run("and a hand-edited child is restored within 5 seconds", handEdited)
}

// leaderEvent says which pod leads; a restart has it written once, and a resync never.
func leaderEvent(w audit.Write) bool {
	return w.ObjectRef.Resource == "events" && w.ObjectRef.Namespace == "wismo-system"
}

func handEdited(t *testing.T) {
	key := client.ObjectKey{Namespace: "linden", Name: "linden-notifier"}
	var policy networkingv1.NetworkPolicy
	if err := cluster.Get(t.Context(), key, &policy); err != nil {
		t.Fatal(err)
	}
	if len(policy.Spec.Egress) == 0 {
		t.Fatal("there is nothing to edit")
	}
	edited := policy.DeepCopy()
	edited.Spec.Egress = nil
	start := time.Now()
	if err := cluster.Patch(t.Context(), edited, client.MergeFrom(&policy)); err != nil {
		t.Fatal(err)
	}
	err := kube.Await(t.Context(), "the NetworkPolicy to be restored", 5*time.Second, func(ctx context.Context) (bool, string) {
		var now networkingv1.NetworkPolicy
		if err := cluster.Get(ctx, key, &now); err != nil {
			return false, err.Error()
		}
		return len(now.Spec.Egress) == len(policy.Spec.Egress), fmt.Sprintf("%d egress rules", len(now.Spec.Egress))
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("restored after %.2f s", time.Since(start).Seconds())
}

// touch changes an annotation that means nothing, as a person or another controller would: a reason to look, none to act.
func touch(t *testing.T, object client.Object, key client.ObjectKey, round int) {
	t.Helper()
	if err := cluster.Get(t.Context(), key, object); err != nil {
		t.Fatal(err)
	}
	before := object.DeepCopyObject().(client.Object)
	annotations := object.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations["example.com/touched"] = fmt.Sprintf("%d-%d", run.Unix(), round)
	object.SetAnnotations(annotations)
	if err := cluster.Patch(t.Context(), object, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
}

// restartManager ends the operator, and returns when another leads: one that was killed may not have given its Lease back.
func restartManager(t *testing.T) {
	t.Helper()
	before := leaderOf(t)
	kill(t, managers, 0)
	await(t.Context(), t, "another operator to lead", 2*time.Minute, func(context.Context) (bool, string) {
		now := leaderOf(t)
		return now != "" && now != before, now
	})
	if _, err := cluster.Kubectl(t.Context(), "-n", "wismo-system", "rollout", "status", "deployment/wismo-manager", "--timeout=60s"); err != nil {
		t.Fatal(err)
	}
}

// settle waits until the manager has not written for a while.
func settle(t *testing.T) {
	t.Helper()
	err := kube.Await(t.Context(), "the manager to settle", 2*time.Minute, func(context.Context) (bool, string) {
		recent := managerWrites(t, time.Now().Add(-15*time.Second))
		return len(recent) == 0, join(recent)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func join(writes []audit.Write) string {
	var lines []string
	for _, w := range writes {
		lines = append(lines, w.String())
	}
	return strings.Join(lines, "\n")
}
