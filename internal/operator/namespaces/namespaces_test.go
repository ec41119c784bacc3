package namespaces

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/wismo-dev/wismo/internal/testing/inmemory"
)

// terminating is how a namespace that is being deleted refuses an object.
func terminating() error {
	err := apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "probe", nil)
	err.ErrStatus.Details.Causes = append(err.ErrStatus.Details.Causes, metav1.StatusCause{Type: corev1.NamespaceTerminatingCause})
	return err
}

func TestANamespaceIsAskedByADryRunWhereNoneIsWatched(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var answer error
	asked, notified := 0, 0
	kube := interceptor.NewClient(inmemory.NewClientBuilder(t).Build(), interceptor.Funcs{
		Create: func(_ context.Context, _ client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			asked++
			if o.GetNamespace() != "linden" || len(opts) != 1 || opts[0] != client.DryRunAll {
				t.Errorf("%s/%s is created with %v", o.GetNamespace(), o.GetName(), opts)
			}
			return answer
		},
	})
	n := &Namespaces{Writer: kube, Now: func() time.Time { return now }, Notify: func() { notified++ }}
	for _, step := range []struct {
		name    string
		answer  error
		ask     bool // because something is amiss
		after   time.Duration
		deleted bool
		asked   int // in all
	}{
		{"nothing is amiss", terminating(), false, 0, false, 0},
		{"a quota refuses", apierrors.NewForbidden(schema.GroupResource{}, "probe", nil), true, time.Minute, false, 1},
		{"asked again at once", terminating(), true, time.Second, false, 1},
		{"it is being deleted", terminating(), true, time.Minute, true, 2},
		{"that is remembered", nil, false, time.Second, true, 2},
		{"it was created again", nil, false, time.Minute, false, 3},
	} {
		now, answer = now.Add(step.after), step.answer
		ask := n.BeingDeleted
		if step.ask {
			ask = n.Ask
		}
		if deleted, err := ask(t.Context(), "linden"); err != nil || deleted != step.deleted || asked != step.asked {
			t.Errorf("%s: being deleted %t (%v) after %d questions, want %t after %d", step.name, deleted, err, asked, step.deleted, step.asked)
		}
	}
	if notified != 1 {
		t.Errorf("notified %d times", notified)
	}
}

func TestANamespaceIsReadWhereAllAreWatchedAndTakesNoEventsAtItsEnd(t *testing.T) {
	gone := Metadata()
	gone.Name, gone.Finalizers, gone.DeletionTimestamp = "gone", []string{"kubernetes"}, new(metav1.Now())
	there := Metadata()
	there.Name = "there"
	kube := inmemory.NewClientBuilder(t, gone, there).Build()
	n := &Namespaces{Cached: kube, Now: time.Now}
	fake := events.NewFakeRecorder(10)
	for name, want := range map[string]bool{"gone": true, "there": false, "unknown": false} {
		if got, err := n.Ask(t.Context(), name); err != nil || got != want {
			t.Errorf("%s is being deleted: %t (%v)", name, got, err)
		}
		n.Recorder(fake).Eventf(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: name}}, nil, "Normal", "Reason", "Action", "note")
		if sent := len(fake.Events) == 1; sent == want {
			t.Errorf("%s got an event: %t", name, sent)
		}
		for len(fake.Events) > 0 {
			<-fake.Events
		}
	}
}
