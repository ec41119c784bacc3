// Package terminal lets tests use kubectl wismo as a person at a terminal does: a process of its own, with keys, signals and
// a screen. It knows nothing of what the plugin says. The TestMain of a test that uses it begins with Plugin.
package terminal

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/wismo-dev/wismo/internal/cli"
)

// asPlugin makes the binary of a test the plugin.
const asPlugin = "WISMO_TEST_AS_PLUGIN"

// patience is how long the plugin may take to say or to end something.
const patience = time.Minute

// What keys send.
const (
	ControlC = "\x03"
	ControlD = "\x04"
)

// Plugin makes this process the plugin if Sit has started it, and ends it then.
func Plugin() {
	if os.Getenv(asPlugin) != "" {
		os.Exit(cli.Main("v1.2.3"))
	}
}

// Terminal is one at which the plugin runs.
type Terminal struct {
	t       *testing.T
	keys    *os.File
	process *exec.Cmd

	mu     sync.Mutex
	screen bytes.Buffer
	read   int // how much of the screen was expected already
	closed chan struct{}
}

// Sit starts the plugin at a terminal. Its standard output goes to out meanwhile; nil = to the screen.
func Sit(t *testing.T, kubeconfig string, out io.Writer, args ...string) *Terminal {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &Terminal{t: t, closed: make(chan struct{})}
	s.process = exec.CommandContext(t.Context(), executable, args...)
	s.process.Env = append(os.Environ(), asPlugin+"=yes", "KUBECONFIG="+kubeconfig, "TERM=xterm", "NO_COLOR=")
	if out != nil {
		s.process.Stdout = out
	}
	if s.keys, err = pty.Start(s.process); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.keys.Close() })
	go s.watch()
	return s
}

// watch copies what appears until the process ends.
func (s *Terminal) watch() {
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

// Screen returns all that has appeared so far.
func (s *Terminal) Screen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.screen.String()
}

// Expect waits until the screen says the words, after those that were expected before.
func (s *Terminal) Expect(words string) {
	s.t.Helper()
	late := time.After(patience)
	for over := false; ; {
		screen := s.Screen()
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

// Press presses keys.
func (s *Terminal) Press(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.keys, keys); err != nil {
		s.t.Fatal(err)
	}
}

// End waits for the exit code.
func (s *Terminal) End() int {
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
	case <-time.After(patience):
		_ = s.process.Process.Kill()
		s.t.Fatalf("the plugin does not end:\n%s", s.Screen())
		return -1
	}
}
