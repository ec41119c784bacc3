package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/wismo-dev/wismo/internal/workload"
)

// program describes how to start a process.
type program struct {
	name    string
	ready   string // the URL of its readiness probe
	env     []string
	command []string
}

// programs returns the two programs of a Shop, the tracking page first, with the limits and the environment of their containers.
func programs(s *shop, o options) []program {
	env := append(os.Environ(), workload.EnvBundle+"="+s.bundle, workload.EnvKeys+"="+s.keys, workload.EnvCredentials+"="+s.dir,
		workload.EnvDrain+"=0", "GOMEMLIMIT=82MiB")
	of := func(name, core, binary, internal string, flags ...string) program {
		command := o.pinned(core, filepath.Join(s.dir, binary), append(flags, "--data", s.data, "--internal-listen", internal)...)
		return program{name: name, ready: "http://" + internal + "/readyz", env: env, command: command}
	}
	page := of("page", pageCore, "tracking-page", "127.0.0.1:19090", "--listen", pageAddress)
	page.env = append(page.env, "GOMAXPROCS=1")
	return []program{page, of("notifier", "0,1", "notifier", "127.0.0.1:19091")}
}

// process is a running program.
type process struct {
	name   string
	cmd    *exec.Cmd
	stderr bytes.Buffer
}

// start starts the program and waits until its readiness probe succeeds. After ten seconds it stops the process and returns an
// error with its log.
func (p program) start(ctx context.Context) (*process, error) {
	running := &process{name: p.name, cmd: exec.CommandContext(ctx, p.command[0], p.command[1:]...)}
	running.cmd.Env, running.cmd.Stderr = p.env, &running.stderr
	if err := running.cmd.Start(); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if ready(ctx, p.ready) {
			return running, nil
		}
		if time.Now().After(deadline) {
			running.stop()
			return nil, fmt.Errorf("%s did not become ready within 10 s; its log:\n%s", p.name, running.stderr.String())
		}
	}
}

// ready reports whether the URL answers 200.
func ready(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	return err == nil && response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

// stop ends the process with SIGTERM and waits for it.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
}

// memory returns the resident memory of the process in words: all of it, its own part, and the mapped part of its binary, which the
// processes of a node share.
func (p *process) memory() string {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	var parts []string
	for _, line := range []string{"VmRSS", "RssAnon", "RssFile"} {
		_, rest, _ := strings.Cut(string(content), line+":")
		kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
		n, _ := strconv.ParseFloat(kib, 64)
		parts = append(parts, fmt.Sprintf("%s %.1f MiB", line, n/1024))
	}
	return strings.Join(parts, ", ")
}

// processorTime returns the CPU time that the process has used so far, in steps of the kernel's 10 ms; 0 if it is unknown.
func (p *process) processorTime() time.Duration {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(content), ") ")
	fields := strings.Fields(rest)
	const user, system = 11, 12
	if len(fields) <= system {
		return 0
	}
	u, _ := strconv.Atoi(fields[user])
	k, _ := strconv.Atoi(fields[system])
	return time.Duration(u+k) * 10 * time.Millisecond
}
