package status

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A status that has many writers is in nobody's hand: each would have to know the rules of kstatus.
func TestNobodyElseWritesAStatus(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	files := 0
	for _, half := range []string{"controllers", filepath.Join("internal", "operator"), "cmd"} {
		err := fs.WalkDir(os.DirFS(filepath.Join(root, half)), ".", func(path string, entry fs.DirEntry, err error) error {
			whole := filepath.Join(half, path)
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
				filepath.Dir(whole) == filepath.Join("internal", "operator", "status") {
				return err
			}
			files++
			for _, call := range statusWrites(t, filepath.Join(root, whole)) {
				t.Errorf("%s calls %s; only internal/operator/status may", whole, call)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 20 {
		t.Errorf("only %d files were read", files)
	}
}

// statusWrites returns the calls in a file that change conditions or write a status.
func statusWrites(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var writes []string
	ast.Inspect(parsed, func(node ast.Node) bool {
		call, isCall := node.(*ast.CallExpr)
		if !isCall {
			return true
		}
		selector, isSelector := call.Fun.(*ast.SelectorExpr)
		if !isSelector {
			return true
		}
		switch name := selector.Sel.Name; name {
		case "SetStatusCondition", "RemoveStatusCondition":
			writes = append(writes, name)
		case "Patch", "Update", "Apply", "Create":
			if of := subresource(selector.X); of != "" {
				writes = append(writes, of+"()."+name)
			}
		}
		return true
	})
	return writes
}

// subresource names the call that leads to a status, or is "".
func subresource(x ast.Expr) string {
	call, isCall := x.(*ast.CallExpr)
	if !isCall {
		return ""
	}
	if selector, ok := call.Fun.(*ast.SelectorExpr); ok && (selector.Sel.Name == "Status" || selector.Sel.Name == "SubResource") {
		return selector.Sel.Name
	}
	return ""
}
