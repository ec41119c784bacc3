package compile

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// step is one step of a path through a spec.
type step struct {
	name  string // of the field in JSON; "" = each item of a list
	field int    // index in the struct
}

// finder finds the entry's field in a spec.
type finder struct {
	InactiveField
	steps []step
}

// findersOf returns the finders of a kind. The spec is of the kind's Go type.
func findersOf(kind string, spec reflect.Type) []finder {
	key := kind + " " + spec.String()
	if known, ok := findersByType.Load(key); ok {
		return known.([]finder)
	}
	var all []finder
	for _, entry := range inactiveTable {
		if entry.Kind == kind && !entry.Refused {
			all = append(all, finder{entry, stepsOf(spec, entry.Path)})
		}
	}
	findersByType.Store(key, all)
	return all
}

var findersByType sync.Map

// stepsOf resolves a path in a type. It panics for a path that does not exist, which a test finds.
func stepsOf(t reflect.Type, path string) []step {
	var steps []step
	for name := range strings.SplitSeq(path, ".") {
		name, isList := strings.CutSuffix(name, "[]")
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		i := fieldNamed(t, name)
		if i < 0 {
			panic("compile: the table of inactive fields names " + path + ", and " + t.String() + " has no " + name)
		}
		steps, t = append(steps, step{name, i}), t.Field(i).Type
		if isList {
			steps, t = append(steps, step{}), t.Elem()
		}
	}
	return steps
}

// fieldNamed returns the index of the field with this name in JSON; -1 = there is none.
func fieldNamed(t reflect.Type, name string) int {
	for i := range t.NumField() {
		if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); tag == name {
			return i
		}
	}
	return -1
}

// addTable adds the fields of the table that a spec sets; path is where the spec is, "" = at the top.
func (f *inactiveFields) addTable(kind string, spec any) {
	v := reflect.ValueOf(spec).Elem()
	for _, entry := range findersOf(kind, v.Type()) {
		f.find(entry, v, entry.steps, "")
	}
}

// find adds the paths at which the value, and what is below it, has what the entry is about.
func (f *inactiveFields) find(entry finder, v reflect.Value, steps []step, path string) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	switch {
	case len(steps) == 0:
		f.addIf(entry, v, path)
	case steps[0].name != "":
		f.find(entry, v.Field(steps[0].field), steps[1:], strings.TrimPrefix(path+"."+steps[0].name, "."))
	default:
		for i := range v.Len() {
			item, at := v.Index(i), path
			if item.Kind() == reflect.Struct {
				at = fmt.Sprintf("%s[%s]", path, item.Field(0)) // the first field of an item is its key
			}
			f.find(entry, item, steps[1:], at)
		}
	}
}

func (f *inactiveFields) addIf(entry finder, v reflect.Value, path string) {
	switch {
	case entry.Value == "":
		f.addInactive(v.Kind() == reflect.Struct || !v.IsZero(), "%s", path)
	case v.String() == entry.Value:
		f.addInactive(true, "%s[%s]", path, entry.Value)
	}
}
