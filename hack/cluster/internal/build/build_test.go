package build

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
	"github.com/wismo-dev/wismo/hack/cluster/internal/progress"
)

const gomod = "module example.com/m\n\ngo 1.26.0\n\nrequire (\n\tk8s.io/kubernetes v1.36.3\n)\n"

func source(t *testing.T) Builder {
	t.Helper()
	l := layout.Layout{Source: t.TempDir(), Cache: t.TempDir()}
	write(t, filepath.Join(l.Source, "go.mod"), "module example.com/m\n\ngo 1.26.0\n")
	write(t, filepath.Join(l.Source, "go.sum"), "")
	write(t, filepath.Join(l.Source, "cmd", "hello", "main.go"), "package main\n\nfunc main() {}\n")
	return Builder{Layout: l, Log: progress.New(&strings.Builder{})}
}

func TestEnsureBuildsOnce(t *testing.T) {
	builder := source(t)
	p := Program{Name: "hello", Package: "./cmd/hello", Links: []string{"hi"}, About: "hello"}
	first, err := builder.Ensure(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if target, err := os.Readlink(filepath.Join(first, "hi")); err != nil || target != "hello" {
		t.Errorf("got a link to %q: %v", target, err)
	}
	before := stat(t, filepath.Join(first, "hello"))
	second, err := builder.Ensure(t.Context(), p)
	if err != nil || second != first {
		t.Fatalf("got %s, then %s: %v", first, second, err)
	}
	if !stat(t, filepath.Join(first, "hello")).ModTime().Equal(before.ModTime()) {
		t.Error("it was built again")
	}
}

func TestVersionFollowsTheSource(t *testing.T) {
	builder := source(t)
	p := Program{Name: "hello", Package: "./cmd/hello"}
	first := version(t, builder, p)
	write(t, filepath.Join(builder.Layout.Source, "cmd", "hello", "main_test.go"), "package main\n")
	if version(t, builder, p) != first {
		t.Error("a test makes another program")
	}
	write(t, filepath.Join(builder.Layout.Source, "cmd", "hello", "more.go"), "package main\n")
	if version(t, builder, p) == first {
		t.Error("more source makes the same program")
	}
}

func TestBrokenSourceShowsTheReason(t *testing.T) {
	builder := source(t)
	write(t, filepath.Join(builder.Layout.Source, "cmd", "hello", "main.go"), "package main\n\nfunc main() { undefinedThing() }\n")
	_, err := builder.Ensure(t.Context(), Program{Name: "hello", Package: "./cmd/hello"})
	if err == nil || !strings.Contains(err.Error(), "undefinedThing") {
		t.Errorf("got %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(builder.Layout.Bin(), "hello-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestLinkerFlags(t *testing.T) {
	path := filepath.Join(t.TempDir(), "go.mod")
	write(t, path, gomod)
	flags, err := Kubernetes().linkerFlags(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"-s -w ",
		"-X k8s.io/component-base/version.gitVersion=v1.36.3",
		"-X k8s.io/client-go/pkg/version.gitMinor=36",
	} {
		if !strings.Contains(flags, want) {
			t.Errorf("%q lacks %q", flags, want)
		}
	}
	if flags, err := Pause().linkerFlags(path); err != nil || flags != "-s -w" {
		t.Errorf("got %q: %v", flags, err)
	}
}

// Every directory of this module that a program imports must be named in its
// Sources, or a change there would not be noticed.
func TestSourcesAreComplete(t *testing.T) {
	const module = `"github.com/wismo-dev/wismo/hack/cluster/`
	root := filepath.Join("..", "..")
	for _, p := range []Program{Kubernetes(), CoreDNS(), Node(), Pause()} {
		for _, dir := range append([]string{p.Package}, p.Sources...) {
			files, err := goFiles(filepath.Join(root, dir))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				content, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				for _, part := range strings.Split(string(content), module)[1:] {
					imported, _, _ := strings.Cut(part, `"`)
					if !strings.Contains(strings.Join(p.Sources, " ")+" ", imported+" ") {
						t.Errorf("%s imports %s, which is not among the sources of %s", file, imported, p.Name)
					}
				}
			}
		}
	}
}

func version(t *testing.T, builder Builder, p Program) string {
	t.Helper()
	v, err := builder.version(p)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func stat(t *testing.T, path string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
