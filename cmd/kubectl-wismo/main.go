// Command kubectl-wismo is the plugin kubectl wismo. See internal/cli for what it is made of.
package main

import (
	"os"

	_ "k8s.io/client-go/plugin/pkg/client/auth" // every way to log in that kubectl has

	"github.com/wismo-dev/wismo/internal/cli"
)

var version = "dev" // set by the linker

func main() { os.Exit(cli.Main(version)) }
