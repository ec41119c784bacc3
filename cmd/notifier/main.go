// The notifier of one Shop: it works off what the tracking page has received, and mails what shoppers should know.
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
	options, err := workload.ParseOptions("notifier", version, os.Args[1:], os.Stdout)
	log := workload.NewLogger(os.Stderr)
	if err == nil {
		err = run(options, log)
	}
	if err != nil && !errors.Is(err, workload.ErrDone) {
		log.Error("the notifier ends", slog.Any("error", err))
		os.Exit(1)
	}
}
