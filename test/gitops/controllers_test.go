package gitops

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// What hack/gitops.sh says.
const (
	binariesVariable = "WISMO_FLUX_BINARIES" // the directory of the built controllers
	crdsVariable     = "WISMO_FLUX_CRDS"     // the directories of their CRDs, separated as in PATH
)

// runFlux starts both controllers as processes of this machine, which end with the test.
func runFlux(t *testing.T) {
	t.Helper()
	storage := freeAddress(t)
	start(t, "source-controller", "--storage-path="+t.TempDir(), "--storage-addr="+storage, "--storage-adv-addr="+storage)
	start(t, "kustomize-controller", "--requeue-dependency=2s")
}

func start(t *testing.T, name string, args ...string) {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	args = append(args, "--health-addr="+freeAddress(t), "--metrics-addr="+freeAddress(t), "--log-level=info", "--events-addr=")
	controller := exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(os.Getenv(binariesVariable), name), args...)
	controller.Env = append(os.Environ(), "RUNTIME_NAMESPACE="+fluxNamespace)
	controller.Stdout, controller.Stderr = log, log
	controller.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := controller.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = controller.Process.Signal(syscall.SIGTERM)
		_ = controller.Wait()
		if t.Failed() {
			content, _ := os.ReadFile(log.Name())
			t.Logf("the log of %s ends with:\n%s", name, content[max(0, len(content)-6000):])
		}
		t.Logf("%s used %s of processor time and %d MiB at most", name,
			(controller.ProcessState.UserTime() + controller.ProcessState.SystemTime()).Round(10*time.Millisecond),
			controller.ProcessState.SysUsage().(*syscall.Rusage).Maxrss>>10)
	})
}

// freeAddress returns a loopback address at which no process listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// eventually asks again until check has no error, and says how long that took.
func eventually(t *testing.T, what string, patience time.Duration, check func() error) time.Duration {
	t.Helper()
	begin := time.Now()
	for {
		err := check()
		if err == nil {
			took := time.Since(begin)
			t.Logf("%s: %.1f s", what, took.Seconds())
			return took
		}
		if time.Since(begin) > patience {
			t.Fatal(fmt.Errorf("%s: not within %s: %w", what, patience, err))
		}
		time.Sleep(100 * time.Millisecond)
	}
}
