package layout

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFind(t *testing.T) {
	repository, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(repository, "hack", "cluster")
	if err := os.MkdirAll(filepath.Join(source, "internal"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(source, "go.mod"), []byte("module "+modulePath+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", "/cache")
	for _, dir := range []string{repository, source, filepath.Join(source, "internal")} {
		t.Chdir(dir)
		l, err := Find()
		if err != nil || l.Source != source || l.Repository() != repository || l.Kubeconfig() != "/cache/wismo-cluster/state/kubeconfig" {
			t.Errorf("from %s: got %+v: %v", dir, l, err)
		}
	}
	t.Chdir(t.TempDir())
	if _, err := Find(); err == nil {
		t.Error("found the source where it is not")
	}
}
