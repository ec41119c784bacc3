package desired_test

import (
	"fmt"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

type deployment = appsv1.Deployment

// restricted restates the Pod Security Standard "restricted" (kubernetes.io/docs/concepts/security/pod-security-standards)
// and what wismo asks beyond it, and says every way in which a pod breaks it.
func restricted(pod corev1.PodSpec) []string {
	var broken []string
	want := func(ok bool, format string, args ...any) {
		if !ok {
			broken = append(broken, fmt.Sprintf(format, args...))
		}
	}
	want(!pod.HostNetwork && !pod.HostPID && !pod.HostIPC, "it shares a namespace of the host")
	sc := pod.SecurityContext
	if sc == nil {
		return append(broken, "no pod security context")
	}
	want(sc.RunAsNonRoot != nil && *sc.RunAsNonRoot, "it may run as root")
	want(sc.RunAsUser != nil && *sc.RunAsUser > 10000, "its user is a user of the node")
	want(sc.RunAsGroup != nil && *sc.RunAsGroup > 10000, "its group is a group of the node")
	want(sc.SeccompProfile != nil && sc.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault, "no seccomp profile")
	want(len(sc.Sysctls) == 0, "it sets sysctls")
	for _, v := range pod.Volumes {
		s := v.VolumeSource
		want(s.ConfigMap != nil || s.EmptyDir != nil || s.Projected != nil || s.PersistentVolumeClaim != nil, "volume %s is of a forbidden type", v.Name)
	}
	want(pod.AutomountServiceAccountToken != nil && !*pod.AutomountServiceAccountToken, "it mounts an API token")
	want(pod.EnableServiceLinks != nil && !*pod.EnableServiceLinks, "its environment lists other Services")
	want(len(pod.InitContainers) == 0 && len(pod.EphemeralContainers) == 0, "this test knows only plain containers")
	for _, c := range pod.Containers {
		broken = append(broken, restrictedContainer(c)...)
	}
	return broken
}

func restrictedContainer(c corev1.Container) []string {
	var broken []string
	want := func(ok bool, message string) {
		if !ok {
			broken = append(broken, c.Name+": "+message)
		}
	}
	sc := c.SecurityContext
	if sc == nil {
		return append(broken, c.Name+": no security context")
	}
	want(sc.AllowPrivilegeEscalation != nil && !*sc.AllowPrivilegeEscalation, "privileges may grow")
	want(sc.Privileged == nil || !*sc.Privileged, "it is privileged")
	want(sc.ReadOnlyRootFilesystem != nil && *sc.ReadOnlyRootFilesystem, "its root can be written")
	want(sc.Capabilities != nil && slices.Equal(sc.Capabilities.Drop, []corev1.Capability{"ALL"}) && len(sc.Capabilities.Add) == 0, "it keeps capabilities")
	want(sc.RunAsUser == nil && sc.RunAsNonRoot == nil && sc.SeccompProfile == nil && sc.ProcMount == nil, "it overrides the pod")
	for _, p := range c.Ports {
		want(p.HostPort == 0, "it opens a port of the node")
	}
	for _, e := range c.Env {
		want(e.ValueFrom == nil, "the variable "+e.Name+" may hold a secret")
	}
	want(len(c.EnvFrom) == 0, "its environment may hold secrets")
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		_, ok := c.Resources.Requests[name]
		want(ok, "no request of "+string(name))
	}
	_, limited := c.Resources.Limits[corev1.ResourceMemory]
	want(limited, "no limit of memory")
	want(c.LivenessProbe != nil && c.ReadinessProbe != nil && c.StartupProbe != nil, "a probe is missing")
	return broken
}

func TestEveryPodIsAdmittedWherePodSecurityIsRestricted(t *testing.T) {
	for name, in := range samples(t) {
		for _, w := range []string{"page", "notifier"} {
			d := find[deployment](t, in, "Deployment", name+"-"+w)
			for _, broken := range restricted(d.Spec.Template.Spec) {
				t.Errorf("%s-%s: %s", name, w, broken)
			}
		}
	}
}

func TestARuleThatIsBrokenIsSeen(t *testing.T) {
	yes := true
	for name, edit := range map[string]func(*corev1.PodSpec){
		"host network": func(p *corev1.PodSpec) { p.HostNetwork = true },
		"root":         func(p *corev1.PodSpec) { p.SecurityContext.RunAsNonRoot = nil },
		"seccomp":      func(p *corev1.PodSpec) { p.SecurityContext.SeccompProfile = nil },
		"token":        func(p *corev1.PodSpec) { p.AutomountServiceAccountToken = &yes },
		"host path": func(p *corev1.PodSpec) {
			p.Volumes[0].VolumeSource = corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{}}
		},
		"privileged": func(p *corev1.PodSpec) { p.Containers[0].SecurityContext.Privileged = &yes },
		"capability": func(p *corev1.PodSpec) {
			p.Containers[0].SecurityContext.Capabilities.Add = []corev1.Capability{"NET_RAW"}
		},
		"writable root":   func(p *corev1.PodSpec) { p.Containers[0].SecurityContext.ReadOnlyRootFilesystem = nil },
		"secret variable": func(p *corev1.PodSpec) { p.Containers[0].Env[0].ValueFrom = &corev1.EnvVarSource{} },
	} {
		pod := find[deployment](t, samples(t)["linden"], "Deployment", "linden-page").Spec.Template.Spec
		edit(&pod)
		if len(restricted(pod)) == 0 {
			t.Errorf("%s passes", name)
		}
	}
}
