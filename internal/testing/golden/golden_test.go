package golden

import (
	"os"
	"path/filepath"
	"testing"
)

// report keeps what a test would be told.
type report struct {
	testing.TB
	failed bool
}

func (*report) Helper()                 {}
func (r *report) Errorf(string, ...any) { r.failed = true }
func (r *report) Fatalf(string, ...any) { r.failed = true; panic(r) }
func (r *report) Fatal(...any)          { r.failed = true; panic(r) }

// fails reports whether the comparison would fail a test.
func fails(t *testing.T, compare func(testing.TB, string, string), path, got string) bool {
	t.Helper()
	r := &report{TB: t}
	func() {
		defer func() {
			if stopped := recover(); stopped != nil && stopped != any(r) {
				panic(stopped)
			}
		}()
		compare(r, path, got)
	}()
	return r.failed
}

func setUpdate(t *testing.T, to bool) {
	t.Helper()
	before := *update
	*update = to
	t.Cleanup(func() { *update = before })
}

func TestWhatDiffersOrIsNotThereFails(t *testing.T) {
	setUpdate(t, false)
	path := filepath.Join(t.TempDir(), "story.txt")
	if !fails(t, File[string], path, "once") {
		t.Error("a file that is not there is right")
	}
	if err := os.WriteFile(path, []byte("once"), 0o600); err != nil {
		t.Fatal(err)
	}
	if fails(t, File[string], path, "once") {
		t.Error("the same fails")
	}
	if !fails(t, File[string], path, "twice") || !fails(t, Frozen[string], path, "twice") {
		t.Error("another text is right")
	}
}

func TestAnUpdateWritesWhatIsNotFrozen(t *testing.T) {
	setUpdate(t, true)
	path := filepath.Join(t.TempDir(), "story.txt")
	if fails(t, File[string], path, "once") || fails(t, Frozen[string], path, "once") {
		t.Error("the file was not written")
	}
	if !fails(t, Frozen[string], path, "twice") || fails(t, Frozen[string], path, "once") {
		t.Error("what is frozen was written")
	}
}
