package architecture

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notYetPlain lists the folders and documents that still use words of the table. Delete a line once its text is plain.
var notYetPlain = []string{}

// word is a word or phrase of the table "Words that are not used" of docs/glossary.md.
type word struct {
	pattern *regexp.Regexp
	instead string
}

var (
	tableRow   = regexp.MustCompile("(?m)^\\| (`.*`) \\| (.+) \\|$")
	inlineCode = regexp.MustCompile("`[^`\n]+`|\\]\\([^)\\s]+\\)")
)

// unusedWords reads the table.
func unusedWords(t *testing.T) []word {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "glossary.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := bytes.Cut(text, []byte("\n## Words that are not used\n"))
	if !found {
		t.Fatal("docs/glossary.md has no section of words that are not used")
	}
	var words []word
	for _, row := range tableRow.FindAllStringSubmatch(string(table), -1) {
		for phrase := range strings.SplitSeq(row[1], ", ") {
			spaced := strings.ReplaceAll(regexp.QuoteMeta(strings.Trim(phrase, "`")), " ", `\s+`)
			words = append(words, word{regexp.MustCompile(`(?i)(?:^|[^\w/@-])(` + spaced + `)(?:$|[^\w/@-])`), row[2]})
		}
	}
	if len(words) < 20 {
		t.Fatalf("the table has only %d words", len(words))
	}
	return words
}

// find returns where the text, which begins in a line of the file, uses one of the words.
func find(words []word, file string, line int, text string) []string {
	var found []string
	for _, w := range words {
		for _, at := range w.pattern.FindAllStringSubmatchIndex(text, -1) {
			used := strings.Join(strings.Fields(text[at[2]:at[3]]), " ")
			found = append(found, fmt.Sprintf("%s:%d: %q: say %s", file, line+strings.Count(text[:at[2]], "\n"), used, w.instead))
		}
	}
	return found
}

// findInGo searches the comments and the string literals of a file.
func findInGo(words []word, name string, content []byte) ([]string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var found []string
	search := func(from, to token.Pos, hide string) {
		start := files.Position(from)
		text := string(content[start.Offset:files.Position(to).Offset])
		found = append(found, find(words, name, start.Line, strings.ReplaceAll(text, hide, strings.Repeat(" ", len(hide))))...)
	}
	for _, comment := range file.Comments {
		search(comment.Pos(), comment.End(), "//")
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			search(literal.Pos(), literal.End(), `\n`)
		}
		return true
	})
	return found, nil
}

// findInMarkdown searches a document, without code in a line and the targets of links.
func findInMarkdown(words []word, name string, content []byte) []string {
	if name == "docs/glossary.md" {
		content, _, _ = bytes.Cut(content, []byte("\n## Words that are not used\n"))
	}
	text := inlineCode.ReplaceAllStringFunc(string(content), func(code string) string { return strings.Repeat(" ", len(code)) })
	return find(words, name, 1, text)
}

// findInFile searches a production Go file or a document; other files have nothing.
func findInFile(words []word, name string) ([]string, error) {
	isGo := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go")
	if !isGo && filepath.Ext(name) != ".md" {
		return nil, nil
	}
	content, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return nil, err
	}
	if isGo {
		return findInGo(words, name, content)
	}
	return findInMarkdown(words, name, content), nil
}

func TestNoTextUsesAWordThatWent(t *testing.T) {
	words := unusedWords(t)
	open := map[string]bool{} // of notYetPlain: whether it still uses one of the words
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		name = filepath.ToSlash(name)
		if entry.IsDir() {
			skip := []string{".git", "bin", "dist", "testdata", "applyconfiguration"}
			if slices.Contains(skip, entry.Name()) || name == "test" {
				return filepath.SkipDir
			}
			return err
		}
		found, err := findInFile(words, name)
		i := slices.IndexFunc(notYetPlain, func(top string) bool { return name == top || strings.HasPrefix(name, top+"/") })
		if i >= 0 {
			open[notYetPlain[i]] = open[notYetPlain[i]] || len(found) > 0
			return err
		}
		for _, f := range found {
			t.Error(f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, top := range notYetPlain {
		if !open[top] {
			t.Errorf("%s uses none of these words: delete its line in notYetPlain", top)
		}
	}
}

func TestAWordThatWentIsFoundWhereverItIsRead(t *testing.T) {
	words := unusedWords(t)
	source := "package p\n\n// F says\n// whether a tenant is there.\nfunc F() string { return \"x\\nNobody's\" + `hack/tenant` + tenant }\n"
	got, err := findInGo(words, "p.go", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	document := findInMarkdown(words, "p.md", []byte("# One\n`nobody` and [the link](../tenant.md) of a\nuser-tenant, mended by\nthe  world.\n"))
	want := []string{`p.go:4: "tenant"`, `p.go:3: "says whether"`, `p.go:5: "Nobody"`, `p.md:3: "mended"`, `p.md:4: "the world"`}
	all := append(got, document...)
	if !slices.EqualFunc(all, want, func(found, start string) bool { return strings.HasPrefix(found, start+": say ") }) {
		t.Errorf("found:\n%s\nwant:\n%s", strings.Join(all, "\n"), strings.Join(want, "\n"))
	}
}
