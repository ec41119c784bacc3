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

// program is how a process is started.
type program struct {
	name  string
	ready string // URL
	env   []string
	args  []string
}

// programs are the two of a Shop, the page first; limits and environment are those of their containers.
func programs(s *shop) []program {
	env := append(os.Environ(), workload.EnvBundle+"="+s.bundle, workload.EnvKeys+"="+s.keys, workload.EnvCredentials+"="+s.dir,
		workload.EnvDrain+"=0", "GOMEMLIMIT=82MiB")
	of := func(name, core, binary, internal string, flags ...string) program {
		args := append([]string{"-c", core, filepath.Join(s.dir, binary), "--data", s.data, "--internal-listen", internal}, flags...)
		return program{name: name, ready: "http://" + internal + "/readyz", env: env, args: args}
	}
	page := of("page", pageCore, "tracking-page", "127.0.0.1:19090", "--listen", pageAddress)
	page.env = append(page.env, "GOMAXPROCS=1")
	return []program{page, of("notifier", "0,1", "notifier", "127.0.0.1:19091")}
}

// process is one that runs.
type process struct {
	name string
	cmd  *exec.Cmd
	said bytes.Buffer
}

// start starts the program and waits until it says that it is ready.
func (p program) start(ctx context.Context) (*process, error) {
	running := &process{name: p.name, cmd: exec.CommandContext(ctx, "taskset", p.args...)} // taskset becomes the program
	running.cmd.Env, running.cmd.Stderr = p.env, &running.said
	if err := running.cmd.Start(); err != nil {
		return nil, err
	}
	for patience := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if answered(ctx, p.ready) {
			return running, nil
		}
		if time.Now().After(patience) {
			running.stop()
			return nil, fmt.Errorf("%s is not ready: %s", p.name, running.said.String())
		}
	}
}

func answered(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	return err == nil && response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
}

// memory says what the process holds: all of it, its own, and what it maps of its binary, which all of a node share.
func (p *process) memory() string {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	var told []string
	for _, line := range []string{"VmRSS", "RssAnon", "RssFile"} {
		_, rest, _ := strings.Cut(string(content), line+":")
		kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
		n, _ := strconv.ParseFloat(kib, 64)
		told = append(told, fmt.Sprintf("%s %.1f MiB", line, n/1024))
	}
	return strings.Join(told, ", ")
}

// processorTime is what the process has used so far; the kernel counts in ticks of 10 ms.
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
