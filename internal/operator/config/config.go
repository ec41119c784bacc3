// Package config reads the settings for all Shops: one strict YAML file, mounted from the ConfigMap
// wismo-config. Every field has a default, so an empty or missing file is valid. The file is a set of sections,
// each in a Go file of its own with its defaults and its rules; a Source holds the configuration in effect. The package must not know a
// cluster.
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
	// Exposure configures the routes of Shops that do not configure their own.
	Exposure Exposure `json:"exposure"`
	// Links configures the scheme and port of the URLs in messages and in status.endpoints.
	Links Links `json:"links"`
	// Images are the container images of the Shops' pods.
	Images Images `json:"images"`
	// Storage configures the volumes of Shops that do not configure their own.
	Storage Storage `json:"storage"`
	// Network configures which peers may connect to the pods of Shops, and to which the pods may connect.
	Network Network `json:"network"`
	// Release configures the waves in which releases reach Shops.
	Release Release `json:"release"`
	// Budgets limit how much the operator does at once.
	Budgets Budgets `json:"budgets"`
}

// section is one top-level field of the file. validate adds its problems to p.
type section interface {
	validate(p *problems)
}

// allSections returns every section, to be validated.
func (c Config) allSections() []section {
	return []section{c.HouseRelay, c.Exposure, c.Links, c.Images, c.Storage, c.Network, c.Release, c.Budgets}
}

// problems collects every fault of a file.
type problems []error

// check adds a problem unless ok. The format is the message, which begins with the field's path.
func (p *problems) check(ok bool, format string, args ...any) {
	if !ok {
		*p = append(*p, fmt.Errorf("configuration: "+format, args...))
	}
}

// port adds a problem unless the port is valid. Minimum is 0 if 0 has a meaning, and else 1.
func (p *problems) port(field string, port, minimum int) {
	p.check(port >= minimum && port < 1<<16, "%s %d must be from %d to 65535", field, port, minimum)
}

// Defaults returns the configuration of an empty file. The default images are in environment variables, which getenv returns.
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
