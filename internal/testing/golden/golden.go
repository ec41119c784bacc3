// Package golden compares what a test has made with a file that a person has read and approved. It knows nothing of what is
// in it.
package golden

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// File compares with the file, or writes it when the test runs with -update: then the change is read before it is committed.
func File[Text ~string | ~[]byte](t testing.TB, path string, got Text) {
	t.Helper()
	if !*update {
		Frozen(t, path, got)
		return
	}
	if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Frozen compares with a file that nothing writes: it says what has been released.
func Frozen[Text ~string | ~[]byte](t testing.TB, path string, got Text) {
	t.Helper()
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: run the test with -update, and read the new file", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s; -update writes it anew, unless it is frozen (-want +got):\n%s", path, diff)
	}
}
