package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wismo-dev/wismo/hack/cluster/internal/cgroup"
	"github.com/wismo-dev/wismo/hack/cluster/internal/host"
	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
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
	err = errors.Join(c.stopNode(), c.removeContainers(ctx), c.stopRest(), c.removeTraces())
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
		err = errors.Join(err, netns.Remove(name))
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

var podNamespace = regexp.MustCompile(`/netns/(cni-[0-9a-f-]+)`)

// podNamespaces finds the network namespaces of our pods, and only ours, in the
// records of the network plugins and of containerd.
func (c *Cluster) podNamespaces(ctx context.Context) ([]string, error) {
	records, err := pluginRecords()
	if err != nil {
		return nil, err
	}
	var found []string
	for _, record := range records {
		content, err := os.ReadFile(record)
		if err != nil {
			return nil, fmt.Errorf("read a network record: %w", err)
		}
		found = append(found, namespacesIn(string(content))...)
	}
	if _, running := c.processes.Find("containerd"); running {
		more, err := c.sandboxNamespaces(ctx)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// sandboxNamespaces asks containerd, which knows of pods without a network too.
func (c *Cluster) sandboxNamespaces(ctx context.Context) ([]string, error) {
	list, err := c.ctr(ctx, "containers", "ls", "--quiet", `labels."io.cri-containerd.kind"==sandbox`)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, id := range strings.Fields(list) {
		description, err := c.ctr(ctx, "containers", "info", id)
		if err != nil {
			return nil, err
		}
		found = append(found, namespacesIn(description)...)
	}
	return found, nil
}

func namespacesIn(text string) []string {
	var names []string
	for _, match := range podNamespace.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	return names
}

// pluginRecords are what the network plugins remember of our pods.
func pluginRecords() ([]string, error) {
	return filepath.Glob("/var/lib/cni/results/" + layout.NetworkNamespace + "-*")
}

// forgetAddresses frees the addresses of pods that ended without telling.
func (c *Cluster) forgetAddresses() error {
	records, err := pluginRecords()
	if err != nil {
		return fmt.Errorf("list the network records: %w", err)
	}
	for _, record := range records {
		if err := os.Remove(record); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove a network record: %w", err)
		}
	}
	if err := os.RemoveAll(c.Layout.State("cni", "addresses")); err != nil {
		return fmt.Errorf("free the addresses of pods: %w", err)
	}
	return nil
}

// removeTraces removes what processes leave on the machine when they end.
func (c *Cluster) removeTraces() error {
	killErr := c.killShims()
	return errors.Join(
		killErr,
		c.unmountAll(),
		netns.Remove(layout.NetworkNamespace),
		c.forgetAddresses(),
		c.removeLogLinks(),
		cgroup.Remove(),
	)
}

// killShims ends the guardians of containers that outlived containerd; those of
// other clusters have another socket on their command line.
func (c *Cluster) killShims() error {
	commandLines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return fmt.Errorf("list the processes: %w", err)
	}
	for _, file := range commandLines {
		content, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		words := strings.Split(string(content), "\x00")
		if filepath.Base(words[0]) != "containerd-shim-runc-v2" || !slices.Contains(words, c.Layout.ContainerdSocket()) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			_ = unix.Kill(pid, unix.SIGKILL) // it may have ended meanwhile
		}
	}
	return nil
}

// unmountAll unmounts the volumes and file systems of pods, deepest first.
func (c *Cluster) unmountAll() error {
	mounts, err := c.mounts()
	if err != nil {
		return err
	}
	for _, mount := range slices.Backward(mounts) {
		if err := unix.Unmount(mount, unix.MNT_DETACH); err != nil {
			return fmt.Errorf("unmount %s: %w", mount, err)
		}
	}
	return nil
}

func (c *Cluster) mounts() ([]string, error) {
	content, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return nil, fmt.Errorf("list the mounts: %w", err)
	}
	return mountsBelow(string(content), c.Layout.State()), nil
}

// mountsBelow reads /proc/self/mounts, in which special characters are octal.
func mountsBelow(table, dir string) []string {
	unescape := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	var found []string
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		if path := unescape.Replace(fields[1]); strings.HasPrefix(path, dir+"/") {
			found = append(found, path)
		}
	}
	return found
}

// removeLogLinks removes links that the kubelet makes in a place shared by all
// kubelets of a machine.
func (c *Cluster) removeLogLinks() error {
	links, err := filepath.Glob("/var/log/containers/*.log")
	if err != nil {
		return fmt.Errorf("list the links to logs: %w", err)
	}
	for _, link := range links {
		if to, err := os.Readlink(link); err != nil || !strings.HasPrefix(to, c.Layout.State()+"/") {
			continue
		}
		if err := os.Remove(link); err != nil {
			return fmt.Errorf("remove a link to a log: %w", err)
		}
	}
	return nil
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
