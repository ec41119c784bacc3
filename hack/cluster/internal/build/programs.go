package build

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Program is one program of this module, or of another one beside it.
type Program struct {
	Name    string   // of the binary
	Module  string   // directory beside this module; empty = this module
	Package string   // its main package
	Sources []string // other directories of the module it is made of
	Links   []string // further names it is called by
	About   string   // printed while the user waits for it
	Stamp   bool     // whether it reports the Kubernetes version
	// Prepare makes in a scratch directory what the build needs beyond the module, and returns flags for it.
	Prepare func(ctx context.Context, module, scratch string) (flags []string, err error)
}

// Kubernetes is every Kubernetes program in one binary, with etcd.
func Kubernetes() Program {
	return Program{
		Name: "wismo-k8s", Package: "./cmd/wismo-k8s", Stamp: true,
		Links: []string{
			"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl",
		},
		About: "Kubernetes and etcd (one binary of 7 programs; about 6 min on 2 cores, once)",
	}
}

// CoreDNS answers the names of Services.
func CoreDNS() Program {
	return Program{
		Name: "coredns", Package: "./cmd/wismo-coredns",
		About: "CoreDNS (about 1 min on 2 cores, once)",
	}
}

// Node is the agent for storage, NetworkPolicies and forwarded ports.
func Node() Program {
	return Program{
		Name: "wismo-node", Package: "./cmd/wismo-node",
		Sources: []string{"internal/forward", "internal/layout", "internal/netns", "internal/netpol", "internal/storage"},
		About:   "the node agent (about 10 s after Kubernetes, once)",
	}
}

// Pause holds the network namespace of a pod open.
func Pause() Program {
	return Program{Name: "pause", Package: "./cmd/pause", About: "the pause container (about 1 s, once)"}
}

// All are the programs of a cluster with an ingress controller, what other builds share first.
func All() []Program { return []Program{Kubernetes(), Node(), CoreDNS(), Pause(), Ingress()} }

var kubernetesLine = regexp.MustCompile(`(?m)^\tk8s\.io/kubernetes v(\d+)\.(\d+)\.(\d+)\b`)

// KubernetesVersion reads the version of Kubernetes that go.mod asks for.
func KubernetesVersion(gomod string) (version, major, minor string, err error) {
	content, err := os.ReadFile(gomod)
	if err != nil {
		return "", "", "", fmt.Errorf("read the version of Kubernetes: %w", err)
	}
	match := kubernetesLine.FindStringSubmatch(string(content))
	if match == nil {
		return "", "", "", fmt.Errorf("%s does not require k8s.io/kubernetes", gomod)
	}
	return "v" + match[1] + "." + match[2] + "." + match[3], match[1], match[2], nil
}

// linkerFlags stamps the version into Kubernetes; without it the API server
// calls itself v0.0.0 and clients refuse features by that number.
func (p Program) linkerFlags(gomod string) (string, error) {
	flags := []string{"-s", "-w"}
	if !p.Stamp {
		return strings.Join(flags, " "), nil
	}
	version, major, minor, err := KubernetesVersion(gomod)
	if err != nil {
		return "", err
	}
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		for _, pair := range [][2]string{
			{"gitVersion", version},
			{"gitMajor", major},
			{"gitMinor", minor},
			{"gitCommit", "wismo-dev"},
			{"gitTreeState", "archive"},
			{"buildDate", "2026-01-01T00:00:00Z"},
		} {
			flags = append(flags, "-X", pkg+"."+pair[0]+"="+pair[1])
		}
	}
	return strings.Join(flags, " "), nil
}
