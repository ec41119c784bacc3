package installers

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"
)

// notes is what the usual scanners (kube-linter, polaris, trivy) would say of a pod of ours. Their rules are restated here,
// because the scanners themselves are no Go modules that can be required.
type notes []string

func (n *notes) check(ok bool, format string, args ...any) {
	if !ok {
		*n = append(*n, fmt.Sprintf(format, args...))
	}
}

func findings(pod corev1.PodSpec) []string {
	n := &notes{}
	n.check(!pod.HostNetwork && !pod.HostPID && !pod.HostIPC, "host-network, host-pid, host-ipc")
	n.check(pod.ServiceAccountName != "" && pod.ServiceAccountName != "default", "default-service-account")
	n.check(pod.DeprecatedServiceAccount == "", "deprecated-service-account-field")
	n.podSecurity(ptr.Deref(pod.SecurityContext, corev1.PodSecurityContext{}))
	for _, v := range pod.Volumes {
		n.check(v.HostPath == nil, "host path %s", v.Name)
	}
	for _, c := range pod.Containers {
		n.container(c)
	}
	return *n
}

func (n *notes) podSecurity(s corev1.PodSecurityContext) {
	high := min(ptr.Deref(s.RunAsUser, 0), ptr.Deref(s.RunAsGroup, 0)) > 10000
	n.check(ptr.Deref(s.RunAsNonRoot, false) && high, "run-as-non-root with a high user and group")
	n.check(s.SeccompProfile != nil && s.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault, "seccomp")
}

func (n *notes) container(c corev1.Container) {
	n.security(c.Name, ptr.Deref(c.SecurityContext, corev1.SecurityContext{}))
	n.check(!strings.HasSuffix(c.Image, ":latest") && strings.ContainsAny(c.Image, ":@"), "%s: latest-tag", c.Name)
	n.check(c.ImagePullPolicy != "", "%s: pull policy", c.Name)
	n.check(!c.Resources.Requests.Cpu().IsZero() && !c.Resources.Requests.Memory().IsZero() && !c.Resources.Limits.Memory().IsZero(), "%s: unset-cpu-requirements, unset-memory-requirements", c.Name)
	names := map[string]bool{}
	for _, e := range c.Env {
		n.check(!names[e.Name], "%s: duplicate-env-var %s", c.Name, e.Name)
		n.check(e.ValueFrom == nil || e.ValueFrom.SecretKeyRef == nil, "%s: read-secret-from-env-var %s", c.Name, e.Name)
		names[e.Name] = true
	}
	for _, probe := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
		n.check(probe == nil || slices.ContainsFunc(c.Ports, probed(probe)), "%s: probe-port", c.Name)
	}
}

func (n *notes) security(container string, s corev1.SecurityContext) {
	n.check(!ptr.Deref(s.AllowPrivilegeEscalation, true) && !ptr.Deref(s.Privileged, false), "%s: privilege-escalation", container)
	n.check(ptr.Deref(s.ReadOnlyRootFilesystem, false), "%s: no-read-only-root-fs", container)
	n.check(s.Capabilities != nil && slices.Contains(s.Capabilities.Drop, "ALL") && len(s.Capabilities.Add) == 0, "%s: drop ALL", container)
}

// probed says of a port whether the probe asks at it.
func probed(probe *corev1.Probe) func(corev1.ContainerPort) bool {
	return func(p corev1.ContainerPort) bool { return probe.HTTPGet != nil && p.Name == probe.HTTPGet.Port.StrVal }
}

func TestScannersHaveNothingToSayOfTheOperatorsPods(t *testing.T) {
	sets := renderings(t)
	sets["two operators"] = kustomized(t, "ha")
	all, err := rendered(t, everything())
	if err != nil {
		t.Fatal(err)
	}
	sets["everything"] = all
	for installer, objects := range sets {
		pods := 0
		for id, o := range objects {
			var spec corev1.PodSpec
			switch o["kind"] {
			case "Deployment":
				d := convert[appsv1.Deployment](t, o)
				spec = d.Spec.Template.Spec
				checkDeployment(t, installer, d, objects)
			case "Pod":
				spec = convert[corev1.Pod](t, o).Spec
			default:
				continue
			}
			pods++
			for _, finding := range findings(spec) {
				t.Errorf("%s: %s: %s", installer, id, finding)
			}
		}
		if pods == 0 {
			t.Errorf("%s has no pod", installer)
		}
	}
}

// checkDeployment returns what scanners report of a Deployment, given the objects beside it.
func checkDeployment(t *testing.T, installer string, d appsv1.Deployment, objects map[string]object) {
	t.Helper()
	n := &notes{}
	for key, value := range d.Spec.Selector.MatchLabels {
		n.check(d.Spec.Template.Labels[key] == value, "mismatching-selector %s", key)
	}
	n.check(d.Spec.Strategy.RollingUpdate != nil, "no-rolling-update-strategy")
	n.check(objects["v1 ServiceAccount wismo-system/"+d.Spec.Template.Spec.ServiceAccountName] != nil, "non-existent-service-account")
	n.check(objects["networking.k8s.io/v1 NetworkPolicy wismo-system/wismo-manager"] != nil, "non-isolated-pod")
	if *d.Spec.Replicas > 1 {
		affinity := d.Spec.Template.Spec.Affinity
		n.check(affinity != nil && affinity.PodAntiAffinity != nil, "no-anti-affinity")
		n.check(objects["policy/v1 PodDisruptionBudget wismo-system/wismo-manager"] != nil, "no disruption budget")
	}
	for _, c := range d.Spec.Template.Spec.Containers {
		n.check(c.LivenessProbe != nil && c.ReadinessProbe != nil, "no-liveness-probe, no-readiness-probe")
	}
	for _, note := range *n {
		t.Errorf("%s: %s", installer, note)
	}
}

func TestAScannerSeesACarelessPod(t *testing.T) {
	var pod corev1.PodSpec
	careless := "{hostNetwork: true, containers: [{name: a, image: 'a:latest', securityContext: {privileged: true}, env: [{name: A}, {name: A}]}]}"
	if err := yaml.Unmarshal([]byte(careless), &pod); err != nil {
		t.Fatal(err)
	}
	if found := findings(pod); len(found) < 9 {
		t.Errorf("only %v", found)
	}
}
