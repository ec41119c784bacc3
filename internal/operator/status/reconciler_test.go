package status

import (
	"context"
	"errors"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// fakeCache is the cache with one Shop in it, or with none, and the API server behind it.
type fakeCache struct {
	client.Client
	shop *v1alpha1.Shop
	err  error
	api  *api
}

func (s *fakeCache) Get(_ context.Context, _ client.ObjectKey, o client.Object, _ ...client.GetOption) error {
	if s.err == nil {
		s.shop.DeepCopyInto(o.(*v1alpha1.Shop))
	}
	return s.err
}

func (s *fakeCache) Status() client.SubResourceWriter { return s.api }

// keep has the Shop judged once, and says whether it was.
func (d *desk) keep(t *testing.T, s *fakeCache, out outcome.Outcome) (judged bool, again time.Duration, err error) {
	t.Helper()
	s.api = d.api
	key := client.ObjectKeyFromObject(s.shop)
	keeper := Reconciler{Client: s, Vocabulary: words, Writes: &d.ledger, Recorder: d.events, Now: func() time.Time { return noon }}
	result, err := keeper.Reconcile(t.Context(), key, d.target(), func(w *Writer, now time.Time) outcome.Outcome {
		judged = true
		good(w)
		if now != noon {
			t.Errorf("judged at %s", now)
		}
		return out
	})
	return judged, result.RequeueAfter, err
}

func kept() *fakeCache {
	return &fakeCache{shop: &v1alpha1.Shop{ObjectMeta: metav1.ObjectMeta{Name: "linden", Generation: 1, ResourceVersion: "7"}}}
}

func TestAnObjectIsJudgedAndItsStatusWritten(t *testing.T) {
	d := newDesk()
	judged, again, err := d.keep(t, kept(), outcome.Look(time.Minute))
	if !judged || again != time.Minute || err != nil || d.api.writes != 1 || d.conditions()["Ready"] != "True Ready" {
		t.Errorf("judged %v, again after %s, %v, %d writes, %v", judged, again, err, d.api.writes, d.conditions())
	}
	if judged, again, _ := d.keep(t, kept(), outcome.Done()); judged || again != StaleRequeue {
		t.Errorf("in a cache that is behind: judged %v, again after %s", judged, again)
	}
}

func TestAnObjectThatIsGoneOrGoingIsForgottenAndNotJudged(t *testing.T) {
	going := kept()
	going.shop.DeletionTimestamp = &metav1.Time{Time: noon}
	gone := kept()
	gone.err = apierrors.NewNotFound(schema.GroupResource{Resource: "shops"}, "linden")
	for name, s := range map[string]*fakeCache{"going": going, "gone": gone} {
		d := newDesk()
		if _, _, err := d.keep(t, kept(), outcome.Done()); err != nil {
			t.Fatal(err)
		}
		if judged, again, err := d.keep(t, s, outcome.Done()); judged || again != 0 || err != nil {
			t.Errorf("%s: judged %v, again after %s, %v", name, judged, again, err)
		}
		if d.ledger.IsStale(kept().shop) {
			t.Errorf("%s: it is remembered", name)
		}
	}
}

func TestWhatCannotBeReadOrWrittenIsTriedAgain(t *testing.T) {
	broken := kept()
	broken.err = errors.New("no cache")
	d := newDesk()
	if judged, _, err := d.keep(t, broken, outcome.Done()); judged || err == nil {
		t.Errorf("judged %v, %v", judged, err)
	}
	d.api.err = errors.New("no answer")
	if judged, _, err := d.keep(t, kept(), outcome.Done()); !judged || err == nil {
		t.Errorf("judged %v, %v", judged, err)
	}
}
