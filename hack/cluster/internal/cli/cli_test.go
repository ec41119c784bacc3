package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	var check func(*cobra.Command)
	check = func(cmd *cobra.Command) {
		if cmd.HasParent() && (cmd.Short == "" || !strings.Contains(cmd.Example, "go run -C hack/cluster . ")) {
			t.Errorf("%s lacks help or an example", cmd.CommandPath())
		}
		for _, sub := range cmd.Commands() {
			check(sub)
		}
	}
	check(newRoot())
}

func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"unknown command":          {[]string{"start"}, "unknown command"},
		"superfluous argument":     {[]string{"up", "now"}, "unknown command"},
		"unknown flag":             {[]string{"down", "--all"}, "unknown flag"},
		"forward without name":     {[]string{"forward"}, "arg"},
		"forward without flags":    {[]string{"forward", "web"}, "[listen remove]"},
		"forward half given":       {[]string{"forward", "web", "--listen", "127.0.0.1:80"}, "to"},
		"forward on all addresses": {[]string{"forward", "web", "--listen", "0.0.0.0:80", "--to", "a/b:80"}, "not a loopback address"},
		"exec without command":     {[]string{"exec"}, "arg"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("XDG_CACHE_HOME", t.TempDir())
			var stdout, stderr strings.Builder
			if code := Run(test.args, &stdout, &stderr); code == 0 {
				t.Error("succeeded")
			}
			if !strings.HasPrefix(stderr.String(), "error: ") || !strings.Contains(stderr.String(), test.want) {
				t.Errorf("got %q, want it to say %q", stderr.String(), test.want)
			}
			if stdout.String() != "" {
				t.Errorf("wrote %q to stdout", stdout.String())
			}
		})
	}
}

func TestQuote(t *testing.T) {
	if got := quote("/it's here"); got != `'/it'\''s here'` {
		t.Errorf("got %s", got)
	}
}
