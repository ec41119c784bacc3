package mapping

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/traits"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
)

// fieldSetter sets the fields of a statement one by one, and notes which of them a partial statement gives.
type fieldSetter struct {
	*run
	said     reflect.Value // the struct whose fields are set
	variable string        // the CEL variable with the element that is read
	partial  bool
	names    []string // of the given fields
}

// fieldSetter returns one for the struct that said points to, and the element in the variable.
func (r *run) fieldSetter(said any, variable string, partial bool) *fieldSetter {
	return &fieldSetter{run: r, said: reflect.ValueOf(said).Elem(), variable: variable, partial: partial}
}

// given returns the names of the fields that a partial statement gives; nil = the statement is whole.
func (f *fieldSetter) given() []string {
	if !f.partial {
		return nil
	}
	return f.names
}

// set reads one field by its expressions. In a partial statement it is given when the element has one of the keys that they read, and
// not given when reading it failed.
func (f *fieldSetter) set(name string, read func(), by ...*definition.Expr) {
	if f.partial && !f.has(by) {
		return
	}
	failures := f.failures
	read()
	if f.partial && f.field(name).IsZero() {
		if e := f.notAnObject(name, by); e != nil {
			f.bad(e, "is part of what should be an object and is none")
		}
		if f.failures > failures {
			return
		}
	}
	f.add(name)
}

// notAnObject returns the expression, of a field with several parts, that reads a part from a value that is not an object; nil = none does.
func (f *fieldSetter) notAnObject(name string, by []*definition.Expr) *definition.Expr {
	field := f.field(name).Type()
	if field.Kind() == reflect.Pointer {
		field = field.Elem()
	}
	element, ok := f.vars[f.variable].(traits.Mapper)
	if !ok || field.Kind() != reflect.Struct || field == reflect.TypeFor[time.Time]() {
		return nil
	}
	object, _ := element.Value().(map[string]any)
	for _, e := range by {
		p, ok := f.programs[e]
		if !ok {
			continue
		}
		for _, key := range p.reads[f.variable] {
			if value, given := object[key]; given && value != nil && reflect.TypeOf(value).Kind() != reflect.Map {
				return e
			}
		}
	}
	return nil
}

// field returns a field of the statement, or a part of one: "Money.TotalMinor".
func (f *fieldSetter) field(name string) reflect.Value {
	outer, part, nested := strings.Cut(name, ".")
	field := f.said.FieldByName(outer)
	if nested {
		return field.FieldByName(part)
	}
	return field
}

// joinMoney gives all of an order's money where its currency is given: amounts of another currency must not stay.
func (f *fieldSetter) joinMoney() {
	if slices.Contains(f.names, "Money.Currency") {
		f.names = slices.DeleteFunc(f.names, func(name string) bool { return strings.HasPrefix(name, "Money.") })
		f.add("Money")
	}
}

// add notes that the statement gives a field.
func (f *fieldSetter) add(name string) {
	if !slices.Contains(f.names, name) {
		f.names = append(f.names, name)
	}
}

// has reports whether the element has one of the keys that the expressions read. An expression that reads none is always given.
func (f *fieldSetter) has(by []*definition.Expr) bool {
	for _, e := range by {
		p, ok := f.programs[e]
		if !ok {
			continue
		}
		keys := p.reads[f.variable]
		if len(keys) == 0 || slices.ContainsFunc(keys, f.hasKey) {
			return true
		}
	}
	return false
}

// hasKey reports whether the element has a key, be it null.
func (f *fieldSetter) hasKey(key string) bool {
	element, ok := f.vars[f.variable].(traits.Mapper)
	if !ok {
		return false
	}
	if element.Contains(types.String(key)) == types.True {
		return true
	}
	object, ok := element.Value().(map[string]any)
	return ok && slices.Contains(f.nulls.of(object), key)
}
