// Command notifier processes the webhooks that the tracking page of one Shop has stored, and mails the news to shoppers.
package main

import (
	"os"

	"github.com/wismo-dev/wismo/internal/workload"
)

var version = "dev" // set by the linker

func main() { os.Exit(workload.Main("notifier", version, run)) }
