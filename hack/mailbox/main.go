package main

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	smtpAddress := flag.String("smtp", ":2525", "address that accepts mail")
	httpAddress := flag.String("http", ":8025", "address that serves the received mail")
	capacity := flag.Int("capacity", 2000, "number of mails kept; the oldest are dropped first")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *smtpAddress, *httpAddress, newBox(*capacity)); err != nil {
		slog.Error("stopped with an error", "error", err)
		os.Exit(1)
	}
}
