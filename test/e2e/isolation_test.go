//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

const (
	// metadataService is where clouds give a machine, and any process on it, its credentials.
	metadataService = "169.254.169.254"
	// anywhere is an address of the internet, which the local cluster can be given because it has no way out.
	anywhere = "1.1.1.1"
)

// attempt is one target, and which pods must reach it. The last one is the control, which no NetworkPolicy restricts, so
// that a target that does not exist is not taken for one that is closed.
type attempt struct {
	name, target            string
	page, notifier, control bool
}

// tryAll runs every attempt from every pod at once, because a closed connection takes long to fail.
func tryAll(t *testing.T, attempts []attempt, page, notifier inside, controls ...inside) {
	t.Helper()
	var all sync.WaitGroup
	for _, a := range attempts {
		for _, from := range []struct {
			who  inside
			want bool
		}{{page, a.page}, {notifier, a.notifier}} {
			all.Go(func() {
				if got := from.who.reaches(t, a.target); got != from.want {
					t.Errorf("%s (%s): %s reaches it: %t, want %t", a.name, a.target, from.who.name, got, from.want)
				}
			})
		}
		for _, control := range controls {
			all.Go(func() {
				if got := control.reaches(t, a.target); got != a.control {
					t.Errorf("%s (%s): %s, whom no wall keeps, reaches it: %t, want %t", a.name, a.target, control.name, got, a.control)
				}
			})
		}
	}
	all.Wait()
}

func TestAShopsPodReachesOnlyWhatItNeeds(t *testing.T) {
	page, notifier := linden.inside(t, v1alpha1.ComponentPage), linden.inside(t, v1alpha1.ComponentNotifier)
	control, controlPod := stranger(t, "wismo-demo", nil, nil)
	onNode(t, metadataService, "80")
	onNode(t, anywhere, "443", "8443", "53")
	node := nodeAddress(t)
	other := fjallro.pods(t, v1alpha1.ComponentPage)[0].Status.PodIP
	resolver := control.resolver(t)
	attempts := []attempt{
		{"another merchant's page", net.JoinHostPort(other, "8080"), false, false, true},
		{"another merchant's page by its Service", net.JoinHostPort(clusterIP(t, "fjallro", "fjallro-page"), "80"), false, false, true},
		{"a pod of another namespace", net.JoinHostPort(controlPod.Status.PodIP, "7777"), false, false, true},
		{"the API server by its Service", net.JoinHostPort(clusterIP(t, "default", "kubernetes"), "443"), false, false, true},
		{"the API server at its node", net.JoinHostPort(node, "6443"), false, false, true},
		{"the kubelet", net.JoinHostPort(node, "10250"), false, false, true},
		{"the cloud's metadata", net.JoinHostPort(metadataService, "80"), false, false, true},
		{"the internet, on HTTPS", net.JoinHostPort(anywhere, "443"), false, true, true},
		{"the internet, on another port", net.JoinHostPort(anywhere, "8443"), false, false, true},
		{"a resolver of the internet", net.JoinHostPort(anywhere, "53"), false, false, true},
		{"the cluster's resolver", "dns:kubernetes.default.svc.cluster.local@" + resolver, false, true, true},
		{"the mail relay", net.JoinHostPort(clusterIP(t, "wismo-demo", "mailbox"), "2525"), false, true, true},
		{"the mail relay, on another port", net.JoinHostPort(clusterIP(t, "wismo-demo", "mailbox"), "8025"), false, false, true},
	}
	awaitListeners(t, control, attempts)
	tryAll(t, attempts, page, notifier, control)
}

// awaitListeners waits until the pods that listen for this test do.
func awaitListeners(t *testing.T, control inside, attempts []attempt) {
	t.Helper()
	err := kube.Await(t.Context(), "everything to be reachable where no policy closes it", time.Minute, func(context.Context) (bool, string) {
		for _, a := range attempts {
			if a.control && !control.reaches(t, a.target) {
				return false, a.name + " is not"
			}
		}
		return true, ""
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheInternalPortIsForTheOperatorAlone(t *testing.T) {
	page, notifier := linden.inside(t, v1alpha1.ComponentPage), linden.inside(t, v1alpha1.ComponentNotifier)
	operator := enter(t, managerPod(t))
	// In the operator's namespace, and not the operator.
	neighbour, _ := stranger(t, "wismo-system", nil, nil)
	merchant, _ := stranger(t, "fjallro", nil, nil)
	var all sync.WaitGroup // what is closed takes its time to fail
	for component, itself := range map[string]inside{v1alpha1.ComponentPage: page, v1alpha1.ComponentNotifier: notifier} {
		target := net.JoinHostPort(linden.pods(t, component)[0].Status.PodIP, "9090")
		for _, from := range []struct {
			who  inside
			want bool
		}{{operator, true}, {neighbour, false}, {merchant, false}, {page, false}, {notifier, false}} {
			own := from.who.pid == itself.pid // a pod reaches itself: nothing leaves its network
			all.Go(func() {
				if got := from.who.reaches(t, target); got != (from.want || own) {
					t.Errorf("%s reaches the internal port of the %s: %t", from.who.name, component, got)
				}
			})
		}
	}
	all.Wait()
}

// The platform says who may open pages and who reads metrics; that is a change of its configuration.
func TestThePageIsOpenToTheIngressAndMetricsToPrometheusWhereThePlatformSaysSo(t *testing.T) {
	ingressNamespace, prometheusNamespace := openNamespace(t, "ingress"), openNamespace(t, "prometheus")
	ingress, _ := stranger(t, ingressNamespace, nil, nil)
	prometheus, _ := stranger(t, prometheusNamespace, nil, nil)
	configure(t, func(network map[string]any) {
		network["ingressFrom"] = []any{map[string]any{"namespaceSelector": map[string]any{"matchLabels": map[string]any{corev1.LabelMetadataName: ingressNamespace}}}}
		network["prometheusNamespace"] = prometheusNamespace
	})
	pod := linden.pods(t, v1alpha1.ComponentPage)[0].Status.PodIP
	public, internal := net.JoinHostPort(pod, "8080"), net.JoinHostPort(pod, "9090")
	err := kube.Await(t.Context(), "the wall to follow the configuration", 2*time.Minute, func(context.Context) (bool, string) {
		return !prometheus.reaches(t, public) && ingress.reaches(t, public), "the page is still open to every pod"
	})
	if err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string][2]bool{public: {true, false}, internal: {false, true}} {
		if got := ingress.reaches(t, target); got != want[0] {
			t.Errorf("the ingress reaches %s: %t", target, got)
		}
		if got := prometheus.reaches(t, target); got != want[1] {
			t.Errorf("Prometheus reaches %s: %t", target, got)
		}
	}
}

func TestAShopsPodHoldsNoToken(t *testing.T) {
	const token = "/var/run/secrets/kubernetes.io/serviceaccount/token"
	if _, err := os.Stat(enter(t, managerPod(t)).file(token)); err != nil {
		t.Fatalf("the operator has its token elsewhere, so this test proves nothing: %v", err)
	}
	for _, component := range []string{v1alpha1.ComponentPage, v1alpha1.ComponentNotifier} {
		for _, path := range []string{token, "/var/run/secrets/kubernetes.io", "/run/secrets/kubernetes.io"} {
			if _, err := os.Stat(linden.inside(t, component).file(path)); !os.IsNotExist(err) {
				t.Errorf("the %s holds %s: %v", component, path, err)
			}
		}
	}
}

func TestShopsRunWherePodSecurityIsRestricted(t *testing.T) {
	for _, m := range []merchant{linden, fjallro} {
		var namespace corev1.Namespace
		if err := cluster.Get(t.Context(), client.ObjectKey{Name: m.name}, &namespace); err != nil {
			t.Fatal(err)
		}
		if level := namespace.Labels["pod-security.kubernetes.io/enforce"]; level != "restricted" {
			t.Fatalf("pod security in %s is %q, so this test proves nothing", m.name, level)
		}
		for _, component := range []string{v1alpha1.ComponentPage, v1alpha1.ComponentNotifier} {
			if len(m.pods(t, component)) == 0 {
				t.Errorf("no %s of %s runs", component, m.name)
			}
		}
	}
}

func TestAShopSaysThatAQuotaIsExceededAndGoesOnWhenItIsRaised(t *testing.T) {
	t.Parallel()
	name := "e2e-quota-" + strings.ToLower(newNumber())
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	quota := &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: "tight"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourceLimitsMemory: resource.MustParse("100Mi")}},
	}
	for _, object := range []client.Object{namespace, quota} {
		if err := cluster.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if err := cluster.Delete(context.WithoutCancel(t.Context()), namespace); err != nil {
			t.Error(err)
		}
	})
	await(t.Context(), t, "the quota to be in force", time.Minute, func(ctx context.Context) (bool, string) {
		err := cluster.Get(ctx, client.ObjectKeyFromObject(quota), quota)
		return err == nil && len(quota.Status.Hard) > 0, fmt.Sprint(err)
	})
	shop := shopOf(client.ObjectKey{Namespace: name, Name: name}, "")
	if err := cluster.Create(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	key := client.ObjectKeyFromObject(shop)
	message := awaitCondition(t, key, v1alpha1.ConditionWorkloadsAvailable, metav1.ConditionFalse, v1alpha1.ReasonQuotaExceeded, 2*time.Minute)
	if !strings.Contains(message, "tight") {
		t.Errorf("the message does not name the quota: %s", message)
	}
	raised := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"hard":{"limits.memory":"1Gi"}}}`))
	if err := cluster.Patch(t.Context(), quota, raised); err != nil {
		t.Fatal(err)
	}
	awaitReady(t, key)
}

// inside is the newest pod of a component.
func (m merchant) inside(t *testing.T, component string) inside {
	t.Helper()
	running := m.pods(t, component)
	if len(running) == 0 {
		t.Fatalf("no %s of %s is running", component, m.name)
	}
	return enter(t, running[len(running)-1])
}

func managerPod(t *testing.T) corev1.Pod {
	t.Helper()
	running := pods(t, "wismo-system", map[string]string{"app.kubernetes.io/component": "manager"})
	if len(running) == 0 {
		t.Fatal("no manager is running")
	}
	return running[len(running)-1]
}

func nodeAddress(t *testing.T) string {
	t.Helper()
	var nodes corev1.NodeList
	if err := cluster.List(t.Context(), &nodes); err != nil {
		t.Fatal(err)
	}
	for _, address := range nodes.Items[0].Status.Addresses {
		if address.Type == corev1.NodeInternalIP {
			return address.Address
		}
	}
	t.Fatal("the node has no address")
	return ""
}

func clusterIP(t *testing.T, namespace, name string) string {
	t.Helper()
	var service corev1.Service
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, &service); err != nil {
		t.Fatal(err)
	}
	return service.Spec.ClusterIP
}

// openNamespace makes a namespace for the time of a test.
func openNamespace(t *testing.T, name string) string {
	t.Helper()
	name = ofThisRun(name)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if err := cluster.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Delete(context.WithoutCancel(t.Context()), namespace); err != nil {
			t.Error(err)
		}
	})
	return name
}

// configure changes the network section of the platform's configuration, starts the operator with it, and takes it back
// after the test.
func configure(t *testing.T, change func(network map[string]any)) {
	t.Helper()
	const file = "config.yaml"
	var cm corev1.ConfigMap
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: "wismo-system", Name: "wismo-config"}, &cm); err != nil {
		t.Fatal(err)
	}
	before := cm.Data[file]
	var content map[string]any
	if err := yaml.Unmarshal([]byte(before), &content); err != nil {
		t.Fatal(err)
	}
	network, _ := content["network"].(map[string]any)
	if network == nil {
		network = map[string]any{}
	}
	change(network)
	content["network"] = network
	after, err := yaml.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	rewrite(t, &cm, file, string(after))
	t.Cleanup(func() { rewrite(t, &cm, file, before) })
}

// rewrite changes the configuration and starts the operator again, which is faster than to wait for its volume.
func rewrite(t *testing.T, cm *corev1.ConfigMap, file, content string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	cm.Data[file] = content
	if err := cluster.Update(ctx, cm); err != nil {
		t.Fatal(err)
	}
	manager := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "wismo-system", Name: "wismo-manager"}}
	restarted := client.RawPatch("application/merge-patch+json", []byte(
		`{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"`+time.Now().Format(time.RFC3339)+`"}}}}}`))
	if err := cluster.Patch(ctx, manager, restarted); err != nil {
		t.Fatal(err)
	}
}
