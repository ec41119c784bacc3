// Package host finds out whether this machine can carry the cluster and, on
// Debian, installs the packages that are missing.
package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wismo-dev/wismo/hack/cluster/internal/progress"
)

// requirement is a file that has to be there, and the Debian package it is in.
type requirement struct{ Program, Package string }

var requirements = []requirement{
	{"containerd", "containerd"},
	{"ctr", "containerd"},
	{"runc", "runc"},
	{"ptp", "containernetworking-plugins"},
	{"nft", "nftables"},
	{"iptables", "iptables"},
	{"conntrack", "conntrack"},
	{"ip", "iproute2"},
}

// PluginDirs are where distributions put network plugins.
var PluginDirs = []string{"/usr/lib/cni", "/opt/cni/bin"}

// Elsewhere tells what to do on a machine that cannot carry the cluster.
const Elsewhere = `Wismo can be tried on any other cluster as well:
  with Docker:         kind create cluster
  with your cluster:   export KUBECONFIG=/path/to/kubeconfig`

// Check explains why the cluster cannot run here, or returns nil.
func Check() error {
	return check(runtime.GOOS, os.Geteuid(), unshareNetwork)
}

func check(system string, user int, tryNetwork func() error) error {
	switch {
	case system != "linux":
		return fmt.Errorf("the cluster needs Linux, and this is %s.\n%s", system, Elsewhere)
	case user != 0:
		return fmt.Errorf("the cluster needs root, for network namespaces and containers, and this is user %d.\n"+
			"Try again as root, for example with `sudo -E env PATH=\"$PATH\" go run -C hack/cluster . up`.\n%s", user, Elsewhere)
	}
	if err := tryNetwork(); err != nil {
		return fmt.Errorf("the cluster needs network namespaces, and this machine does not let root make one (%w).\n"+
			"In a container, give it more rights, for example with --privileged.\n%s", err, Elsewhere)
	}
	return nil
}

// unshareNetwork tries on a thread that ends at once, so nothing else is affected.
func unshareNetwork() error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		result <- unix.Unshare(unix.CLONE_NEWNET | unix.CLONE_NEWNS)
	}()
	return <-result
}

// Missing lists the Debian packages of programs that are not there.
func Missing() []string {
	return missing(requirements, Look)
}

func missing(required []requirement, look func(string) (string, error)) []string {
	var packages []string
	seen := map[string]bool{}
	for _, r := range required {
		if _, err := look(r.Program); err != nil && !seen[r.Package] {
			seen[r.Package] = true
			packages = append(packages, r.Package)
		}
	}
	return packages
}

// Look finds a program in PATH, where root's programs are, and where network
// plugins are.
func Look(program string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	for _, dir := range append([]string{"/usr/sbin", "/sbin"}, PluginDirs...) {
		path := filepath.Join(dir, program)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed", program)
}

// Install brings what is missing with apt-get, or says what to install where
// there is no apt-get.
func Install(ctx context.Context, log *progress.Log) error {
	packages := Missing()
	if len(packages) == 0 {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("these are missing, and only Debian's apt-get is known to this tool: %s.\n"+
			"Install them and try again.\n%s", strings.Join(packages, " "), Elsewhere)
	}
	for i, name := range packages {
		began := time.Now()
		err := apt(ctx, "install", name)
		if err != nil && i == 0 { // the lists may be missing or old
			err = errors.Join(apt(ctx, "update"), apt(ctx, "install", name))
		}
		if err != nil {
			return fmt.Errorf("install %s: %w", name, err)
		}
		log.Say("installed %s with apt-get in %.1fs", name, time.Since(began).Seconds())
	}
	if still := Missing(); len(still) > 0 {
		return fmt.Errorf("apt-get did not bring the programs of: %s", strings.Join(still, " "))
	}
	return nil
}

func apt(ctx context.Context, verb string, packages ...string) error {
	args := append([]string{"-y", "-q", "--no-install-recommends", verb}, packages...)
	cmd := exec.CommandContext(ctx, "apt-get", args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %s: %w\n%s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
