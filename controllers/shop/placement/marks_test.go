package placement

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/controllers/shop/workloads"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/testing/inmemory"
)

// deploymentOn returns one that runs a release, and remembers the one before.
func deploymentOn(d *appsv1.Deployment, release, before string) *appsv1.Deployment {
	d.Labels = map[string]string{v1alpha1.LabelRelease: release}
	d.Annotations = map[string]string{v1alpha1.AnnotationReleaseBefore: before}
	return d
}

func TestAShopRemembersTheLastReleaseOnWhichAllOfItServed(t *testing.T) {
	const oldest, middle, latest = "rel-0001", "rel-0002", "rel-0003"
	serving := func() *appsv1.Deployment { return inmemory.DeploymentSaying("NewReplicaSetAvailable", true) }
	starting := func() *appsv1.Deployment {
		d := inmemory.DeploymentSaying("ReplicaSetUpdated", true)
		d.Status.UpdatedReplicas = 0
		return d
	}
	for name, tc := range map[string]struct {
		page *appsv1.Deployment
		want string // what the notifier, which runs the middle release, is to remember
	}{
		"all of it served there":                                       {deploymentOn(serving(), middle, oldest), middle},
		"the page never did":                                           {deploymentOn(starting(), middle, oldest), oldest},
		"the operator was killed after it had moved the page":          {deploymentOn(starting(), latest, middle), middle},
		"the page had never served there, and the operator was killed": {deploymentOn(starting(), latest, oldest), oldest},
		"the page was deleted, and made anew on the latest release":    {deploymentOn(starting(), latest, ""), oldest},
	} {
		s := NewSituation(&v1alpha1.Shop{}, releases.Assignment{}, workloads.State{
			Shop: &v1alpha1.Shop{}, Now: time.Now(), Settled: true,
			Deployments: map[bundle.Component]*appsv1.Deployment{
				bundle.PageComponent: tc.page, bundle.NotifierComponent: deploymentOn(serving(), middle, oldest),
			},
		}, "")
		m, _ := s.marks(Fit{Edition: &releases.Edition{Name: latest}}, bundle.NotifierComponent, "")
		if got := m.Before; got != tc.want {
			t.Errorf("%s: the notifier goes back to %s, want %s", name, got, tc.want)
		}
	}
}
