// The tracking page of one Shop: it shows shoppers where their orders are, and receives the webhooks that say so.
package main

import (
	"errors"
	"log/slog"
	"os"

	"github.com/wismo-dev/wismo/internal/workload"
)

// version is set by the linker.
var version = "dev"

func main() {
	options, err := workload.ParseOptions("tracking-page", version, os.Args[1:], os.Stdout)
	log := workload.NewLogger(os.Stderr)
	if err == nil {
		err = run(options, log)
	}
	if err != nil && !errors.Is(err, workload.ErrDone) {
		log.Error("the tracking page ends", slog.Any("error", err))
		os.Exit(1)
	}
}
