// The notifier of one Shop: it works off what the tracking page has received, and mails what shoppers should know.
package main

import (
	"os"

	"github.com/wismo-dev/wismo/internal/workload"
)

var version = "dev" // set by the linker

func main() { os.Exit(workload.Main("notifier", version, run)) }
