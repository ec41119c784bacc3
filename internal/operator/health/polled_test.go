package health_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/operator/health"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

// A source that is to be polled waits for no event: none will come.
func TestASourceThatWouldHaveToBePolledIsNotWaitedFor(t *testing.T) {
	source := func(mode v1alpha1.IntakeMode) *v1alpha1.Shop {
		shop := &v1alpha1.Shop{}
		shop.Spec.Orders = &v1alpha1.Orders{Sources: []v1alpha1.OrderSource{{Name: "webshop", Intake: v1alpha1.Intake{Mode: mode}}}}
		return shop
	}
	heard := reports(bundle.SourceReport{Name: "api", LastReceived: &noon})
	for _, c := range []struct {
		mode           v1alpha1.IntakeMode
		orders, events string
	}{
		{v1alpha1.IntakePoll, v1alpha1.ReasonNotPolled, v1alpha1.ReasonNotPolled},
		{v1alpha1.IntakeWebhookAndPoll, v1alpha1.ReasonFlowing, v1alpha1.ReasonWaitingForFirstEvent},
		{v1alpha1.IntakeWebhook, v1alpha1.ReasonFlowing, v1alpha1.ReasonWaitingForFirstEvent},
	} {
		view := health.View{Shop: source(c.mode), Reports: heard}
		orders := stated(t, v1alpha1.ConditionOrdersFlowing, func(w *status.Writer) { health.Orders(w, view) })
		events := stated(t, v1alpha1.ConditionEventsFlowing, func(w *status.Writer) { health.Events(w, view, "postnord", c.mode) })
		if orders.Reason != c.orders || events.Reason != c.events {
			t.Errorf("%s: %s and %s, want %s and %s", c.mode, orders.Reason, events.Reason, c.orders, c.events)
		}
		if polled := c.events == v1alpha1.ReasonNotPolled; polled != (events.Status == metav1.ConditionFalse) {
			t.Errorf("%s: EventsFlowing is %s", c.mode, events.Status)
		}
	}
	suspended := source(v1alpha1.IntakePoll)
	suspended.Spec.Activity = v1alpha1.ActivitySuspended
	c := stated(t, v1alpha1.ConditionOrdersFlowing, func(w *status.Writer) { health.Orders(w, health.View{Shop: suspended, Reports: heard}) })
	if c.Reason != v1alpha1.ReasonSuspended {
		t.Errorf("a suspended Shop is %s", c.Reason)
	}
}
