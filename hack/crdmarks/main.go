// Command crdmarks marks the fields of the CRDs that this version does not act on, as the table of package compile lists them. It
// rewrites the files in the directory that is its argument.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/internal/compile"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: crdmarks DIRECTORY")
		os.Exit(2)
	}
	if err := markAll(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func markAll(directory string) error {
	files, err := filepath.Glob(filepath.Join(directory, "*.yaml"))
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		marked, err := mark(text)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := os.WriteFile(file, marked, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// node is a schema, or another object of a CRD.
type node = map[string]any

// mark returns the CRD with its marks.
func mark(text []byte) ([]byte, error) {
	crd := node{}
	if err := yaml.Unmarshal(text, &crd); err != nil {
		return nil, err
	}
	spec, names := at(crd, "spec"), at(crd, "spec", "names")
	versions, _ := spec["versions"].([]any)
	for _, version := range versions {
		v, _ := version.(node)
		kind, _ := names["kind"].(string)
		if err := markSchema(kind, at(v, "schema", "openAPIV3Schema", "properties", "spec")); err != nil {
			return nil, err
		}
	}
	marked, err := yaml.Marshal(crd)
	return append([]byte("---\n"), marked...), err
}

func at(n node, path ...string) node {
	for _, name := range path {
		n, _ = n[name].(node)
	}
	return n
}

// markSchema marks the fields of one kind. Values of one field share a mark.
func markSchema(kind string, spec node) error {
	entries := slices.DeleteFunc(compile.InactiveFields(), func(f compile.InactiveField) bool { return f.Kind != kind })
	for i, f := range entries {
		field := find(spec, f.Path)
		if field == nil {
			return fmt.Errorf("the table names %s, which the CRD does not have", f.Path)
		}
		if f.Value == "" {
			markBelow(field, compile.InactiveMark([]compile.InactiveField{f}))
			continue
		}
		same := func(other compile.InactiveField) bool { return other.Path == f.Path && other.Value != "" }
		if slices.IndexFunc(entries, same) == i {
			add(field, compile.InactiveMark(slices.DeleteFunc(slices.Clone(entries), func(other compile.InactiveField) bool { return !same(other) })))
		}
	}
	return nil
}

// find returns the field at a path. Of a list it is the list itself, which has the description.
func find(schema node, path string) node {
	for name := range strings.SplitSeq(path, ".") {
		if schema["type"] == "array" {
			schema = at(schema, "items")
		}
		schema = at(schema, "properties", strings.TrimSuffix(name, "[]"))
	}
	return schema
}

// markBelow marks a field and all fields below it.
func markBelow(field node, text string) {
	add(field, text)
	if field["type"] == "array" {
		field = at(field, "items")
	}
	for _, child := range at(field, "properties") {
		if child, ok := child.(node); ok {
			markBelow(child, text)
		}
	}
}

func add(field node, text string) {
	description, _ := field["description"].(string)
	field["description"] = strings.TrimSpace(description) + " " + text
}
