//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

// inside is a pod as this machine sees it, which is its node: the way into its network and its files without its help, for
// our pods hold neither a shell nor any other program.
type inside struct {
	name string // for a person
	pid  int
}

// enter finds the process of a pod's container. It needs the local cluster.
func enter(t *testing.T, pod corev1.Pod) inside {
	t.Helper()
	if !cluster.Local {
		t.Skip("only the node can look into a pod; this cluster's nodes are elsewhere")
	}
	var found inside
	err := kube.Await(t.Context(), "the process of the pod "+pod.Name, 30*time.Second, func(context.Context) (bool, string) {
		processes, err := filepath.Glob("/proc/[0-9]*/environ")
		if err != nil {
			return false, err.Error()
		}
		for _, path := range processes {
			environment, err := os.ReadFile(path)
			if err != nil || !slices.Contains(strings.Split(string(environment), "\x00"), "HOSTNAME="+pod.Name) {
				continue // it ended, or is none of this pod's
			}
			found.name = pod.Namespace + "/" + pod.Name
			if _, err := fmt.Sscanf(path, "/proc/%d/environ", &found.pid); err == nil {
				return true, ""
			}
		}
		return false, "no such process"
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// proberBinary is built once for this machine.
var proberBinary = sync.OnceValues(func() (string, error) { return buildForHere("prober", "./test/e2e/prober") })

// buildForHere compiles a program of the repository and returns its path, which lives as long as this run.
func buildForHere(name, pkg string) (string, error) {
	path := filepath.Join(binaries, name)
	build := exec.CommandContext(context.Background(), "go", "build", "-o", path, pkg) // for every test of the run
	build.Dir = cluster.Root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w: %s", pkg, err, out)
	}
	return path, nil
}

// reaches reports whether a target, in the prober's notation, can be reached from the pod's own network.
func (i inside) reaches(t *testing.T, target string) bool {
	t.Helper()
	prober, err := proberBinary()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	command := exec.CommandContext(t.Context(), "nsenter", "--target", fmt.Sprint(i.pid), "--net", prober, target)
	command.Stdout, command.Stderr = &said, &said
	err = command.Run()
	var failed *exec.ExitError
	switch {
	case err == nil:
		return true
	case errors.As(err, &failed) && failed.ExitCode() == 1 && !strings.HasPrefix(said.String(), "nsenter"):
		return false
	}
	t.Fatalf("trying %s from %s: %v: %s", target, i.name, err, said.String())
	return false
}

// file is the path of a file of the pod on this machine.
func (i inside) file(path string) string {
	return filepath.Join("/proc", fmt.Sprint(i.pid), "root", path)
}

// resolver is the DNS server that the pod is told to ask.
func (i inside) resolver(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(i.file("/etc/resolv.conf"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		if server, found := strings.CutPrefix(strings.TrimSpace(line), "nameserver "); found {
			return server + ":53"
		}
	}
	t.Fatalf("%s has no nameserver:\n%s", i.name, content)
	return ""
}

// stranger starts a pod that listens, and waits for its process. Its namespace and labels say who it is.
func stranger(t *testing.T, namespace string, labels map[string]string, change func(*corev1.PodSpec)) (inside, *corev1.Pod) {
	t.Helper()
	pod := proberPod(namespace, "stranger-", "listen:0.0.0.0:7777")
	pod.Labels = labels
	if change != nil {
		change(&pod.Spec)
	}
	startPod(t, pod)
	err := kube.Await(t.Context(), "the pod "+pod.Name+" to run", time.Minute, func(ctx context.Context) (bool, string) {
		if err := cluster.Get(ctx, client.ObjectKeyFromObject(pod), pod); err != nil {
			return false, err.Error()
		}
		return pod.Status.Phase == corev1.PodRunning, string(pod.Status.Phase)
	})
	if err != nil {
		t.Fatal(err)
	}
	return enter(t, *pod), pod
}

func startPod(t *testing.T, pod *corev1.Pod) {
	t.Helper()
	if err := cluster.Create(t.Context(), pod); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		now := client.GracePeriodSeconds(0)
		if err := cluster.Delete(context.WithoutCancel(t.Context()), pod, now); client.IgnoreNotFound(err) != nil {
			t.Error(err)
		}
	})
}

// proberPod is a pod that is let in where pod security is restricted.
func proberPod(namespace, name string, arguments ...string) *corev1.Pod {
	yes, no, user := true, false, int64(65532)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, GenerateName: name},
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever, AutomountServiceAccountToken: &no,
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: &yes, RunAsUser: &user, SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			Containers: []corev1.Container{{
				Name: "prober", Image: "wismo.dev/prober:dev", ImagePullPolicy: corev1.PullIfNotPresent, Args: arguments,
				SecurityContext: &corev1.SecurityContext{
					AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes, Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
				},
			}},
		},
	}
}

// onNode makes an address of the local cluster's node, and answers at it from outside of every pod.
func onNode(t *testing.T, address string, ports ...string) {
	t.Helper()
	if !cluster.Local {
		t.Skip("an address can be given only to a node that is this machine")
	}
	root, err := kube.FindRoot()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	if err := kube.LocalCommand(t.Context(), root, &said, "exec", "--", "ip", "address", "replace", address+"/32", "dev", "lo"); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	t.Cleanup(func() {
		if err := kube.LocalCommand(context.WithoutCancel(t.Context()), root, &said, "exec", "--", "ip", "address", "delete", address+"/32", "dev", "lo"); err != nil {
			t.Errorf("%v: %s", err, said.String())
		}
	})
	host := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "e2e-node"}}
	if err := cluster.Create(t.Context(), host); err != nil && client.IgnoreAlreadyExists(err) != nil {
		t.Fatal(err)
	}
	for _, port := range ports {
		pod := proberPod("e2e-node", "node-", "listen:"+address+":"+port)
		pod.Spec.HostNetwork = true
		pod.Spec.SecurityContext.Sysctls = nil
		root := int64(0) // ports below 1024
		no := false
		pod.Spec.SecurityContext.RunAsNonRoot, pod.Spec.SecurityContext.RunAsUser = &no, &root
		pod.Spec.Containers[0].SecurityContext.Capabilities.Add = []corev1.Capability{"NET_BIND_SERVICE"}
		startPod(t, pod)
	}
}
