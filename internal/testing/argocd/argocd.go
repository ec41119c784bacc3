// Package argocd runs the Lua of config/gitops/argocd as Argo CD does: the same few libraries, the object as a table
// named obj. It is for tests.
package argocd

import (
	"errors"
	"fmt"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Health is a verdict.
type Health struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

// HealthOf runs a health check. Source: argoproj/argo-cd, util/lua: a check may use the base and table libraries, and
// returns a table with a status that must be one of Argo CD's.
func HealthOf(script string, o *unstructured.Unstructured) (Health, error) {
	result, err := run(script, o)
	if err != nil {
		return Health{}, err
	}
	status, message := result.RawGetString("status"), result.RawGetString("message")
	for _, known := range []string{"Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown"} {
		if status == lua.LString(known) {
			return Health{known, lua.LVAsString(message)}, nil
		}
	}
	return Health{}, fmt.Errorf("the health check says %s, which is no health", status)
}

// Act runs an action, and returns the object as it leaves it.
func Act(script string, o *unstructured.Unstructured) (map[string]any, error) {
	result, err := run(script, o)
	if err != nil {
		return nil, err
	}
	fields, isMap := fromLua(result).(map[string]any)
	if !isMap {
		return nil, errors.New("the action returns no object")
	}
	return fields, nil
}

// libraries are what Argo CD opens, in its order; the first keeps a list of the others.
var libraries = []struct {
	name string
	open lua.LGFunction
}{
	{lua.LoadLibName, lua.OpenPackage}, {lua.BaseLibName, lua.OpenBase}, {lua.TabLibName, lua.OpenTable}, {lua.OsLibName, lua.OpenOs},
}

func run(script string, o *unstructured.Unstructured) (*lua.LTable, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for _, library := range libraries {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(library.open), Protect: true}, lua.LString(library.name)); err != nil {
			return nil, fmt.Errorf("opening the library %s: %w", library.name, err)
		}
	}
	state.SetGlobal("obj", toLua(state, o.Object))
	if err := state.DoString(script); err != nil {
		return nil, fmt.Errorf("running the script: %w", err)
	}
	result, isTable := state.Get(-1).(*lua.LTable)
	if !isTable {
		return nil, fmt.Errorf("the script returns %s, not a table", state.Get(-1).Type())
	}
	return result, nil
}

func toLua(state *lua.LState, value any) lua.LValue {
	switch v := value.(type) {
	case map[string]any:
		table := state.NewTable()
		for key, field := range v {
			table.RawSetString(key, toLua(state, field))
		}
		return table
	case []any:
		table := state.NewTable()
		for _, item := range v {
			table.Append(toLua(state, item))
		}
		return table
	case string:
		return lua.LString(v)
	case int64:
		return lua.LNumber(v)
	case float64:
		return lua.LNumber(v)
	case bool:
		return lua.LBool(v)
	default:
		return lua.LNil
	}
}

// fromLua turns a table with a first item into a list, and every other one into a map.
func fromLua(value lua.LValue) any {
	switch v := value.(type) {
	case *lua.LTable:
		if v.Len() > 0 {
			items := make([]any, 0, v.Len())
			v.ForEach(func(_, item lua.LValue) { items = append(items, fromLua(item)) })
			return items
		}
		fields := map[string]any{}
		v.ForEach(func(key, field lua.LValue) { fields[lua.LVAsString(key)] = fromLua(field) })
		return fields
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return float64(v)
	case lua.LBool:
		return bool(v)
	default:
		return nil
	}
}
