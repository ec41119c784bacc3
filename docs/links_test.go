package docs_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	link       = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	code       = regexp.MustCompile("`([^`\n]+)`")
	fence      = regexp.MustCompile("(?ms)^```[a-z]*\n(.*?)^```$")
	makeTarget = regexp.MustCompile(`\bmake ((?:[a-z][a-z0-9-]*)(?: [a-z][a-z0-9-]*)*)`)
	declared   = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):`)
	testName   = regexp.MustCompile(`^Test[A-Z][A-Za-z0-9]+$`)
	looksPath  = regexp.MustCompile(`^\.{0,2}/?[\w.-]+(/[\w.-]+)+/?$`)
	heading    = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// The documents by which a newcomer finds the way: whatever they name must be there.
var guides = []string{"docs/architecture.md", "CONTRIBUTING.md", "SECURITY.md", ".github/PULL_REQUEST_TEMPLATE.md"}

func TestTheGuidesNameNothingThatDoesNotExist(t *testing.T) {
	root := ".."
	targets, tests := makeTargets(t, root), declaredTests(t, root)
	for _, guide := range guides {
		text := read(t, filepath.Join(root, guide))
		for _, path := range paths(text) {
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s names %s, which does not exist", guide, path)
			}
		}
		for _, target := range namedTargets(text) {
			if !targets[target] {
				t.Errorf("%s names make %s, which the Makefile does not have", guide, target)
			}
		}
		for _, words := range code.FindAllStringSubmatch(text, -1) {
			if testName.MatchString(words[1]) && !tests[words[1]] {
				t.Errorf("%s names %s, which no test is called", guide, words[1])
			}
		}
	}
}

// Every relative link of every Markdown file leads to a file, and to a heading where it names one.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	count := 0
	for _, file := range tracked(t, "..", ".md") {
		for _, found := range link.FindAllStringSubmatch(read(t, file), -1) {
			if strings.Contains(found[1], ":") || strings.Contains(file, "testdata") || strings.HasSuffix(file, "preface.md") {
				continue // elsewhere, not ours to keep, or read from another folder
			}
			count++
			target, anchor, _ := strings.Cut(found[1], "#")
			at := file
			if target != "" {
				at = filepath.Join(filepath.Dir(file), target)
			}
			if info, err := os.Stat(at); err != nil {
				t.Errorf("%s: %s leads nowhere", file, found[1])
			} else if anchor != "" && !info.IsDir() && !anchors(read(t, at))[anchor] {
				t.Errorf("%s: %s has no such heading", file, found[1])
			}
		}
	}
	if count < 100 {
		t.Errorf("only %d links were found", count)
	}
}

// What .github/ runs, a developer can run: each step of ours is a make target that exists.
func TestTheWorkflowsRunMakeTargetsOnly(t *testing.T) {
	targets := makeTargets(t, "..")
	run := regexp.MustCompile(`(?m)^\s*(?:- )?run: (.+)$`)
	matrix := regexp.MustCompile(`target: \[(.+)\]`)
	workflows, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil || len(workflows) == 0 {
		t.Fatalf("%d workflows: %v", len(workflows), err)
	}
	for _, file := range workflows {
		text := read(t, file)
		var named []string
		for _, step := range run.FindAllStringSubmatch(text, -1) {
			target, isMake := strings.CutPrefix(step[1], "make ")
			if !isMake {
				t.Errorf("%s runs %q, which is no make target", file, step[1])
			}
			if !strings.Contains(target, "matrix.target") {
				named = append(named, strings.Fields(target)...)
			}
		}
		for _, list := range matrix.FindAllStringSubmatch(text, -1) {
			named = append(named, strings.Split(list[1], ", ")...)
		}
		for _, target := range named {
			if !targets[target] {
				t.Errorf("%s runs make %s, which the Makefile does not have", file, target)
			}
		}
	}
}

// paths are the files and folders that a text names: its relative links and, in code, what looks like a path.
func paths(text string) []string {
	all := map[string]bool{}
	for _, words := range code.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		if looksPath.MatchString(words[1]) && topLevel(words[1]) {
			all[words[1]] = true
		}
	}
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		for word := range strings.FieldsSeq(block[1]) {
			word = strings.TrimSuffix(strings.TrimSuffix(word, "/..."), ",")
			if looksPath.MatchString(word) && topLevel(word) {
				all[word] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// topLevel says that a path begins in a folder of the repository: others are image names, modules, addresses.
func topLevel(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "./"), "/")
	info, err := os.Stat(filepath.Join("..", first))
	return err == nil && info.IsDir() && first != "dist" && first != "bin" // made, not kept
}

func namedTargets(text string) []string {
	var all []string
	var commands []string
	for _, words := range code.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		commands = append(commands, words[1])
	}
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		for line := range strings.Lines(block[1]) {
			command, _, _ := strings.Cut(line, "#")
			commands = append(commands, command)
		}
	}
	for _, command := range commands {
		for _, found := range makeTarget.FindAllStringSubmatch(command, -1) {
			all = append(all, strings.Fields(found[1])...)
		}
	}
	return all
}

func makeTargets(t *testing.T, root string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, found := range declared.FindAllStringSubmatch(read(t, filepath.Join(root, "Makefile")), -1) {
		all[found[1]] = true
	}
	return all
}

func declaredTests(t *testing.T, root string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	name := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	for _, file := range tracked(t, root, "_test.go") {
		for _, found := range name.FindAllStringSubmatch(read(t, file), -1) {
			all[found[1]] = true
		}
	}
	return all
}

// anchors are the names of a text's headings, as a reader on the web finds them.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	strange := regexp.MustCompile(`[^\p{L}\p{N}\s_-]`)
	for _, found := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		words := strange.ReplaceAllString(strings.ToLower(found[1]), "")
		all[strings.ReplaceAll(strings.TrimSpace(words), " ", "-")] = true
	}
	return all
}

// tracked are the files below root with an ending, without what hides and what is made.
func tracked(t *testing.T, root, ending string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "node_modules", "dist", "bin"}, entry.Name()):
			return fs.SkipDir
		case !entry.IsDir() && strings.HasSuffix(path, ending):
			all = append(all, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheChangelogHasTheFormThatReleasesRead(t *testing.T) {
	text := read(t, "../CHANGELOG.md")
	if !strings.Contains(text, "\n## [Unreleased]\n") || !strings.Contains(text, "\n### Added\n") {
		t.Error("CHANGELOG.md is not in the form of Keep a Changelog")
	}
}
