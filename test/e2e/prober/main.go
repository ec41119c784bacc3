// Command prober tries to open TCP connections from inside a pod, so that NetworkPolicies can be tested: it succeeds
// when every address given can be reached, and fails otherwise. It must not send or read anything.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"
)

const patience = 3 * time.Second

func main() {
	for _, address := range os.Args[1:] {
		if err := reach(address); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func reach(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return connection.Close()
}
