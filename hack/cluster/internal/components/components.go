// Package components says how each process of the cluster is started.
package components

import (
	"fmt"
	"path/filepath"

	"github.com/wismo-dev/wismo/hack/cluster/internal/config"
	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
	"github.com/wismo-dev/wismo/hack/cluster/internal/process"
)

const etcdURL = "http://127.0.0.1:2379"

// Set describes the processes of one cluster.
type Set struct {
	Layout     layout.Layout
	Kubernetes string // directory of the Kubernetes programs
	Node       string // directory of the node agent
	APIPort    int
}

func (s Set) kubernetes(program string, args ...string) []string {
	return append([]string{filepath.Join(s.Kubernetes, program)}, args...)
}

func (s Set) certificate(name string) string {
	return filepath.Join(s.Layout.Certificates(), name)
}

// Etcd keeps what the API server is told.
func (s Set) Etcd() process.Process {
	const peerURL = "http://127.0.0.1:2380"
	return process.Process{Name: "etcd", Command: s.kubernetes("etcd",
		"--data-dir="+s.Layout.State("etcd"),
		"--unsafe-no-fsync", // a development cluster may lose its last second in a power cut
		"--listen-client-urls="+etcdURL,
		"--advertise-client-urls="+etcdURL,
		"--listen-peer-urls="+peerURL,
		"--initial-advertise-peer-urls="+peerURL,
		"--initial-cluster=default="+peerURL,
		"--quota-backend-bytes=8589934592",
		"--log-level=warn",
	)}
}

// Containerd runs containers.
func (s Set) Containerd() process.Process {
	file := config.Containerd(s.Layout)
	return process.Process{
		Name:    "containerd",
		Command: []string{"containerd", "--config", file},
		Files:   []string{file},
	}
}

// APIServer is the Kubernetes API.
func (s Set) APIServer() process.Process {
	policy := config.AuditPolicy(s.Layout)
	return process.Process{
		Name:  "apiserver",
		Files: []string{policy},
		Command: s.kubernetes("kube-apiserver",
			"--etcd-servers="+etcdURL,
			"--bind-address=0.0.0.0",
			fmt.Sprintf("--secure-port=%d", s.APIPort),
			"--advertise-address="+layout.NodeIP,
			"--service-cluster-ip-range="+layout.ServiceRange,
			"--allow-privileged=true",
			"--profiling=false",
			"--authorization-mode=Node,RBAC",
			"--token-auth-file="+s.certificate("tokens.csv"),
			"--client-ca-file="+s.certificate("ca.crt"),
			"--tls-cert-file="+s.certificate("apiserver.crt"),
			"--tls-private-key-file="+s.certificate("apiserver.key"),
			"--service-account-issuer=https://kubernetes.default.svc."+layout.DNSDomain,
			"--service-account-key-file="+s.certificate("service-account.pub"),
			"--service-account-signing-key-file="+s.certificate("service-account.key"),
			"--kubelet-preferred-address-types=InternalIP", // nothing resolves the node's name
			"--kubelet-certificate-authority="+s.certificate("ca.crt"),
			"--kubelet-client-certificate="+s.certificate("kubelet-client.crt"),
			"--kubelet-client-key="+s.certificate("kubelet-client.key"),
			"--proxy-client-cert-file="+s.certificate("front-proxy.crt"),
			"--proxy-client-key-file="+s.certificate("front-proxy.key"),
			"--requestheader-client-ca-file="+s.certificate("front-ca.crt"),
			"--requestheader-allowed-names=front-proxy-client",
			"--requestheader-username-headers=X-Remote-User",
			"--requestheader-group-headers=X-Remote-Group",
			"--requestheader-extra-headers-prefix=X-Remote-Extra-",
			"--audit-policy-file="+policy,
			"--audit-log-path="+s.Layout.AuditLog(),
			"--audit-log-maxsize=500",
			"--audit-log-maxbackup=1",
		),
	}
}

// Controllers is the controller manager.
func (s Set) Controllers() process.Process {
	kubeconfig := s.Layout.ComponentKubeconfig("controllers")
	return process.Process{
		Name:  "controllers",
		Files: []string{kubeconfig},
		Command: s.kubernetes("kube-controller-manager",
			"--kubeconfig="+kubeconfig,
			"--authentication-kubeconfig="+kubeconfig,
			"--authorization-kubeconfig="+kubeconfig,
			"--bind-address=127.0.0.1",
			"--leader-elect=false",
			"--kube-api-qps=500", // the default makes every start wait for 4 s
			"--kube-api-burst=1000",
			"--use-service-account-credentials=true",
			"--service-account-private-key-file="+s.certificate("service-account.key"),
			"--root-ca-file="+s.certificate("ca.crt"),
			"--cluster-signing-cert-file="+s.certificate("ca.crt"),
			"--cluster-signing-key-file="+s.certificate("ca.key"),
			"--allocate-node-cidrs=true",
			"--cluster-cidr="+layout.PodRange,
			"--service-cluster-ip-range="+layout.ServiceRange,
		),
	}
}

// Scheduler gives pods their node.
func (s Set) Scheduler() process.Process {
	kubeconfig := s.Layout.ComponentKubeconfig("scheduler")
	return process.Process{
		Name:  "scheduler",
		Files: []string{kubeconfig},
		Command: s.kubernetes("kube-scheduler",
			"--kubeconfig="+kubeconfig,
			"--authentication-kubeconfig="+kubeconfig,
			"--authorization-kubeconfig="+kubeconfig,
			"--bind-address=127.0.0.1",
			"--leader-elect=false",
			"--kube-api-qps=500",
			"--kube-api-burst=1000",
		),
	}
}

// Kubelet runs the pods of the node.
func (s Set) Kubelet() process.Process {
	file, kubeconfig := config.Kubelet(s.Layout), s.Layout.ComponentKubeconfig("node")
	return process.Process{
		Name:  "kubelet",
		Files: []string{file, kubeconfig},
		Command: s.kubernetes("kubelet",
			"--config="+file,
			"--kubeconfig="+kubeconfig,
			"--root-dir="+s.Layout.State("kubelet"),
			"--cert-dir="+s.Layout.State("kubelet", "pki"),
			"--hostname-override="+layout.NodeName,
			"--node-ip="+layout.NodeIP,
		),
	}
}

// Proxy makes Services reachable.
func (s Set) Proxy() process.Process {
	file := config.Proxy(s.Layout)
	return process.Process{
		Name:    "proxy",
		Files:   []string{file, s.Layout.ComponentKubeconfig("proxy")},
		Command: s.kubernetes("kube-proxy", "--config="+file),
	}
}

// Agent provides volumes and enforces NetworkPolicies.
func (s Set) Agent() process.Process {
	return s.node("agent", "--volumes="+s.Layout.Volumes(), "--node="+layout.NodeName)
}

// Forwarder opens ports on the machine that lead into the cluster. It is the
// only process outside the network namespace.
func (s Set) Forwarder() process.Process {
	p := s.node("forward", "--directory="+s.Layout.Forwards())
	p.OnHost = true
	return p
}

func (s Set) node(role string, args ...string) process.Process {
	command := []string{filepath.Join(s.Node, "wismo-node"), role, "--kubeconfig=" + s.Layout.Kubeconfig()}
	return process.Process{
		Name:    role,
		Files:   []string{s.Layout.Kubeconfig()},
		Command: append(command, args...),
	}
}
