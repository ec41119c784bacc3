package architecture

import (
	"fmt"
	"go/constant"
	"go/types"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/golden"
)

// dataPlane has names of its own, which its tests hold.
var dataPlane = regexp.MustCompile(`^internal/(tracking|decision|message|channel|notifier|page|store|carrier|corpus|simulate|ingest|workload|link|locale|testing)(/|$)`)

// kinds of names, by how a constant shows that it is one: by its value, or by how Go calls it.
var (
	onObjects = regexp.MustCompile(`^` + regexp.QuoteMeta(v1alpha1.GroupName) + `/.`)
	metric    = regexp.MustCompile(`^wismo_[a-z_]+$`)
	manager   = regexp.MustCompile(`(Field|Handover)Manager$`)
	worded    = regexp.MustCompile(`^(Condition|Reason|Event)[A-Z]`)
)

// What stands on objects in clusters, in alerts and in pipelines outlives every build: another name for it loses what was
// written under the old one. How Go calls it, and where, is free.
func TestNamesThatOthersKnowStay(t *testing.T) {
	names := map[string]map[string]bool{}
	add := func(kind, name string) {
		if names[kind] == nil {
			names[kind] = map[string]bool{}
		}
		names[kind][name] = true
	}
	tr := newTree(t)
	for _, folder := range foldersBelow(t, "api", "controllers", "internal", "cmd") {
		if s := tr.load(folder); s != nil && !dataPlane.MatchString(folder) {
			collect(s, add)
		}
	}
	var text strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(&text, "# %s\n%s\n\n", kind, strings.Join(slices.Sorted(maps.Keys(names[kind])), "\n"))
	}
	golden.File(t, "testdata/names.txt", text.String())
}

// collect finds the names in a package: in whatever is a constant text, in what declares one, and in the tags of structs.
func collect(s *source, add func(kind, name string)) {
	for _, expression := range s.info.Types {
		if text, ok := textOf(expression.Value); ok {
			collectText(text, add)
		}
	}
	for name, object := range s.info.Defs {
		switch o := object.(type) {
		case *types.Const:
			if text, ok := textOf(o.Val()); ok {
				collectDeclared(s.folder, name.Name, text, add)
			}
		case *types.TypeName:
			if shape, ok := o.Type().Underlying().(*types.Struct); ok {
				collectShape(shape, add)
			}
		}
	}
}

func textOf(value constant.Value) (string, bool) {
	if value == nil || value.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(value), true
}

func collectText(text string, add func(kind, name string)) {
	switch {
	case onObjects.MatchString(text) && !strings.HasPrefix(text, v1alpha1.GroupVersion.String()):
		add("labels, annotations, finalizers", text)
	case metric.MatchString(text):
		add("metrics", text)
	}
}

func collectDeclared(folder, name, text string, add func(kind, name string)) {
	switch prefix := worded.FindStringSubmatch(name); {
	case prefix != nil && strings.HasPrefix(folder, "api/"):
		add(strings.ToLower(prefix[1])+"s", text)
	case manager.MatchString(name):
		add("field managers", text)
	}
}

// collectShape adds how a struct is written as JSON, if it is.
func collectShape(shape *types.Struct, add func(kind, name string)) {
	var fields []string
	for i := range shape.NumFields() {
		if tag, ok := reflect.StructTag(shape.Tag(i)).Lookup("json"); ok {
			fields = append(fields, tag)
		}
	}
	if slices.Sort(fields); len(fields) > 0 {
		add("JSON objects", strings.Join(fields, " "))
	}
}
