package mutants

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Place selects an expression in a function by its role, such as "the second condition", and not by its text, so that a rename does
// not break it.
type Place struct {
	what string
	nth  int
	is   func(ast.Node) (from, to ast.Node, found bool)
}

// If selects the nth condition, from 1, of all statements if in the function.
func If(nth int) Place {
	return Place{fmt.Sprintf("if %d", nth), nth, func(n ast.Node) (from, to ast.Node, found bool) {
		s, ok := n.(*ast.IfStmt)
		if !ok {
			return nil, nil, false
		}
		return s.Cond, s.Cond, true
	}}
}

// Case selects the nth case, from 1, of all statements switch in the function; a default does not count.
func Case(nth int) Place {
	return Place{fmt.Sprintf("case %d", nth), nth, func(n ast.Node) (from, to ast.Node, found bool) {
		c, ok := n.(*ast.CaseClause)
		if !ok || len(c.List) == 0 {
			return nil, nil, false
		}
		return c.List[0], c.List[len(c.List)-1], true
	}}
}

// Return selects the results of the function's nth return, from 1.
func Return(nth int) Place {
	return Place{fmt.Sprintf("return %d", nth), nth, func(n ast.Node) (from, to ast.Node, found bool) {
		s, ok := n.(*ast.ReturnStmt)
		if !ok || len(s.Results) == 0 {
			return nil, nil, false
		}
		return s.Results[0], s.Results[len(s.Results)-1], true
	}}
}

// Field selects the value that a field of the name is first set to in the function, in a literal or by an assignment.
func Field(name string) Place {
	return Place{"field " + name, 1, func(n ast.Node) (from, to ast.Node, found bool) {
		if pair, ok := n.(*ast.KeyValueExpr); ok {
			key, ok := pair.Key.(*ast.Ident)
			return pair.Value, pair.Value, ok && key.Name == name
		}
		return assigned(n, func(left ast.Expr) bool {
			field, ok := left.(*ast.SelectorExpr)
			return ok && field.Sel.Name == name
		})
	}}
}

// Var selects the value that a variable of the name is first set to in the function.
func Var(name string) Place {
	return Place{"variable " + name, 1, func(n ast.Node) (from, to ast.Node, found bool) {
		return assigned(n, func(left ast.Expr) bool {
			variable, ok := left.(*ast.Ident)
			return ok && variable.Name == name
		})
	}}
}

// assigned returns the value that an assignment gives to the left side that matches, if each left side has its own value.
func assigned(n ast.Node, is func(ast.Expr) bool) (from, to ast.Node, found bool) {
	s, ok := n.(*ast.AssignStmt)
	if !ok || len(s.Lhs) != len(s.Rhs) {
		return nil, nil, false
	}
	at := slices.IndexFunc(s.Lhs, is)
	if at < 0 {
		return nil, nil, false
	}
	return s.Rhs[at], s.Rhs[at], true
}

// find returns the file of the package in this folder that holds the function, and where in it the Place is.
func (p Place) find(function string) (file string, from, to int, err error) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		return "", 0, 0, err
	}
	files := token.NewFileSet()
	var found []ast.Node
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return "", 0, 0, err
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil && qualifiedName(fn) == function {
				found = append(found, fn.Body)
			}
		}
	}
	if len(found) != 1 {
		return "", 0, 0, fmt.Errorf("the package must have exactly one function %[2]s, and has %[1]d", len(found), function)
	}
	left := p.nth
	var first, last ast.Node
	ast.Inspect(found[0], func(n ast.Node) bool {
		if a, b, ok := p.is(n); ok {
			if left--; left == 0 {
				first, last = a, b
			}
		}
		return left > 0
	})
	if first == nil {
		return "", 0, 0, fmt.Errorf("%s has no %s", function, p.what)
	}
	at := files.Position(first.Pos())
	return at.Filename, at.Offset, files.Position(last.End()).Offset, nil
}

// qualifiedName returns the name of a function, or Type.Method of a method.
func qualifiedName(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return fn.Name.Name
	}
	receiver := fn.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if name, ok := receiver.(*ast.Ident); ok {
		return name.Name + "." + fn.Name.Name
	}
	return fn.Name.Name
}

// replace returns the file with the mistake in the Place.
func (p Place) replace(function, mistake string) (file string, content []byte, err error) {
	file, from, to, err := p.find(function)
	if err != nil {
		return "", nil, err
	}
	source, err := os.ReadFile(file)
	if err != nil {
		return "", nil, err
	}
	return file, append(append(append([]byte{}, source[:from]...), mistake...), source[to:]...), nil
}
