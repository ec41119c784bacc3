package releases

import (
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func TestPitfall13OldReleasesAreRemovedButNotTheOneThatAShopIsPinnedTo(t *testing.T) {
	withoutOthers(t)
	shop := suite.MinimalShop(suite.InNamespace(t))
	pinned := readyOn(t, shop)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) {
		s.Spec.Release = &v1alpha1.ReleaseChoice{Policy: v1alpha1.ReleasePin, Name: v1alpha1.ReleaseName(pinned)}
	})
	suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionTrue, v1alpha1.ReasonPinned)

	latest := &appsv1.ControllerRevision{}
	key := client.ObjectKey{Namespace: suite.OperatorNamespace, Name: latestRelease(t)}
	if err := suite.Kube.Get(t.Context(), key, latest); err != nil {
		t.Fatal(err)
	}
	number, _ := release.Number(latest.Name)
	suite.Operator.Stop()
	for n := number + 1; n <= number+release.Kept+2; n++ {
		suite.Create(t, &appsv1.ControllerRevision{
			ObjectMeta: metav1.ObjectMeta{Namespace: suite.OperatorNamespace, Name: release.Name(n), Labels: latest.Labels}, Revision: n, Data: latest.Data,
		})
	}
	suite.Operator.MustStart(t)
	for _, name := range []string{release.Name(number + 1), release.Name(number + 2)} {
		suite.Eventually(t, name+" is removed", func() error {
			key.Name = name
			if err := suite.Kube.Get(t.Context(), key, &appsv1.ControllerRevision{}); !apierrors.IsNotFound(err) {
				return fmt.Errorf("it is there (%w)", err)
			}
			return nil
		})
	}
	for _, name := range []string{pinned, release.Name(number + 3), release.Name(number + release.Kept + 2)} {
		key.Name = name
		if err := suite.Kube.Get(t.Context(), key, &appsv1.ControllerRevision{}); err != nil {
			t.Errorf("%s is among the last ten, or in use: %v", name, err)
		}
	}
	wantRuns(t, shop, pinned, "image:1")
}
