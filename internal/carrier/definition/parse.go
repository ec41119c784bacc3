package definition

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// MaxBytes bounds a definition: a Library or Local one is in a ConfigMap that may hold other keys too.
const MaxBytes = 64 << 10

// Problem is one thing that is wrong with a definition.
type Problem struct {
	Path string // YAML path, e.g. "verify.timestamp.header"; "" = the document
	Line int    // 1-based; 0 = unknown
	Text string
}

// String returns the problem on one line: "line 12: verify.header: ...".
func (p Problem) String() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	return b.String() + p.Text
}

// Problems are all problems of a definition, as one error.
type Problems []Problem

// Error joins the problems with "; ".
func (ps Problems) Error() string {
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.String()
	}
	return strings.Join(texts, "; ")
}

// Parse reads and checks a definition. It refuses unknown keys. The error is of type Problems: every problem at once, with its line.
// The expressions of the mapping are only read here; package mapping compiles them.
func Parse(data []byte) (*Definition, error) {
	if len(data) > MaxBytes {
		return nil, Problems{{Text: fmt.Sprintf("the definition has %d bytes, at most %d are allowed", len(data), MaxBytes)}}
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	var d Definition
	if err := dec.Decode(&d); err != nil {
		return nil, readProblems(err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, Problems{{Text: "must be exactly one YAML document"}}
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, readProblems(err)
	}
	c := checker{root: &root}
	c.definition(&d)
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	return &d, nil
}

var (
	yamlLine     = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)
	unknownField = regexp.MustCompile(`field (\S+) not found in type \S+`)
	intoGoType   = regexp.MustCompile(` into \S+$`)
)

// readProblems rewrites the YAML library's errors without Go types.
func readProblems(err error) Problems {
	if errors.Is(err, io.EOF) {
		return Problems{{Text: "the definition is empty"}}
	}
	texts := []string{err.Error()}
	if typed, ok := errors.AsType[*yaml.TypeError](err); ok {
		texts = typed.Errors
	}
	problems := make(Problems, 0, len(texts))
	for _, text := range texts {
		p := Problem{Text: strings.TrimPrefix(text, "yaml: ")}
		if m := yamlLine.FindStringSubmatch(text); m != nil {
			p.Line, _ = strconv.Atoi(m[1]) // digits only, by the pattern
			p.Text = strings.TrimPrefix(text, m[0])
		}
		p.Text = unknownField.ReplaceAllString(p.Text, "unknown key $1")
		p.Text = intoGoType.ReplaceAllString(p.Text, " here")
		problems = append(problems, p)
	}
	return problems
}
