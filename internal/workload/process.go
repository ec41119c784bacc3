package workload

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// Work wires a workload together and has it serve until ctx ends.
type Work func(ctx context.Context, o Options, log *slog.Logger) error

// Main runs a workload to its end, at a signal or by a failure, and returns the exit code: 0, or 1 with the reason in the log.
func Main(program, version string, work Work) int {
	return run(program, version, os.Args[1:], os.Stdout, os.Stderr, work)
}

func run(program, version string, args []string, stdout, stderr io.Writer, work Work) int {
	log := NewLogger(stderr)
	options, err := ParseOptions(program, version, args, stdout)
	if err == nil {
		err = start(options, log, work)
	}
	if err != nil && !errors.Is(err, ErrDone) {
		log.Error("the process ends", slog.String("program", program), slog.Any("error", err))
		return 1
	}
	return 0
}

// start works until a signal; a second one kills the process at once.
func start(o Options, log *slog.Logger, work Work) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop)
	return work(ctx, o, log)
}
