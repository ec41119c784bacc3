package desired_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/wismo-dev/wismo/internal/desired"
)

// rendering is everything of one Shop, as scanners look at it.
type rendering struct {
	deployments []deployment
	accounts    map[string]bool
	selectors   map[string]labels.Selector // of what selects pods, by kind and name
	services    []corev1.Service
	targets     []string // of autoscalers
}

func render(t *testing.T, in desired.Input) rendering {
	t.Helper()
	r := rendering{accounts: map[string]bool{}, selectors: map[string]labels.Selector{}}
	for _, o := range desired.Objects(in) {
		kind, name := *o.GetKind(), *o.GetName()
		switch kind {
		case "Deployment":
			r.deployments = append(r.deployments, find[deployment](t, in, kind, name))
		case "ServiceAccount":
			r.accounts[name] = true
		case "Service":
			s := find[corev1.Service](t, in, kind, name)
			r.services = append(r.services, s)
			r.selectors[kind+" "+name] = labels.SelectorFromSet(s.Spec.Selector)
		case "NetworkPolicy":
			r.selectors[kind+" "+name] = selects(t, find[networkingv1.NetworkPolicy](t, in, kind, name).Spec.PodSelector)
		case "PodDisruptionBudget":
			r.selectors[kind+" "+name] = selects(t, *find[policyv1.PodDisruptionBudget](t, in, kind, name).Spec.Selector)
		case "HorizontalPodAutoscaler":
			r.targets = append(r.targets, find[autoscalingv2.HorizontalPodAutoscaler](t, in, kind, name).Spec.ScaleTargetRef.Name)
		}
	}
	return r
}

func selects(t *testing.T, s metav1.LabelSelector) labels.Selector {
	t.Helper()
	selector, err := metav1.LabelSelectorAsSelector(&s)
	if err != nil {
		t.Fatal(err)
	}
	return selector
}

// workloadRules restate what kube-linter and Polaris look for beyond pod security. The name of a rule is what is wrong.
var workloadRules = map[string]func(rendering, deployment) bool{
	"its image has no tag, or the tag latest": func(_ rendering, d deployment) bool {
		_, tag, found := strings.Cut(container(d).Image, ":")
		return found && tag != "latest"
	},
	"it has no request or no memory limit": func(_ rendering, d deployment) bool {
		r := container(d).Resources
		return !r.Requests.Cpu().IsZero() && !r.Requests.Memory().IsZero() && !r.Limits.Memory().IsZero()
	},
	"a variable is set twice": func(_ rendering, d deployment) bool {
		names := map[string]bool{}
		for _, e := range container(d).Env {
			names[e.Name] = true
		}
		return len(names) == len(container(d).Env)
	},
	"a probe is missing, or asks a port that it does not have": func(_ rendering, d deployment) bool {
		c := container(d)
		return !slices.ContainsFunc([]*corev1.Probe{c.StartupProbe, c.ReadinessProbe, c.LivenessProbe}, func(p *corev1.Probe) bool {
			return p == nil || p.HTTPGet == nil || !hasPort(c, p.HTTPGet.Port)
		})
	},
	"it uses port 22": func(_ rendering, d deployment) bool {
		return !slices.ContainsFunc(container(d).Ports, func(p corev1.ContainerPort) bool { return p.ContainerPort == 22 })
	},
	"its selector does not select its pods": func(_ rendering, d deployment) bool {
		selector, err := metav1.LabelSelectorAsSelector(d.Spec.Selector)
		return err == nil && selector.Matches(labels.Set(d.Spec.Template.Labels))
	},
	"its ServiceAccount does not exist": func(r rendering, d deployment) bool {
		return r.accounts[d.Spec.Template.Spec.ServiceAccountName] && d.Spec.Template.Spec.DeprecatedServiceAccount == ""
	},
	"it does not roll": func(_ rendering, d deployment) bool {
		return d.Spec.Strategy.RollingUpdate != nil && d.Spec.Strategy.RollingUpdate.MaxUnavailable.IntValue() == 0
	},
	"several pods may land on one node": func(_ rendering, d deployment) bool {
		one := d.Spec.Replicas != nil && *d.Spec.Replicas == 1
		return one || len(d.Spec.Template.Spec.TopologySpreadConstraints) > 0
	},
	"no NetworkPolicy isolates it": func(r rendering, d deployment) bool {
		return slices.ContainsFunc(slices.Collect(maps.Keys(r.selectors)), func(name string) bool {
			return strings.HasPrefix(name, "NetworkPolicy ") && r.selectors[name].Matches(labels.Set(d.Spec.Template.Labels))
		})
	},
}

func container(d deployment) corev1.Container { return d.Spec.Template.Spec.Containers[0] }

func hasPort(c corev1.Container, port intstr.IntOrString) bool {
	return slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool {
		return port == intstr.FromString(p.Name) || port == intstr.FromInt32(p.ContainerPort)
	})
}

// dangling returns what selects nothing, or leads to a port that nothing has.
func (r rendering) dangling() []string {
	var all []string
	for name, selector := range r.selectors {
		if !slices.ContainsFunc(r.deployments, func(d deployment) bool { return selector.Matches(labels.Set(d.Spec.Template.Labels)) }) {
			all = append(all, name+" selects nothing")
		}
	}
	for _, s := range r.services {
		for _, p := range s.Spec.Ports {
			leads := func(d deployment) bool {
				return r.selectors["Service "+s.Name].Matches(labels.Set(d.Spec.Template.Labels)) && hasPort(container(d), p.TargetPort)
			}
			if !slices.ContainsFunc(r.deployments, leads) {
				all = append(all, fmt.Sprintf("Service %s leads to the port %s that nothing has", s.Name, p.TargetPort.String()))
			}
		}
	}
	for _, target := range r.targets {
		if !slices.ContainsFunc(r.deployments, func(d deployment) bool { return d.Name == target }) {
			all = append(all, "an autoscaler acts on "+target+", which does not exist")
		}
	}
	return all
}

func TestScannersFindNothing(t *testing.T) {
	all := samples(t)
	all["scaled"] = scaled(t)
	for name, in := range all {
		r := render(t, in)
		for _, d := range r.deployments {
			for rule, ok := range workloadRules {
				if !ok(r, d) {
					t.Errorf("%s: %s: %s", name, d.Name, rule)
				}
			}
		}
		for _, fault := range r.dangling() {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

func TestAFindingIsFound(t *testing.T) {
	for name, spoil := range map[string]func(*rendering, *deployment){
		"latest":   func(_ *rendering, d *deployment) { d.Spec.Template.Spec.Containers[0].Image = "page:latest" },
		"no limit": func(_ *rendering, d *deployment) { d.Spec.Template.Spec.Containers[0].Resources.Limits = nil },
		"probe": func(_ *rendering, d *deployment) {
			d.Spec.Template.Spec.Containers[0].LivenessProbe.HTTPGet.Port = intstr.FromInt32(1)
		},
		"account":    func(r *rendering, _ *deployment) { r.accounts = nil },
		"selector":   func(_ *rendering, d *deployment) { d.Spec.Template.Labels = nil },
		"spread":     func(_ *rendering, d *deployment) { d.Spec.Template.Spec.TopologySpreadConstraints = nil },
		"unisolated": func(r *rendering, _ *deployment) { r.selectors = nil },
	} {
		r := render(t, scaled(t))
		page := r.deployments[0]
		spoil(&r, &page)
		found := false
		for _, ok := range workloadRules {
			found = found || !ok(r, page)
		}
		if !found {
			t.Errorf("%s passes", name)
		}
	}
	r := render(t, scaled(t))
	r.deployments = r.deployments[1:]
	// The NetworkPolicy, the Service and its port, the PodDisruptionBudget and the HorizontalPodAutoscaler.
	if got := r.dangling(); len(got) != 5 {
		t.Errorf("without the page there dangle %q", got)
	}
}
