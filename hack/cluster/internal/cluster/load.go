package cluster

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/wismo-dev/wismo/hack/cluster/internal/build"
	"github.com/wismo-dev/wismo/hack/cluster/internal/images"
)

// shipped are the programs in cmd/ that run as containers.
var shipped = []string{"manager", "tracking-page", "notifier"}

// Load says which images to build and what to call them.
type Load struct {
	Registry string
	Tag      string
	Extra    []string // NAME=GO_PACKAGE
}

type program struct{ Name, Package string }

var imageName = regexp.MustCompile(`^[a-z0-9]+([-._][a-z0-9]+)*$`)

// Load builds the images of the repository's programs and imports those that
// have changed.
func (c *Cluster) Load(ctx context.Context, what Load) error {
	extra, err := parseExtra(what.Extra)
	if err != nil {
		return err
	}
	if !c.Running() {
		return ErrDown
	}
	own, err := c.ownPrograms()
	if err != nil {
		return err
	}
	for _, p := range append(own, extra...) {
		reference := what.Registry + "/" + p.Name + ":" + what.Tag
		if err := c.loadOne(ctx, p, reference); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) ownPrograms() ([]program, error) {
	var found []program
	for _, name := range shipped {
		files, err := filepath.Glob(filepath.Join(c.Layout.Repository(), "cmd", name, "*.go"))
		if err != nil {
			return nil, fmt.Errorf("look for cmd/%s: %w", name, err)
		}
		if len(files) == 0 {
			c.Log.Say("skipped %s: there is no program in cmd/%s", name, name)
			continue
		}
		found = append(found, program{name, "./cmd/" + name})
	}
	return found, nil
}

func parseExtra(texts []string) ([]program, error) {
	var programs []program
	for _, text := range texts {
		name, pkg, ok := strings.Cut(text, "=")
		if !ok || pkg == "" || !imageName.MatchString(name) {
			return nil, fmt.Errorf("--image %q is not NAME=GO_PACKAGE, such as inbox=./test/inbox", text)
		}
		programs = append(programs, program{name, pkg})
	}
	return programs, nil
}

func (c *Cluster) loadOne(ctx context.Context, p program, reference string) error {
	binary := filepath.Join(c.Layout.Images(), "binaries", p.Name)
	dir, pkg := moduleOf(c.Layout.Repository(), p.Package)
	stop := c.Log.Heartbeat(heartbeat, "building "+p.Name)
	err := build.Go(ctx, dir, pkg, binary, "-s -w")
	stop()
	if err != nil {
		return err
	}
	image, err := images.FromBinary(c.Layout.Images(), reference, binary)
	if err != nil {
		return err
	}
	imported, err := c.store.Import(ctx, image)
	if err != nil {
		return err
	}
	done := "unchanged"
	if imported {
		done = "imported"
	}
	c.Log.Say("%-9s %s (program %s, image %s)", done, reference, megabytes(image.BinarySize), megabytes(image.TarballSize()))
	return nil
}

// moduleOf lets a package be in another module: a directory is built from within.
func moduleOf(repository, pkg string) (dir, within string) {
	switch {
	case filepath.IsAbs(pkg):
		return pkg, "."
	case strings.HasPrefix(pkg, "./"):
		return filepath.Join(repository, pkg), "."
	default: // an import path
		return repository, pkg
	}
}
