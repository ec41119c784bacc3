// Command nextmanager is the operator as it is, in the belief that it is another version: what it does to the objects of
// Shops that run shows what an upgrade of the operator alone does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/wismo-dev/wismo/internal/manager"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := manager.Run(ctx, "99.0.0-next+1", os.Args[1:], os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "nextmanager:", err)
		os.Exit(1)
	}
}
