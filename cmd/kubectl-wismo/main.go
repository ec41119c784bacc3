// Command kubectl-wismo is the plugin kubectl wismo. Its commands are in internal/cli.
package main

import (
	"os"

	_ "k8s.io/client-go/plugin/pkg/client/auth" // kubectl's authentication plugins

	"github.com/wismo-dev/wismo/internal/cli"
)

var version = "dev" // set by the linker

func main() { os.Exit(cli.Main(version)) }
