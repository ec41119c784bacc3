package doctor

import (
	"context"
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
)

// Annotations that mark a class as the default.
const (
	defaultStorageClass = "storageclass.kubernetes.io/is-default-class"
	defaultIngressClass = "ingressclass.kubernetes.io/is-default-class"
)

// checkStorage checks the StorageClass of the Shops' volumes.
func (e *examiner) checkStorage(ctx context.Context) {
	list := &storagev1.StorageClassList{}
	if err := e.List(ctx, list); err != nil {
		e.cannot("storage", err)
		return
	}
	name := e.config.Storage.StorageClassName
	i := slices.IndexFunc(list.Items, func(c storagev1.StorageClass) bool {
		return c.Name == name || name == "" && c.Annotations[defaultStorageClass] == "true"
	})
	switch {
	case i < 0 && name != "":
		e.add("storage", Fail, "Create the StorageClass, or set storage.storageClassName in the ConfigMap "+configName+" to one that exists (kubectl get storageclass).", "the configuration names the StorageClass %s, which does not exist", name)
	case i < 0:
		e.add("storage", Fail, "Make one the default: kubectl annotate storageclass NAME "+defaultStorageClass+"=true, or set storage.storageClassName in the ConfigMap "+configName+".", "there is no default StorageClass, and the configuration names none: PersistentVolumeClaims of Shops stay Pending")
	case !deref(list.Items[i].AllowVolumeExpansion, false):
		e.add("storage", Warn, "Set allowVolumeExpansion: true in the StorageClass, if its driver supports it.", "volumes of Shops use the StorageClass %s, which does not allow expansion: a full volume cannot be enlarged", list.Items[i].Name)
	default:
		e.add("storage", OK, "", "volumes of Shops use the StorageClass %s", list.Items[i].Name)
	}
}

// checkReclaim checks whether a volume of a Shop is kept when its PersistentVolumeClaim is deleted by mistake.
func (e *examiner) checkReclaim(ctx context.Context) {
	volumes := &corev1.PersistentVolumeList{}
	if err := e.List(ctx, volumes); err != nil {
		e.cannot("reclaim", err)
		return
	}
	ours := map[string]bool{}
	for _, s := range e.shops {
		ours[s.Namespace+"/"+desired.VolumeName(s.Name)] = true
	}
	kept, lost := 0, []string{}
	for _, v := range volumes.Items {
		switch claim := v.Spec.ClaimRef; {
		case claim == nil || !ours[claim.Namespace+"/"+claim.Name]:
		case v.Spec.PersistentVolumeReclaimPolicy == corev1.PersistentVolumeReclaimDelete:
			lost = append(lost, v.Name)
		default:
			kept++
		}
	}
	switch {
	case len(lost) > 0:
		e.add("reclaim", Warn, "kubectl patch pv NAME -p '{\"spec\":{\"persistentVolumeReclaimPolicy\":\"Retain\"}}', and use a StorageClass with reclaimPolicy: Retain for new Shops.",
			"these volumes of Shops have the reclaim policy Delete, so that all orders are lost when the PersistentVolumeClaim is deleted by mistake: %s", some(lost))
	case kept > 0:
		e.add("reclaim", OK, "", "every volume of a Shop (%d) is kept when its PersistentVolumeClaim is deleted", kept)
	}
}

// checkRoutes checks that the cluster has the ingress class or the Gateway API that Shops use.
func (e *examiner) checkRoutes(ctx context.Context) {
	if !e.listShops(ctx) {
		return
	}
	ingress, gateway := e.config.Exposure.Type == v1alpha1.ExposureIngress, e.config.Exposure.Type == v1alpha1.ExposureGateway
	for _, s := range e.shops {
		if s.Spec.Exposure != nil {
			ingress = ingress || s.Spec.Exposure.Type == v1alpha1.ExposureIngress
			gateway = gateway || s.Spec.Exposure.Type == v1alpha1.ExposureGateway
		}
	}
	if ingress {
		e.checkIngressClass(ctx)
	}
	if gateway && !e.knows(schema.GroupKind{Group: "gateway.networking.k8s.io", Kind: "HTTPRoute"}) {
		e.add("gateway", Fail, "Install the Gateway API and a controller for it: gateway-api.sigs.k8s.io", "Shops are exposed by Gateways, but the cluster does not have the kind HTTPRoute")
	} else if gateway {
		e.add("gateway", OK, "", "the cluster has the kind HTTPRoute, by which Shops are exposed")
	}
}

func (e *examiner) listShops(ctx context.Context) bool {
	list := &v1alpha1.ShopList{}
	if err := e.List(ctx, list); err != nil {
		if !absent(err) {
			e.cannot("shops", err)
		}
		return false
	}
	e.shops = list.Items
	return true
}

func (e *examiner) checkIngressClass(ctx context.Context) {
	list := &networkingv1.IngressClassList{}
	if err := e.List(ctx, list); err != nil {
		e.cannot("ingress", err)
		return
	}
	name := e.config.Exposure.IngressClassName
	i := slices.IndexFunc(list.Items, func(c networkingv1.IngressClass) bool {
		return c.Name == name || name == "" && c.Annotations[defaultIngressClass] == "true"
	})
	switch {
	case len(list.Items) == 0:
		e.add("ingress", Warn, "Install an ingress controller, or route the hostnames to the Services yourself (exposure type None).", "there is no IngressClass: the tracking pages cannot be reached from outside the cluster")
	case i < 0 && name != "":
		e.add("ingress", Fail, "Fix exposure.ingressClassName in the ConfigMap "+configName+".", "the configuration names the IngressClass %s, which does not exist", name)
	case i < 0:
		e.add("ingress", Warn, "Set exposure.ingressClassName in the ConfigMap "+configName+", or mark one class as the default.", "there is no default IngressClass, and the configuration names none: the tracking pages may not be reachable")
	default:
		e.add("ingress", OK, "", "Ingresses of Shops use the IngressClass %s", list.Items[i].Name)
	}
}

func (e *examiner) knows(kind schema.GroupKind) bool {
	_, err := e.RESTMapper().RESTMapping(kind)
	return err == nil
}

// checkCertificates checks that cert-manager is installed, where the configuration or a Shop needs it.
func (e *examiner) checkCertificates(context.Context) {
	wanted := e.config.Exposure.TLS.Type == v1alpha1.TLSCertManager
	for _, s := range e.shops {
		x := s.Spec.Exposure
		wanted = wanted || x != nil && x.TLS != nil && x.TLS.Type == v1alpha1.TLSCertManager
	}
	if !wanted {
		return
	}
	if !e.knows(schema.GroupKind{Group: "cert-manager.io", Kind: "Certificate"}) {
		e.add("certificates", Fail, "Install cert-manager: cert-manager.io/docs/installation", "Shops need certificates from cert-manager, which is not installed")
		return
	}
	e.add("certificates", OK, "", "cert-manager is installed")
}

// checkServiceAddresses counts the free Service addresses: each Shop takes one.
func (e *examiner) checkServiceAddresses(ctx context.Context) {
	ranges := &networkingv1.ServiceCIDRList{}
	if err := e.List(ctx, ranges); err != nil {
		e.add("services", Unknown, "", "the free addresses for Services cannot be counted: %v", err)
		return
	}
	total := big.NewInt(0)
	var names []string
	for _, r := range ranges.Items {
		if len(r.Spec.CIDRs) > 0 { // with two families, a Service takes one address of each
			total.Add(total, addresses(r.Spec.CIDRs[0]))
			names = append(names, r.Spec.CIDRs[0])
		}
	}
	list := &corev1.ServiceList{}
	if err := e.List(ctx, list); err != nil {
		e.cannot("services", err)
		return
	}
	used := int64(0)
	for _, s := range list.Items {
		if s.Spec.ClusterIP != "" && s.Spec.ClusterIP != corev1.ClusterIPNone {
			used++
		}
	}
	free := total.Sub(total, big.NewInt(used))
	if free.Cmp(big.NewInt(256)) < 0 {
		e.add("services", Warn, "Add a range of Service addresses: kubernetes.io/docs/tasks/network/extend-service-ip-ranges", "each Shop needs an address of a Service, and the range %s has only %s free", strings.Join(names, ", "), free)
		return
	}
	e.add("services", OK, "", "each Shop needs an address of a Service, and the range %s has %s free", strings.Join(names, ", "), free)
}

func addresses(cidr string) *big.Int {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return big.NewInt(0)
	}
	return new(big.Int).Lsh(big.NewInt(1), uint(prefix.Addr().BitLen()-prefix.Bits()))
}

// checkNetworkPolicies reminds the reader to test what the API does not report.
func (e *examiner) checkNetworkPolicies(context.Context) {
	e.add("networkpolicies", Unknown, "Test it: a request from a pod of one Shop to the tracking page of another must time out.", "NetworkPolicies isolate Shops only if the network plug-in enforces them, which the API does not report")
}

// checkPodSecurity checks the namespaces that hold Shops.
func (e *examiner) checkPodSecurity(ctx context.Context) {
	if len(e.shops) == 0 {
		return
	}
	holding := map[string]bool{}
	for _, s := range e.shops {
		holding[s.Namespace] = true
	}
	list := &corev1.NamespaceList{}
	if err := e.List(ctx, list); err != nil {
		e.cannot("podsecurity", err)
		return
	}
	var open []string
	for _, n := range list.Items {
		if holding[n.Name] && n.Labels["pod-security.kubernetes.io/enforce"] != "restricted" {
			open = append(open, n.Name)
		}
	}
	if len(open) > 0 {
		e.add("podsecurity", Warn, "kubectl label namespace NAME pod-security.kubernetes.io/enforce=restricted", "these namespaces with Shops do not enforce the Pod Security Standard restricted, which the pods of Shops comply with: %s", some(open))
		return
	}
	e.add("podsecurity", OK, "", "every namespace with a Shop (%d) enforces the Pod Security Standard restricted", len(holding))
}

// checkImages looks for pods of the operator and of Shops whose image cannot be pulled.
func (e *examiner) checkImages(ctx context.Context) {
	var stuck []string
	for _, in := range []client.ListOption{client.InNamespace(e.namespace), client.HasLabels{v1alpha1.LabelShop}} {
		pods := &corev1.PodList{}
		if err := e.List(ctx, pods, in); err != nil {
			e.cannot("images", err)
			return
		}
		for _, pod := range pods.Items {
			stuck = append(stuck, waiting(pod)...)
		}
	}
	slices.Sort(stuck)
	if stuck = slices.Compact(stuck); len(stuck) > 0 {
		e.add("images", Fail, "Check the images in the ConfigMap "+configName+" and in the operator's Deployment, and that the nodes may pull them. For the cause: kubectl describe pod", "nodes cannot pull these images: %s", some(stuck))
		return
	}
	if e.deployment != nil {
		e.add("images", OK, "", "no pod waits for its image (tracking page: %s, notifier: %s)", e.config.Images.TrackingPage, e.config.Images.Notifier)
	}
}

// waiting returns the images of the pod that cannot be pulled, with the reason.
func waiting(pod corev1.Pod) []string {
	var images []string
	for _, c := range pod.Status.ContainerStatuses {
		if w := c.State.Waiting; w != nil && slices.Contains([]string{"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"}, w.Reason) {
			images = append(images, fmt.Sprintf("%s (%s)", c.Image, w.Reason))
		}
	}
	return images
}
