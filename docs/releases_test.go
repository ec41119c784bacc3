package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestEveryPitfallOfReleasesHasATestThatBearsItsNumber holds the table in releases.md to the tests of the whole tree.
func TestEveryPitfallOfReleasesHasATestThatBearsItsNumber(t *testing.T) {
	page, err := os.ReadFile("releases.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []int
	for _, row := range regexp.MustCompile(`(?m)^\| (\d+) \| .+ \|$`).FindAllStringSubmatch(string(page), -1) {
		n, _ := strconv.Atoi(row[1]) // digits
		listed = append(listed, n)
	}
	const pitfalls = 23
	if len(listed) != pitfalls || !slices.IsSorted(listed) || listed[0] != 1 || listed[pitfalls-1] != pitfalls {
		t.Errorf("releases.md lists %v, want 1 to %d", listed, pitfalls)
	}
	tested := testedPitfalls(t)
	for _, n := range listed {
		if !tested[n] {
			t.Errorf("pitfall %d has no test TestPitfall%02d…", n, n)
		}
		delete(tested, n)
	}
	for n := range tested {
		t.Errorf("a test bears the number %d, which releases.md does not explain", n)
	}
}

func testedPitfalls(t *testing.T) map[int]bool {
	t.Helper()
	name := regexp.MustCompile(`(?m)^func TestPitfall(\d\d)\w+\(t \*testing\.T\) \{`)
	tested := map[int]bool{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != ".." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		for _, found := range name.FindAllSubmatch(source, -1) {
			n, _ := strconv.Atoi(string(found[1])) // digits
			tested[n] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tested
}
