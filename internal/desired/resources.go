package desired

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// Defaults of each container: an idle one is below 20 MiB; the limit leaves room for a burst of receipts. There is no
// CPU limit, because throttling would only make a start slower.
var (
	defaultCPURequest    = resource.MustParse("10m")
	scaledCPURequest     = resource.MustParse("100m")
	defaultMemoryRequest = resource.MustParse("16Mi")
	defaultMemoryLimit   = resource.MustParse("96Mi")
)

// resources returns the defaults with what the Shop says on top. A memory limit never falls below the request: a Shop
// that asks only for more memory gets it.
func resources(in Input, w workload) *corev1ac.ResourceRequirementsApplyConfiguration {
	s := in.Shop.Spec.Scheduling
	requests := corev1.ResourceList{corev1.ResourceCPU: defaultCPU(in, w), corev1.ResourceMemory: defaultMemoryRequest}
	limits := corev1.ResourceList{corev1.ResourceMemory: defaultMemoryLimit}
	if s != nil && s.Resources != nil {
		set(requests, s.Resources.Requests)
		set(limits, s.Resources.Limits)
	}
	for name, limit := range limits {
		request, ok := requests[name]
		if !ok || request.Cmp(limit) <= 0 {
			continue
		}
		if requested(s, name) {
			limits[name] = request
		} else {
			requests[name] = limit
		}
	}
	return corev1ac.ResourceRequirements().WithRequests(requests).WithLimits(limits)
}

// defaultCPU returns little, because most Shops rest most of the time. Where an autoscaler measures against the request, it is
// what one page needs at a good load; against a resting page's it would add pods at the first visitor.
func defaultCPU(in Input, w workload) resource.Quantity {
	if several(in, w) && in.Shop.Spec.Page.Autoscaling != nil {
		return scaledCPURequest
	}
	return defaultCPURequest
}

func set(list corev1.ResourceList, a *v1alpha1.ResourceAmounts) {
	if a == nil {
		return
	}
	if a.CPU != nil {
		list[corev1.ResourceCPU] = *a.CPU
	}
	if a.Memory != nil {
		list[corev1.ResourceMemory] = *a.Memory
	}
}

// requested reports whether the Shop itself set this request, so that a default must give way to it.
func requested(s *v1alpha1.Scheduling, name corev1.ResourceName) bool {
	if s == nil || s.Resources == nil || s.Resources.Requests == nil {
		return false
	}
	list := corev1.ResourceList{}
	set(list, s.Resources.Requests)
	_, ok := list[name]
	return ok
}

// goMemoryLimit makes the garbage collector work harder before the kernel kills: 85 % of the limit, in bytes.
func goMemoryLimit(r *corev1ac.ResourceRequirementsApplyConfiguration) string {
	limit := (*r.Limits)[corev1.ResourceMemory]
	return strconv.FormatInt(limit.Value()*85/100, 10)
}
