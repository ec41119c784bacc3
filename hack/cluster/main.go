// Command cluster runs a real one-node Kubernetes on this machine, built from Go
// modules and Debian packages, for developing and testing Wismo without Docker.
package main

import (
	"os"

	"github.com/wismo-dev/wismo/hack/cluster/internal/cli"
)

func main() {
	os.Exit(cli.Run(os.Args[1:], os.Stdout, os.Stderr))
}
