package installers

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// schema is the part of a JSON schema that says which keys there are.
type schema struct {
	Ref         string            `json:"$ref"`
	Properties  map[string]schema `json:"properties"`
	Definitions map[string]schema `json:"definitions"`
}

// unknown lists the keys of values that the schema does not know.
func (root schema) unknown(path string, values map[string]any, s schema) []string {
	if s.Ref != "" {
		s = root.Definitions[strings.TrimPrefix(s.Ref, "#/definitions/")]
	}
	if len(s.Properties) == 0 {
		return nil // any keys, such as those of labels
	}
	var found []string
	for key, value := range values {
		child, known := s.Properties[key]
		if !known {
			found = append(found, path+key)
		}
		nested, _ := value.(map[string]any)
		found = append(found, root.unknown(path+key+".", nested, child)...)
	}
	return found
}

func TestTheSchemaAndTheValuesKnowEachOther(t *testing.T) {
	root := schemaFile(t)
	var values map[string]any
	if err := yaml.Unmarshal(valuesFile(t), &values); err != nil {
		t.Fatal(err)
	}
	if unknown := root.unknown("", values, root); len(unknown) > 0 {
		t.Errorf("the schema does not know %v", unknown)
	}
	for key := range root.Properties {
		if _, shown := values[key]; !shown && key != "global" {
			t.Errorf("values.yaml does not show %s", key)
		}
	}
	values["image"] = map[string]any{"tags": "x"}
	if unknown := root.unknown("", values, root); len(unknown) != 1 || unknown[0] != "image.tags" {
		t.Errorf("image.tags passes: %v", unknown)
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

func schemaFile(t *testing.T) schema {
	t.Helper()
	text, err := os.ReadFile(repository("charts", "wismo", "values.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var root schema
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	return root
}
