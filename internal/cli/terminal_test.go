//go:build linux || darwin

package cli_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/wismo-dev/wismo/internal/cli"
	"github.com/wismo-dev/wismo/internal/cli/kit"
)

// asPlugin makes this test binary the plugin, so that a terminal and its signals reach a process of its own.
const asPlugin = "WISMO_TEST_AS_PLUGIN"

func TestMain(m *testing.M) {
	if os.Getenv(asPlugin) != "" {
		os.Exit(cli.Main("v1.2.3"))
	}
	os.Exit(m.Run())
}

// What keys send.
const (
	controlC = "\x03"
	controlD = "\x04"
)

// terminal is one at which the plugin runs.
type terminal struct {
	t       *testing.T
	keys    *os.File
	process *exec.Cmd
	out     *bytes.Buffer // of the standard output, which is a pipe

	mu     sync.Mutex
	screen bytes.Buffer
	read   int // how much of the screen was expected already
	closed chan struct{}
}

// sit starts the plugin at a terminal; its standard output goes into a file meanwhile.
func sit(t *testing.T, args ...string) *terminal {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &terminal{t: t, out: &bytes.Buffer{}, closed: make(chan struct{})}
	s.process = exec.CommandContext(t.Context(), executable, args...)
	s.process.Env = append(os.Environ(), asPlugin+"=yes", "KUBECONFIG="+filepath.Join(t.TempDir(), "none"))
	s.process.Stdout = s.out
	if s.keys, err = pty.Start(s.process); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.keys.Close() })
	go s.watch()
	return s
}

// watch copies what appears until the process ends.
func (s *terminal) watch() {
	defer close(s.closed)
	buffer := make([]byte, 4096)
	for {
		n, err := s.keys.Read(buffer)
		s.mu.Lock()
		s.screen.Write(buffer[:n])
		s.mu.Unlock()
		if err != nil { // a terminal without a process ends with an error of its own
			return
		}
	}
}

// expect waits until the screen says the words, after those that were expected before.
func (s *terminal) expect(words string) {
	s.t.Helper()
	late := time.After(time.Minute)
	for over := false; ; {
		s.mu.Lock()
		screen := s.screen.String()
		s.mu.Unlock()
		if at := strings.Index(screen[s.read:], words); at >= 0 {
			s.read += at + len(words)
			return
		}
		if over {
			s.t.Fatalf("the screen does not say %q:\n%s", words, screen)
		}
		select {
		case <-s.closed:
			over = true // but for what came just now
		case <-late:
			over = true
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (s *terminal) press(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.keys, keys); err != nil {
		s.t.Fatal(err)
	}
}

// end waits for the exit code.
func (s *terminal) end() int {
	s.t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- s.process.Wait() }()
	select {
	case err := <-ended:
		<-s.closed
		if exit, failed := errors.AsType[*exec.ExitError](err); failed {
			return exit.ExitCode()
		}
		if err != nil {
			s.t.Fatal(err)
		}
		return 0
	case <-time.After(time.Minute):
		_ = s.process.Process.Kill()
		s.t.Fatalf("the plugin does not end:\n%s", s.screen.String())
		return -1
	}
}

func TestOnboardAsksAgainForWhatCannotBeAndSaysWhy(t *testing.T) {
	s := sit(t, "onboard")
	for _, step := range []struct{ asks, answer, refused string }{
		{"Name of the Shop", "", "no Shop without it"},
		{"Name of the Shop", "Linden!", "metadata.name"},
		{"Name of the Shop", "linden", ""},
		{"[track.linden.example]:", "linden", "spec.hostname"},
		{"[track.linden.example]:", "", ""},
		{"Home country", "Nederland", "spec.homeCountry"},
		{"Home country", "us", ""},
		{"No single time zone is known for US.", "New York", "spec.timeZone"},
		{"No single time zone is known for US.", "America/New_York", ""},
		{"E-mail address of the support", "nobody", "spec.support.email"},
		{"E-mail address of the support", "help@linden.example", ""},
		{"Carriers and aggregators", "sendcloud, postnrd", `the catalog has no definition "postnrd"`},
		{"Carriers and aggregators", "sendcloud, easypost", ""},
		{"Shop systems", "sendcloud", "sends no orders"},
		{"Shop systems", "", ""},
	} {
		s.expect(step.asks)
		s.press(step.answer + "\n")
		if step.refused != "" {
			s.expect(step.refused)
		}
	}
	if code := s.end(); code != kit.ExitFine {
		t.Fatalf("exit code %d:\n%s", code, s.screen.String())
	}
	flags := run(t, "", "onboard", "linden", "--hostname", "track.linden.example", "--country", "US", "--time-zone", "America/New_York",
		"--support-email", "help@linden.example", "--carrier", "sendcloud", "--carrier", "easypost")
	if got := s.out.String(); got != flags.out || flags.code != kit.ExitFine {
		t.Errorf("the answers make other documents than the flags:\n%s\nthe flags:\n%s%s", got, flags.out, flags.err)
	}
}

// A flag that cannot be is no question of a person's: it is refused before the first.
func TestOnboardRefusesAWrongFlagBeforeItAsks(t *testing.T) {
	s := sit(t, "onboard", "--hostname", "linden")
	s.expect("spec.hostname")
	if code := s.end(); code != kit.ExitUnable || strings.Contains(s.screen.String(), "Name of the Shop") {
		t.Errorf("exit code %d:\n%s", code, s.screen.String())
	}
}

func TestWhoStopsAnsweringFindsNothingWritten(t *testing.T) {
	for name, c := range map[string]struct{ keys, says string }{
		"Ctrl-C": {controlC, "error: interrupted; nothing was written"},
		"Ctrl-D": {controlD, "error: the answers ended; nothing was written"},
	} {
		t.Run(name, func(t *testing.T) {
			directory := filepath.Join(t.TempDir(), "linden")
			s := sit(t, "onboard", "linden", "-d", directory)
			s.expect("Hostname of the tracking page")
			s.press("\n")
			s.expect("Home country")
			s.press(c.keys)
			s.expect(c.says)
			if code := s.end(); code != kit.ExitUnable {
				t.Errorf("exit code %d, want %d", code, kit.ExitUnable)
			}
			if _, err := os.Stat(directory); !os.IsNotExist(err) || s.out.Len() > 0 {
				t.Errorf("something was written: %v %s", err, s.out)
			}
		})
	}
}

// A directory holds only whole files: what is written beside them has another name, and goes.
func TestOnboardLeavesNothingBesideItsFiles(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "linden")
	if got := run(t, "", "onboard", "linden", "--hostname", "track.linden.example", "--country", "NL", "-d", directory); got.code != kit.ExitFine {
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
