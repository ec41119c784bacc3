package process

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	const fields = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20"
	for name, test := range map[string]struct {
		content string
		ticks   uint64
		alive   bool
	}{
		"running":                      {"42 (etcd) S " + fields, 4711, true},
		"a name with spaces and paren": {"42 (a) b (c) R " + fields, 4711, true},
		"zombie":                       {"42 (etcd) Z " + fields, 0, false},
		"cut off":                      {"42 (etcd) S 1 2", 0, false},
		"empty":                        {"", 0, false},
	} {
		status, alive := parseStat(test.content)
		if alive != test.alive || status.ticks != test.ticks {
			t.Errorf("%s: got %v %v", name, status, alive)
		}
	}
}

func table(t *testing.T) Table {
	t.Helper()
	dir := t.TempDir()
	return Table{
		Records: dir,
		Dir:     dir,
		Log:     func(name string) string { return filepath.Join(dir, name+".log") },
		Inside:  func(f func() error) error { return f() },
	}
}

func TestLifeOfAProcess(t *testing.T) {
	processes := table(t)
	settings := filepath.Join(processes.Dir, "settings")
	write(t, settings, "one")
	p := Process{Name: "sleeper", Command: []string{"sleep", "60"}, Files: []string{settings}}
	t.Cleanup(func() { _ = processes.Stop(time.Second, p.Name) })

	ensure(t, processes, p, true)
	first, running := processes.Find(p.Name)
	if !running {
		t.Fatal("it does not run")
	}
	ensure(t, processes, p, false)
	write(t, settings, "two")
	ensure(t, processes, p, true)
	if second, _ := processes.Find(p.Name); second.PID == first.PID {
		t.Error("it was not restarted although its configuration changed")
	}
	if err := processes.Stop(time.Second, p.Name); err != nil {
		t.Fatal(err)
	}
	if _, running := processes.Find(p.Name); running {
		t.Error("it still runs")
	}
	if names, err := processes.Names(); err != nil || len(names) != 0 {
		t.Errorf("it is still remembered: %v %v", names, err)
	}
}

func TestStopKillsWhatDoesNotListen(t *testing.T) {
	processes := table(t)
	p := Process{Name: "stubborn", Command: []string{"sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"}}
	ensure(t, processes, p, true)
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if content, err := os.ReadFile(processes.Log(p.Name)); err == nil && strings.Contains(string(content), "ready") {
			break
		}
	}
	if err := processes.Stop(50*time.Millisecond, p.Name); err != nil {
		t.Fatal(err)
	}
	if _, running := processes.Find(p.Name); running {
		t.Error("it still runs")
	}
}

// A process that got the number of one of ours later is not ours.
func TestFindChecksTheStartTime(t *testing.T) {
	processes := table(t)
	if err := processes.save("other", Record{PID: os.Getpid(), Ticks: 1}); err != nil {
		t.Fatal(err)
	}
	if _, running := processes.Find("other"); running {
		t.Error("took another process for ours")
	}
}

func TestStartSaysWhatIsMissing(t *testing.T) {
	_, err := table(t).Ensure(t.Context(), Process{Name: "ghost", Command: []string{"/does/not/exist"}})
	if err == nil || !strings.Contains(err.Error(), "ghost") {
		t.Errorf("got %v", err)
	}
}

func ensure(t *testing.T, processes Table, p Process, wantStart bool) {
	t.Helper()
	started, err := processes.Ensure(t.Context(), p)
	if err != nil || started != wantStart {
		t.Fatalf("started %v, want %v: %v", started, wantStart, err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestKillLetsAProcessSayNothing(t *testing.T) {
	processes := table(t)
	p := Process{Name: "polite", Command: []string{"sh", "-c", "trap 'echo goodbye; exit' TERM; echo ready; while :; do sleep 0.1; done"}}
	ensure(t, processes, p, true)
	if err := processes.Kill(p.Name); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(processes.Log(p.Name)); err != nil || strings.Contains(string(content), "goodbye") {
		t.Errorf("it was asked to end: %s, %v", content, err)
	}
	ensure(t, processes, p, true)
	if err := processes.Kill("nobody"); err == nil {
		t.Error("what does not run was killed")
	}
	if err := processes.Kill(p.Name); err != nil {
		t.Fatal(err)
	}
}
