package children

import (
	"errors"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// What is written to an object that is being deleted is lost with it; and it is no healthy one, as long as it may stay.
func TestAnObjectThatIsBeingDeletedIsNamedAndNotWritten(t *testing.T) {
	each(t, func(t *testing.T, c child) {
		for name, change := range map[string]func(*unstructured.Unstructured){
			"as rendered": func(*unstructured.Unstructured) {},
			"changed": func(o *unstructured.Unstructured) {
				unstructured.RemoveNestedField(o.Object, "metadata", "annotations")
			},
			"out of the cache": func(o *unstructured.Unstructured) {
				labels := o.GetLabels()
				delete(labels, "app.kubernetes.io/managed-by")
				o.SetLabels(labels)
			},
		} {
			c.apply(t)
			o := c.live(t)
			o.SetFinalizers([]string{"example.com/hold"})
			change(o)
			if err := suite.Kube.Update(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			if err := suite.Kube.Delete(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			before := c.live(t)
			_, err := c.Apply(t.Context(), c.rendered)
			being, ok := errors.AsType[*apply.BeingDeleted](err)
			if !ok || !strings.Contains(being.Error(), *c.rendered.GetName()) || !strings.Contains(being.Error(), "example.com/hold") {
				t.Errorf("%s: the error is %v", name, err)
			}
			wantUntouched(t, c, before)
			c.discard(t)
			if !c.apply(t) {
				t.Errorf("%s: it is not created again", name)
			}
		}
	})
}
