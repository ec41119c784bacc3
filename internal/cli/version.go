package cli

import (
	"runtime"

	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/internal/cli/kit"
)

// versionInfo is what there is to say about the plugin itself. What the cluster runs, doctor says.
type versionInfo struct {
	Version   string `json:"version"`
	GoVersion string `json:"goVersion"`
	Platform  string `json:"platform"`
}

func versionCommand(k *kit.Kit) *cobra.Command {
	var output *kit.Output
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version of the plugin",
		Long:    "Print the version of the plugin. What the cluster runs is told by: kubectl wismo doctor",
		Example: "  kubectl wismo version -o json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := output.Check(); err != nil {
				return err
			}
			info := versionInfo{k.Version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
			if output.Structured() {
				return output.Print(k.Out, info)
			}
			k.Printf("kubectl-wismo %s (%s, %s)\n", info.Version, info.GoVersion, info.Platform)
			return nil
		},
	}
	output = kit.AddOutput(cmd)
	return cmd
}
