package installed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
)

// SourceFiles returns the paths of the files in the repository that match a pattern of filepath.Glob, which is relative to the
// repository's root. It is an error if there are none.
func SourceFiles(pattern string) ([]string, error) {
	root, err := root()
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no file of the repository matches %s", pattern)
	}
	return files, err
}

// root returns the repository's root directory: the next one above the working directory that contains config/crd/bases. Tests run
// in the directory of their package, which may belong to another module.
func root() (string, error) {
	directory, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(directory, "config", "crd", "bases")); !errors.Is(err, fs.ErrNotExist) {
			return directory, err
		}
		above := filepath.Dir(directory)
		if above == directory {
			return "", errors.New("no directory above the working directory contains config/crd/bases")
		}
		directory = above
	}
	return "", err
}

// Create creates every object in the manifests that match a pattern, after passing it to each of changes. It skips kustomizations.
func (c *Cluster) Create(ctx context.Context, pattern string, changes ...func(*unstructured.Unstructured)) error {
	files, err := SourceFiles(pattern)
	if err != nil {
		return err
	}
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		if err := c.createAll(ctx, file, changes); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

func (c *Cluster) createAll(ctx context.Context, file string, changes []func(*unstructured.Unstructured)) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
	for {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(object); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		for _, change := range changes {
			change(object)
		}
		if err := c.Client.Create(ctx, object); err != nil {
			return err
		}
	}
}
