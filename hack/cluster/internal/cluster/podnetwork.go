package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
)

// recordsDir is where all network plugins of a machine remember what they did.
const recordsDir = "/var/lib/cni/results"

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
	records, err := filepath.Glob(filepath.Join(recordsDir, layout.NetworkNamespace()+"-*"))
	if err != nil {
		return nil, fmt.Errorf("list the network records: %w", err)
	}
	return records, nil
}

// forgetAddresses frees the addresses of pods that ended without telling.
func (c *Cluster) forgetAddresses() error {
	records, err := pluginRecords()
	if err != nil {
		return err
	}
	stale, err := staleLoopbackRecords()
	if err != nil {
		return err
	}
	for _, record := range append(records, stale...) {
		if err := os.Remove(record); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove a network record: %w", err)
		}
	}
	if err := os.RemoveAll(c.Layout.State("cni", "addresses")); err != nil {
		return fmt.Errorf("free the addresses of pods: %w", err)
	}
	return nil
}

// staleLoopbackRecords are those of pods whose network namespace is gone. They
// do not say whose they were, and then it does not matter.
func staleLoopbackRecords() ([]string, error) {
	records, err := filepath.Glob(filepath.Join(recordsDir, "cni-loopback-*"))
	if err != nil {
		return nil, fmt.Errorf("list the network records: %w", err)
	}
	return slices.DeleteFunc(records, func(record string) bool {
		content, err := os.ReadFile(record)
		names := namespacesIn(string(content))
		return err != nil || len(names) == 0 || slices.ContainsFunc(names, func(name string) bool {
			_, err := os.Stat(filepath.Join("/run/netns", name))
			return err == nil
		})
	}), nil
}
