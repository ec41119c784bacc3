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

func collect(s *source, add func(kind, name string)) {
	for _, value := range s.info.Types {
		if value.Value == nil || value.Value.Kind() != constant.String {
			continue
		}
		switch text := constant.StringVal(value.Value); {
		case onObjects.MatchString(text) && !strings.HasPrefix(text, v1alpha1.GroupVersion.String()):
			add("labels, annotations, finalizers", text)
		case metric.MatchString(text):
			add("metrics", text)
		}
	}
	for name, object := range s.info.Defs {
		switch o := object.(type) {
		case *types.Const:
			if o.Val().Kind() != constant.String {
				continue
			}
			switch prefix := worded.FindStringSubmatch(name.Name); {
			case prefix != nil && strings.HasPrefix(s.folder, "api/"):
				add(strings.ToLower(prefix[1])+"s", constant.StringVal(o.Val()))
			case manager.MatchString(name.Name):
				add("field managers", constant.StringVal(o.Val()))
			}
		case *types.TypeName:
			if shape, ok := o.Type().Underlying().(*types.Struct); ok {
				if fields := jsonOf(shape); fields != "" {
					add("JSON objects", fields)
				}
			}
		}
	}
}

// jsonOf is how a struct is written as JSON; "" = it is not.
func jsonOf(shape *types.Struct) string {
	var fields []string
	for i := range shape.NumFields() {
		if tag, ok := reflect.StructTag(shape.Tag(i)).Lookup("json"); ok {
			fields = append(fields, tag)
		}
	}
	slices.Sort(fields)
	return strings.Join(fields, " ")
}
