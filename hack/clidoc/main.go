// Command clidoc prints docs/cli.md: a preface, then the help of every command of kubectl wismo.
package main

import (
	_ "embed"
	"fmt"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/wismo-dev/wismo/internal/cli"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

//go:embed preface.md
var preface string

func main() {
	fmt.Print(preface, cli.Reference(cli.New(cmdutil.New(genericiooptions.NewTestIOStreamsDiscard(), ""))))
}
