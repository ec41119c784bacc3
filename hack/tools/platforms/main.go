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

// platforms are those of config/krew/wismo.yaml.
var platforms = []struct{ system, architecture string }{
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

func main() {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	for _, p := range platforms {
		began := time.Now()
		if e := check(root, p.system, p.architecture); e != nil {
			err = errors.Join(err, fmt.Errorf("%s does not compile for %s/%s:\n%w", program, p.system, p.architecture, e))
		}
		fmt.Printf("%s/%s checked in %.1f s\n", p.system, p.architecture, time.Since(began).Seconds())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// check returns what is wrong with our packages, and with the choice of everybody's files, on the platform.
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
