package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/wismo-dev/wismo/hack/cluster/internal/cgroup"
	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
	"github.com/wismo-dev/wismo/hack/cluster/internal/netns"
)

// removeTraces removes what processes leave on the machine when they end.
func (c *Cluster) removeTraces(ctx context.Context) error {
	return errors.Join(
		c.killShims(),
		c.unmountAll(),
		netns.Remove(ctx, layout.NetworkNamespace()),
		c.forgetAddresses(),
		c.removeLogLinks(),
		removeShared(),
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

// unmountAll unmounts the volumes and file systems of pods, deepest first. It looks again, because one place may have
// been mounted twice, and what a killed process was about to mount may come late.
func (c *Cluster) unmountAll() error {
	const looks = 5
	for range looks {
		mounts, err := c.mounts()
		if err != nil || len(mounts) == 0 {
			return err
		}
		for _, mount := range slices.Backward(mounts) {
			if err := unix.Unmount(mount, unix.MNT_DETACH); err != nil {
				return fmt.Errorf("unmount %s: %w", mount, err)
			}
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

// removeShared removes what the kubelet and containerd make in places that
// cannot be chosen. Directories that hold anything else stay.
func removeShared() error {
	for _, path := range []string{
		"/var/lib/kubelet/device-plugins/kubelet.sock", "/var/lib/kubelet/device-plugins", "/var/lib/kubelet",
		"/run/containerd/runc/k8s.io", "/run/containerd/runc", "/run/containerd/s", "/run/containerd",
	} {
		err := os.Remove(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTEMPTY) {
			return fmt.Errorf("remove what the cluster left: %w", err)
		}
	}
	return nil
}
