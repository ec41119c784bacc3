package manager

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func deploymentWith(path, memory string) *appsv1.Deployment {
	return &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
		SecurityContext: &corev1.PodSecurityContext{RunAsUser: new(int64(65532))},
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
		Ingress: []networkingv1.NetworkPolicyIngressRule{{Ports: ports}}, Egress: []networkingv1.NetworkPolicyEgressRule{{Ports: ports}},
	}}
}

func TestObjectsShareWhatTheySayAlikeAndNothingElse(t *testing.T) {
	var c copies
	for range 2 {
		for _, variant := range []struct{ path, memory string }{{"/healthz", "64Mi"}, {"/other", "64Mi"}, {"/healthz", "96Mi"}} {
			got := deploymentWith(variant.path, variant.memory)
			shareDeployment(&c, got)
			if diff := cmp.Diff(deploymentWith(variant.path, variant.memory), got); diff != "" {
				t.Errorf("it says something else: %s", diff)
			}
		}
		for _, port := range []int32{80, 443} {
			got := policyFor(port)
			sharePolicy(&c, got)
			if diff := cmp.Diff(policyFor(port), got); diff != "" {
				t.Errorf("it says something else: %s", diff)
			}
		}
	}
	a, b := deploymentWith("/healthz", "64Mi"), deploymentWith("/healthz", "96Mi")
	shareDeployment(&c, a)
	shareDeployment(&c, b)
	one, other := a.Spec.Template.Spec.Containers[0], b.Spec.Template.Spec.Containers[0]
	if one.LivenessProbe != other.LivenessProbe || &one.VolumeMounts[0] != &other.VolumeMounts[0] {
		t.Error("two Deployments hold the same probe or the same mounts twice")
	}
	p, q := policyFor(80), policyFor(80)
	sharePolicy(&c, p)
	sharePolicy(&c, q)
	if &p.Spec.Egress[0].Ports[0] != &q.Spec.Egress[0].Ports[0] {
		t.Error("two policies hold the same rule twice")
	}
}

func TestPartsThatNobodySaysAnyMoreDoNotStayForEver(t *testing.T) {
	var c copies
	for i := range 3 * maxAlike {
		d := deploymentWith(fmt.Sprint("/", i), "64Mi")
		shareDeployment(&c, d)
		if got := d.Spec.Template.Spec.Containers[0].LivenessProbe.HTTPGet.Path; got != fmt.Sprint("/", i) {
			t.Fatalf("it says %s", got)
		}
	}
	if len(c.known) > maxAlike {
		t.Errorf("%d parts are kept", len(c.known))
	}
}
