package chaos_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/wismo-dev/wismo/internal/manager"
	"github.com/wismo-dev/wismo/internal/testing/installed"
)

// asOperator is set in the environment of a process of this test's binary that is to be the operator.
const asOperator = "WISMO_TEST_IS_THE_OPERATOR"

// beOperator returns the operator's own command. It ends with the process that started it, too.
func beOperator() int {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	if err := manager.Run(ctx, "1.0.0", os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// place is where operators of one test run, one after the other: each with the same file and the operator's rights.
type place struct {
	t          *testing.T
	config     string // the files
	kubeconfig string
	log        string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	directory := t.TempDir()
	in := func(name string) string { return filepath.Join(directory, name) }
	p := &place{t: t, config: in("config.yaml"), kubeconfig: in("kubeconfig"), log: in("log")}
	access, err := clientcmd.LoadFromFile(cluster.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	operator := cluster.AsOperator().Impersonate
	for _, user := range access.AuthInfos {
		user.Impersonate, user.ImpersonateGroups = operator.UserName, operator.Groups
	}
	if err := clientcmd.WriteToFile(*access, p.kubeconfig); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.lastWords)
	return p
}

// configure writes the file that counts from the next start.
func (p *place) configure(config string) {
	p.t.Helper()
	if err := os.WriteFile(p.config, []byte(config), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// start starts the operator as a process of its own, and returns a function that ends it with SIGKILL. It uses no Lease,
// because every restart would wait until the Lease has expired.
func (p *place) start() (kill func()) {
	p.t.Helper()
	binary, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	command := exec.CommandContext(context.WithoutCancel(p.t.Context()), binary, "--config", p.config, "--namespace", installed.Namespace,
		"--leader-elect=false", "--metrics-bind-address=0", "--health-probe-bind-address=0", "--log-level=warn")
	command.Env = append(os.Environ(), asOperator+"=yes", "KUBECONFIG="+p.kubeconfig)
	command.Stderr = log
	if _, err := command.StdinPipe(); err != nil { // which closes when this process ends
		p.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		p.t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // with the error that it was killed
		_ = log.Close()
		if code := command.ProcessState.ExitCode(); code >= 0 {
			p.t.Errorf("the operator ended by itself, with code %d", code)
		}
	})
	p.t.Cleanup(kill)
	return kill
}

// lastWords returns what the operators of a failed test said.
func (p *place) lastWords() {
	const most = 4000
	if said, err := os.ReadFile(p.log); p.t.Failed() && err == nil {
		p.t.Logf("the operators said at last:\n%s", said[max(0, len(said)-most):])
	}
}
