package lint

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// Document is one object of a file, with its position.
type Document struct {
	unstructured.Unstructured
	File string
	line int          // of the document's first line, from 1
	node *yamlv3.Node // for finding lines; its own start at 1
}

// Title returns the document's kind and name for messages: Shop linden/linden.
func (d *Document) Title() string {
	name := d.GetName()
	if name == "" {
		name = d.GetGenerateName() + "(no name)"
	}
	if d.GetNamespace() != "" {
		name = d.GetNamespace() + "/" + name
	}
	return d.GetKind() + " " + name
}

// finding returns a Finding about a field of the document.
func (d *Document) finding(level Level, path, format string, args ...any) Finding {
	return Finding{Level: level, File: d.File, Line: d.lineOf(path), Object: d.Title(), Path: path, Message: fmt.Sprintf(format, args...)}
}

var separator = regexp.MustCompile(`(?m)^---[ \t]*(#.*)?\r?$`)

// Read splits a file into its documents. One that cannot be parsed is a finding; the others are returned.
func Read(file string, content []byte) ([]*Document, []Finding) {
	var all []*Document
	var findings []Finding
	line, from := 1, 0
	for _, at := range append(separator.FindAllIndex(content, -1), []int{len(content), len(content)}) {
		chunk := content[from:at[0]]
		documents, err := parse(file, line, chunk)
		if err != nil {
			findings = append(findings, yamlFinding(file, line, err))
		}
		all = append(all, documents...)
		line += bytes.Count(content[from:at[1]], []byte("\n"))
		from = at[1]
	}
	return all, findings
}

// parse reads one document, or the items of a list. Kubernetes reads YAML 1.1, where NO and on are booleans, so lint does.
func parse(file string, line int, text []byte) ([]*Document, error) {
	asJSON, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return nil, err
	}
	var value any
	if err := utiljson.Unmarshal(asJSON, &value); err != nil || value == nil {
		return nil, err
	}
	fields, isMap := value.(map[string]any)
	if !isMap {
		return nil, fmt.Errorf("line 1: not a Kubernetes object: expected fields such as apiVersion and kind")
	}
	root := &yamlv3.Node{}
	if err := yamlv3.Unmarshal(text, root); err != nil {
		return nil, err
	}
	d := &Document{Unstructured: unstructured.Unstructured{Object: fields}, File: file, line: line, node: root}
	if items, isList := fields["items"].([]any); isList && strings.HasSuffix(d.GetKind(), "List") {
		return itemsOf(d, items), nil
	}
	return []*Document{d}, nil
}

func itemsOf(list *Document, items []any) []*Document {
	var all []*Document
	for i, item := range items {
		fields, isMap := item.(map[string]any)
		if !isMap {
			continue
		}
		all = append(all, &Document{
			Unstructured: unstructured.Unstructured{Object: fields},
			File:         list.File, line: list.line, node: find(list.node, fmt.Sprintf("items[%d]", i)),
		})
	}
	return all
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// yamlFinding turns a parser's error into a Finding with the line in the file.
func yamlFinding(file string, line int, err error) Finding {
	message := err.Error()
	at := line
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		n, _ := strconv.Atoi(m[1]) // digits by the pattern
		at = line + n - 1
		message = strings.Replace(message, m[0], "", 1)
	}
	for _, prefix := range []string{"error converting YAML to JSON: ", "yaml: ", "unmarshal errors:\n  "} {
		message = strings.TrimPrefix(message, prefix)
	}
	return Finding{Level: Error, File: file, Line: at, Message: "not valid YAML: " + message}
}
