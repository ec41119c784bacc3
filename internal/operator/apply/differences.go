package apply

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Difference is a field that a live object does not have as rendered. Its values are JSON; "" = there is none.
type Difference struct {
	Path       string // such as spec.template.spec.containers[page].image
	Want, Have string
}

// String returns the difference in words.
func (d Difference) String() string {
	have := d.Have
	if have == "" {
		have = "missing"
	}
	return fmt.Sprintf("%s is %.200s instead of %.200s", d.Path, have, d.Want)
}

// differences returns what keeps a live typed object from being as rendered: none where isApplied is true.
func differences(live, rendered any) []Difference {
	var d differ
	d.compareStruct(reflect.Indirect(reflect.ValueOf(live)), reflect.Indirect(reflect.ValueOf(rendered)), "")
	return d.found
}

// differ collects the fields that covers rejects. What is one value is one difference.
type differ struct{ found []Difference }

func (d *differ) compare(live, rendered reflect.Value, path string, exact bool) {
	if covers(live, rendered, exact) {
		return
	}
	live, rendered = reflect.Indirect(live), reflect.Indirect(rendered)
	switch kind := rendered.Kind(); {
	case !live.IsValid() || exact || rendered.Type() == octets || (kind == reflect.Struct && rendered.Type() == live.Type()):
		d.add(live, rendered, path)
	case kind == reflect.Map:
		for entries := rendered.MapRange(); entries.Next(); {
			d.compare(live.MapIndex(entries.Key()), entries.Value(), fmt.Sprintf("%s[%v]", path, entries.Key()), false)
		}
	case kind == reflect.Slice:
		d.compareList(live, rendered, path)
	case kind == reflect.Struct:
		d.compareStruct(live, rendered, path)
	default:
		d.add(live, rendered, path)
	}
}

func (d *differ) compareList(live, rendered reflect.Value, path string) {
	key, merged := associative[rendered.Type().Elem()]
	if !merged {
		d.add(live, rendered, path)
		return
	}
	for i := range rendered.Len() {
		entry := rendered.Index(i)
		d.compare(find(live, entry, key), entry, fmt.Sprintf("%s[%v]", path, reflect.Indirect(entry.FieldByName(key))), false)
	}
}

func (d *differ) compareStruct(live, rendered reflect.Value, path string) {
	for _, f := range fieldsOf(live.Type(), rendered.Type()) {
		want, inside := rendered.Field(f.index), join(path, rendered.Type().Field(f.index))
		if f.embedded { // its fields are the live object's own
			if inner := reflect.Indirect(want); inner.IsValid() && inner.Type() != typeMeta {
				d.compareStruct(live, inner, inside)
			}
			continue
		}
		var have reflect.Value
		if f.live != nil {
			have = live.FieldByIndex(f.live)
		}
		switch {
		case said(want):
			d.compare(have, want, inside, atomic[f.name])
		case f.spoken && !silent(f.name, have):
			d.add(have, want, inside)
		}
	}
}

func (d *differ) add(live, rendered reflect.Value, path string) {
	d.found = append(d.found, Difference{Path: path, Want: text(rendered), Have: text(live)})
}

func join(path string, of reflect.StructField) string {
	name, _, _ := strings.Cut(of.Tag.Get("json"), ",")
	if name == "" || path == "" {
		return path + name
	}
	return path + "." + name
}

// text returns a value as JSON; of bytes, the digest that caches keep.
func text(value reflect.Value) string {
	if !value.IsValid() {
		return ""
	}
	if content, ok := value.Interface().([]byte); ok {
		if !bytes.HasPrefix(content, mark) {
			content = digest(content)
		}
		return hex.EncodeToString(content[len(mark):])
	}
	raw, err := json.Marshal(value.Interface())
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(raw)
}
