// Command platforms checks that the plugin compiles wherever people run kubectl, in seconds: our packages are type-checked
// from source for each platform, of the others only the declarations. Nothing is compiled, so that no cache fills.
package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/tools/go/packages"
)

const (
	module  = "github.com/wismo-dev/wismo"
	program = module + "/cmd/kubectl-wismo"
)

// platforms returns what a release holds archives for.
func platforms(root string) ([]string, error) {
	list, err := os.ReadFile(filepath.Join(root, "hack", "release", "platforms.txt"))
	return strings.Fields(string(list)), err
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return err
	}
	all, err := platforms(root)
	if err != nil {
		return err
	}
	var wrong []error
	for _, p := range all {
		began := time.Now()
		system, architecture, _ := strings.Cut(p, "/")
		if err := check(root, system, architecture); err != nil {
			wrong = append(wrong, fmt.Errorf("%s does not compile for %s:\n%w", program, p, err))
		}
		fmt.Printf("%s checked in %.1f s\n", p, time.Since(began).Seconds())
	}
	return errors.Join(wrong...)
}

// check returns what is wrong with our packages, and with the choice of files in all packages, on the platform.
func check(root, system, architecture string) error {
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.LoadAllSyntax,
		Dir:  root,
		Env:  append(os.Environ(), "GOOS="+system, "GOARCH="+architecture, "CGO_ENABLED=0"),
		ParseFile: func(fset *token.FileSet, name string, text []byte) (*ast.File, error) {
			return parse(fset, root, name, text)
		},
	}, program)
	if err != nil {
		return err
	}
	var wrong []error
	seen := map[string]bool{}
	packages.Visit(loaded, nil, func(p *packages.Package) {
		seen[p.PkgPath] = true
		for _, e := range p.Errors {
			if strings.HasPrefix(p.PkgPath, module) || e.Kind == packages.ListError {
				wrong = append(wrong, e)
			}
		}
	})
	if len(seen) < 500 || !seen[program] {
		wrong = append(wrong, fmt.Errorf("only %d packages were loaded", len(seen)))
	}
	return errors.Join(wrong...)
}

// parse leaves function bodies out of what is not ours.
func parse(fset *token.FileSet, root, name string, text []byte) (*ast.File, error) {
	file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
	if err != nil || strings.HasPrefix(name, root+string(filepath.Separator)) {
		return file, err
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			f.Body = nil
		}
	}
	return file, nil
}
