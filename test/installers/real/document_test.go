//go:build e2e

package real

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// root is the directory in which a reader of the documentation runs its commands.
var root = filepath.Join("..", "..", "..")

// documented are the commands below a heading of docs/install.md, a script for each block.
func documented(t *testing.T, heading string) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "docs", "install.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(content), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("docs/install.md has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var scripts []string
	for i, part := range strings.Split(section, "```sh\n") {
		if script, _, closed := strings.Cut(part, "```"); i > 0 && closed {
			scripts = append(scripts, script)
		}
	}
	return scripts
}

// block is one of a section's scripts, counted from 0.
func block(t *testing.T, heading string, number int) string {
	t.Helper()
	scripts := documented(t, heading)
	if number >= len(scripts) {
		t.Fatalf("docs/install.md, %q: %d blocks of commands, want more than %d", heading, len(scripts), number)
	}
	return scripts[number]
}

// noted are the commands below a line of the chart's notes: what is indented, as it is copied.
func noted(t *testing.T, line string) string {
	t.Helper()
	_, after, found := strings.Cut(sh(t, "helm get notes wismo -n wismo-system"), line+"\n")
	if !found {
		t.Fatalf("the chart's notes have no line %q", line)
	}
	var script strings.Builder
	for l := range strings.Lines(after) {
		if !strings.HasPrefix(l, "  ") {
			break
		}
		script.WriteString(l)
	}
	return script.String()
}

// sh runs commands where and as a person would, and returns what they say.
func sh(t *testing.T, script string) string {
	t.Helper()
	output, err := try(t, script)
	if err != nil {
		t.Fatalf("%v of\n%s\n%s", err, script, output)
	}
	return output
}

func try(t *testing.T, script string) (string, error) {
	t.Helper()
	began := time.Now()
	shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	shell.Dir = root
	output, err := shell.CombinedOutput()
	for line := range strings.Lines(strings.TrimSpace(script)) {
		t.Logf("$ %s", strings.TrimRight(line, "\n"))
	}
	t.Logf("  %.1f s", time.Since(began).Seconds())
	return string(output), err
}
