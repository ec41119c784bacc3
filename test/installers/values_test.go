package installers

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// schema is the part of a JSON schema that says which keys there are.
type schema struct {
	Ref        string            `json:"$ref"`
	Properties map[string]schema `json:"properties"`
}

func TestTheSchemaKnowsEveryValue(t *testing.T) {
	text, err := os.ReadFile(repository("charts", "wismo", "values.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var root struct {
		schema
		Definitions map[string]schema `json:"definitions"`
	}
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	var check func(path string, values map[string]any, s schema)
	check = func(path string, values map[string]any, s schema) {
		if s.Ref != "" {
			s = root.Definitions[strings.TrimPrefix(s.Ref, "#/definitions/")]
		}
		for _, key := range slices.Sorted(maps.Keys(values)) {
			child, known := s.Properties[key]
			if !known {
				t.Errorf("the schema does not know %s%s", path, key)
				continue
			}
			if nested, ok := values[key].(map[string]any); ok && len(child.Properties) > 0 || child.Ref != "" {
				check(path+key+".", nested, child)
			}
		}
	}
	var values map[string]any
	if err := yaml.Unmarshal(valuesFile(t), &values); err != nil {
		t.Fatal(err)
	}
	check("", values, root.schema)
	for key := range root.Properties {
		if _, shown := values[key]; !shown && key != "global" {
			t.Errorf("values.yaml does not show %s", key)
		}
	}
}

var valueLine = regexp.MustCompile(`^ *[A-Za-z]+: \S`)

func TestEveryValueIsExplained(t *testing.T) {
	scanner := bufio.NewScanner(bytes.NewReader(valuesFile(t)))
	before := ""
	for scanner.Scan() {
		line := scanner.Text()
		if valueLine.MatchString(line) && !strings.HasPrefix(strings.TrimSpace(before), "# -- ") {
			t.Errorf("nothing explains %q", strings.TrimSpace(line))
		}
		before = line
	}
}

func valuesFile(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(repository("charts", "wismo", "values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
