// Command tracking-page shows the orders of one Shop to its shoppers, and receives the webhooks of its sources.
package main

import (
	"os"

	"github.com/wismo-dev/wismo/internal/workload"
)

var version = "dev" // set by the linker

func main() { os.Exit(workload.Main("tracking-page", version, run)) }
