package bundle

import (
	"reflect"
	"strings"
)

// OldestReader returns the oldest reader that may serve the Document: one that acts on every field without which it would send or
// show more than the Document allows.
func OldestReader(doc *Document) int {
	oldest := 1
	for _, e := range entriesSet(doc) {
		if e.Loss == Required {
			oldest = max(oldest, e.Since)
		}
	}
	return oldest
}

// Fit returns a copy of the Document without what the reader cannot read, and the entries that the reader does not act on: if one
// of them is Required, the reader must not serve the Document.
func Fit(doc *Document, reader int) (fitted *Document, lost []Entry) {
	unreadable := map[string]bool{}
	for _, e := range entriesSet(doc) {
		if e.Since <= reader {
			continue
		}
		lost = append(lost, e)
		if read := e.Read; e.Value == "" && (read == 0 || read > reader) {
			unreadable[e.Path] = true
		}
	}
	copied := *doc
	if len(unreadable) > 0 {
		clearFields(reflect.ValueOf(&copied).Elem(), "", unreadable)
	}
	copied.MinReader = 0
	if oldest := OldestReader(&copied); oldest > 1 && reader > 1 {
		copied.MinReader = oldest
	}
	return &copied, lost
}

// entriesSet returns the entries, of readers after the first, whose fields are set in the Document.
func entriesSet(doc *Document) []Entry {
	found := map[string]bool{}
	visit(reflect.ValueOf(doc).Elem(), "", func(path, value string) {
		found[path] = true
		if value != "" {
			found[path+"="+value] = true
		}
	})
	var entries []Entry
	for _, e := range laterEntries() {
		if (e.Value == "" && found[e.Path]) || (e.Value != "" && found[e.Path+"="+e.Value]) {
			entries = append(entries, e)
		}
	}
	return entries
}

// visit calls found for each field that is set, with its value if that is a string.
func visit(v reflect.Value, path string, found func(path, value string)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			visit(v.Elem(), path, found)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Field(i); !field.IsZero() {
				at := below(path, v.Type().Field(i))
				found(at, textOf(field))
				visit(field, at, found)
			}
		}
	case reflect.Slice:
		if !ofStructs(v.Type()) {
			return
		}
		for i := range v.Len() {
			visit(v.Index(i), path+"[]", found)
		}
	default: // maps and plain values have no fields of their own
	}
}

// clearFields zeroes the fields at the paths. It copies the lists that it changes, because the original Document shares them.
func clearFields(v reflect.Value, path string, paths map[string]bool) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			at := below(path, v.Type().Field(i))
			if paths[at] {
				v.Field(i).SetZero()
			} else {
				clearFields(v.Field(i), at, paths)
			}
		}
	case reflect.Slice:
		if !ofStructs(v.Type()) || v.Len() == 0 || !anyBelow(paths, path+"[]") {
			return
		}
		copied := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(copied, v)
		for i := range copied.Len() {
			clearFields(copied.Index(i), path+"[]", paths)
		}
		v.Set(copied)
	default: // what is behind a pointer is emptied with it
	}
}

func anyBelow(paths map[string]bool, prefix string) bool {
	for path := range paths {
		if strings.HasPrefix(path, prefix+".") {
			return true
		}
	}
	return false
}

func below(path string, field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	if path == "" {
		return name
	}
	return path + "." + name
}

func ofStructs(list reflect.Type) bool { return list.Elem().Kind() == reflect.Struct }

func textOf(v reflect.Value) string {
	if v.Kind() == reflect.String {
		return v.String()
	}
	return ""
}
