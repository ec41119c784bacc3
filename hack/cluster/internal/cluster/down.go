package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/hack/cluster/internal/cgroup"
	"github.com/wismo-dev/wismo/hack/cluster/internal/host"
	"github.com/wismo-dev/wismo/hack/cluster/internal/netns"
)

// Down stops everything that Up started. What the cluster remembers stays for
// the next Up, unless it is purged.
func (c *Cluster) Down(ctx context.Context, purge bool) error {
	if err := host.Check(); err != nil {
		return err
	}
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer unlock()
	// every step is tried even if one before it failed, to leave as little as possible
	err = errors.Join(c.stopNode(), c.removeContainers(ctx), c.stopRest(), c.removeTraces(ctx))
	if err != nil {
		return err
	}
	if purge {
		if err := c.purge(); err != nil {
			return err
		}
		c.Log.Say("the cluster is gone, and so is all it remembered")
		return nil
	}
	c.Log.Say("the cluster is down")
	return nil
}

// Kill ends processes of the cluster without a word.
func (c *Cluster) Kill(names ...string) error {
	if err := c.processes.Kill(names...); err != nil {
		return err
	}
	c.Log.Say("%s killed", strings.Join(names, ", "))
	return nil
}

// stopNode stops what would start pods again.
func (c *Cluster) stopNode() error {
	err := c.processes.Stop(3*time.Second, "kubelet", "agent", "proxy", "controllers", "scheduler", "forward")
	c.Log.Say("node and controllers stopped")
	return err
}

// stopRest stops the control plane. The API server gets little time: it keeps
// nothing of its own and would only wait for its watchers.
func (c *Cluster) stopRest() error {
	err := c.processes.Stop(500*time.Millisecond, "apiserver")
	names, listErr := c.processes.Names()
	err = errors.Join(err, listErr, c.processes.Stop(5*time.Second, names...))
	c.Log.Say("control plane stopped")
	return err
}

// removeContainers ends all containers and removes them and their network
// namespaces.
func (c *Cluster) removeContainers(ctx context.Context) error {
	namespaces, err := c.podNamespaces(ctx)
	if err != nil {
		return err
	}
	if err := cgroup.KillAll(); err != nil {
		return err
	}
	if _, running := c.processes.Find("containerd"); running {
		err = errors.Join(c.ctrEach(ctx, "tasks", "rm", "--force"), c.ctrEach(ctx, "containers", "rm"))
	}
	for _, name := range namespaces {
		err = errors.Join(err, netns.Remove(ctx, name))
	}
	c.Log.Say("containers removed")
	return err
}

// ctrEach runs a command on all containers until none is left. Containerd
// notices by itself that a container was killed and may be quicker than the
// command, so only what is left in the end counts.
func (c *Cluster) ctrEach(ctx context.Context, command ...string) error {
	const patience = 10 * time.Second
	var failure error
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		list, err := c.ctr(ctx, command[0], "ls", "--quiet")
		if err != nil {
			return err
		}
		ids := strings.Fields(list)
		if len(ids) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d containers are left: %w", len(ids), failure)
		}
		_, failure = c.ctr(ctx, append(command, ids...)...)
	}
}

func (c *Cluster) ctr(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	all := append([]string{"-a", c.Layout.ContainerdSocket(), "-n", "k8s.io"}, args...)
	out, err := exec.CommandContext(ctx, "ctr", all...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("ctr %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}

// purge removes all that the cluster remembers. It refuses while something is
// mounted there, because it would then remove what is not the cluster's.
func (c *Cluster) purge() error {
	mounts, err := c.mounts()
	if err != nil {
		return err
	}
	if len(mounts) > 0 {
		return fmt.Errorf("not removing %s: still mounted in it: %s", c.Layout.State(), strings.Join(mounts, ", "))
	}
	if err := os.RemoveAll(c.Layout.State()); err != nil {
		return fmt.Errorf("remove the state of the cluster: %w", err)
	}
	return nil
}
