package ctrlutil

import (
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

func TestAnEditOvertakesAThousandOnboardings(t *testing.T) {
	queue := priorityqueue.New[ctrl.Request]("test")
	defer queue.ShutDown()
	for i := range 1000 {
		queue.Add(ctrl.Request{NamespacedName: types.NamespacedName{Namespace: "crowd", Name: fmt.Sprint(i)}})
	}
	linden := &v1alpha1.Shop{ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "linden"}}
	EditsFirst().Update(t.Context(), event.UpdateEvent{ObjectOld: linden, ObjectNew: linden}, queue)
	for range 20 { // the queue hands out while it is still being filled
		if next, _ := queue.Get(); next.Name == "linden" {
			return
		}
	}
	t.Error("the edit waits behind the crowd")
}
