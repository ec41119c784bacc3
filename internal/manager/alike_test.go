package manager

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func deploymentWith(path, memory string) *appsv1.Deployment {
	selector := metav1.LabelSelector{MatchLabels: map[string]string{"shop": "linden"}}
	return &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Selector: selector.DeepCopy(), Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{
		Labels: map[string]string{"shop": "linden"}, Annotations: map[string]string{"bundle": path},
	}, Spec: corev1.PodSpec{
		TopologySpreadConstraints: []corev1.TopologySpreadConstraint{{MaxSkew: 1, LabelSelector: selector.DeepCopy()}, {MaxSkew: 2}},
		SecurityContext:           &corev1.PodSecurityContext{RunAsUser: new(int64(65532))},
		Containers: []corev1.Container{{
			Name: "page", Image: "page:1", Env: []corev1.EnvVar{{Name: "GOMEMLIMIT", Value: "1"}},
			Resources:     corev1.ResourceRequirements{Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(memory)}},
			VolumeMounts:  []corev1.VolumeMount{{Name: "bundle", MountPath: "/bundle"}},
			LivenessProbe: &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromString("internal")}}},
		}},
	}}}}
}

func policyFor(port int32) *networkingv1.NetworkPolicy {
	ports := []networkingv1.NetworkPolicyPort{{Port: new(intstr.FromInt32(port))}}
	return &networkingv1.NetworkPolicy{Spec: networkingv1.NetworkPolicySpec{
		PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{"shop": "linden"}},
		Ingress:     []networkingv1.NetworkPolicyIngressRule{{Ports: ports}}, Egress: []networkingv1.NetworkPolicyEgressRule{{Ports: ports}},
	}}
}

func serviceOn(port int32) *corev1.Service {
	return &corev1.Service{Spec: corev1.ServiceSpec{ClusterIP: "None", Selector: map[string]string{"shop": "linden"}, Ports: []corev1.ServicePort{{Name: "http", Port: port}}}}
}

func claimOf(size string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{Spec: corev1.PersistentVolumeClaimSpec{
		Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)}},
	}}
}

func TestObjectsSayTheSameAfterSharingIt(t *testing.T) {
	var c copies
	for range 2 {
		for _, fresh := range []func() any{
			func() any { return deploymentWith("/healthz", "64Mi") }, func() any { return deploymentWith("/other", "64Mi") },
			func() any { return deploymentWith("/healthz", "96Mi") }, func() any { return policyFor(80) }, func() any { return policyFor(443) },
			func() any { return serviceOn(80) }, func() any { return serviceOn(443) }, func() any { return claimOf("1Gi") }, func() any { return claimOf("2Gi") },
			func() any { return &appsv1.Deployment{} }, func() any { return &corev1.Pod{} },
		} {
			got := fresh()
			c.share(got)
			if diff := cmp.Diff(fresh(), got); diff != "" {
				t.Errorf("it says something else: %s", diff)
			}
		}
	}
}

func TestObjectsHoldOneCopyOfWhatTheySayAlike(t *testing.T) {
	var c copies
	a, b := deploymentWith("/healthz", "64Mi"), deploymentWith("/healthz", "96Mi")
	p, q := policyFor(80), policyFor(80)
	s, o := serviceOn(80), serviceOn(80)
	for _, object := range []any{a, b, p, q, s, o} {
		c.share(object)
	}
	one, other := a.Spec.Template.Spec.Containers[0], b.Spec.Template.Spec.Containers[0]
	if one.LivenessProbe != other.LivenessProbe || &one.VolumeMounts[0] != &other.VolumeMounts[0] {
		t.Error("two Deployments hold the same probe or the same mounts twice")
	}
	if &p.Spec.Egress[0].Ports[0] != &q.Spec.Egress[0].Ports[0] {
		t.Error("two policies hold the same rule twice")
	}
	if &s.Spec.Ports[0] != &o.Spec.Ports[0] {
		t.Error("two Services hold the same ports twice")
	}
}

func TestPartsThatNobodySaysAnyMoreDoNotStayForEver(t *testing.T) {
	var c copies
	for i := range 3 * maxAlike {
		d := deploymentWith(fmt.Sprint("/", i), "64Mi")
		c.share(d)
		if got := d.Spec.Template.Spec.Containers[0].LivenessProbe.HTTPGet.Path; got != fmt.Sprint("/", i) {
			t.Fatalf("it says %s", got)
		}
	}
	if len(c.known) > maxAlike {
		t.Errorf("%d parts are kept", len(c.known))
	}
}
