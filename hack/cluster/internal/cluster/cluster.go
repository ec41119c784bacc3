// Package cluster brings the parts together: it starts, fills, shows and stops
// the one-node Kubernetes.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wismo-dev/wismo/hack/cluster/internal/build"
	"github.com/wismo-dev/wismo/hack/cluster/internal/components"
	"github.com/wismo-dev/wismo/hack/cluster/internal/forward"
	"github.com/wismo-dev/wismo/hack/cluster/internal/images"
	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
	"github.com/wismo-dev/wismo/hack/cluster/internal/netns"
	"github.com/wismo-dev/wismo/hack/cluster/internal/process"
	"github.com/wismo-dev/wismo/hack/cluster/internal/progress"
)

// ErrDown says that there is no running cluster to do something with.
var ErrDown = errors.New("the cluster is not running; start it with `go run -C hack/cluster . up`")

// Cluster is the one cluster of this machine and user.
type Cluster struct {
	Layout    layout.Layout
	Log       *progress.Log
	builder   build.Builder
	processes process.Table
	store     images.Store
}

// New prepares to work with the cluster, whether it runs or not.
func New(l layout.Layout, log *progress.Log) *Cluster {
	return &Cluster{
		Layout:  l,
		Log:     log,
		builder: build.Builder{Layout: l, Log: log},
		processes: process.Table{
			Records: l.State("processes"),
			Dir:     l.State(),
			Log:     l.Log,
			Inside:  netns.Do,
		},
		store: images.Store{Socket: l.ContainerdSocket(), Markers: l.State("imported")},
	}
}

// Running reports whether an API server of this cluster is there.
func (c *Cluster) Running() bool {
	_, running := c.processes.Find("apiserver")
	return running
}

// lock keeps two runs of the tool from changing the cluster at the same time.
func (c *Cluster) lock() (unlock func(), err error) {
	if err := os.MkdirAll(c.Layout.Cache, 0o755); err != nil {
		return nil, fmt.Errorf("make the cache directory: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(c.Layout.Cache, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	unlock = func() { _ = file.Close() } // closing releases the lock
	if unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
		return unlock, nil
	}
	c.Log.Say("waiting: another run of this tool is changing the cluster")
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		unlock()
		return nil, fmt.Errorf("wait for the lock: %w", err)
	}
	return unlock, nil
}

// components builds what is missing and describes the processes.
func (c *Cluster) components(ctx context.Context, apiPort int) (components.Set, error) {
	kubernetes, err := c.builder.Ensure(ctx, build.Kubernetes())
	if err != nil {
		return components.Set{}, err
	}
	node, err := c.builder.Ensure(ctx, build.Node())
	if err != nil {
		return components.Set{}, err
	}
	return components.Set{Layout: c.Layout, Kubernetes: kubernetes, Node: node, APIPort: apiPort}, nil
}

// apiPort is the port asked for, or else the one used before.
func (c *Cluster) apiPort(wanted int) (int, error) {
	if wanted != 0 {
		if wanted < 1 || wanted > 65535 {
			return 0, fmt.Errorf("--api-port %d is not a port: use 1 to 65535", wanted)
		}
		return wanted, nil
	}
	specs, err := c.Forwards()
	if err != nil {
		return 0, err
	}
	for _, spec := range specs {
		if _, port, err := net.SplitHostPort(spec.Listen); err == nil && spec.Name == forward.APIServer {
			return strconv.Atoi(port)
		}
	}
	return layout.DefaultAPIPort, nil
}

// offerAPI opens the API server to this machine. It finds out early that
// something else has the port, and remembers the port for the next time.
func (c *Cluster) offerAPI(ctx context.Context, port int) error {
	address := net.JoinHostPort(layout.Loopback(), strconv.Itoa(port))
	spec := forward.Spec{Name: forward.APIServer, Listen: address, To: address}
	specs, err := c.Forwards()
	if err != nil {
		return err
	}
	_, running := c.processes.Find("forward")
	ours := running && slices.Contains(specs, spec)
	if !ours && busy(ctx, address) {
		return fmt.Errorf("something else listens on %s, where the API server is to be offered; "+
			"choose another port with `up --api-port PORT`", address)
	}
	return forward.Directory(c.Layout.Forwards()).Put(spec)
}

// kubectl runs the cluster's own kubectl inside its network namespace.
func (c *Cluster) kubectl(ctx context.Context, programs, stdin string, args ...string) error {
	return netns.Do(func() error {
		cmd := exec.CommandContext(ctx, filepath.Join(programs, "kubectl"), args...)
		cmd.Env = append(os.Environ(), "KUBECONFIG="+c.Layout.Kubeconfig())
		cmd.Stdin = strings.NewReader(stdin)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
		}
		return nil
	})
}

// await repeats a check until it succeeds. It gives up early when the process
// that should make it succeed has ended, and shows why that was.
func (c *Cluster) await(ctx context.Context, name, what string, check func(context.Context) error) error {
	const patience = 60 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		if _, running := c.processes.Find(name); !running {
			return fmt.Errorf("%s has ended; the end of %s:\n%s", name, c.Layout.Log(name), c.logTail(name))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s did not happen within %s (%w); see %s", what, patience, err, c.Layout.Log(name))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (c *Cluster) logTail(name string) string {
	content, err := os.ReadFile(c.Layout.Log(name))
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}
