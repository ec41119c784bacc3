// Command tracking-page is the tracking page of one Shop: it shows shoppers where their orders are, and receives webhooks.
package main

import (
	"os"

	"github.com/wismo-dev/wismo/internal/workload"
)

var version = "dev" // set by the linker

func main() { os.Exit(workload.Main("tracking-page", version, run)) }
