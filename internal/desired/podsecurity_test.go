package desired_test

import (
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

type deployment = appsv1.Deployment

// podRules and containerRules restate the Pod Security Standard "restricted"
// (kubernetes.io/docs/concepts/security/pod-security-standards) and what wismo asks beyond it. The name of a rule is
// what is wrong with a pod that breaks it.
var podRules = map[string]func(corev1.PodSpec) bool{
	"it shares a namespace of the host": func(p corev1.PodSpec) bool { return !p.HostNetwork && !p.HostPID && !p.HostIPC },
	"it may run as root":                func(p corev1.PodSpec) bool { return isTrue(p.SecurityContext.RunAsNonRoot) },
	"its user is one of the node":       func(p corev1.PodSpec) bool { return above(p.SecurityContext.RunAsUser, 10000) },
	"its group is one of the node":      func(p corev1.PodSpec) bool { return above(p.SecurityContext.RunAsGroup, 10000) },
	"it has no seccomp profile": func(p corev1.PodSpec) bool {
		profile := p.SecurityContext.SeccompProfile
		return profile != nil && profile.Type == corev1.SeccompProfileTypeRuntimeDefault
	},
	"it sets sysctls":                     func(p corev1.PodSpec) bool { return len(p.SecurityContext.Sysctls) == 0 },
	"it has a volume of a forbidden type": func(p corev1.PodSpec) bool { return !slices.ContainsFunc(p.Volumes, forbidden) },
	"it mounts an API token":              func(p corev1.PodSpec) bool { return isFalse(p.AutomountServiceAccountToken) },
	"its environment lists Services":      func(p corev1.PodSpec) bool { return isFalse(p.EnableServiceLinks) },
	"it has containers that no rule here judges": func(p corev1.PodSpec) bool {
		return len(p.InitContainers)+len(p.EphemeralContainers) == 0 && len(p.Containers) > 0
	},
}

var containerRules = map[string]func(corev1.Container) bool{
	"its privileges may grow": func(c corev1.Container) bool { return isFalse(c.SecurityContext.AllowPrivilegeEscalation) },
	"it is privileged":        func(c corev1.Container) bool { return !isTrue(c.SecurityContext.Privileged) },
	"its root can be written": func(c corev1.Container) bool { return isTrue(c.SecurityContext.ReadOnlyRootFilesystem) },
	"it overrides the pod's user": func(c corev1.Container) bool {
		return c.SecurityContext.RunAsUser == nil && c.SecurityContext.RunAsNonRoot == nil && c.SecurityContext.SeccompProfile == nil
	},
	"it keeps capabilities": func(c corev1.Container) bool {
		held := c.SecurityContext.Capabilities
		return held != nil && slices.Equal(held.Drop, []corev1.Capability{"ALL"}) && len(held.Add) == 0
	},
	"it opens a port of the node": func(c corev1.Container) bool {
		return !slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool { return p.HostPort != 0 })
	},
	"its environment may hold a secret": func(c corev1.Container) bool {
		return len(c.EnvFrom) == 0 && !slices.ContainsFunc(c.Env, func(e corev1.EnvVar) bool { return e.ValueFrom != nil })
	},
	"a probe is missing": func(c corev1.Container) bool {
		return c.LivenessProbe != nil && c.ReadinessProbe != nil && c.StartupProbe != nil
	},
	"it asks for no CPU or memory": func(c corev1.Container) bool {
		return !c.Resources.Requests.Cpu().IsZero() && !c.Resources.Requests.Memory().IsZero()
	},
	"its memory has no limit": func(c corev1.Container) bool { return !c.Resources.Limits.Memory().IsZero() },
}

func isTrue(b *bool) bool              { return b != nil && *b }
func isFalse(b *bool) bool             { return b != nil && !*b }
func above(n *int64, bound int64) bool { return n != nil && *n > bound }
func forbidden(volume corev1.Volume) bool {
	s := volume.VolumeSource
	return s.ConfigMap == nil && s.EmptyDir == nil && s.Projected == nil && s.PersistentVolumeClaim == nil
}

// restricted says every way in which a pod breaks the rules.
func restricted(pod corev1.PodSpec) []string {
	var broken []string
	for name, ok := range podRules {
		if !ok(pod) {
			broken = append(broken, name)
		}
	}
	for _, c := range pod.Containers {
		for name, ok := range containerRules {
			if !ok(c) {
				broken = append(broken, c.Name+": "+name)
			}
		}
	}
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
