package message

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode"
	"unicode/utf8"

	"github.com/wismo-dev/wismo/internal/spelling"
)

// Limits on what a merchant writes. There are no loops, so the output is bounded by the input times the longest field.
const (
	maxTextBytes   = 2 << 10 // of one text's source
	maxBlockBytes  = 16 << 10
	maxOutputBytes = 256 << 10
	maxFieldRunes  = 120
)

// functions are all that a text may call. "if", "else" and "end" are syntax and always there.
var functions = template.FuncMap{
	"capital": Capital,
	"upper":   strings.ToUpper,
	"lower":   strings.ToLower,
	"default": func(fallback, value string) string {
		if value == "" {
			return fallback
		}
		return value
	},
}

// builtins are text/template's own functions that are allowed as well.
var builtins = []string{"and", "or", "not", "eq", "ne"}

// Capital begins a sentence: only the first letter changes.
func Capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// templateError is a fault in a template, with its line within it.
type templateError struct {
	line    int
	message string
}

func (e *templateError) Error() string { return e.message }

// parseTemplate parses source and refuses everything but fields of data, the functions above and if.
func parseTemplate(name, source string, data any, maxBytes int) (*template.Template, error) {
	return addTemplate(newSet(), name, source, data, maxBytes)
}

// addTemplate is like parseTemplate and adds the template to the set.
func addTemplate(set *template.Template, name, source string, data any, maxBytes int) (*template.Template, error) {
	if len(source) > maxBytes {
		return nil, &templateError{1, fmt.Sprintf("the text has %d bytes, at most %d are allowed: shorten it", len(source), maxBytes)}
	}
	trees, err := parse.Parse(name, source, "", "", functions, known)
	if err != nil {
		return nil, syntaxError(err)
	}
	if len(trees) > 1 {
		return nil, &templateError{1, "define and block are not allowed: a text knows fields, functions and if"}
	}
	tree := trees[name]
	if tree == nil { // an empty text, or one with a definition only
		tree = &parse.Tree{Name: name, Root: &parse.ListNode{NodeType: parse.NodeList}}
	}
	w := walker{tree: tree, fields: fieldNames(data)}
	if err := w.list(tree.Root); err != nil {
		return nil, err
	}
	return set.AddParseTree(name, tree)
}

// known lists text/template's own functions by name only: the walker decides which are allowed.
var known = map[string]any{
	"and": true, "or": true, "not": true, "eq": true, "ne": true, "lt": true, "le": true, "gt": true, "ge": true, "len": true, "index": true,
	"slice": true, "print": true, "printf": true, "println": true, "html": true, "js": true, "urlquery": true, "call": true,
}

// syntaxError parses an error of text/template: "template: name:line: message".
var syntaxPattern = regexp.MustCompile(`^template: .*?:(\d+)(?::\d+)?: (?s)(.*)$`)

func syntaxError(err error) error {
	m := syntaxPattern.FindStringSubmatch(err.Error())
	if m == nil {
		return &templateError{1, err.Error()}
	}
	line, _ := strconv.Atoi(m[1]) // digits by the pattern
	return &templateError{line, m[2]}
}

func fieldNames(data any) []string {
	t := reflect.TypeOf(data)
	var names []string
	for i := range t.NumField() {
		names = append(names, t.Field(i).Name)
	}
	return names
}

// walker checks a parsed template.
type walker struct {
	tree   *parse.Tree
	fields []string
}

func (w walker) refuse(n parse.Node, format string, args ...any) error {
	line := 1
	location, _ := w.tree.ErrorContext(n)
	if parts := strings.Split(location, ":"); len(parts) >= 2 {
		if at, err := strconv.Atoi(parts[len(parts)-2]); err == nil {
			line = at
		}
	}
	return &templateError{line, fmt.Sprintf(format, args...)}
}

func (w walker) list(l *parse.ListNode) error {
	if l == nil {
		return nil
	}
	for _, n := range l.Nodes {
		if err := w.node(n); err != nil {
			return err
		}
	}
	return nil
}

func (w walker) node(n parse.Node) error {
	switch n := n.(type) {
	case *parse.TextNode, *parse.CommentNode:
		return nil
	case *parse.ActionNode:
		return w.pipe(n.Pipe)
	case *parse.IfNode:
		if err := w.pipe(n.Pipe); err != nil {
			return err
		}
		return errors.Join(w.list(n.List), w.list(n.ElseList))
	default:
		return w.refuse(n, "%s is not allowed: a text knows fields such as {{.Number}}, functions and if", n)
	}
}

func (w walker) pipe(p *parse.PipeNode) error {
	if len(p.Decl) > 0 {
		return w.refuse(p, "variables are not allowed")
	}
	for _, c := range p.Cmds {
		for _, arg := range c.Args {
			if err := w.argument(arg); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w walker) argument(n parse.Node) error {
	switch n := n.(type) {
	case *parse.StringNode:
		return nil
	case *parse.PipeNode:
		return w.pipe(n)
	case *parse.FieldNode:
		if len(n.Ident) == 1 && slices.Contains(w.fields, n.Ident[0]) {
			return nil
		}
		return w.refuse(n, "the field %s does not exist; did you mean .%s?", n, spelling.Nearest(n.Ident[0], w.fields))
	case *parse.IdentifierNode:
		if _, ours := functions[n.Ident]; ours || slices.Contains(builtins, n.Ident) {
			return nil
		}
		return w.refuse(n, "the function %s is not allowed", n.Ident)
	default:
		return w.refuse(n, "%s is not allowed: a text knows fields such as {{.Number}}, functions and if", n)
	}
}

// executor is a template of either kind.
type executor interface {
	Execute(w io.Writer, data any) error
}

// execute runs a template that has passed the walker, into a bounded output.
func execute(t executor, data any) (string, error) {
	var out limited
	if err := t.Execute(&out, data); err != nil {
		return "", err
	}
	return out.text.String(), nil
}

// limited is a writer that fails after maxOutputBytes.
type limited struct{ text strings.Builder }

// Write implements io.Writer.
func (l *limited) Write(p []byte) (int, error) {
	if l.text.Len()+len(p) > maxOutputBytes {
		return 0, fmt.Errorf("the output is longer than %d bytes", maxOutputBytes)
	}
	return l.text.Write(p)
}
