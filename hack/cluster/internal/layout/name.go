package layout

import (
	"fmt"
	"hash/fnv"
	"os"
	"regexp"
)

// NameVariable is the environment variable that names a cluster. Clusters of different names stand side by side: each
// has its own state, network namespace, control groups and loopback address, and they share the built programs.
const NameVariable = "WISMO_CLUSTER"

var validName = regexp.MustCompile(`^[a-z][a-z0-9]{0,15}$`)

func checkName() error {
	if name := os.Getenv(NameVariable); name != "" && !validName.MatchString(name) {
		return fmt.Errorf("%s=%q is no name for a cluster: use up to 16 lower-case letters and digits, or leave it out", NameVariable, name)
	}
	return nil
}

// NetworkNamespace is the cluster's network namespace on this machine.
func NetworkNamespace() string { return ownName() }

// Cgroup holds the control groups of the cluster's pods.
func Cgroup() string { return ownName() }

// Loopback is the address of this machine at which the cluster is offered, the same for a name every time.
func Loopback() string {
	name := os.Getenv(NameVariable)
	if name == "" {
		return "127.0.0.1"
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(name)) // never fails
	const octets, last = 254, 1
	hash := sum.Sum32()
	return fmt.Sprintf("127.%d.%d.%d", 1+hash%octets, 1+hash/octets%octets, last)
}

// ownName begins with the cluster's name, so that no cluster's name is the beginning of another's.
func ownName() string {
	if name := os.Getenv(NameVariable); name != "" {
		return name + "-wismo"
	}
	return "wismo"
}

func stateDirectory() string {
	if name := os.Getenv(NameVariable); name != "" {
		return "state-" + name
	}
	return "state"
}
