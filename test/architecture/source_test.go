package architecture

import (
	"errors"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module = "github.com/wismo-dev/wismo"
	root   = "../.."
)

// source is a parsed and type-checked package. Whatever comes from another module has no type, so what does not depend on
// those, such as our constants and our struct tags, is known without compiling anything.
type source struct {
	folder string // such as internal/operator/apply
	files  []*ast.File
	types  *types.Package
	info   *types.Info
}

// tree is an importer of the packages of this module.
type tree struct {
	t     *testing.T
	files *token.FileSet
	known map[string]*source
}

func newTree(t *testing.T) *tree {
	return &tree{t: t, files: token.NewFileSet(), known: map[string]*source{}}
}

// load reads the package in a folder; nil = there is no Go in it.
func (tr *tree) load(folder string) *source {
	tr.t.Helper()
	if s, ok := tr.known[folder]; ok {
		return s
	}
	tr.known[folder] = nil
	pkg, err := build.ImportDir(filepath.Join(root, filepath.FromSlash(folder)), 0)
	if _, none := errors.AsType[*build.NoGoError](err); none {
		return nil
	}
	if err != nil {
		tr.t.Fatal(err)
	}
	s := &source{folder: folder, info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}}}
	for _, name := range pkg.GoFiles {
		file, err := parser.ParseFile(tr.files, filepath.Join(pkg.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			tr.t.Fatal(err)
		}
		s.files = append(s.files, file)
	}
	config := types.Config{Importer: tr, Error: func(error) {}} // what comes from other modules is missing
	s.types, _ = config.Check(path.Join(module, folder), tr.files, s.files, s.info)
	tr.known[folder] = s
	return s
}

// Import returns what the type checker asks for.
func (tr *tree) Import(name string) (*types.Package, error) {
	if folder, ours := strings.CutPrefix(name, module+"/"); ours {
		if s := tr.load(folder); s != nil {
			return s.types, nil
		}
	}
	other := types.NewPackage(name, path.Base(name))
	other.MarkComplete()
	return other, nil
}

// foldersBelow returns the folders with Go source below some, none of which is a module of its own; sorted.
func foldersBelow(t *testing.T, tops ...string) []string {
	t.Helper()
	var folders []string
	for _, top := range tops {
		err := filepath.WalkDir(filepath.Join(root, top), func(name string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() {
				if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil || entry.Name() == "testdata" {
					return filepath.SkipDir
				}
				return nil
			}
			folder, err := filepath.Rel(root, filepath.Dir(name))
			if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
				folders = append(folders, filepath.ToSlash(folder))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}
