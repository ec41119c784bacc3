// Command demo shows wismo from one YAML document to a page that a shopper reads and a mail that she receives: on the
// local cluster of hack/cluster, or on the one that KUBECONFIG names. Everything it does, a user could do with kubectl
// and curl; it must not reach into the operator, the pods or their storage.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newRoot().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
