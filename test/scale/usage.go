package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is what has been consumed so far.
type usage struct {
	at     time.Time
	server time.Duration // processor time of API server and etcd
	audit  int64         // length of the audit log
}

func (c *control) usage() usage {
	u := usage{at: time.Now()}
	for _, pid := range children() {
		if name := comm(pid); name == "kube-apiserver" || name == "etcd" {
			u.server += processorTime(pid)
		}
	}
	time.Sleep(1500 * time.Millisecond) // the log is written in batches
	if info, err := os.Stat(c.audit); err == nil {
		u.audit = info.Size()
	}
	return u
}

// children are the processes that this one started.
func children() []int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var all []int
	for _, file := range stats {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if fields := stat(pid); len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid()) {
			all = append(all, pid)
		}
	}
	return all
}

func comm(pid int) string {
	name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return strings.TrimSpace(string(name))
}

// stat is /proc/PID/stat after the name: state, parent, ...
func stat(pid int) []string {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return strings.Fields(string(content[strings.LastIndexByte(string(content), ')')+1:]))
}

// processorTime is what a process has used; the kernel counts in ticks of 10 ms.
func processorTime(pid int) time.Duration {
	const user, system = 11, 12
	fields := stat(pid)
	if len(fields) <= system {
		return 0
	}
	u, _ := strconv.Atoi(fields[user])
	s, _ := strconv.Atoi(fields[system])
	return time.Duration(u+s) * 10 * time.Millisecond
}

// ownProcessorTime is what this process has used: helm runs in it.
func ownProcessorTime() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// memory is a line of /proc/PID/status in MiB: VmRSS, VmHWM, RssAnon.
func memory(pid int, line string) int {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for text := range strings.Lines(string(content)) {
		if rest, ok := strings.CutPrefix(text, line+":"); ok {
			kib, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kib / 1024
		}
	}
	return 0
}

// calls counts the requests of a user since then, by verb and resource; watches and leader election do not count.
func (c *control) calls(since usage, user string) map[string]int {
	counted := map[string]int{}
	file, err := os.Open(c.audit)
	if err != nil {
		return counted
	}
	defer func() { _ = file.Close() }()
	_, _ = file.Seek(since.audit, 0)
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 1<<20), 1<<20)
	for lines.Scan() {
		var event struct {
			Verb      string
			User      struct{ Username string }
			ObjectRef struct{ Resource, Subresource, Name string }

			ResponseStatus struct{ Code int }
		}
		if json.Unmarshal(lines.Bytes(), &event) != nil || event.User.Username != user || event.Verb == "watch" || event.ObjectRef.Name == "wismo-manager" {
			continue
		}
		resource := event.ObjectRef.Resource
		if event.ObjectRef.Subresource != "" {
			resource += "/" + event.ObjectRef.Subresource
		}
		if event.ResponseStatus.Code >= 400 {
			resource += refused
		}
		counted[event.Verb+" "+resource]++
	}
	return counted
}

// refused marks calls that changed nothing.
const refused = " (refused)"

// writes are the calls that change something, events aside.
func writes(calls map[string]int) int {
	n := 0
	for call, times := range calls {
		verb, resource, _ := strings.Cut(call, " ")
		if verb != "get" && verb != "list" && resource != "events" && !strings.HasSuffix(resource, refused) {
			n += times
		}
	}
	return n
}

func total(calls map[string]int) int {
	n := 0
	for _, times := range calls {
		n += times
	}
	return n
}
