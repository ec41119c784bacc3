// Package build compiles the programs of the cluster into a cache, each version once.
package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
	"github.com/wismo-dev/wismo/hack/cluster/internal/progress"
)

const heartbeat = 15 * time.Second

// Builder compiles programs and keeps them in the cache directory of a Layout.
type Builder struct {
	Layout layout.Layout
	Log    *progress.Log
}

// Ensure returns the directory with the compiled program and its links, and
// compiles it first if the cache does not have this version of it. Concurrent
// calls, also of other processes, compile a version once.
func (b Builder) Ensure(ctx context.Context, p Program) (string, error) {
	version, err := b.version(p)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(b.Layout.Bin(), p.Name+"-"+version)
	if exists(dir) {
		return dir, nil
	}
	unlock, err := b.lock(p)
	if err != nil {
		return "", err
	}
	defer unlock()
	if exists(dir) { // another process built it meanwhile
		return dir, nil
	}
	return dir, b.compile(ctx, p, dir)
}

// compile fills a temporary directory and renames it to dir, so that dir is
// always complete. It then removes old versions of the program.
func (b Builder) compile(ctx context.Context, p Program, dir string) error {
	began := time.Now()
	b.Log.Say("building %s", p.About)
	defer b.Log.Heartbeat(heartbeat, "building "+p.Name)()

	tmp, err := os.MkdirTemp(b.Layout.Bin(), "."+p.Name+"-")
	if err != nil {
		return fmt.Errorf("make a directory for building %s: %w", p.Name, err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()

	if err := b.goBuild(ctx, p, filepath.Join(tmp, p.Name)); err != nil {
		return err
	}
	for _, link := range p.Links {
		if err := os.Symlink(p.Name, filepath.Join(tmp, link)); err != nil {
			return fmt.Errorf("link %s: %w", link, err)
		}
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return fmt.Errorf("make %s readable: %w", tmp, err)
	}
	if err := os.Rename(tmp, dir); err != nil {
		return fmt.Errorf("put %s in its place: %w", p.Name, err)
	}
	b.Log.Say("built %s in %s", p.Name, time.Since(began).Round(time.Second))
	return b.prune(p, dir)
}

// goBuild writes the program's binary to output. If the program needs prepared
// sources, they are written to a temporary directory first.
func (b Builder) goBuild(ctx context.Context, p Program, output string) error {
	linkerFlags, err := p.linkerFlags(filepath.Join(b.Layout.Source, "go.mod"))
	if err != nil || p.Prepare == nil {
		return errors.Join(err, Go(ctx, b.module(p), p.Package, output, linkerFlags))
	}
	scratch, err := os.MkdirTemp(b.Layout.Bin(), "."+p.Name+"-source-")
	if err != nil {
		return fmt.Errorf("make a directory for building %s: %w", p.Name, err)
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	flags, err := p.Prepare(ctx, b.module(p), scratch)
	if err != nil {
		return err
	}
	return Go(ctx, b.module(p), p.Package, output, linkerFlags, flags...)
}

// module returns the directory of the module that the program belongs to.
func (b Builder) module(p Program) string {
	if p.Module == "" {
		return b.Layout.Source
	}
	return filepath.Join(filepath.Dir(b.Layout.Source), p.Module)
}

// Go runs `go build` for one package in the module directory dir, and writes a static binary to output.
func Go(ctx context.Context, dir, pkg, output, linkerFlags string, flags ...string) error {
	args := append([]string{"build", "-trimpath", "-ldflags", linkerFlags, "-o", output}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, pkg)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s in %s: %w\n%s", pkg, dir, err, tail(out))
	}
	return nil
}

// prune removes versions of a program that were built more than a day ago,
// except keep. A cluster that runs one of them is not affected.
func (b Builder) prune(p Program, keep string) error {
	dirs, err := filepath.Glob(filepath.Join(b.Layout.Bin(), p.Name+"-*"))
	if err != nil {
		return fmt.Errorf("list old versions of %s: %w", p.Name, err)
	}
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err != nil || dir == keep || time.Since(info.ModTime()) < 24*time.Hour {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove an old version of %s: %w", p.Name, err)
		}
	}
	return nil
}

// lock takes the build lock of a program, and waits while another process holds it.
func (b Builder) lock(p Program) (unlock func(), err error) {
	if err := os.MkdirAll(b.Layout.Bin(), 0o755); err != nil {
		return nil, fmt.Errorf("make the directory for programs: %w", err)
	}
	name := filepath.Join(b.Layout.Bin(), "."+p.Name+".lock")
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the build lock: %w", err)
	}
	unlock = func() { _ = file.Close() } // closing releases the lock
	if unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
		return unlock, nil
	}
	b.Log.Say("waiting: %s is being built by another process", p.Name)
	defer b.Log.Heartbeat(heartbeat, "waiting for "+p.Name)()
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		unlock()
		return nil, fmt.Errorf("wait for the build lock %s: %w", name, err)
	}
	return unlock, nil
}

// version returns a hash of everything that determines the compiled program: sources, module versions, Go version and platform.
func (b Builder) version(p Program) (string, error) {
	module, dirs := b.module(p), p.Sources
	files := []string{filepath.Join(module, "go.mod"), filepath.Join(module, "go.sum")}
	if strings.HasPrefix(p.Package, "./") {
		dirs = append([]string{p.Package}, dirs...)
	}
	for _, dir := range dirs {
		more, err := goFiles(filepath.Join(module, dir))
		if err != nil {
			return "", err
		}
		files = append(files, more...)
	}
	hash := sha256.New()
	_, _ = fmt.Fprintln(hash, runtime.Version(), runtime.GOOS, runtime.GOARCH, p.Links)
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("read the source of %s: %w", p.Name, err)
		}
		_, _ = fmt.Fprintln(hash, len(content))
		_, _ = hash.Write(content)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12], nil
}

// goFiles returns the Go files below dir, tests aside, in order.
func goFiles(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && entry.Type().IsRegular() {
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the source files in %s: %w", dir, err)
	}
	slices.Sort(files)
	return files, nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// tail returns the last 30 lines of a compiler's output, which contain the reason.
func tail(output []byte) string {
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	if len(lines) > 30 {
		lines = lines[len(lines)-30:]
	}
	return strings.Join(lines, "\n")
}
