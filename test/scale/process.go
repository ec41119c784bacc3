package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// process is a program under measurement.
type process struct {
	cmd *exec.Cmd
	log string
}

// startProcess starts a program that talks to the API server under its own name.
func (c *control) startProcess(ctx context.Context, name, binary string, env []string, args ...string) (*process, error) {
	kubeconfig, err := c.kubeconfigOf(name)
	if err != nil {
		return nil, err
	}
	p := &process{log: filepath.Join(c.dir, name+".log")}
	output, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	p.cmd = exec.CommandContext(ctx, binary, args...)
	p.cmd.Env = append(append(os.Environ(), "KUBECONFIG="+kubeconfig), env...)
	p.cmd.Stdout, p.cmd.Stderr = output, output
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	return p, output.Close()
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// end stops the process, or kills it, and waits for its end.
func (p *process) end(signal syscall.Signal) {
	_ = p.cmd.Process.Signal(signal)
	_ = p.cmd.Wait()
}

// lastBytes is how much of a log is shown when something went wrong: its directory does not stay.
const lastBytes = 8 << 10

// blamed adds to an error what the process said last; nil stays nil.
func (p *process) blamed(err error) error {
	if err == nil {
		return nil
	}
	said, unread := os.ReadFile(p.log)
	if unread != nil {
		return errors.Join(err, unread)
	}
	return fmt.Errorf("%w; %s said last:\n%s", err, filepath.Base(p.log), said[max(0, len(said)-lastBytes):])
}

// moduleDir is where the sources of a dependency of the module in a directory lie.
func moduleDir(ctx context.Context, dir, module string) (string, error) {
	list := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module)
	list.Dir = dir
	out, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("finding the module %s: %w", module, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// until asks every 50 ms, and shows how far it is.
func until(ctx context.Context, what string, patience time.Duration, look func() (done, of int, err error)) error {
	deadline, told := time.Now().Add(patience), time.Now()
	for {
		done, of, err := look()
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if done >= of {
			return nil
		}
		if time.Since(told) > 10*time.Second {
			told = time.Now()
			say("%s: %d of %d", what, done, of)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: %d of %d within %s", what, done, of, patience)
		}
	}
}
