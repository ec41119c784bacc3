package apply

import (
	"bytes"
	"reflect"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	networkingv1ac "k8s.io/client-go/applyconfigurations/networking/v1"
)

// associative are the entries of lists that server-side apply merges by a key, with the field that is the key: others
// may add entries, and theirs are left alone. Every other list is one value. Source: the x-kubernetes-list-map-keys of
// the OpenAPI documents.
var associative = map[reflect.Type]string{
	reflect.TypeFor[metav1ac.OwnerReferenceApplyConfiguration]():           "UID",
	reflect.TypeFor[corev1ac.ServicePortApplyConfiguration]():              "Port",
	reflect.TypeFor[corev1ac.ContainerApplyConfiguration]():                "Name",
	reflect.TypeFor[corev1ac.EnvVarApplyConfiguration]():                   "Name",
	reflect.TypeFor[corev1ac.ContainerPortApplyConfiguration]():            "ContainerPort",
	reflect.TypeFor[corev1ac.VolumeMountApplyConfiguration]():              "MountPath",
	reflect.TypeFor[corev1ac.VolumeApplyConfiguration]():                   "Name",
	reflect.TypeFor[corev1ac.LocalObjectReferenceApplyConfiguration]():     "Name",
	reflect.TypeFor[corev1ac.TopologySpreadConstraintApplyConfiguration](): "TopologyKey",
}

// atomic are the fields that are one value although they are maps or structs: another key in them means something else.
var atomic = map[string]bool{
	"Selector": true, "PodSelector": true, "NamespaceSelector": true, "LabelSelector": true, "NodeSelector": true,
}

// defaulted are the values that the API server fills in where one value says nothing.
var defaulted = map[string]any{"Protocol": corev1.ProtocolTCP, "APIVersion": "v1"}

// spoken are the lists that say something by being empty: no rule at all.
var spoken = map[reflect.Type][]string{
	reflect.TypeFor[networkingv1ac.NetworkPolicySpecApplyConfiguration](): {"Ingress", "Egress"},
}

var (
	typeMeta = reflect.TypeFor[metav1ac.TypeMetaApplyConfiguration]()
	octets   = reflect.TypeFor[[]byte]()
)

// isApplied reports whether every field of the rendered apply configuration is in the live typed object. Both have the
// same fields by the same names, because one is generated from the other.
func isApplied(live, rendered any) bool {
	return coversStruct(reflect.Indirect(reflect.ValueOf(live)), reflect.Indirect(reflect.ValueOf(rendered)), false)
}

// covers compares one field. What others added does not matter, unless it is inside a list or map that is one value
// (exact): there it changes the meaning of ours.
func covers(live, rendered reflect.Value, exact bool) bool {
	live, rendered = reflect.Indirect(live), reflect.Indirect(rendered)
	if !live.IsValid() {
		return false
	}
	switch kind := rendered.Kind(); {
	case kind == reflect.Map:
		return coversMap(live, rendered, exact)
	case rendered.Type() == octets:
		return coversBytes(live.Bytes(), rendered.Bytes())
	case kind == reflect.Slice:
		return coversList(live, rendered, exact)
	case kind == reflect.Struct && rendered.Type() == live.Type(): // a quantity, a time
		return equality.Semantic.DeepEqual(live.Interface(), rendered.Interface())
	case kind == reflect.Struct:
		return coversStruct(live, rendered, exact)
	default:
		return rendered.CanConvert(live.Type()) && rendered.Convert(live.Type()).Equal(live)
	}
}

func coversStruct(live, rendered reflect.Value, exact bool) bool {
	for _, f := range fieldsOf(live.Type(), rendered.Type()) {
		if !coversField(live, rendered, f, exact) {
			return false
		}
	}
	return true
}

func coversField(live, rendered reflect.Value, f field, exact bool) bool {
	want := rendered.Field(f.index)
	if f.embedded { // its fields are the live object's own
		inner := reflect.Indirect(want)
		return !inner.IsValid() || inner.Type() == typeMeta || coversStruct(live, inner, exact)
	}
	var have reflect.Value
	if f.live != nil {
		have = live.FieldByIndex(f.live)
	}
	if said(want) {
		return covers(have, want, exact || atomic[f.name])
	}
	whole := exact || f.spoken
	return !whole || silent(f.name, have)
}

// field is one of a rendered struct, with where the live one has the same; nil = it has none.
type field struct {
	index            int
	name             string
	embedded, spoken bool
	live             []int
}

// fieldsByTypes are looked up by name once for each pair of types: every look at an object needs them all.
var fieldsByTypes sync.Map // [2]reflect.Type -> []field

func fieldsOf(live, rendered reflect.Type) []field {
	types := [2]reflect.Type{live, rendered}
	if known, ok := fieldsByTypes.Load(types); ok {
		return known.([]field)
	}
	var fields []field
	for i := range rendered.NumField() {
		of := rendered.Field(i)
		f := field{index: i, name: of.Name, embedded: of.Anonymous, spoken: slices.Contains(spoken[rendered], of.Name)}
		if same, ok := live.FieldByName(of.Name); ok {
			f.live = same.Index
		}
		fields = append(fields, f)
	}
	fieldsByTypes.Store(types, fields)
	return fields
}

// said tells a rendered field from one that is left out.
func said(rendered reflect.Value) bool {
	switch rendered.Kind() {
	case reflect.Map, reflect.Slice:
		return rendered.Len() > 0
	default:
		return !rendered.IsZero()
	}
}

// silent reports whether a live field means no more than one that is left out.
func silent(name string, live reflect.Value) bool {
	if !live.IsValid() || !said(live) {
		return true
	}
	value := reflect.Indirect(live)
	return !said(value) || defaulted[name] == value.Interface()
}

func coversMap(live, rendered reflect.Value, exact bool) bool {
	for entries := rendered.MapRange(); entries.Next(); {
		if !covers(live.MapIndex(entries.Key()), entries.Value(), exact) {
			return false
		}
	}
	return !exact || live.Len() == rendered.Len()
}

func coversList(live, rendered reflect.Value, exact bool) bool {
	if key, merged := associative[rendered.Type().Elem()]; merged && !exact {
		for i := range rendered.Len() {
			if !covers(find(live, rendered.Index(i), key), rendered.Index(i), false) {
				return false
			}
		}
		return true
	}
	if live.Len() != rendered.Len() {
		return false
	}
	for i := range rendered.Len() {
		if !covers(live.Index(i), rendered.Index(i), true) {
			return false
		}
	}
	return true
}

// find returns the entry that has the same key, or no value.
func find(live, want reflect.Value, key string) reflect.Value {
	wanted := reflect.Indirect(want.FieldByName(key))
	for i := range live.Len() {
		if entry := live.Index(i); wanted.IsValid() && wanted.Equal(reflect.Indirect(entry.FieldByName(key))) {
			return entry
		}
	}
	return reflect.Value{}
}

// coversBytes also knows bytes of which the cache keeps only the digest.
func coversBytes(live, rendered []byte) bool {
	return bytes.Equal(live, rendered) || bytes.Equal(live, digest(rendered))
}
