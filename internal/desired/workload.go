package desired

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// Names of ports, as Services and NetworkPolicies refer to them.
const (
	pagePortName     = "http"
	pageServicePort  = 80
	internalPortName = "internal"
)

// Timings of a Deployment, in seconds.
const (
	minReadySeconds  = 2
	progressDeadline = 180 // a volume to provision and an image to pull on a slow day
	terminationGrace = 30
	drain            = 5 // endpoints and proxies learn of a leaving pod; until then it serves on
	revisionsKept    = 2
)

// workload is one of a Shop's two Deployments.
type workload struct {
	component bundle.Component
	name      string // of the component in labels, and of its container
}

func workloads() []workload {
	return []workload{
		{bundle.PageComponent, v1alpha1.ComponentPage},
		{bundle.NotifierComponent, v1alpha1.ComponentNotifier},
	}
}

func (w workload) image(in Input) string {
	if w.component == bundle.PageComponent {
		return in.Images.TrackingPage
	}
	return in.Images.Notifier
}

func serviceAccount(in Input) Object {
	return corev1ac.ServiceAccount(ServiceAccountName(in.Shop.Name), in.Shop.Namespace).
		WithLabels(labels(in.Shop.Name)).
		WithOwnerReferences(ownedBy(in.Shop)).
		WithAutomountServiceAccountToken(false)
}

func deployment(in Input, w workload) Object {
	shop := in.Shop
	spec := appsv1ac.DeploymentSpec().
		WithSelector(metav1ac.LabelSelector().WithMatchLabels(selectorLabels(shop.Name, w))).
		WithMinReadySeconds(minReadySeconds).
		WithProgressDeadlineSeconds(progressDeadline).
		WithRevisionHistoryLimit(revisionsKept).
		WithStrategy(appsv1ac.DeploymentStrategy().
			WithType(appsv1.RollingUpdateDeploymentStrategyType).
			WithRollingUpdate(appsv1ac.RollingUpdateDeployment().
				WithMaxSurge(intstr.FromInt32(1)).
				WithMaxUnavailable(intstr.FromInt32(unavailable(in, w))))).
		WithTemplate(podTemplate(in, w))
	if n := replicas(in, w); n != nil {
		spec.WithReplicas(*n)
	}
	d := appsv1ac.Deployment(WorkloadName(shop.Name, w.component), shop.Namespace).
		WithLabels(workloadLabels(shop.Name, w)).
		WithLabels(map[string]string{v1alpha1.LabelBundle: in.Bundle.Hash}).
		WithOwnerReferences(ownedBy(shop)).
		WithSpec(spec)
	if v := version(w.image(in)); v != "" {
		d.WithLabels(map[string]string{versionLabel: v})
	}
	return d
}

func podTemplate(in Input, w workload) *corev1ac.PodTemplateSpecApplyConfiguration {
	shop := in.Shop
	pod := corev1ac.PodSpec().
		WithServiceAccountName(ServiceAccountName(shop.Name)).
		WithAutomountServiceAccountToken(false).
		WithEnableServiceLinks(false).
		WithTerminationGracePeriodSeconds(terminationGrace).
		WithSecurityContext(corev1ac.PodSecurityContext().
			WithRunAsNonRoot(true).
			WithRunAsUser(bundle.UID).
			WithRunAsGroup(bundle.UID).
			WithFSGroup(bundle.UID).
			WithFSGroupChangePolicy(corev1.FSGroupChangeOnRootMismatch).
			WithSeccompProfile(corev1ac.SeccompProfile().WithType(corev1.SeccompProfileTypeRuntimeDefault))).
		WithContainers(container(in, w))
	for _, m := range volumes(in, w) {
		pod.WithVolumes(m.volume)
	}
	podLabels := workloadLabels(shop.Name, w)
	if in.Bundle.Document.Storage.Type == bundle.SQLite {
		podLabels[v1alpha1.LabelVolume] = shop.Name
		pod.WithAffinity(sameNode(shop.Name))
	}
	pod.WithTopologySpreadConstraints(spread(in, w)...)
	schedule(pod, shop.Spec.Scheduling)
	return corev1ac.PodTemplateSpec().WithLabels(podLabels).WithSpec(pod)
}

// sameNode keeps the pods of one volume together. A pod that matches its own term may go anywhere while no other
// does, so the first one is never stuck.
func sameNode(shop string) *corev1ac.AffinityApplyConfiguration {
	return corev1ac.Affinity().WithPodAffinity(corev1ac.PodAffinity().
		WithRequiredDuringSchedulingIgnoredDuringExecution(corev1ac.PodAffinityTerm().
			WithTopologyKey(corev1.LabelHostname).
			WithLabelSelector(metav1ac.LabelSelector().WithMatchLabels(map[string]string{v1alpha1.LabelVolume: shop}))))
}

func schedule(pod *corev1ac.PodSpecApplyConfiguration, s *v1alpha1.Scheduling) {
	if s == nil {
		return
	}
	for k, v := range s.NodeSelector {
		pod.WithNodeSelector(map[string]string{k: string(v)})
	}
	for _, t := range s.Tolerations {
		toleration := corev1ac.Toleration()
		toleration.Key = optional(t.Key)
		toleration.Operator = optional(corev1.TolerationOperator(t.Operator))
		toleration.Value = (*string)(t.Value)
		toleration.Effect = optional(corev1.TaintEffect(t.Effect))
		toleration.TolerationSeconds = t.TolerationSeconds
		pod.WithTolerations(toleration)
	}
	pod.PriorityClassName = optional(string(s.PriorityClassName))
}

// optional returns nil for a zero value, so that an apply leaves the field to the API server's default.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func container(in Input, w workload) *corev1ac.ContainerApplyConfiguration {
	limits := resources(in, w)
	c := corev1ac.Container().
		WithName(w.name).
		WithImage(w.image(in)).
		WithEnv(corev1ac.EnvVar().WithName("GOMEMLIMIT").WithValue(goMemoryLimit(limits))).
		WithResources(limits).
		WithPorts(ports(w)...).
		WithSecurityContext(corev1ac.SecurityContext().
			WithAllowPrivilegeEscalation(false).
			WithReadOnlyRootFilesystem(true).
			WithCapabilities(corev1ac.Capabilities().WithDrop("ALL"))).
		WithStartupProbe(probe("/healthz", 1, 60)).
		WithReadinessProbe(probe("/readyz", 5, 2)).
		WithLivenessProbe(probe("/healthz", 20, 3))
	for _, m := range volumes(in, w) {
		mount := corev1ac.VolumeMount().WithName(*m.volume.Name).WithMountPath(m.path)
		mount.ReadOnly = optional(m.readOnly)
		c.WithVolumeMounts(mount)
	}
	c.ImagePullPolicy = optional(corev1.PullPolicy(in.Images.PullPolicy))
	if w.component == bundle.PageComponent {
		c.WithLifecycle(corev1ac.Lifecycle().WithPreStop(corev1ac.LifecycleHandler().
			WithSleep(corev1ac.SleepAction().WithSeconds(drain))))
	}
	return c
}

func probe(path string, periodSeconds, failures int32) *corev1ac.ProbeApplyConfiguration {
	return corev1ac.Probe().
		WithHTTPGet(corev1ac.HTTPGetAction().WithPath(path).WithPort(intstr.FromString(internalPortName))).
		WithPeriodSeconds(periodSeconds).
		WithFailureThreshold(failures).
		WithTimeoutSeconds(3)
}

func ports(w workload) []*corev1ac.ContainerPortApplyConfiguration {
	internal := corev1ac.ContainerPort().WithName(internalPortName).WithContainerPort(bundle.InternalPort).WithProtocol(corev1.ProtocolTCP)
	if w.component != bundle.PageComponent {
		return []*corev1ac.ContainerPortApplyConfiguration{internal}
	}
	public := corev1ac.ContainerPort().WithName(pagePortName).WithContainerPort(bundle.PagePort).WithProtocol(corev1.ProtocolTCP)
	return []*corev1ac.ContainerPortApplyConfiguration{public, internal}
}

// service leads to the page on port 80; that of the notifier is headless: the operator asks each pod for its report.
func service(in Input, w workload) Object {
	shop := in.Shop
	spec := corev1ac.ServiceSpec().WithSelector(selectorLabels(shop.Name, w))
	if w.component == bundle.PageComponent {
		spec.WithType(corev1.ServiceTypeClusterIP).WithPorts(servicePort(pagePortName, pageServicePort))
	} else {
		spec.WithClusterIP(corev1.ClusterIPNone).WithPorts(servicePort(internalPortName, bundle.InternalPort))
	}
	return corev1ac.Service(WorkloadName(shop.Name, w.component), shop.Namespace).
		WithLabels(workloadLabels(shop.Name, w)).
		WithOwnerReferences(ownedBy(shop)).
		WithSpec(spec)
}

func servicePort(name string, port int32) *corev1ac.ServicePortApplyConfiguration {
	return corev1ac.ServicePort().WithName(name).WithPort(port).
		WithTargetPort(intstr.FromString(name)).WithProtocol(corev1.ProtocolTCP)
}
