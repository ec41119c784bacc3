package release_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// cached answers lists of Shops and Deployments as the cache does: without copying an object.
type cached struct {
	client.WithWatch
	shops       []v1alpha1.Shop
	deployments []appsv1.Deployment
}

func (c *cached) List(ctx context.Context, list client.ObjectList, options ...client.ListOption) error {
	switch l := list.(type) {
	case *v1alpha1.ShopList:
		l.Items = c.shops
	case *appsv1.DeploymentList:
		l.Items = c.deployments
	default:
		return c.WithWatch.List(ctx, list, options...)
	}
	return nil
}

// BenchmarkADecisionAboutAThousandShops is a look at a fleet in the middle of a roll, of which nothing is written.
func BenchmarkADecisionAboutAThousandShops(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := newFakeCluster(b, 0)
			w.edit("Onderweg")
			w.decide()
			w.now = w.now.Add(time.Hour)
			fleet := &cached{WithWatch: w.subject.Client.(client.WithWatch)}
			for i := range n {
				shop := v1alpha1.Shop{ObjectMeta: metav1.ObjectMeta{Namespace: fmt.Sprint("shop-", i), Name: "shop", UID: types.UID(fmt.Sprint("u", i)), CreationTimestamp: metav1.NewTime(w.now)}}
				fleet.shops = append(fleet.shops, shop)
				for _, component := range []string{v1alpha1.ComponentPage, v1alpha1.ComponentNotifier} {
					d := appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{
						Namespace: shop.Namespace, Name: "shop-" + component, Annotations: map[string]string{v1alpha1.AnnotationReleaseSince: w.now.Format(time.RFC3339)},
						Labels:          map[string]string{v1alpha1.LabelComponent: component, v1alpha1.LabelRelease: "rel-0001"},
						OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(&shop, v1alpha1.GroupVersion.WithKind("Shop"))},
					}}
					w.set(&d, appsv1.DeploymentAvailable, "True", "MinimumReplicasAvailable")
					w.set(&d, appsv1.DeploymentProgressing, "True", "NewReplicaSetAvailable")
					fleet.deployments = append(fleet.deployments, d)
				}
			}
			w.subject.Client = fleet
			w.now = w.now.Add(time.Hour)
			w.edit("Tweede")
			for range 3 {
				w.decide()
				w.now = w.now.Add(10 * time.Second)
			}
			b.ReportAllocs()
			for b.Loop() {
				w.now = w.now.Add(time.Second)
				if _, err := w.subject.Reconcile(b.Context(), ctrl.Request{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
