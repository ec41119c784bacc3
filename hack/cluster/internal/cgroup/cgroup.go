// Package cgroup makes and removes the one control group tree in which the
// kubelet puts all pods.
package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
)

// Root is where control groups are mounted.
const Root = "/sys/fs/cgroup"

// kubeletControllers are the controllers that the kubelet needs, as far as the kernel has them.
var kubeletControllers = []string{"cpu", "cpuset", "memory", "pids", "io", "hugetlb"}

// IsV2 reports whether the machine has one unified tree instead of one for
// each controller.
func IsV2() bool {
	_, err := os.Stat(filepath.Join(Root, "cgroup.controllers"))
	return err == nil
}

// Ensure creates the control group tree, or completes it.
func Ensure() error {
	if IsV2() {
		return ensureV2(Root)
	}
	return ensureV1(Root)
}

// ensureV1 creates one group for each controller that is mounted.
func ensureV1(root string) error {
	entries, err := os.ReadDir(root)
	if err != nil {
		return fmt.Errorf("list the control groups: %w", err)
	}
	for _, entry := range entries {
		// cpu and cpuacct may be links to one mount; "unified" is the v2 part of a hybrid
		if entry.Name() == "unified" || !isDir(filepath.Join(root, entry.Name())) {
			continue
		}
		group := filepath.Join(root, entry.Name(), layout.Cgroup())
		if err := os.MkdirAll(group, 0o755); err != nil {
			return fmt.Errorf("create the control group: %w", err)
		}
	}
	return copyCPUSet(filepath.Join(root, "cpuset"))
}

// copyCPUSet copies the parent's CPUs and memory nodes to our group, because a
// new v1 cpuset is empty and no process may enter it.
func copyCPUSet(dir string) error {
	if !isDir(dir) {
		return nil
	}
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		value, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		if err := os.WriteFile(filepath.Join(dir, layout.Cgroup(), file), value, 0o644); err != nil {
			return fmt.Errorf("set %s: %w", file, err)
		}
	}
	return nil
}

// ensureV2 enables the controllers in the root, for our group, and in our group,
// for its children. In a container the visible root is not the real one, and the
// kernel refuses this while processes are in it: they are moved to a group of
// their own first.
func ensureV2(root string) error {
	err := delegate(root)
	if errors.Is(err, syscall.EBUSY) {
		if err = moveAll(root, filepath.Join(root, "init")); err == nil {
			err = delegate(root)
		}
	}
	if err != nil {
		return err
	}
	group := filepath.Join(root, layout.Cgroup())
	if err := os.MkdirAll(group, 0o755); err != nil {
		return fmt.Errorf("create the control group: %w", err)
	}
	return delegate(group)
}

// delegate enables the available controllers for the children of a group.
func delegate(group string) error {
	available, err := os.ReadFile(filepath.Join(group, "cgroup.controllers"))
	if err != nil {
		return fmt.Errorf("read the available controllers: %w", err)
	}
	var wanted []string
	for _, controller := range strings.Fields(string(available)) {
		if slices.Contains(kubeletControllers, controller) {
			wanted = append(wanted, "+"+controller)
		}
	}
	file := filepath.Join(group, "cgroup.subtree_control")
	if err := os.WriteFile(file, []byte(strings.Join(wanted, " ")), 0o644); err != nil {
		return fmt.Errorf("enable the controllers for the children of %s: %w", group, err)
	}
	return nil
}

func moveAll(from, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return fmt.Errorf("create a control group for running processes: %w", err)
	}
	pids, err := os.ReadFile(filepath.Join(from, "cgroup.procs"))
	if err != nil {
		return fmt.Errorf("list the running processes: %w", err)
	}
	for _, pid := range strings.Fields(string(pids)) {
		err := os.WriteFile(filepath.Join(to, "cgroup.procs"), []byte(pid), 0o644)
		if err != nil && !errors.Is(err, syscall.ESRCH) { // it may have ended meanwhile
			return fmt.Errorf("move process %s: %w", pid, err)
		}
	}
	return nil
}

// KillAll ends every process of every pod.
func KillAll() error {
	for _, tree := range trees(Root) {
		groups, err := groupsIn(tree)
		if err != nil {
			return err
		}
		for _, group := range groups {
			kill(group)
		}
	}
	return nil
}

// kill ends the processes of one group; those that ended meanwhile are fine.
func kill(group string) {
	pids, err := os.ReadFile(filepath.Join(group, "cgroup.procs"))
	if err != nil {
		return
	}
	for _, text := range strings.Fields(string(pids)) {
		if pid, err := strconv.Atoi(text); err == nil && pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// Remove removes the tree, deepest groups first. Killed processes take a moment
// to leave their groups.
func Remove() error {
	const patience = 3 * time.Second
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		var errs []error
		for _, tree := range trees(Root) {
			errs = append(errs, removeTree(tree))
		}
		err := errors.Join(errs...)
		if !errors.Is(err, syscall.EBUSY) || time.Now().After(deadline) {
			return err
		}
	}
}

func trees(root string) []string {
	if IsV2() {
		return []string{filepath.Join(root, layout.Cgroup())}
	}
	found, _ := filepath.Glob(filepath.Join(root, "*", layout.Cgroup())) // the pattern is valid
	return found
}

func groupsIn(tree string) ([]string, error) {
	var groups []string
	err := filepath.WalkDir(tree, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			groups = append(groups, name)
		}
		return nil // groups may vanish while we look
	})
	if err != nil {
		return nil, fmt.Errorf("list the control groups: %w", err)
	}
	return groups, nil
}

func removeTree(tree string) error {
	groups, err := groupsIn(tree)
	if err != nil {
		return err
	}
	for _, group := range slices.Backward(groups) {
		if err := os.Remove(group); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the control group: %w", err)
		}
	}
	return nil
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
