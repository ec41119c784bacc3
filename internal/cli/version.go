package cli

import (
	"runtime"

	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

// versionInfo describes the plugin itself; doctor reports what the cluster runs.
type versionInfo struct {
	Version   string `json:"version"`
	GoVersion string `json:"goVersion"`
	Platform  string `json:"platform"`
}

func versionCommand(env *cmdutil.Env) *cobra.Command {
	var output *cmdutil.Output
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version of the plugin",
		Long:    "Print the version of the plugin. To see what the cluster runs, use: kubectl wismo doctor",
		Example: "  kubectl wismo version -o json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := output.Check(); err != nil {
				return err
			}
			info := versionInfo{env.Version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
			if output.Structured() {
				return output.Print(env.Out, info)
			}
			env.Printf("kubectl-wismo %s (%s, %s)\n", info.Version, info.GoVersion, info.Platform)
			return nil
		},
	}
	output = cmdutil.AddOutput(cmd)
	return cmd
}
