//go:build linux || darwin

package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/testing/terminal"
)

func TestMain(m *testing.M) {
	terminal.Plugin()
	os.Exit(m.Run())
}

// sit starts the plugin at a terminal; its standard output goes into a file meanwhile.
func sit(t *testing.T, args ...string) (*terminal.Terminal, *bytes.Buffer) {
	t.Helper()
	out := &bytes.Buffer{}
	return terminal.Sit(t, filepath.Join(t.TempDir(), "none"), out, args...), out
}

func TestOnboardAsksAgainForWhatCannotBeAndSaysWhy(t *testing.T) {
	s, out := sit(t, "onboard")
	for _, step := range []struct{ asks, answer, refused string }{
		{"Name of the Shop", "", "This answer is required"},
		{"Name of the Shop", "Linden!", "metadata.name"},
		{"Name of the Shop", "linden", ""},
		{"[track.linden.example]:", "linden", "spec.hostname"},
		{"[track.linden.example]:", "", ""},
		{"Home country", "Nederland", "spec.homeCountry"},
		{"Home country", "us", ""},
		{"because US alone does not determine it", "New York", "spec.timeZone"},
		{"because US alone does not determine it", "America/New_York", ""},
		{"E-mail address of customer support", "nobody", "spec.support.email"},
		{"E-mail address of customer support", "help@linden.example", ""},
		{"Carriers and aggregators", "sendcloud, postnrd", `the catalog has no definition "postnrd"`},
		{"Carriers and aggregators", "sendcloud, easypost", ""},
		{"Shop systems", "sendcloud", "sends no orders"},
		{"Shop systems", "", ""},
	} {
		s.Expect(step.asks)
		s.Press(step.answer + "\n")
		if step.refused != "" {
			s.Expect(step.refused)
		}
	}
	if code := s.End(); code != cmdutil.ExitFine {
		t.Fatalf("exit code %d:\n%s", code, s.Screen())
	}
	flags := run(t, "", "onboard", "linden", "--hostname", "track.linden.example", "--country", "US", "--time-zone", "America/New_York",
		"--support-email", "help@linden.example", "--carrier", "sendcloud", "--carrier", "easypost")
	if got := out.String(); got != flags.out || flags.code != cmdutil.ExitFine {
		t.Errorf("the answers make other documents than the flags:\n%s\nthe flags:\n%s%s", got, flags.out, flags.err)
	}
}

// A flag that cannot be is no question of a person's: it is refused before the first.
func TestOnboardRefusesAWrongFlagBeforeItAsks(t *testing.T) {
	s, _ := sit(t, "onboard", "--hostname", "linden")
	s.Expect("spec.hostname")
	if code := s.End(); code != cmdutil.ExitUnable || strings.Contains(s.Screen(), "Name of the Shop") {
		t.Errorf("exit code %d:\n%s", code, s.Screen())
	}
}

func TestWhoStopsAnsweringFindsNothingWritten(t *testing.T) {
	for name, c := range map[string]struct{ keys, says string }{
		"Ctrl-C": {terminal.ControlC, "error: interrupted; nothing was written"},
		"Ctrl-D": {terminal.ControlD, "error: the answers ended; nothing was written"},
	} {
		t.Run(name, func(t *testing.T) {
			directory := filepath.Join(t.TempDir(), "linden")
			s, out := sit(t, "onboard", "linden", "-d", directory)
			s.Expect("Hostname of the tracking page")
			s.Press("\n")
			s.Expect("Home country")
			s.Press(c.keys)
			s.Expect(c.says)
			if code := s.End(); code != cmdutil.ExitUnable {
				t.Errorf("exit code %d, want %d", code, cmdutil.ExitUnable)
			}
			if _, err := os.Stat(directory); !os.IsNotExist(err) || out.Len() > 0 {
				t.Errorf("something was written: %v %s", err, out)
			}
		})
	}
}

// A directory holds only whole files: what is written beside them has another name, and goes.
func TestOnboardLeavesNothingBesideItsFiles(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "linden")
	if got := run(t, "", "onboard", "linden", "--hostname", "track.linden.example", "--country", "NL", "-d", directory); got.code != cmdutil.ExitFine {
		t.Fatal(got.err)
	}
	entries, err := os.ReadDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || strings.HasPrefix(e.Name(), ".") || info.Mode().Perm() != 0o644 {
			t.Errorf("%s %s: %v", e.Name(), info.Mode(), err)
		}
	}
}
