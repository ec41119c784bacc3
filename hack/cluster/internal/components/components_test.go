package components

import (
	"slices"
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
	"github.com/wismo-dev/wismo/hack/cluster/internal/process"
)

func set() (Set, []process.Process) {
	s := Set{Layout: layout.Layout{Cache: "/cache"}, Kubernetes: "/bin/k8s", Node: "/bin/node", APIPort: 16443}
	return s, []process.Process{
		s.Etcd(), s.Containerd(), s.APIServer(), s.Controllers(), s.Scheduler(),
		s.Kubelet(), s.Proxy(), s.Agent(), s.Forwarder(),
	}
}

func TestNamesAreUnique(t *testing.T) {
	_, all := set()
	seen := map[string]bool{}
	for _, p := range all {
		if seen[p.Name] {
			t.Errorf("%s is there twice", p.Name)
		}
		seen[p.Name] = true
	}
}

// Only the forwarder may touch the network of the machine.
func TestOnlyTheForwarderIsOnTheHost(t *testing.T) {
	_, all := set()
	for _, p := range all {
		if p.OnHost != (p.Name == "forward") {
			t.Errorf("%s: on the host is %v", p.Name, p.OnHost)
		}
	}
}

func TestAPIServer(t *testing.T) {
	s, _ := set()
	command := s.APIServer().Command
	for _, flag := range []string{
		"--secure-port=16443",
		"--authorization-mode=Node,RBAC",
		"--advertise-address=10.250.0.1",
		"--audit-log-path=/cache/state/logs/audit.log",
		"--audit-policy-file=/cache/state/config/audit-policy.yaml",
	} {
		if !slices.Contains(command, flag) {
			t.Errorf("lacks %s:\n%s", flag, strings.Join(command, "\n"))
		}
	}
}

func TestPathsStayInTheCluster(t *testing.T) {
	_, all := set()
	for _, p := range all {
		for _, argument := range p.Command {
			_, value, ok := strings.Cut(argument, "=/")
			if ok && !strings.HasPrefix(value, "cache/state/") {
				t.Errorf("%s: %s is outside of the state directory", p.Name, argument)
			}
		}
	}
}
