package apply

import "reflect"

// associative are the lists that server-side apply merges by a key, with that key: others may add entries, and theirs
// are left alone. Every other list is one value. Source: the x-kubernetes-list-map-keys of the OpenAPI documents.
var associative = map[string]string{
	"metadata.ownerReferences":                       "uid",
	"spec.ports":                                     "port",
	"spec.template.spec.containers":                  "name",
	"spec.template.spec.containers.env":              "name",
	"spec.template.spec.containers.ports":            "containerPort",
	"spec.template.spec.containers.volumeMounts":     "mountPath",
	"spec.template.spec.initContainers":              "name",
	"spec.template.spec.initContainers.env":          "name",
	"spec.template.spec.initContainers.volumeMounts": "mountPath",
	"spec.template.spec.volumes":                     "name",
	"spec.template.spec.imagePullSecrets":            "name",
	"spec.template.spec.topologySpreadConstraints":   "topologyKey",
}

// atomic are the maps that are one value: another key in them means something else.
var atomic = map[string]bool{
	"selector": true, "podSelector": true, "namespaceSelector": true, "labelSelector": true, "nodeSelector": true,
}

// defaulted are the values that the API server fills into lists that are one value.
var defaulted = map[string]any{"protocol": "TCP", "apiVersion": "v1"}

// covers says whether every rendered field stands in the live object. What others added does not matter, unless it is
// inside a list or map that is one value (exact): there it changes the meaning of ours. Path is without indices.
func covers(live, rendered any, path string, exact bool) bool {
	switch want := rendered.(type) {
	case map[string]any:
		have, _ := live.(map[string]any)
		return coversMap(have, want, path, exact)
	case []any:
		have, _ := live.([]any)
		return coversList(have, want, path, exact)
	default:
		return empty(rendered) && empty(live) || reflect.DeepEqual(live, rendered)
	}
}

func coversMap(live, rendered map[string]any, path string, exact bool) bool {
	for key, want := range rendered {
		if !covers(live[key], want, join(path, key), exact || atomic[key]) {
			return false
		}
	}
	if !exact {
		return true
	}
	for key, have := range live {
		if _, ours := rendered[key]; !ours && !empty(have) && defaulted[key] != have {
			return false
		}
	}
	return true
}

func coversList(live, rendered []any, path string, exact bool) bool {
	if key, merged := associative[path]; merged && !exact {
		for _, want := range rendered {
			if !covers(find(live, want, key), want, path, false) {
				return false
			}
		}
		return true
	}
	if len(live) != len(rendered) {
		return false
	}
	for i := range rendered {
		if !covers(live[i], rendered[i], path, true) {
			return false
		}
	}
	return true
}

// find returns the entry that has the same key, or nil.
func find(live []any, want any, key string) any {
	for _, have := range live {
		if reflect.DeepEqual(field(have, key), field(want, key)) {
			return have
		}
	}
	return nil
}

func field(entry any, key string) any {
	fields, _ := entry.(map[string]any)
	return fields[key]
}

// empty is what a typed object writes, or leaves out, where nothing was said.
func empty(value any) bool {
	if value == nil {
		return true
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Map, reflect.Slice:
		return v.Len() == 0
	default:
		return v.IsZero()
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
