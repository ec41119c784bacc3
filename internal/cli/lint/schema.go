package lint

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	metavalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"

	"github.com/wismo-dev/wismo/config/crd"
	"github.com/wismo-dev/wismo/internal/spelling"
)

// kind holds the validation of one version of one of wismo's kinds.
type kind struct {
	structural *structuralschema.Structural
	openAPI    validation.SchemaValidator
	rules      func() *cel.Validator // compiled on first use, because that takes longer than all the rest
}

// kinds returns wismo's kinds.
var kinds = sync.OnceValues(func() (map[schema.GroupVersionKind]kind, error) {
	definitions, err := crd.Definitions()
	if err != nil {
		return nil, err
	}
	all := map[schema.GroupVersionKind]kind{}
	for _, definition := range definitions {
		for _, version := range definition.Spec.Versions {
			k, err := newKind(version.Schema.OpenAPIV3Schema)
			if err != nil {
				return nil, fmt.Errorf("the schema of %s: %w", definition.Name, err)
			}
			all[schema.GroupVersionKind{Group: definition.Spec.Group, Version: version.Name, Kind: definition.Spec.Names.Kind}] = k
		}
	}
	return all, nil
})

func newKind(written *apiextensionsv1.JSONSchemaProps) (kind, error) {
	props := &apiextensions.JSONSchemaProps{}
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(written, props, nil); err != nil {
		return kind{}, err
	}
	structural, err := structuralschema.NewStructural(props)
	if err != nil {
		return kind{}, err
	}
	openAPI, _, err := validation.NewSchemaValidator(props)
	if err != nil {
		return kind{}, err
	}
	rules := sync.OnceValue(func() *cel.Validator { return cel.NewValidator(structural, true, celconfig.PerCallLimit) })
	return kind{structural, openAPI, rules}, nil
}

// Validate does what the API server does when an object is created: it checks for unknown fields, sets defaults in d, and
// validates it against the schema and the rules.
func Validate(d *Document) ([]Finding, error) {
	known, err := kinds()
	if err != nil {
		return nil, err
	}
	k, ok := known[d.GroupVersionKind()]
	if !ok {
		return []Finding{d.finding(Error, "apiVersion", "the kind %s does not exist in %s; did you mean %s?", d.GetKind(), d.GetAPIVersion(), nearestKind(known, d.GetKind()))}, nil
	}
	findings := k.unknownFields(d)
	delete(d.Object, "status") // the API server ignores it, too
	defaulting.PruneNonNullableNullsWithoutDefaults(d.Object, k.structural)
	defaulting.Default(d.Object, k.structural)
	errs := k.errors(d)
	for _, e := range errs {
		findings = append(findings, d.finding(Error, e.Field, "%s%s", e.ErrorBody(), hint(e)))
	}
	if blocking(errs) {
		findings = append(findings, d.finding(Note, "", "the other checks were skipped because of these errors; fix them and run lint again"))
	}
	return findings, nil
}

func (k kind) errors(d *Document) field.ErrorList {
	metadata := metavalidation.ValidateObjectMetaAccessor(d, true, metavalidation.NameIsDNSSubdomain, field.NewPath("metadata"))
	metadata = slices.DeleteFunc(metadata, func(e *field.Error) bool {
		return e.Field == "metadata.namespace" && e.Type == field.ErrorTypeRequired // kubectl fills it in
	})
	errs := validation.ValidateCustomResource(nil, d.Object, k.openAPI)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, k.structural, d.Object)...)
	if !blocking(errs) {
		rules, _ := k.rules().Validate(context.Background(), nil, k.structural, d.Object, nil, celconfig.RuntimeCELCostBudget)
		errs = append(errs, rules...)
	}
	return append(metadata, errs...)
}

// blocking reports whether the rules must be skipped, because they would read fields of a wrong type.
func blocking(errs field.ErrorList) bool {
	types := []field.ErrorType{
		field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany, field.ErrorTypeTypeInvalid,
	}
	return slices.ContainsFunc(errs, func(e *field.Error) bool { return slices.Contains(types, e.Type) })
}

// hint explains the booleans of YAML 1.1, where NO is false.
func hint(e *field.Error) string {
	if e.Type == field.ErrorTypeTypeInvalid && strings.HasSuffix(e.ErrorBody(), `must be of type string: "boolean"`) {
		return "; put it in quotes, because YAML reads NO, no, on, off, yes and y as true or false without them"
	}
	return ""
}

// unknownFields returns an error for each unknown field, which the API server would drop, or refuse under strict validation.
func (k kind) unknownFields(d *Document) []Finding {
	options := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	pruned := d.DeepCopy()
	var findings []Finding
	for _, path := range pruning.PruneWithOptions(pruned.Object, k.structural, true, options) {
		message := fmt.Sprintf("unknown field %q", path)
		if near := k.nearestField(path); near != "" {
			message += "; did you mean " + near + "?"
		}
		findings = append(findings, d.finding(Error, path, "%s", message))
	}
	return findings
}

// nearestField returns the known field with the most similar spelling; "" if none is similar.
func (k kind) nearestField(path string) string {
	all := segments.FindAllString(path, -1)
	s := k.structural
	for _, segment := range all[:len(all)-1] {
		if s = below(s, segment); s == nil {
			return ""
		}
	}
	wrote := all[len(all)-1]
	if near := spelling.Nearest(wrote, slices.Sorted(maps.Keys(s.Properties))); spelling.Alike(wrote, near) {
		return near
	}
	return ""
}

func below(s *structuralschema.Structural, segment string) *structuralschema.Structural {
	if segment[0] == '[' {
		return s.Items
	}
	if property, ok := s.Properties[segment]; ok {
		return &property
	}
	return nil
}

func nearestKind(known map[schema.GroupVersionKind]kind, name string) string {
	all := map[string]string{}
	for gvk := range known {
		all[gvk.Kind] = gvk.Kind + " in " + gvk.GroupVersion().String()
	}
	return all[spelling.Nearest(name, slices.Sorted(maps.Keys(all)))]
}
