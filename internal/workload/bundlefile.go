package workload

import (
	"fmt"
	"os"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// LoadBundle reads the bundle file and returns the Document with its hash.
// The file never changes under a running process: a new bundle has a new name, so the pod is replaced.
func LoadBundle(path string) (*bundle.Document, string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, "", fmt.Errorf("reading the bundle (mount it, or set %s to its path): %w", EnvBundle, err)
	}
	doc, hash, err := bundle.Decode(data)
	if err != nil {
		return nil, "", fmt.Errorf("the bundle file %s: %w", path, err)
	}
	return doc, hash, nil
}
