package installers

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/wismo-dev/wismo/internal/operator/config"
)

var (
	explanation = regexp.MustCompile(`^ *# -- (.*)$`)
	valueOf     = regexp.MustCompile(`^( *)([A-Za-z]+):(.*)$`)
	readmeRow   = regexp.MustCompile("(?m)^\\| `([A-Za-z.]+)` \\| `(.*)` \\| (.*) \\|$")
)

// explained lists the values of values.yaml as the README shows them: path, default and explanation.
func explained(t *testing.T) [][]string {
	t.Helper()
	var rows [][]string
	var path []string
	comment := ""
	for line := range strings.Lines(string(valuesFile(t))) {
		line = strings.TrimRight(line, "\n")
		if parts := explanation.FindStringSubmatch(line); parts != nil {
			comment = parts[1]
			continue
		}
		parts := valueOf.FindStringSubmatch(line)
		if parts == nil {
			continue
		}
		path = append(path[:len(parts[1])/2], parts[2])
		if value := strings.TrimSpace(parts[3]); value != "" {
			rows = append(rows, []string{strings.Join(path, "."), value, comment})
		}
	}
	return rows
}

func TestTheReadmeOfTheChartShowsEveryValue(t *testing.T) {
	text, err := os.ReadFile(repository("charts", "wismo", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var shown [][]string
	for _, cells := range readmeRow.FindAllStringSubmatch(string(text), -1) {
		shown = append(shown, cells[1:])
	}
	if diff := cmp.Diff(explained(t), shown); diff != "" {
		t.Errorf("values.yaml (-), README.md (+):\n%s", diff)
	}
}

// paths lists the fields of the operator's configuration, or of the part of the schema that is about it.
func paths(path string, of reflect.Type, found *[]string) {
	switch {
	case of == reflect.TypeFor[resource.Quantity]() || of.Kind() != reflect.Struct || !strings.HasSuffix(of.PkgPath(), "/operator/config"):
		*found = append(*found, path)
	default:
		for f := range of.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			paths(path+"."+name, f.Type, found)
		}
	}
}

func TestTheSchemaKnowsEveryFieldOfTheConfiguration(t *testing.T) {
	root := schemaFile(t)
	var fields []string
	paths("config", reflect.TypeFor[config.Config](), &fields)
	for _, field := range fields {
		s := root
		for key := range strings.SplitSeq(field, ".") {
			child, known := s.Properties[key]
			if !known {
				t.Errorf("values.schema.json does not know %s", field)
			}
			s = child
		}
	}
	known := 0
	for _, section := range root.Properties["config"].Properties {
		known += len(section.Properties)
	}
	distinct := map[string]bool{} // of the same depth
	for _, field := range fields {
		distinct[strings.Join(strings.SplitN(field, ".", 4)[:3], ".")] = true
	}
	if known != len(distinct) {
		t.Errorf("the schema knows %d fields of the configuration, and there are %d", known, len(distinct))
	}
}
