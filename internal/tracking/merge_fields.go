package tracking

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
)

// The part of Record.Take that merges fields: each keeps the value of the newest statement that gave it, and the stamp of that statement.

// takeFields sets the fields for which the statement is the newest, and reports whether it is the newest for any.
func (r *Record) takeFields(s Statement) bool {
	known, said := r.structsToMerge(s)
	if !said.IsValid() {
		return false
	}
	fields := s.Fields
	if fields == nil {
		fields = fieldNames(said.Type())
	}
	var taken []string
	for _, name := range expandMoney(fields) {
		field := fieldAt(known, name)
		if !field.IsValid() {
			continue
		}
		value := fieldAt(said, name)
		same := reflect.DeepEqual(field.Interface(), value.Interface())
		if order := r.stampOf(name).compare(s.Stamp); order > 0 || (order == 0 && (same || !outweighs(value, field))) {
			continue
		}
		taken = append(taken, name)
		if !same {
			field.Set(value)
		}
	}
	r.setStamps(s, taken)
	return len(taken) > 0
}

// outweighs reports whether a replaces b, two values of one stamp; the choice does not depend on the order in which they come.
func outweighs(a, b reflect.Value) bool {
	x, errX := json.Marshal(a.Interface())
	y, errY := json.Marshal(b.Interface())
	return errors.Join(errX, errY) == nil && bytes.Compare(x, y) > 0
}

// structsToMerge returns the structs with the known and with the stated fields of the resource; invalid ones if the statement has none.
func (r *Record) structsToMerge(s Statement) (known, said reflect.Value) {
	switch {
	case s.Order != nil:
		if r.Order == nil {
			r.Order = &OrderSaid{}
		}
		return reflect.ValueOf(r.Order).Elem(), reflect.ValueOf(s.Order).Elem()
	case s.Shipment != nil:
		if r.Shipment == nil {
			r.Shipment = &ShipmentSaid{}
		}
		return reflect.ValueOf(r.Shipment).Elem(), reflect.ValueOf(s.Shipment).Elem()
	case s.Tracker != nil:
		if r.Tracker == nil {
			r.Tracker = &TrackerSaid{}
		}
		return reflect.ValueOf(r.Tracker).Elem(), reflect.ValueOf(s.Tracker).Elem()
	}
	return reflect.Value{}, reflect.Value{}
}

// moneyFields are the parts of the field Money, each of which a source may state alone: a partial statement names them so.
var moneyFields = []string{"Money.Currency", "Money.TotalMinor", "Money.RefundedMinor"}

// expandMoney returns the fields with the parts of Money in its place.
func expandMoney(fields []string) []string {
	i := slices.Index(fields, "Money")
	if i < 0 {
		return fields
	}
	return slices.Concat(fields[:i], moneyFields, fields[i+1:])
}

// fieldAt returns the field of a name, such as "Phase", or the part of one, such as "Money.Currency".
func fieldAt(v reflect.Value, name string) reflect.Value {
	outer, part, nested := strings.Cut(name, ".")
	field := v.FieldByName(outer)
	if nested && field.IsValid() {
		return field.FieldByName(part)
	}
	return field
}

// fieldNames returns the names of the fields of a struct.
func fieldNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Name
	}
	return names
}

// stampOf returns the stamp of the statement that gave the field its value.
func (r *Record) stampOf(field string) Stamp {
	for _, g := range r.Given {
		if slices.Contains(g.Fields, field) {
			return g.Stamp
		}
	}
	return r.Whole
}

// setStamps notes that the statement gave the taken fields their values.
func (r *Record) setStamps(s Statement, taken []string) {
	if len(taken) == 0 {
		return
	}
	for i := range r.Given {
		r.Given[i].Fields = slices.DeleteFunc(slices.Clone(r.Given[i].Fields), func(f string) bool { return slices.Contains(taken, f) })
	}
	r.Given = slices.DeleteFunc(r.Given, func(g Given) bool { return len(g.Fields) == 0 })
	if s.Fields == nil {
		r.Whole = s.Stamp // fields that partial statements gave later keep theirs
		return
	}
	r.Given = append(r.Given, Given{Stamp: s.Stamp, Fields: slices.Sorted(slices.Values(taken))})
	slices.SortFunc(r.Given, func(a, b Given) int { return a.Stamp.compare(b.Stamp) })
}

// newest returns the stamp of the newest statement about the resource.
func (r *Record) newest() Stamp {
	newest := r.Whole
	for _, g := range r.Given {
		if newest.Before(g.Stamp) {
			newest = g.Stamp
		}
	}
	return newest
}
