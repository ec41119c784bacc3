package manager

import (
	"reflect"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// maxAlike is how many different parts are shared at most. Shops differ in few of them; where there are more, the copies
// are begun anew, so that what no object says any more does not stay for ever.
const maxAlike = 1024

// copies are the one copy of each part that objects of many Shops say alike: a third of what a Shop weighs in the cache.
// Objects in the cache are never changed, and so are these.
type copies struct {
	mu    sync.Mutex
	known map[said]any
}

type said struct {
	kind    reflect.Type
	content string
}

var alike copies

// of returns the copy that says the same as the part; nil stays nil.
func of[T any, P interface {
	*T
	Marshal() ([]byte, error)
}](c *copies, part P) P {
	if part == nil {
		return nil
	}
	content, err := part.Marshal()
	if err != nil {
		return part
	}
	key := said{reflect.TypeFor[T](), string(content)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if same, ok := c.known[key].(P); ok {
		return same
	}
	if c.known == nil || len(c.known) >= maxAlike {
		c.known = map[said]any{}
	}
	c.known[key] = part
	return part
}

// share shares what the object does not say of its Shop alone.
func (c *copies) share(object any) {
	switch o := object.(type) {
	case *appsv1.Deployment:
		shareDeployment(c, o)
	case *networkingv1.NetworkPolicy:
		sharePolicy(c, o)
	case *corev1.Service:
		o.Spec.Selector = shared(o.Spec.Selector)
		o.Spec.Ports = of(c, &corev1.ServiceSpec{Ports: o.Spec.Ports}).Ports
	case *corev1.PersistentVolumeClaim:
		o.Spec.Resources = *of(c, new(o.Spec.Resources))
	}
}

func shareDeployment(c *copies, d *appsv1.Deployment) {
	d.Spec.Template.Labels, d.Spec.Template.Annotations = shared(d.Spec.Template.Labels), shared(d.Spec.Template.Annotations)
	shareSelector(d.Spec.Selector)
	pod := &d.Spec.Template.Spec
	for i := range pod.TopologySpreadConstraints {
		shareSelector(pod.TopologySpreadConstraints[i].LabelSelector)
	}
	pod.SecurityContext = of(c, pod.SecurityContext)
	for i := range pod.Containers {
		shareContainer(c, &pod.Containers[i])
	}
}

func shareSelector(selector *metav1.LabelSelector) {
	if selector != nil {
		selector.MatchLabels = shared(selector.MatchLabels)
	}
}

func shareContainer(c *copies, container *corev1.Container) {
	container.Image = one(container.Image)
	container.StartupProbe, container.ReadinessProbe, container.LivenessProbe = of(c, container.StartupProbe), of(c, container.ReadinessProbe), of(c, container.LivenessProbe)
	container.SecurityContext, container.Lifecycle = of(c, container.SecurityContext), of(c, container.Lifecycle)
	container.Resources = *of(c, new(container.Resources))
	lists := of(c, &corev1.Container{Env: container.Env, Ports: container.Ports, VolumeMounts: container.VolumeMounts})
	container.Env, container.Ports, container.VolumeMounts = lists.Env, lists.Ports, lists.VolumeMounts
}

// sharePolicy shares rules: most name the same peers.
func sharePolicy(c *copies, p *networkingv1.NetworkPolicy) {
	shareSelector(&p.Spec.PodSelector)
	for i, rule := range p.Spec.Ingress {
		p.Spec.Ingress[i] = *of(c, &rule)
	}
	for i, rule := range p.Spec.Egress {
		p.Spec.Egress[i] = *of(c, &rule)
	}
}
