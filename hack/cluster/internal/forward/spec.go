// Package forward opens ports on the machine's loopback address that lead to
// Services inside the cluster's network namespace.
package forward

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// APIServer is the name of the forward that makes the kubeconfig work.
const APIServer = "apiserver"

// Spec is a forward: a local address and its target.
type Spec struct {
	Name   string `json:"-"`
	Listen string `json:"listen"`
	To     string `json:"to"` // NAMESPACE/SERVICE:PORT, or IP:PORT inside the namespace
}

// Target is a port of a Service, by number or name.
type Target struct{ Namespace, Service, Port string }

var (
	validName   = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	validTarget = regexp.MustCompile(`^([-a-z0-9]+)/([-a-z0-9]+):([-a-z0-9]+)$`)
)

// ParseTarget reads NAMESPACE/SERVICE:PORT.
func ParseTarget(text string) (Target, error) {
	match := validTarget.FindStringSubmatch(text)
	if match == nil {
		return Target{}, fmt.Errorf("%q is not NAMESPACE/SERVICE:PORT, such as default/web:80", text)
	}
	return Target{Namespace: match[1], Service: match[2], Port: match[3]}, nil
}

// Validate explains what is wrong with a forward to a Service.
func (s Spec) Validate() error {
	if !validName.MatchString(s.Name) {
		return fmt.Errorf("%q is not a name for a forward: use lower-case letters, digits and dashes", s.Name)
	}
	if s.Name == APIServer {
		return fmt.Errorf("the name %s is taken by the forward that the kubeconfig needs", s.Name)
	}
	if err := validateListen(s.Listen); err != nil {
		return err
	}
	if _, err := ParseTarget(s.To); err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	return nil
}

func validateListen(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--listen %q is not an address such as 127.0.0.1:8080", address)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("--listen %q is not a loopback address: the cluster is never opened to the network, use 127.0.0.1:%s", address, port)
	}
	if number, err := strconv.Atoi(port); err != nil || number < 1 || number > 65535 {
		return fmt.Errorf("--listen %q has no port between 1 and 65535", address)
	}
	return nil
}

// Directory holds one file for each forward. The daemon follows it.
type Directory string

func (d Directory) file(name string) string { return filepath.Join(string(d), name+".json") }

// Put adds or replaces a forward.
func (d Directory) Put(spec Spec) error {
	content, err := json.Marshal(spec)
	if err != nil {
		return fmt.Errorf("describe the forward %s: %w", spec.Name, err)
	}
	if err := os.MkdirAll(string(d), 0o755); err != nil {
		return fmt.Errorf("make a directory for forwards: %w", err)
	}
	unfinished := d.file(spec.Name) + ".new"
	if err := os.WriteFile(unfinished, content, 0o644); err != nil {
		return fmt.Errorf("write the forward %s: %w", spec.Name, err)
	}
	if err := os.Rename(unfinished, d.file(spec.Name)); err != nil {
		return fmt.Errorf("write the forward %s: %w", spec.Name, err)
	}
	return nil
}

// Remove removes a forward.
func (d Directory) Remove(name string) error {
	if name == APIServer {
		return errors.New("the forward of the API server stays: the kubeconfig needs it")
	}
	err := os.Remove(d.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no forward named %s; `forward list` shows all", name)
	}
	return err
}

// List returns all forwards, by name.
func (d Directory) List() ([]Spec, error) {
	entries, err := os.ReadDir(string(d))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the forwards: %w", err)
	}
	var specs []Spec
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), ".json")
		if !ok {
			continue
		}
		content, err := os.ReadFile(d.file(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed meanwhile
		} else if err != nil {
			return nil, fmt.Errorf("read the forward %s: %w", name, err)
		}
		spec := Spec{Name: name}
		if err := json.Unmarshal(content, &spec); err != nil {
			return nil, fmt.Errorf("read the forward %s: %w", name, err)
		}
		specs = append(specs, spec)
	}
	return specs, nil
}

// Taken returns the forward that uses a local address already, if any.
func Taken(specs []Spec, listen, except string) (Spec, bool) {
	i := slices.IndexFunc(specs, func(s Spec) bool { return s.Listen == listen && s.Name != except })
	if i < 0 {
		return Spec{}, false
	}
	return specs[i], true
}
