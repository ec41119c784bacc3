package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

const shutdownGrace = 3 * time.Second

// serve accepts mail and serves it over HTTP until ctx ends.
func serve(ctx context.Context, smtpAddress, httpAddress string, box *box) error {
	var listen net.ListenConfig
	mailListener, err := listen.Listen(ctx, "tcp", smtpAddress)
	if err != nil {
		return fmt.Errorf("listening for SMTP: %w", err)
	}
	webListener, err := listen.Listen(ctx, "tcp", httpAddress)
	if err != nil {
		return errors.Join(fmt.Errorf("listening for HTTP: %w", err), mailListener.Close())
	}
	mail := newSMTPServer(box)
	web := &http.Server{Handler: newHandler(box), ReadHeaderTimeout: 5 * time.Second}
	slog.Info("started: accepting mail over SMTP and serving it over HTTP", "smtp", mailListener.Addr().String(), "http", webListener.Addr().String())

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return mail.Serve(mailListener) })
	group.Go(func() error {
		if err := web.Serve(webListener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		defer cancel()
		err := errors.Join(mail.Shutdown(grace), web.Shutdown(grace))
		// Shutdown does not close a listener before Serve has it.
		if closed := mailListener.Close(); !errors.Is(closed, net.ErrClosed) {
			err = errors.Join(err, closed)
		}
		return err
	})
	return group.Wait()
}
