// Package process starts, watches and stops the long-running processes of the
// cluster. What runs is remembered in one small file per process.
package process

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Process is something that shall run.
type Process struct {
	Name    string
	Command []string
	Env     []string // in addition to the environment of this tool
	Files   []string // configuration that is read only at the start
	OnHost  bool     // outside the cluster's network namespace
}

// Record says what was started. The start time makes it safe to signal the
// process: another process that got the same number later has another one.
type Record struct {
	PID      int       `json:"pid"`
	Ticks    uint64    `json:"ticks"`
	Since    time.Time `json:"since"`
	Revision string    `json:"revision"`
	Command  []string  `json:"command"`
}

// Table holds the processes of one cluster.
type Table struct {
	Records string                   // directory of record files
	Dir     string                   // working directory of every process
	Log     func(name string) string // where a process writes
	Inside  func(func() error) error // runs a function in the network namespace
}

// Ensure starts the process unless it runs already, just as described, and
// reports whether it had to. One that runs with an older description is stopped
// first.
func (t Table) Ensure(ctx context.Context, p Process) (started bool, err error) {
	revision, err := p.revision()
	if err != nil {
		return false, err
	}
	if record, running := t.Find(p.Name); running {
		if record.Revision == revision {
			return false, nil
		}
		if err := t.Stop(5*time.Second, p.Name); err != nil {
			return false, err
		}
	}
	return true, t.start(ctx, p, revision)
}

// revision changes with everything that would make the process another one.
func (p Process) revision() (string, error) {
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%q %q %v", p.Command, p.Env, p.OnHost)
	for _, name := range p.Files {
		content, err := os.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("read the configuration of %s: %w", p.Name, err)
		}
		_, _ = fmt.Fprintf(hash, "%q", content)
	}
	return hex.EncodeToString(hash.Sum(nil))[:16], nil
}

func (t Table) start(ctx context.Context, p Process, revision string) error {
	logFile, err := os.OpenFile(t.Log(p.Name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("open the log of %s: %w", p.Name, err)
	}
	defer func() { _ = logFile.Close() }()

	// the process outlives this tool, however it ends
	cmd := exec.CommandContext(context.WithoutCancel(ctx), p.Command[0], p.Command[1:]...)
	cmd.Dir = t.Dir
	cmd.Env = append(os.Environ(), p.Env...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	run := cmd.Start
	if !p.OnHost {
		run = func() error { return t.Inside(cmd.Start) }
	}
	if err := run(); err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	record := Record{PID: cmd.Process.Pid, Since: time.Now(), Revision: revision, Command: p.Command}
	if status, alive := inspect(record.PID); alive {
		record.Ticks = status.ticks
	}
	go func() { _ = cmd.Wait() }() // so that one that fails at once does not stay as a zombie
	return t.save(p.Name, record)
}

func (t Table) save(name string, record Record) error {
	content, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("describe %s: %w", name, err)
	}
	if err := os.WriteFile(t.file(name), content, 0o644); err != nil {
		return fmt.Errorf("remember %s: %w", name, err)
	}
	return nil
}

func (t Table) file(name string) string { return filepath.Join(t.Records, name+".json") }

// Find returns what is known of a process and whether it runs.
func (t Table) Find(name string) (Record, bool) {
	content, err := os.ReadFile(t.file(name))
	if err != nil {
		return Record{}, false
	}
	var record Record
	if err := json.Unmarshal(content, &record); err != nil {
		return Record{}, false
	}
	status, alive := inspect(record.PID)
	return record, alive && status.ticks == record.Ticks
}

// Names lists every process that has been started and not stopped.
func (t Table) Names() ([]string, error) {
	entries, err := os.ReadDir(t.Records)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the processes: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".json"); ok {
			names = append(names, name)
		}
	}
	return names, nil
}

// Stop asks the processes to end, waits for all of them at most as long as
// given, kills those that remain and forgets them.
func (t Table) Stop(grace time.Duration, names ...string) error {
	for _, name := range names {
		t.signal(name, syscall.SIGTERM)
	}
	deadline := time.Now().Add(grace)
	for _, name := range names {
		if !t.gone(name, deadline) {
			t.signal(name, syscall.SIGKILL)
		}
		if !t.gone(name, time.Now().Add(5*time.Second)) {
			record, _ := t.Find(name)
			return fmt.Errorf("%s (process %d) does not end although it was killed", name, record.PID)
		}
		if err := os.Remove(t.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("forget %s: %w", name, err)
		}
	}
	return nil
}

// Kill ends the processes without a word, as a crash does, and forgets them.
func (t Table) Kill(names ...string) error {
	for _, name := range names {
		if _, running := t.Find(name); !running {
			return fmt.Errorf("%s does not run", name)
		}
		t.signal(name, syscall.SIGKILL)
	}
	return t.Stop(0, names...)
}

func (t Table) signal(name string, signal syscall.Signal) {
	if record, running := t.Find(name); running {
		_ = syscall.Kill(record.PID, signal) // it may have ended in the meantime, which is fine
	}
}

func (t Table) gone(name string, deadline time.Time) bool {
	for {
		if _, running := t.Find(name); !running {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(20 * time.Millisecond)
	}
}
