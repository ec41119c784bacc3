// Package layout says where the cluster keeps its files and which names and
// addresses it uses. Nothing else in this module spells them out.
package layout

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Names inside the cluster.
const (
	NodeName    = "wismo-node"
	Provisioner = "wismo.dev/hostpath" // as a StorageClass calls it
)

// Addresses inside the cluster's network namespace. None of them is reachable
// from, or routed to, anything outside it.
const (
	NodeIP       = "10.250.0.1"
	PodRange     = "10.244.0.0/16"
	NodePodRange = "10.244.0.0/24"
	ServiceRange = "10.96.0.0/16"
	APIServiceIP = "10.96.0.1"
	DNSServiceIP = "10.96.0.10"
	DNSDomain    = "cluster.local"
)

// DefaultAPIPort is where the API server listens when nothing else is asked for.
const DefaultAPIPort = 6443

const modulePath = "github.com/wismo-dev/wismo/hack/cluster"

// Layout is the set of directories of one cluster.
type Layout struct {
	Source string // this module: go.mod, cmd/, internal/
	Cache  string // everything the tool writes
}

// Find locates the source of this module from the working directory and the
// cache from the environment.
func Find() (Layout, error) {
	if err := checkName(); err != nil {
		return Layout{}, err
	}
	source, err := findSource()
	if err != nil {
		return Layout{}, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return Layout{}, fmt.Errorf("find the cache directory: %w; set HOME or XDG_CACHE_HOME", err)
	}
	return Layout{Source: source, Cache: filepath.Join(cache, "wismo-cluster")}, nil
}

func findSource() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the working directory: %w", err)
	}
	for {
		for _, candidate := range []string{dir, filepath.Join(dir, "hack", "cluster")} {
			if isSource(candidate) {
				return candidate, nil
			}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("the source of hack/cluster is not in or above the working directory; " +
				"run `go run -C hack/cluster . COMMAND` from the repository")
		}
		dir = parent
	}
}

func isSource(dir string) bool {
	gomod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	return err == nil && strings.HasPrefix(string(gomod), "module "+modulePath+"\n")
}

// Repository is the root of the repository this module is part of.
func (l Layout) Repository() string { return filepath.Dir(filepath.Dir(l.Source)) }

// Bin holds the built programs, one directory for each version of each.
func (l Layout) Bin() string { return filepath.Join(l.Cache, "bin") }

// Images holds the image tarballs.
func (l Layout) Images() string { return filepath.Join(l.Cache, "images") }

// State is everything a cluster remembers; removing it removes the cluster.
func (l Layout) State(elements ...string) string {
	return filepath.Join(append([]string{l.Cache, stateDirectory()}, elements...)...)
}

// Kubeconfig is the administrator's kubeconfig.
func (l Layout) Kubeconfig() string { return l.State("kubeconfig") }

// ComponentKubeconfig is the kubeconfig of one component.
func (l Layout) ComponentKubeconfig(user string) string {
	return l.State("kubeconfigs", user+".kubeconfig")
}

// ContainerdSocket is where the container runtime listens.
func (l Layout) ContainerdSocket() string { return l.State("containerd", "containerd.sock") }

// Forwards holds one file for each forwarded Service.
func (l Layout) Forwards() string { return l.State("forwards") }

// Log is the log file of one component.
func (l Layout) Log(component string) string { return l.State("logs", component+".log") }

// AuditLog is the API server's record of every write.
func (l Layout) AuditLog() string { return l.State("logs", "audit.log") }

// Certificates holds all certificates, keys and tokens.
func (l Layout) Certificates() string { return l.State("certificates") }

// Volumes holds the data of PersistentVolumes.
func (l Layout) Volumes() string { return l.State("volumes") }
