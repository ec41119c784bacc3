// Command notifier is the notifier of one Shop: it processes what the tracking page has received, and sends mails to shoppers.
package main

import (
	"os"

	"github.com/wismo-dev/wismo/internal/workload"
)

var version = "dev" // set by the linker

func main() { os.Exit(workload.Main("notifier", version, run)) }
