package workload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Limits of every server, so that a slow or huge request costs little.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 16 << 10
	shutdownTimeout   = 8 * time.Second // after the drain, for requests in flight
)

// NewLogger returns a logger that writes one JSON object per line.
func NewLogger(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }

// NewServer returns an http.Server with the limits of every server of a workload.
// A handler that streams must extend its own write deadline (http.ResponseController).
func NewServer(addr string, handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Addr: addr, Handler: Recovered(log, handler),
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelDebug), // it names remote addresses: personal data
	}
}

// Run serves until ctx ends. Then it becomes unready, keeps answering during the drain so that the cluster's proxies stop sending
// requests, and finishes the requests in flight. It returns the first failure.
func (i *Internal) Run(ctx context.Context, servers []*http.Server, drain time.Duration) error {
	failed := make(chan error, len(servers))
	for _, s := range servers {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Addr)
		if err != nil {
			closeAll(servers)
			return fmt.Errorf("listening: %w", err)
		}
		i.log.Info("started listening for HTTP requests", "address", listener.Addr().String())
		go func() {
			if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("serving %s: %w", s.Addr, err)
			}
		}()
	}
	select {
	case err := <-failed:
		closeAll(servers)
		return err
	case <-ctx.Done():
	}
	i.Drain()
	i.log.Info("shutting down; /readyz fails from now on, and requests are still answered until the drain ends", "seconds", drain.Seconds())
	select {
	case err := <-failed:
		closeAll(servers)
		return err
	case <-time.After(drain):
	}
	return shutdown(servers)
}

// shutdown finishes the requests in flight of all servers at once, and cuts off those that take longer than shutdownTimeout.
func shutdown(servers []*http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	done := make(chan error, len(servers))
	for _, s := range servers {
		go func() { done <- s.Shutdown(ctx) }()
	}
	var errs []error
	for range servers {
		errs = append(errs, <-done)
	}
	closeAll(servers)
	return errors.Join(errs...)
}

func closeAll(servers []*http.Server) {
	for _, s := range servers {
		_ = s.Close() // an error changes nothing: the process ends
	}
}
