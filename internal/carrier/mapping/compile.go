package mapping

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
)

// program is one compiled expression.
type program struct {
	path   string
	source string
	eval   cel.Program
	// reads are the keys that it takes from each variable by name, such as currency in order.?currency.
	reads map[string][]string
}

// elements names the variable that a block's expressions see for an element of the block's list.
var elements = map[reflect.Type]string{
	reflect.TypeFor[definition.Orders]():        varOrder,
	reflect.TypeFor[definition.Items]():         varItem,
	reflect.TypeFor[definition.Recipients]():    varRecipient,
	reflect.TypeFor[definition.Refunds]():       varRefund,
	reflect.TypeFor[definition.Links]():         varLink,
	reflect.TypeFor[definition.Shipments]():     varShipment,
	reflect.TypeFor[definition.Lines]():         varLine,
	reflect.TypeFor[definition.OrderedParcel](): varParcel,
	reflect.TypeFor[definition.Parcels]():       varParcel,
	reflect.TypeFor[definition.Legs]():          varLeg,
	reflect.TypeFor[definition.Events]():        varEvent,
}

// Compile compiles every expression of a definition. An error is definition.Problems: all of them, with path and line.
func Compile(d *definition.Definition) (*Mapper, error) {
	env, err := environment()
	if err != nil {
		return nil, fmt.Errorf("preparing CEL: %w", err)
	}
	c := &compiler{programs: map[*definition.Expr]program{}}
	m := &Mapper{definition: d, timeout: maxDuration}
	if m.clock.zone, err = time.LoadLocation(d.Mapping.TimeZone); err != nil { // "" is UTC
		return nil, definition.Problems{{Path: "mapping.timeZone", Text: err.Error()}}
	}
	m.clock.zoneKnown = d.Mapping.TimeZone != ""
	for _, f := range d.Mapping.TimeFormats {
		layout, err := definition.ParseTimeFormat(f)
		if err != nil {
			return nil, definition.Problems{{Path: "mapping.timeFormats", Text: err.Error()}}
		}
		m.clock.layouts = append(m.clock.layouts, layout)
	}
	m.patterns = numberPatterns(d)
	c.mapping(&d.Mapping, scope{env: env})
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	m.programs = c.programs
	return m, nil
}

// numberPatterns compiles how the numbers of each carrier look; Parse has checked them.
func numberPatterns(d *definition.Definition) map[string][]*regexp.Regexp {
	all := map[string][]*regexp.Regexp{}
	for _, c := range d.Carriers {
		for _, n := range c.Numbers {
			if p, err := regexp.Compile("^(?:" + n + ")$"); err == nil {
				all[c.Name] = append(all[c.Name], p)
			}
		}
	}
	return all
}

// compiler collects the programs and the problems of all expressions.
type compiler struct {
	programs map[*definition.Expr]program
	problems definition.Problems
}

// scope is what an expression at one place of the definition may name.
type scope struct {
	env       *cel.Env
	variables string // names of the elements around, with ','
}

func (c *compiler) mapping(m *definition.Mapping, s scope) {
	for i := range m.Ignore {
		c.condition(fmt.Sprintf("mapping.ignore[%d]", i), &m.Ignore[i], s)
	}
	for i := range m.Require {
		path, r, inner := fmt.Sprintf("mapping.require[%d]", i), &m.Require[i], s
		if !r.Each.Absent() {
			c.expression(path+".each", &r.Each, s)
			inner = c.with(s, varElement)
		}
		c.condition(path+".that", &r.That, inner)
	}
	for i := range m.Orders {
		c.block(fmt.Sprintf("mapping.orders[%d]", i), reflect.ValueOf(&m.Orders[i]).Elem(), s)
	}
	for i := range m.Shipments {
		c.block(fmt.Sprintf("mapping.shipments[%d]", i), reflect.ValueOf(&m.Shipments[i]).Elem(), s)
	}
	for i := range m.Parcels {
		c.block(fmt.Sprintf("mapping.parcels[%d]", i), reflect.ValueOf(&m.Parcels[i]).Elem(), s)
	}
}

// block compiles the expressions of a block of the definition and of the blocks in it. What stands beside the list sees an element
// of it; the list itself and its condition do not.
func (c *compiler) block(path string, v reflect.Value, outer scope) {
	inner := outer
	if variable, ok := elements[v.Type()]; ok {
		inner = c.with(outer, variable)
	}
	for i := range v.NumField() {
		field, kind := v.Field(i), v.Type().Field(i)
		at := path + "." + kind.Tag.Get("yaml")
		s := inner
		if kind.Name == "List" || kind.Name == "When" {
			s = outer
		}
		if e, ok := field.Addr().Interface().(*definition.Expr); ok {
			c.expressionOf(kind.Name, at, e, s)
			continue
		}
		c.blocks(at, field, s)
	}
}

func (c *compiler) expressionOf(field, path string, e *definition.Expr, s scope) {
	if field == "When" {
		c.condition(path, e, s)
		return
	}
	c.expression(path, e, s)
}

// blocks compiles a block, or a list of them.
func (c *compiler) blocks(path string, v reflect.Value, s scope) {
	switch v.Kind() {
	case reflect.Struct:
		c.block(path, v, s)
	case reflect.Slice:
		for i := range v.Len() {
			c.block(fmt.Sprintf("%s[%d]", path, i), v.Index(i), s)
		}
	default:
	}
}

// scopes are the environments that were made already: a few dozen chains of variables, and each costs a copy of all functions.
var scopes = struct {
	sync.Mutex
	byVariables map[string]*cel.Env
}{byVariables: map[string]*cel.Env{}}

// with adds the element of a list to the scope.
func (c *compiler) with(s scope, variable string) scope {
	scopes.Lock()
	defer scopes.Unlock()
	extended := scope{variables: s.variables + "," + variable}
	if env, ok := scopes.byVariables[extended.variables]; ok {
		extended.env = env
		return extended
	}
	env, err := s.env.Extend(cel.Variable(variable, cel.DynType))
	if err != nil { // the names are constants of this package and distinct
		c.problem("", 0, "preparing CEL: %v", err)
		return s
	}
	scopes.byVariables[extended.variables] = env
	extended.env = env
	return extended
}

// condition compiles an expression that must yield a boolean.
func (c *compiler) condition(path string, e *definition.Expr, s scope) {
	kind := c.expression(path, e, s)
	if kind != nil && !kind.IsExactType(cel.BoolType) && !kind.IsExactType(cel.DynType) {
		c.problem(path, e.Line, "must yield a boolean, not %s", kind)
	}
}

// expression compiles an expression; nil is the type of an absent one and of one that has problems.
func (c *compiler) expression(path string, e *definition.Expr, s scope) *cel.Type {
	if e.Absent() {
		return nil
	}
	if len(e.Source) > maxSourceBytes {
		c.problem(path, e.Line, "the expression has %d bytes, at most %d are allowed", len(e.Source), maxSourceBytes)
		return nil
	}
	checked, issues := s.env.Compile(e.Source)
	if issues.Err() != nil {
		for _, issue := range issues.Errors() {
			c.problem(path, e.Line+max(issue.Location.Line()-1, 0), "%s (column %d of the expression)", issue.Message, issue.Location.Column()+1)
		}
		return nil
	}
	if c.callsWithheld(path, e.Line, checked) {
		return nil
	}
	// No constant folding: it would evaluate without limits, in the operator too.
	eval, err := s.env.Program(checked, bounds()...)
	if err != nil {
		c.problem(path, e.Line, "%v", err)
		return nil
	}
	c.programs[e] = program{path: path, source: e.Source, eval: eval, reads: reads(checked)}
	return checked.OutputType()
}

// bounds returns what one evaluation may cost, in time and in the values that it builds: a small expression can nest lists into one value of
// millions of elements, and comparing or joining it counts as one step.
func bounds() []cel.ProgramOption {
	sizes := types.NewSizeCalculator(types.SizeCalculatorMaxDepth(maxDepth), types.SizeCalculatorMaxTraversal(maxBuilt))
	return []cel.ProgramOption{
		cel.CostLimit(maxCost), cel.InterruptCheckFrequency(checkEvery), cel.EvalOptions(cel.OptTrackCost),
		cel.MemoryTracking(types.MemoryTrackerSizeCalculator(sizes)), cel.MemoryLimit(maxBuilt),
	}
}

// reads lists what an expression takes from each variable by name.
func reads(checked *cel.Ast) map[string][]string {
	found := map[string][]string{}
	ast.PreOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		of, key := selected(e)
		if of != nil && of.Kind() == ast.IdentKind && key != "" {
			found[of.AsIdent()] = append(found[of.AsIdent()], key)
		}
	}))
	return found
}

// selected takes a selection apart: a.b, has(a.b), a.?b, a["b"] or a[?"b"].
func selected(e ast.Expr) (of ast.Expr, key string) {
	switch e.Kind() {
	case ast.SelectKind:
		return e.AsSelect().Operand(), e.AsSelect().FieldName()
	case ast.CallKind:
		call := e.AsCall()
		args := call.Args()
		switch call.FunctionName() {
		case operators.OptSelect, operators.Index, operators.OptIndex:
			if len(args) == 2 && args[1].Kind() == ast.LiteralKind {
				key, _ = args[1].AsLiteral().Value().(string)
				return args[0], key
			}
		}
	default:
	}
	return nil, ""
}

// callsWithheld reports the calls of functions that are not offered.
func (c *compiler) callsWithheld(path string, line int, checked *cel.Ast) bool {
	found := false
	for _, name := range withheld {
		if len(ast.MatchDescendants(ast.NavigateAST(checked.NativeRep()), ast.FunctionMatcher(name))) > 0 {
			c.problem(path, line, "the function %s is not offered: its cost cannot be bounded", name)
			found = true
		}
	}
	return found
}

func (c *compiler) problem(path string, line int, format string, args ...any) {
	text := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")
	c.problems = append(c.problems, definition.Problem{Path: path, Line: line, Text: text})
}
