// Package netns makes, enters and removes the network namespace in which the
// whole cluster lives. Nothing in it can leave the machine, and its rules,
// addresses and settings end with it.
package netns

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/vishvananda/netns"

	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
)

const directory = "/run/netns"

// Exists reports whether the cluster's namespace is there.
func Exists() bool {
	_, err := os.Stat(filepath.Join(directory, layout.NetworkNamespace()))
	return err == nil
}

// Ensure makes the namespace with the node's address in it and reports whether
// it had to.
func Ensure(ctx context.Context) (made bool, err error) {
	if Exists() {
		return false, nil
	}
	for _, command := range setup() {
		if err := run(ctx, command); err != nil {
			return false, errors.Join(err, Remove(ctx, layout.NetworkNamespace()))
		}
	}
	return true, Do(func() error {
		if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644); err != nil {
			return fmt.Errorf("let pods reach each other: %w", err)
		}
		return nil
	})
}

// setup lists the commands that make the namespace. The node's address sits on
// one end of a veth pair whose other end is in the same namespace, because the
// API server refuses loopback addresses as endpoints and not every kernel has
// dummy devices. The default route leads into that pair and so to nowhere.
func setup() []string {
	in := "ip -n " + layout.NetworkNamespace() + " "
	return []string{
		"ip netns add " + layout.NetworkNamespace(),
		in + "link set lo up",
		in + "link add wismo0 type veth peer name wismo1",
		in + "link set wismo1 up",
		in + "addr add " + layout.NodeIP + "/24 dev wismo0",
		in + "link set wismo0 up",
		in + "route add default dev wismo0",
	}
}

// Remove deletes a named namespace if it is there.
func Remove(ctx context.Context, name string) error {
	if _, err := os.Stat(filepath.Join(directory, name)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return run(ctx, "ip netns del "+name)
}

func run(ctx context.Context, command string) error {
	words := strings.Fields(command)
	if out, err := exec.CommandContext(ctx, words[0], words[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", command, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Do runs f on a thread that is inside the namespace. Processes started and
// sockets opened by f itself are inside too.
func Do(f func() error) error {
	result := make(chan error, 1)
	go func() {
		// The thread is never unlocked, so that it ends with this goroutine and no
		// other goroutine finds itself inside the namespace.
		runtime.LockOSThread()
		if err := Enter(); err != nil {
			result <- err
			return
		}
		result <- f()
	}()
	return <-result
}

// Enter moves the calling thread into the namespace for good.
func Enter() error {
	handle, err := netns.GetFromName(layout.NetworkNamespace())
	if err != nil {
		return fmt.Errorf("the network namespace %s is not there (%w); start the cluster with `up`", layout.NetworkNamespace(), err)
	}
	defer func() { _ = handle.Close() }()
	if err := netns.Set(handle); err != nil {
		return fmt.Errorf("enter the network namespace %s: %w", layout.NetworkNamespace(), err)
	}
	return nil
}

// Dial connects to an IP address and port inside the namespace.
func Dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	err = Do(func() error {
		conn, err = new(net.Dialer).DialContext(ctx, network, address)
		return err
	})
	return conn, err
}
