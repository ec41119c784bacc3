package installers

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// findings are what the usual scanners (kube-linter, polaris, trivy) would say of a pod of ours. Their rules are restated
// here, because the scanners themselves are no Go modules that can be required.
func findings(pod corev1.PodSpec) []string {
	var found []string
	check := func(ok bool, format string, args ...any) {
		if !ok {
			found = append(found, fmt.Sprintf(format, args...))
		}
	}
	check(!pod.HostNetwork && !pod.HostPID && !pod.HostIPC, "host-network, host-pid, host-ipc")
	check(pod.ServiceAccountName != "" && pod.ServiceAccountName != "default", "default-service-account")
	check(pod.DeprecatedServiceAccount == "", "deprecated-service-account-field")
	s := pod.SecurityContext
	check(s != nil && s.RunAsNonRoot != nil && *s.RunAsNonRoot && s.RunAsUser != nil && *s.RunAsUser > 10000 && s.RunAsGroup != nil && *s.RunAsGroup > 10000, "run-as-non-root with a high user and group")
	check(s != nil && s.SeccompProfile != nil && s.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault, "seccomp")
	for _, v := range pod.Volumes {
		check(v.HostPath == nil, "host path %s", v.Name)
	}
	for _, c := range pod.Containers {
		found = append(found, containerFindings(c)...)
	}
	return found
}

func containerFindings(c corev1.Container) []string {
	var found []string
	check := func(ok bool, what string) {
		if !ok {
			found = append(found, c.Name+": "+what)
		}
	}
	s := c.SecurityContext
	if s == nil {
		return []string{c.Name + ": no security context"}
	}
	check(s.AllowPrivilegeEscalation != nil && !*s.AllowPrivilegeEscalation && (s.Privileged == nil || !*s.Privileged), "privilege-escalation")
	check(s.ReadOnlyRootFilesystem != nil && *s.ReadOnlyRootFilesystem, "no-read-only-root-fs")
	check(s.Capabilities != nil && slices.Contains(s.Capabilities.Drop, "ALL") && len(s.Capabilities.Add) == 0, "drop ALL")
	check(!strings.HasSuffix(c.Image, ":latest") && strings.ContainsAny(c.Image, ":@"), "latest-tag")
	check(c.ImagePullPolicy != "", "pull policy")
	check(!c.Resources.Requests.Cpu().IsZero() && !c.Resources.Requests.Memory().IsZero() && !c.Resources.Limits.Memory().IsZero(), "unset-cpu-requirements, unset-memory-requirements")
	names := map[string]bool{}
	for _, e := range c.Env {
		check(!names[e.Name], "duplicate-env-var "+e.Name)
		check(e.ValueFrom == nil || e.ValueFrom.SecretKeyRef == nil, "read-secret-from-env-var "+e.Name)
		names[e.Name] = true
	}
	for _, probe := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
		named := func(p corev1.ContainerPort) bool {
			return probe.HTTPGet != nil && p.Name == probe.HTTPGet.Port.StrVal
		}
		check(probe == nil || slices.ContainsFunc(c.Ports, named), "probe-port")
	}
	return found
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

// checkDeployment is what scanners say of a Deployment with what stands beside it.
func checkDeployment(t *testing.T, installer string, d appsv1.Deployment, objects map[string]object) {
	t.Helper()
	for key, value := range d.Spec.Selector.MatchLabels {
		if d.Spec.Template.Labels[key] != value {
			t.Errorf("%s: mismatching-selector %s", installer, key)
		}
	}
	if d.Spec.Strategy.RollingUpdate == nil {
		t.Errorf("%s: no-rolling-update-strategy", installer)
	}
	if objects["v1 ServiceAccount wismo-system/"+d.Spec.Template.Spec.ServiceAccountName] == nil {
		t.Errorf("%s: non-existent-service-account", installer)
	}
	if objects["networking.k8s.io/v1 NetworkPolicy wismo-system/wismo-manager"] == nil {
		t.Errorf("%s: non-isolated-pod", installer)
	}
	if *d.Spec.Replicas > 1 {
		affinity := d.Spec.Template.Spec.Affinity
		if affinity == nil || affinity.PodAntiAffinity == nil {
			t.Errorf("%s: no-anti-affinity", installer)
		}
		if objects["policy/v1 PodDisruptionBudget wismo-system/wismo-manager"] == nil {
			t.Errorf("%s: no disruption budget", installer)
		}
	}
	for _, c := range d.Spec.Template.Spec.Containers {
		if c.LivenessProbe == nil || c.ReadinessProbe == nil {
			t.Errorf("%s: no-liveness-probe, no-readiness-probe", installer)
		}
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
