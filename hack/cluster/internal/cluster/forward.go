package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"syscall"
	"time"

	"github.com/wismo-dev/wismo/hack/cluster/internal/build"
	"github.com/wismo-dev/wismo/hack/cluster/internal/forward"
)

// Forward opens a local port that leads to a Service, and returns when it listens.
func (c *Cluster) Forward(ctx context.Context, spec forward.Spec) error {
	if err := spec.Validate(); err != nil {
		return err
	}
	if !c.Running() {
		return ErrDown
	}
	directory := forward.Directory(c.Layout.Forwards())
	specs, err := directory.List()
	if err != nil {
		return err
	}
	if err := checkFree(ctx, specs, spec); err != nil {
		return err
	}
	if err := directory.Put(spec); err != nil {
		return err
	}
	err = c.await(ctx, "forward", "listening on "+spec.Listen, func(ctx context.Context) error {
		if !busy(ctx, spec.Listen) {
			return errors.New("the forward daemon does not listen yet")
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.Log.Say("opened a forward: %s leads to %s", spec.Listen, spec.To)
	return c.warnIfMissing(ctx, spec)
}

// checkFree returns an error if another forward or another process uses the address of a forward.
func checkFree(ctx context.Context, specs []forward.Spec, spec forward.Spec) error {
	if other, taken := forward.Taken(specs, spec.Listen, spec.Name); taken {
		return fmt.Errorf("%s is already used by the forward %s; choose another port, or remove it with `forward %s --remove`",
			spec.Listen, other.Name, other.Name)
	}
	if !holds(specs, spec.Name, spec.Listen) && busy(ctx, spec.Listen) {
		return fmt.Errorf("another process listens on %s; choose another port", spec.Listen)
	}
	return nil
}

// holds reports whether the forward of that name already listens on the address, whatever its target.
func holds(specs []forward.Spec, name, listen string) bool {
	return slices.ContainsFunc(specs, func(s forward.Spec) bool { return s.Name == name && s.Listen == listen })
}

// busy reports whether a process listens on the address. It tries to listen instead of connecting, so that the Service
// behind a forward sees no extra connection.
func busy(ctx context.Context, address string) bool {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err == nil {
		_ = listener.Close()
	}
	return errors.Is(err, syscall.EADDRINUSE)
}

// warnIfMissing prints a warning if the target Service does not exist.
func (c *Cluster) warnIfMissing(ctx context.Context, spec forward.Spec) error {
	target, err := forward.ParseTarget(spec.To)
	if err != nil {
		return err
	}
	programs, err := c.builder.Ensure(ctx, build.Kubernetes())
	if err != nil {
		return err
	}
	if err := c.kubectl(ctx, programs, "", "get", "service", target.Service, "--namespace="+target.Namespace); err != nil {
		c.Log.Say("the Service %s/%s does not exist: connections fail until it is created", target.Namespace, target.Service)
	}
	return nil
}

// RemoveForward removes a forward, and returns when its local port is free.
func (c *Cluster) RemoveForward(ctx context.Context, name string) error {
	directory := forward.Directory(c.Layout.Forwards())
	specs, err := directory.List()
	if err != nil {
		return err
	}
	if err := directory.Remove(name); err != nil {
		return err
	}
	for _, spec := range specs {
		if spec.Name == name && c.Running() {
			return c.awaitFree(ctx, spec.Listen)
		}
	}
	return nil
}

// awaitFree waits until no process listens on the address, for at most five seconds.
func (c *Cluster) awaitFree(ctx context.Context, address string) error {
	const timeout = 5 * time.Second
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for busy(ctx, address) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is still in use; see %s", address, c.Layout.Log("forward"))
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// Forwards returns all forwards.
func (c *Cluster) Forwards() ([]forward.Spec, error) {
	return forward.Directory(c.Layout.Forwards()).List()
}
