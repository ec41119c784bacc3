package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Reference returns the help of every command below root as Markdown, for docs/cli.md.
func Reference(root *cobra.Command) string {
	root.InitDefaultCompletionCmd()
	var b strings.Builder
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" || cmd.Name() == "help" {
			continue // cobra's own; hack/clidoc/preface.md explains them
		}
		describe(&b, cmd)
		for _, below := range cmd.Commands() {
			describe(&b, below)
		}
	}
	return b.String()
}

func describe(b *strings.Builder, cmd *cobra.Command) {
	if cmd.HasSubCommands() {
		return
	}
	cmd.InitDefaultHelpFlag()
	path := strings.TrimPrefix(cmd.CommandPath(), "kubectl wismo ")
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n```\n%s\n```\n\n", path, markdown(cmd.Long), cmd.UseLine())
	fmt.Fprintf(b, "```sh\n%s\n```\n\n| flag | meaning |\n|---|---|\n", strings.ReplaceAll(strings.TrimPrefix(cmd.Example, "  "), "\n  ", "\n"))
	for line := range strings.Lines(cmd.LocalFlags().FlagUsages()) {
		flag, meaning, _ := strings.Cut(strings.TrimSpace(line), "   ")
		fmt.Fprintf(b, "| `%s` | %s |\n", flag, strings.ReplaceAll(strings.TrimSpace(meaning), "|", "\\|"))
	}
}

// markdown turns the lists that a help text aligns with spaces into Markdown lists.
func markdown(help string) string {
	var lines []string
	for line := range strings.Lines(help) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "  --"); ok {
			flag, meaning, _ := strings.Cut(rest, "  ")
			line = "- `--" + flag + "` " + strings.TrimSpace(meaning)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
