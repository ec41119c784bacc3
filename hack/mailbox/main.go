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
	httpAddress := flag.String("http", ":8025", "address that shows the mail")
	capacity := flag.Int("capacity", 2000, "mails kept; the oldest are forgotten first")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *smtpAddress, *httpAddress, newBox(*capacity)); err != nil {
		slog.Error("The mailbox stopped", "error", err)
		os.Exit(1)
	}
}
