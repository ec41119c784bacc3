package message

import (
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/net/html"
	"golang.org/x/text/language"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/spelling"
)

// Suffixes of the keys of a content ConfigMap: <locale>.yaml holds texts, <block>.html a block.
const (
	TextsSuffix = ".yaml"
	BlockSuffix = ".html"
)

// Blocks are the names of the layout blocks that a merchant may add: above and below each mail and page.
var Blocks = []string{"mail-footer", "mail-header", "page-footer", "page-header"}

// entry is one text of a file.
type entry struct {
	key, text string
	line      int // of the text's first line, from 1
}

// readTexts flattens a YAML mapping: nested maps and dotted keys mean the same.
func readTexts(data []byte) ([]entry, []Problem) {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, []Problem{yamlProblem(err)}
	}
	if len(root.Content) == 0 {
		return nil, nil
	}
	r := reader{seen: map[string]int{}}
	r.mapping("", root.Content[0])
	return r.entries, r.problems
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

func yamlProblem(err error) Problem {
	p := Problem{Line: 1, Message: strings.TrimPrefix(err.Error(), "yaml: ")}
	if m := yamlLine.FindStringSubmatch(p.Message); m != nil {
		p.Line, _ = strconv.Atoi(m[1]) // digits by the pattern
		p.Message = strings.Replace(p.Message, m[0], "", 1)
	}
	p.Message = "not valid YAML: " + p.Message
	return p
}

type reader struct {
	entries  []entry
	problems []Problem
	seen     map[string]int
}

func (r *reader) complain(line int, key, format string, args ...any) {
	r.problems = append(r.problems, Problem{Line: line, Key: key, Message: fmt.Sprintf(format, args...)})
}

func (r *reader) mapping(prefix string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.complain(n.Line, prefix, "expected keys with texts")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := prefix+n.Content[i].Value, n.Content[i+1]
		switch value.Kind {
		case yaml.MappingNode:
			r.mapping(key+".", value)
		case yaml.ScalarNode:
			r.scalar(key, value)
		default:
			r.complain(value.Line, key, "expected a text, not a list or an alias")
		}
	}
}

func (r *reader) scalar(key string, n *yaml.Node) {
	if before, twice := r.seen[key]; twice {
		r.complain(n.Line, key, "the key stands in line %d already", before)
		return
	}
	r.seen[key] = n.Line
	line := n.Line
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		line++ // the text begins below its key
	}
	r.entries = append(r.entries, entry{key: key, text: strings.TrimSpace(n.Value), line: line})
}

// ParseTexts reads the key <locale>.yaml of a content ConfigMap. Texts are returned even when there are problems,
// without those that have one. It finds every problem, not only the first.
func ParseTexts(configMap, key string, data []byte) (string, bundle.Texts, []Problem) {
	source := configMap + "/" + key
	locale, isTexts := strings.CutSuffix(key, TextsSuffix)
	tag, err := language.Parse(locale)
	if !isTexts || err != nil {
		return "", nil, []Problem{{Source: source, Message: "the name must be a language with .yaml behind it, such as nl.yaml"}}
	}
	locale = tag.String()
	entries, problems := readTexts(data)
	texts := bundle.Texts{}
	keys := Keys()
	for _, e := range entries {
		if p := e.problem(keys); p != nil {
			problems = append(problems, *p)
			continue
		}
		texts[e.key] = e.text
	}
	for i := range problems {
		problems[i].Source = source
	}
	return locale, texts, problems
}

func (e entry) problem(keys []string) *Problem {
	if _, known := slices.BinarySearch(keys, e.key); !known {
		return &Problem{Line: e.line, Key: e.key, Message: fmt.Sprintf("there is no such text; did you mean %s?", spelling.Nearest(e.key, keys))}
	}
	if e.text == "" && !optional(e.key) {
		return &Problem{Line: e.line, Key: e.key, Message: "the text is empty; leave the key out to keep the built-in one"}
	}
	_, err := parseTemplate(e.key, e.text, dataFor(e.key), maxTextBytes)
	if err == nil {
		return nil
	}
	p := Problem{Line: e.line, Key: e.key, Message: err.Error()}
	if fault := (*templateError)(nil); errors.As(err, &fault) {
		p.Line += fault.line - 1
		p.Message = fault.message
	}
	return &p
}

// ParseBlock reads the key <block>.html of a content ConfigMap.
func ParseBlock(configMap, key string, data []byte) (string, string, []Problem) {
	source := configMap + "/" + key
	name, isBlock := strings.CutSuffix(key, BlockSuffix)
	if !isBlock || !slices.Contains(Blocks, name) {
		return "", "", []Problem{{Source: source, Message: fmt.Sprintf("there is no such block; did you mean %s%s?", spelling.Nearest(name, Blocks), BlockSuffix)}}
	}
	_, err := parseBlock(name, string(data))
	if err == nil {
		return name, string(data), markupProblems(source, name, string(data))
	}
	p := Problem{Source: source, Line: 1, Key: name, Message: err.Error()}
	if fault := (*templateError)(nil); errors.As(err, &fault) {
		p.Line, p.Message = fault.line, fault.message
	}
	return "", "", []Problem{p}
}

// parseBlock returns the block as a template that escapes what it inserts by its context.
func parseBlock(name, source string) (*template.Template, error) {
	if _, err := parseTemplate(name, source, Data{}, maxBlockBytes); err != nil {
		return nil, err
	}
	t, err := template.New(name).Funcs(functions).Parse(source)
	if err != nil {
		return nil, syntaxError(err)
	}
	return t, nil
}

// forbidden lists the elements that run code, fetch, or leave the block.
var forbidden = []string{"script", "iframe", "object", "embed", "form", "input", "button", "base", "meta", "link", "style", "html", "head", "body", "title", "template", "svg", "math", "h1"}

// markupProblems reports the markup that a block must not add to a page or a mail.
func markupProblems(source, name, text string) []Problem {
	var problems []Problem
	line := 1
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return problems
		}
		raw := string(z.Raw())
		if kind == html.StartTagToken || kind == html.SelfClosingTagToken {
			if message := tagProblem(name, z.Token()); message != "" {
				problems = append(problems, Problem{Source: source, Line: line, Key: name, Message: message})
			}
		}
		line += strings.Count(raw, "\n")
	}
}

func tagProblem(block string, tag html.Token) string {
	if slices.Contains(forbidden, tag.Data) {
		return "<" + tag.Data + "> is not allowed in a block"
	}
	onPage := strings.HasPrefix(block, "page-")
	for _, a := range tag.Attr {
		value := strings.ToLower(strings.TrimSpace(a.Val))
		switch {
		case strings.HasPrefix(a.Key, "on") || strings.HasPrefix(value, "javascript:"):
			return "scripts are not allowed in a block"
		case onPage && a.Key == "style":
			return "style attributes are not allowed on the page, whose content security policy blocks them: set classes, or colors in the theme"
		case onPage && a.Key == "src" && !strings.HasPrefix(value, "/"):
			return "pictures of other hosts are not allowed on the page: they would learn of each visit"
		}
	}
	return ""
}
