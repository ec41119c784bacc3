package release

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

func TestPitfall23AShopsStatusWakesNobodyAndItsWishesDo(t *testing.T) {
	news := func(change func(*v1alpha1.Shop)) bool {
		before := &v1alpha1.Shop{ObjectMeta: metav1.ObjectMeta{Generation: 1, Labels: map[string]string{"ring": "early"}}}
		after := before.DeepCopy()
		change(after)
		return shopChanged().Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after})
	}
	for name, c := range map[string]struct {
		change func(*v1alpha1.Shop)
		want   bool
	}{
		"a condition": {func(s *v1alpha1.Shop) {
			s.ResourceVersion = "2"
			s.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReleased, Reason: "Updating"}}
		}, false},
		"an annotation": {func(s *v1alpha1.Shop) { s.Annotations = map[string]string{"a": "b"} }, false},
		"a resync":      {func(*v1alpha1.Shop) {}, false},
		"an edit":       {func(s *v1alpha1.Shop) { s.Generation = 2 }, true},
		"a label":       {func(s *v1alpha1.Shop) { s.Labels["ring"] = "canary" }, true},
		"its end":       {func(s *v1alpha1.Shop) { s.DeletionTimestamp = new(metav1.Now()) }, true},
	} {
		if got := news(c.change); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
