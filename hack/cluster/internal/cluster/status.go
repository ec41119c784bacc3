package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/wismo-dev/wismo/hack/cluster/internal/build"
	"github.com/wismo-dev/wismo/hack/cluster/internal/host"
	"github.com/wismo-dev/wismo/hack/cluster/internal/netns"
)

// Status describes what runs, since when, and in which version.
func (c *Cluster) Status(ctx context.Context) (string, error) {
	if !c.Running() {
		return "", ErrDown
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 3, ' ', 0)
	if err := c.describeProcesses(table); err != nil {
		return "", err
	}
	version, _, _, err := build.KubernetesVersion(filepath.Join(c.Layout.Source, "go.mod"))
	if err != nil {
		return "", err
	}
	_, _ = fmt.Fprintf(table, "\nkubernetes\t%s\n", version)
	for _, program := range []string{"containerd", "runc", "nft"} {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", program, versionOf(ctx, program))
	}
	specs, err := c.Forwards()
	if err != nil {
		return "", err
	}
	_, _ = fmt.Fprintln(table)
	for _, spec := range specs {
		_, _ = fmt.Fprintf(table, "forward %s\t%s\t%s\n", spec.Name, spec.Listen, spec.To)
	}
	_, _ = fmt.Fprintf(table, "\nkubeconfig\t%s\naudit log\t%s\nlogs\t%s\n",
		c.Layout.Kubeconfig(), c.Layout.AuditLog(), c.Layout.State("logs"))
	err = table.Flush()
	return text.String(), err
}

func (c *Cluster) describeProcesses(table *tabwriter.Writer) error {
	names, err := c.processes.Names()
	if err != nil {
		return err
	}
	for _, name := range names {
		record, running := c.processes.Find(name)
		if !running {
			_, _ = fmt.Fprintf(table, "%s\tENDED\tsee %s\n", name, c.Layout.Log(name))
			continue
		}
		_, _ = fmt.Fprintf(table, "%s\trunning\tprocess %d\tfor %s\n",
			name, record.PID, time.Since(record.Since).Round(time.Second))
	}
	return nil
}

var versionNumber = regexp.MustCompile(`\d+\.\d+\.\d+`)

func versionOf(ctx context.Context, program string) string {
	out, err := exec.CommandContext(ctx, program, "--version").Output()
	if err != nil {
		return "unknown"
	}
	return versionNumber.FindString(string(out))
}

// Environment is what a shell needs to talk to the cluster.
func (c *Cluster) Environment(ctx context.Context) (kubeconfig, path string, err error) {
	programs, err := c.builder.Ensure(ctx, build.Kubernetes())
	return c.Layout.Kubeconfig(), programs, err
}

// Exec replaces this process by a command inside the network namespace.
func (c *Cluster) Exec(ctx context.Context, command []string) error {
	if err := host.Check(); err != nil {
		return err
	}
	if !netns.Exists() {
		return ErrDown
	}
	kubeconfig, path, err := c.Environment(ctx)
	if err != nil {
		return err
	}
	for name, value := range map[string]string{
		"KUBECONFIG": kubeconfig,
		"PATH":       path + string(os.PathListSeparator) + os.Getenv("PATH"),
	} {
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	program, err := exec.LookPath(command[0])
	if err != nil {
		return fmt.Errorf("run %s: %w", command[0], err)
	}
	runtime.LockOSThread() // the thread that is inside is the one that becomes the command
	if err := netns.Enter(); err != nil {
		return err
	}
	return syscall.Exec(program, command, os.Environ())
}
