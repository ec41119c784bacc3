package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	kwokModule = "sigs.k8s.io/kwok"
	// podRange is for benchmarks (RFC 2544): no host answers there, as if the operator could reach no pod.
	podRange = "198.18.0.0/15"
	// podsOfNode is what a kubelet takes by default; shopsOfNode leaves room for the surge of a roll.
	podsOfNode, shopsOfNode = 110, 15
	storageClass            = "scale"
)

// stages are kwok's own: nodes are there and beat, pods are ready at once.
var stages = []string{
	"kustomize/stage/node/fast/node-initialize.yaml", "kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
	"kustomize/stage/pod/fast/pod-ready.yaml", "kustomize/stage/pod/fast/pod-delete.yaml",
}

// onNodes onboards Shops whose pods are scheduled and become ready, on nodes that kwok plays: what wismo does while
// no pod answers when it asks for reports, and how much of the time Kubernetes itself takes.
func onNodes(ctx context.Context, p programs, shops int) (result, error) {
	c, err := startControl(ctx, 0)
	if err != nil {
		return result{}, err
	}
	defer c.stop()
	cluster, err := c.startCluster(ctx, p, shops)
	if err != nil {
		return result{}, err
	}
	defer cluster.stop()
	w := &wismo{control: c, binary: p.manager}
	defer w.stop()
	onboarded, err := w.onboard(ctx, shops)
	if err != nil {
		return result{}, err
	}
	cluster.report()
	onboarded.name += ", with pods"
	return onboarded, w.unreachable(ctx)
}

// unreachable looks at two rounds of asking pods that never answer.
func (w *wismo) unreachable(ctx context.Context) error {
	const period = 2 * time.Minute
	ready, err := w.control.readyShops(ctx)
	if err != nil {
		return err
	}
	defer ready.stop()
	say("for %s, no pod answers the operator", period)
	before, busy := w.control.usage(), processorTime(w.manager.pid())
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(period):
	}
	busy = processorTime(w.manager.pid()) - busy
	calls := w.control.calls(before, w.user())
	say("unreachable: %d Shops Ready, %d times one was no longer; %d writes; manager %.1f %% of a core, RSS %d MiB (peak %d)", ready.count(1), ready.relapses(),
		writes(calls), 100*busy.Seconds()/period.Seconds(), memory(w.manager.pid(), "VmRSS"), memory(w.manager.pid(), "VmHWM"))
	for _, call := range most(calls, 6) {
		say("  %s", call)
	}
	return nil
}

// cluster is what makes pods of Deployments.
type cluster map[string]*process

func (c cluster) stop() {
	for _, p := range c {
		p.end(syscall.SIGKILL)
	}
}

func (c cluster) report() {
	for name, p := range c {
		say("%s: %.1f CPU-s so far", name, processorTime(p.pid()).Seconds())
	}
}

// startCluster starts Kubernetes' own controllers and scheduler, and kwok in place of kubelets, with room for so many
// Shops. Volumes are there before they are claimed.
func (c *control) startCluster(ctx context.Context, p programs, shops int) (cluster, error) {
	started := cluster{}
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	unhurried := []string{"--leader-elect=false", "--secure-port=0", "--kube-api-qps=2000", "--kube-api-burst=4000"}
	kwok, err := kwokFlags(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range []struct {
		name, binary string
		flags        []string
	}{
		{"controllers", filepath.Join(assets, "kube-controller-manager"), append(unhurried, "--concurrent-deployment-syncs=10", "--concurrent-replicaset-syncs=10")},
		{"scheduler", filepath.Join(assets, "kube-scheduler"), unhurried},
		{"kwok", p.kwok, kwok},
	} {
		// each takes its kubeconfig from a flag only
		flags := append([]string{"--kubeconfig=" + filepath.Join(c.dir, b.name+".kubeconfig")}, b.flags...)
		if started[b.name], err = c.startProcess(ctx, b.name, b.binary, nil, flags...); err != nil {
			started.stop()
			return nil, err
		}
	}
	if err := c.furnish(ctx, shops); err != nil {
		started.stop()
		return nil, err
	}
	return started, nil
}

func kwokFlags(ctx context.Context) ([]string, error) {
	dir, err := moduleDir(ctx, "kwok", kwokModule)
	flags := []string{"--manage-all-nodes", "--node-lease-duration-seconds=40", "--cidr=" + podRange}
	for _, stage := range stages {
		flags = append(flags, "--config="+filepath.Join(dir, stage))
	}
	return flags, err
}

// furnish creates nodes and volumes for so many Shops.
func (c *control) furnish(ctx context.Context, shops int) error {
	nodes := shops/shopsOfNode + 2
	say("creating %d nodes and %d volumes", nodes, shops)
	class := &storagev1.StorageClass{
		ObjectMeta:  metav1.ObjectMeta{Name: storageClass, Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}},
		Provisioner: "kubernetes.io/no-provisioner",
	}
	if err := c.kube.Create(ctx, class); err != nil {
		return err
	}
	if err := inParallel(nodes, func(i int) error { return c.kube.Create(ctx, nodeOf(fmt.Sprintf("node-%04d", i))) }); err != nil {
		return err
	}
	if err := c.kube.Create(ctx, volumeOf("warm")); err != nil {
		return err
	}
	return inParallel(shops, func(i int) error { return c.kube.Create(ctx, volumeOf(fmt.Sprintf("wismo-%05d", i))) })
}

func nodeOf(name string) *corev1.Node {
	room := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("32"), corev1.ResourceMemory: resource.MustParse("128Gi"),
		corev1.ResourcePods: *resource.NewQuantity(podsOfNode, resource.DecimalSI),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelHostname: name, corev1.LabelOSStable: "linux"}},
		Status:     corev1.NodeStatus{Capacity: room, Allocatable: room},
	}
}

// volumeOf is kept for the claim in the namespace of its name: Kubernetes is slow at choosing one of a thousand.
func volumeOf(name string) *corev1.PersistentVolume {
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: corev1.PersistentVolumeSpec{
			ClaimRef:         &corev1.ObjectReference{Kind: "PersistentVolumeClaim", Namespace: name, Name: "linden-data"},
			Capacity:         corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")},
			AccessModes:      []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			StorageClassName: storageClass, PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimRetain,
			PersistentVolumeSource: corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/" + name}},
		},
	}
}
