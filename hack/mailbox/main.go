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
	smtpAddress := flag.String("smtp", ":2525", "address on which mail is accepted")
	httpAddress := flag.String("http", ":8025", "address on which the received mail is served")
	capacity := flag.Int("capacity", 2000, "number of mails kept; the oldest are dropped first")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *smtpAddress, *httpAddress, newBox(*capacity)); err != nil {
		slog.Error("the mailbox stopped; its mails are lost", "error", err)
		os.Exit(1)
	}
}
