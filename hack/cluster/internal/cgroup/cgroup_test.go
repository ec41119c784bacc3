package cgroup

import (
	"os"
	"path/filepath"
	"testing"
)

func TestEnsureV1(t *testing.T) {
	root := t.TempDir()
	for _, controller := range []string{"cpuset", "memory", "unified"} {
		if err := os.Mkdir(filepath.Join(root, controller), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(root, "cpuset", "cpuset.cpus"), "0-1")
	write(t, filepath.Join(root, "cpuset", "cpuset.mems"), "0")
	for range 2 { // the second time everything is there
		if err := ensureV1(root); err != nil {
			t.Fatal(err)
		}
	}
	if got := read(t, filepath.Join(root, "cpuset", "wismo", "cpuset.cpus")); got != "0-1" {
		t.Errorf("the group may use CPUs %q", got)
	}
	if !isDir(filepath.Join(root, "memory", "wismo")) || isDir(filepath.Join(root, "unified", "wismo")) {
		t.Error("each v1 controller needs a group, and the v2 part must have none")
	}
}

func TestEnsureV2HandsDownOnlyWhatIsThere(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "cgroup.controllers"), "cpuset cpu memory rdma")
	if err := os.Mkdir(filepath.Join(root, "wismo"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "wismo", "cgroup.controllers"), "cpu memory") // the kernel would
	if err := ensureV2(root); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(root, "cgroup.subtree_control")); got != "+cpuset +cpu +memory" {
		t.Errorf("the root enables %q", got)
	}
	if got := read(t, filepath.Join(root, "wismo", "cgroup.subtree_control")); got != "+cpu +memory" {
		t.Errorf("the group enables %q", got)
	}
}

func TestRemoveTree(t *testing.T) {
	tree := filepath.Join(t.TempDir(), "wismo")
	if err := os.MkdirAll(filepath.Join(tree, "kubepods", "pod1"), 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := removeTree(tree); err != nil {
			t.Fatal(err)
		}
	}
	if isDir(tree) {
		t.Error("it is still there")
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
