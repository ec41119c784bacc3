package lint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// standardInput is its name in findings.
const standardInput = "<stdin>"

// ReadAll reads what -f names: files, directories, and - for the standard input.
func ReadAll(names []string, recursive bool, stdin io.Reader) ([]*Document, []Finding, error) {
	var documents []*Document
	var findings []Finding
	take := func(file string, content []byte, err error) error {
		if err != nil {
			return err
		}
		d, f := Read(file, content)
		documents, findings = append(documents, d...), append(findings, f...)
		return nil
	}
	for _, name := range names {
		if name == "-" {
			content, err := io.ReadAll(stdin)
			if err := take(standardInput, content, err); err != nil {
				return nil, nil, fmt.Errorf("reading the standard input: %w", err)
			}
			continue
		}
		files, err := expand(name, recursive)
		if err != nil {
			return nil, nil, err
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err := take(file, content, err); err != nil {
				return nil, nil, err
			}
		}
	}
	return documents, findings, nil
}

// expand returns the files of a directory, or the file itself.
func expand(name string, recursive bool) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{name}, nil
	}
	files, err := within(name, recursive)
	if err == nil && len(files) == 0 {
		hint := ""
		if !recursive {
			hint = "; -R also reads its subdirectories"
		}
		err = errors.New(name + ": no *.yaml, *.yml or *.json file in the directory" + hint)
	}
	return files, err
}

// within returns the YAML and JSON files of a directory.
func within(name string, recursive bool) ([]string, error) {
	var files []string
	err := filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != name && (!recursive || strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case !entry.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(path)):
			files = append(files, path)
		}
		return nil
	})
	return files, err
}
