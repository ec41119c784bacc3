package gitops

import (
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// repository is a git server with one repository, and a work tree from which it is pushed to.
type repository struct {
	url  string
	tree string
}

const branch = "main"

// serveGit starts the server on a loopback address.
func serveGit(t *testing.T) repository {
	t.Helper()
	served, tree := t.TempDir(), filepath.Join(t.TempDir(), "merchants")
	bare := filepath.Join(served, "merchants.git")
	git(t, served, "init", "--quiet", "--bare", "--initial-branch", branch, bare)
	git(t, served, "clone", "--quiet", bare, tree)
	git(t, tree, "checkout", "--quiet", "-b", branch)
	path := strings.TrimSpace(git(t, served, "--exec-path"))
	server := httptest.NewServer(&cgi.Handler{
		Path: filepath.Join(path, "git-http-backend"), InheritEnv: []string{"PATH"},
		Env: []string{"GIT_PROJECT_ROOT=" + served, "GIT_HTTP_EXPORT_ALL=1"},
	})
	t.Cleanup(server.Close)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/merchants.git/HEAD", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("the git server does not serve: %v %v", response, err)
	}
	_ = response.Body.Close()
	return repository{server.URL + "/merchants.git", tree}
}

// push commits what change makes of the work tree.
func (r repository) push(t *testing.T, message string, change func(directory string)) {
	t.Helper()
	change(r.tree)
	git(t, r.tree, "add", "--all")
	git(t, r.tree, "-c", "user.name=A Merchant", "-c", "user.email=merchant@platform.example", "commit", "--quiet", "--message", message)
	git(t, r.tree, "push", "--quiet", "origin", branch)
}

func git(t *testing.T, directory string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", args...)
	command.Dir = directory
	command.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null")
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, output)
	}
	return string(output)
}

// copyTree copies the files of a directory that has no other directories in it.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(from, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, entry.Name()), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// replace changes a text in a file, which must be there exactly once.
func replace(t *testing.T, file, before, after string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(content), before) != 1 {
		t.Fatalf("%s does not hold %q once", file, before)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(content), before, after, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}
