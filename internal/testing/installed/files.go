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

// Files returns the files of the source tree that a pattern of package path/filepath matches; at least one.
func Files(pattern string) ([]string, error) {
	root, err := root()
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no such file", pattern)
	}
	return files, err
}

// root returns the top of the source tree: tests run in the folder of their package, which may be in a module of its own.
func root() (string, error) {
	directory, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(directory, "config", "crd", "bases")); !errors.Is(err, fs.ErrNotExist) {
			return directory, err
		}
		above := filepath.Dir(directory)
		if above == directory {
			return "", errors.New("there is no config/crd/bases above this folder")
		}
		directory = above
	}
	return "", err
}

// Create creates every document of the manifests that a pattern matches, each changed before; a kustomization is none.
func (c *Cluster) Create(ctx context.Context, pattern string, changes ...func(*unstructured.Unstructured)) error {
	files, err := Files(pattern)
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
