package definition

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// APISource names the definition of the built-in source that every Shop has.
const APISource = "api"

//go:embed catalog/*.yaml
var catalog embed.FS

// Names lists the catalog, sorted.
func Names() []string {
	entries, err := catalog.ReadDir("catalog")
	if err != nil {
		return nil // the directory is embedded at build time
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// parsed caches what Load has read, by name: the catalog is part of the program and never changes.
var parsed = struct {
	sync.Mutex
	byName map[string]*Definition
}{byName: map[string]*Definition{}}

// Load returns a definition of the catalog. All callers share it: do not change it.
func Load(name string) (*Definition, error) {
	parsed.Lock()
	defer parsed.Unlock()
	if d, ok := parsed.byName[name]; ok {
		return d, nil
	}
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("the catalog has no definition %q: use one of %s", name, strings.Join(Names(), ", "))
	}
	data, err := catalog.ReadFile(path.Join("catalog", name+".yaml"))
	if err != nil {
		return nil, fmt.Errorf("reading the catalog: %w", err)
	}
	d, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("catalog definition %s: %w", name, err)
	}
	parsed.byName[name] = d
	return d, nil
}

// Resolve returns the definition of a source: its own document, or the catalog's.
func Resolve(source bundle.Source) (*Definition, error) {
	if source.Document == "" {
		return Load(source.Definition)
	}
	d, err := Parse([]byte(source.Document))
	if err != nil {
		return nil, fmt.Errorf("definition %s of source %s: %w", source.Definition, source.Name, err)
	}
	return d, nil
}
