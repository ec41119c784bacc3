package releases

import (
	"cmp"
	"maps"
	"slices"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/release"
)

// Adopted returns the images of the first release where Shops run already that are older than releases are: what most of
// them run. So the first release changes no pod, and what an upgrade of the operator brings moves in waves as the second.
func Adopted(deployments []appsv1.Deployment, images release.Images) release.Images {
	counts := map[string]map[string]int{v1alpha1.ComponentPage: {}, v1alpha1.ComponentNotifier: {}}
	for i := range deployments {
		d := &deployments[i]
		if of := counts[d.Labels[v1alpha1.LabelComponent]]; of != nil && d.Labels[v1alpha1.LabelRelease] == "" && len(d.Spec.Template.Spec.Containers) > 0 {
			of[d.Spec.Template.Spec.Containers[0].Image]++
		}
	}
	images.TrackingPage = cmp.Or(mostCommon(counts[v1alpha1.ComponentPage]), images.TrackingPage)
	images.Notifier = cmp.Or(mostCommon(counts[v1alpha1.ComponentNotifier]), images.Notifier)
	return images
}

func mostCommon(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	if len(names) == 0 {
		return ""
	}
	return names[0]
}
