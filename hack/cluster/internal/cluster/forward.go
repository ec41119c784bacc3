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

// Forward opens a local port that leads to a Service.
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
	if err := canListen(ctx, specs, spec); err != nil {
		return err
	}
	if err := directory.Put(spec); err != nil {
		return err
	}
	err = c.await(ctx, "forward", "listening on "+spec.Listen, func(ctx context.Context) error {
		if !busy(ctx, spec.Listen) {
			return errors.New("nothing listens yet")
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.Log.Say("%s leads to %s", spec.Listen, spec.To)
	return c.warnIfMissing(ctx, spec)
}

// canListen explains who has the address already.
func canListen(ctx context.Context, specs []forward.Spec, spec forward.Spec) error {
	if other, taken := forward.Taken(specs, spec.Listen, spec.Name); taken {
		return fmt.Errorf("%s is used by the forward %s already; choose another port, or remove it with `forward %s --remove`",
			spec.Listen, other.Name, other.Name)
	}
	if !holds(specs, spec.Name, spec.Listen) && busy(ctx, spec.Listen) {
		return fmt.Errorf("something else listens on %s; choose another port", spec.Listen)
	}
	return nil
}

// holds reports whether a forward listens there already, whatever it leads to.
func holds(specs []forward.Spec, name, listen string) bool {
	return slices.ContainsFunc(specs, func(s forward.Spec) bool { return s.Name == name && s.Listen == listen })
}

// busy tries to listen instead of connecting, so that the Service never sees a
// connection of ours.
func busy(ctx context.Context, address string) bool {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err == nil {
		_ = listener.Close()
	}
	return errors.Is(err, syscall.EADDRINUSE)
}

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
		c.Log.Say("there is no Service %s/%s yet: connections fail until there is", target.Namespace, target.Service)
	}
	return nil
}

// RemoveForward closes a local port.
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

// awaitFree returns when the port can be used again.
func (c *Cluster) awaitFree(ctx context.Context, address string) error {
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
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

// Forwards lists the forwards.
func (c *Cluster) Forwards() ([]forward.Spec, error) {
	return forward.Directory(c.Layout.Forwards()).List()
}
