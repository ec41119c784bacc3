// Command apidoc writes the API reference from the CRDs named as arguments to the standard output.
package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

const introduction = `# API reference

Generated from the CRDs by hack/generate.sh; ` + "`kubectl explain shop.spec --recursive`" + ` says the same.
Every rule below is checked by the API server itself, so a document that breaks one is refused at once, with the sentence given.
`

func main() {
	if err := write(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(out io.Writer, files []string) error {
	if _, err := io.WriteString(out, introduction); err != nil {
		return err
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.UnmarshalStrict(content, &crd); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if _, err := io.WriteString(out, kind(&crd)); err != nil {
			return err
		}
	}
	return nil
}

// page collects the rows of one kind.
type page struct {
	fields, rules strings.Builder
}

func kind(crd *apiextensionsv1.CustomResourceDefinition) string {
	version := crd.Spec.Versions[0]
	root := *version.Schema.OpenAPIV3Schema
	p := &page{}
	p.rule("", root)
	for _, name := range []string{"spec", "status"} {
		p.field(name, root.Properties[name], slices.Contains(root.Required, name))
	}
	names := crd.Spec.Names
	text := fmt.Sprintf("\n## %s\n\n%s\n\n`apiVersion: %s/%s`, `kubectl get %s`, for short `%s`.\n\n",
		names.Kind, strings.TrimSpace(root.Description), crd.Spec.Group, version.Name, names.Plural, strings.Join(names.ShortNames, "`, `"))
	text += "| Field | Type | Meaning |\n|---|---|---|\n" + p.fields.String()
	return text + "\n### Rules\n\n| Where | What the API server answers |\n|---|---|\n" + p.rules.String()
}

func (p *page) field(path string, schema apiextensionsv1.JSONSchemaProps, required bool) {
	shape := typeOf(schema)
	if required {
		shape += ", **required**"
	}
	fmt.Fprintf(&p.fields, "| `%s` | %s | %s |\n", path, shape, cell(schema.Description))
	p.rule(path, schema)
	if strings.HasSuffix(path, ".conditions") {
		return // Kubernetes' own; docs/conditions.md has what matters
	}
	p.children(path, schema)
}

// children are the fields below a field; of a list, those of its items.
func (p *page) children(path string, schema apiextensionsv1.JSONSchemaProps) {
	if schema.Items != nil {
		path, schema = path+"[]", *schema.Items.Schema
		p.rule(path, schema)
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		p.field(path+"."+name, schema.Properties[name], slices.Contains(schema.Required, name))
	}
}

func (p *page) rule(path string, schema apiextensionsv1.JSONSchemaProps) {
	for _, rule := range schema.XValidations {
		where := strings.TrimPrefix(path+rule.FieldPath, ".")
		if where == "" {
			where = "metadata.name"
		}
		fmt.Fprintf(&p.rules, "| `%s` | %s |\n", where, cell(rule.Message))
	}
}

func typeOf(s apiextensionsv1.JSONSchemaProps) string {
	switch {
	case len(s.Enum) > 0:
		return "one of " + values(s.Enum)
	case s.XIntOrString:
		return "quantity"
	case s.Format == "date-time":
		return "time"
	case s.Type == "array":
		return fmt.Sprintf("list, at most %d", *s.MaxItems)
	case s.Type == "integer":
		return "integer" + bounds(s.Minimum, s.Maximum)
	case s.Type == "object" && s.AdditionalProperties != nil:
		return fmt.Sprintf("map, at most %d", *s.MaxProperties)
	case s.Type == "string":
		return fmt.Sprintf("string, at most %d", *s.MaxLength)
	default:
		return s.Type
	}
}

func values(enum []apiextensionsv1.JSON) string {
	var all []string
	for _, value := range enum {
		all = append(all, "`"+strings.Trim(string(value.Raw), `"`)+"`")
	}
	return strings.Join(all, ", ")
}

func bounds(minimum, maximum *float64) string {
	if minimum == nil || maximum == nil {
		return ""
	}
	return fmt.Sprintf(", %.0f to %.0f", *minimum, *maximum)
}

// cell is text that fits into a cell of a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}
