// Package config reads the settings for all Shops: one strict YAML file, mounted from the ConfigMap
// wismo-config. Every field has a default, so an empty or missing file is a working one. The file is a set of sections,
// each in a Go file of its own with its defaults and its rules; a Source holds what counts now. It knows no cluster.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"sigs.k8s.io/yaml"
)

// Config is the file. An unknown field is an error. docs/configuration.md explains every field; a test holds it to this.
type Config struct {
	// HouseRelay sends the mails of Shops without a sender of their own. Without a host their mails wait.
	HouseRelay HouseRelay `json:"houseRelay"`
	// Exposure is how Shops that say nothing about it are reached.
	Exposure Exposure `json:"exposure"`
	// Links is what the addresses in messages and in status.endpoints look like.
	Links Links `json:"links"`
	// Images are what the workloads run.
	Images Images `json:"images"`
	// Storage is where Shops that say nothing about it keep their orders.
	Storage Storage `json:"storage"`
	// Network is who may reach the pods of Shops and what they may reach.
	Network Network `json:"network"`
	// Release is how releases reach Shops.
	Release Release `json:"release"`
	// Budgets bound how much the operator does at once.
	Budgets Budgets `json:"budgets"`
}

// section is one part of the file.
type section interface {
	validate(p *problems)
}

func (c Config) allSections() []section {
	return []section{c.HouseRelay, c.Exposure, c.Links, c.Images, c.Storage, c.Network, c.Release, c.Budgets}
}

// problems are all faults of a file, not only the first.
type problems []error

// check notes a field that is not ok; the format continues the field's path.
func (p *problems) check(ok bool, format string, args ...any) {
	if !ok {
		*p = append(*p, fmt.Errorf("configuration: "+format, args...))
	}
}

// port notes a port that cannot be; minimum is 0 where 0 has a meaning.
func (p *problems) port(field string, port, minimum int) {
	p.check(port >= minimum && port < 1<<16, "%s %d must be from %d to 65535", field, port, minimum)
}

// Defaults returns what holds where the file says nothing. The images' environment variables are looked up by getenv.
func Defaults(getenv func(string) string) Config {
	return Config{
		HouseRelay: defaultHouseRelay(),
		Exposure:   defaultExposure(),
		Links:      defaultLinks(),
		Images:     defaultImages(getenv),
		Storage:    defaultStorage(),
		Network:    defaultNetwork(),
		Release:    defaultRelease(),
		Budgets:    defaultBudgets(),
	}
}

// Load reads the file; a missing file, or an empty path, means the defaults.
func Load(path string, getenv func(string) string) (Config, error) {
	raw, err := read(path)
	if err != nil {
		return Config{}, err
	}
	return Parse(raw, getenv)
}

// read returns the text of the file; that of none is empty, not nil.
func read(path string) ([]byte, error) {
	if path == "" {
		return []byte{}, nil
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return []byte{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return raw, nil
}

// Parse reads the content of a file. The error names every field that is wrong.
func Parse(raw []byte, getenv func(string) string) (Config, error) {
	c := Defaults(getenv)
	if err := yaml.UnmarshalStrict(raw, &c); err != nil {
		return Config{}, fmt.Errorf("reading the configuration: %w", err)
	}
	var wrong problems
	for _, s := range c.allSections() {
		s.validate(&wrong)
	}
	return c, errors.Join(wrong...)
}
