package forward

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"
)

const (
	rescan      = 250 * time.Millisecond
	dialTimeout = 5 * time.Second
)

// Daemon listens on the local address of each forward in a directory, and connects each client to the forward's target.
type Daemon struct {
	Directory Directory
	// Resolve returns the address of a Service. It is called for each connection.
	Resolve func(context.Context, Target) (string, error)
	// Dial connects inside the cluster's network namespace.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	Log  *slog.Logger

	open map[string]*listener
}

type listener struct {
	net.Listener
	spec    Spec
	problem string
}

// Run opens and closes forwards as files in the directory come and go, until the context ends.
func (d *Daemon) Run(ctx context.Context) error {
	d.open = map[string]*listener{}
	ticker := time.NewTicker(rescan)
	defer ticker.Stop()
	for {
		specs, err := d.Directory.List()
		if err != nil {
			return err
		}
		d.follow(ctx, specs)
		select {
		case <-ctx.Done():
			d.follow(ctx, nil)
			return nil
		case <-ticker.C:
		}
	}
}

// follow closes forwards that are not in specs any more or have changed, then opens those that are not open.
func (d *Daemon) follow(ctx context.Context, specs []Spec) {
	wanted := map[string]Spec{}
	for _, spec := range specs {
		wanted[spec.Name] = spec
	}
	for name, l := range d.open {
		if spec, ok := wanted[name]; !ok || spec != l.spec {
			l.close()
			delete(d.open, name)
		}
	}
	for name, spec := range wanted {
		if l := d.open[name]; l == nil || l.Listener == nil {
			d.open[name] = d.listen(ctx, spec, l)
		}
	}
}

// listen opens a forward. A problem is logged once, not at every rescan.
func (d *Daemon) listen(ctx context.Context, spec Spec, before *listener) *listener {
	opened, err := new(net.ListenConfig).Listen(ctx, "tcp", spec.Listen)
	if err != nil {
		if before == nil || before.problem != err.Error() {
			d.Log.Error("failed to open a forward; will try again", "forward", spec.Name, "listen", spec.Listen, "error", err)
		}
		return &listener{spec: spec, problem: err.Error()}
	}
	d.Log.Info("opened a forward", "forward", spec.Name, "listen", spec.Listen, "to", spec.To)
	l := &listener{Listener: opened, spec: spec}
	go d.accept(ctx, l)
	return l
}

func (l *listener) close() {
	if l.Listener != nil {
		_ = l.Close()
	}
}

func (d *Daemon) accept(ctx context.Context, l *listener) {
	for {
		client, err := l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // such as too many open files
			d.Log.Error("failed to accept a connection; will try again", "forward", l.spec.Name, "listen", l.spec.Listen, "error", err)
			time.Sleep(rescan)
		default:
			go d.serve(ctx, l.spec, client)
		}
	}
}

func (d *Daemon) serve(ctx context.Context, spec Spec, client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := d.connect(ctx, spec)
	if err != nil {
		d.Log.Warn("failed to connect to the target; closed the client's connection", "forward", spec.Name, "to", spec.To, "error", err)
		return
	}
	defer func() { _ = server.Close() }()
	join(client, server)
}

func (d *Daemon) connect(ctx context.Context, spec Spec) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	address := spec.To
	if target, err := ParseTarget(spec.To); err == nil {
		if address, err = d.Resolve(ctx, target); err != nil {
			return nil, err
		}
	}
	return d.Dial(ctx, "tcp", address)
}

// join copies in both directions until both sides have closed theirs. If one direction fails, it closes both connections.
func join(a, b net.Conn) {
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		both.Go(func() {
			_, err := io.Copy(way[0], way[1])
			if half, ok := way[0].(interface{ CloseWrite() error }); ok && err == nil {
				_ = half.CloseWrite()
				return
			}
			_ = way[0].Close()
			_ = way[1].Close()
		})
	}
	both.Wait()
}
