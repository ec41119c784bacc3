package build

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The module of which Traefik needs everything except its DNS providers, and the package of these.
const (
	acmeLibrary  = "github.com/go-acme/lego/v4"
	dnsProviders = "providers"
)

// Ingress is Traefik, which serves Ingresses and the Gateway API.
func Ingress() Program {
	return Program{
		Name: "traefik", Module: "ingress", Package: "github.com/traefik/traefik/v3/cmd/traefik", Sources: []string{"nodns"},
		Prepare: withoutDNSProviders,
		About:   "the ingress controller Traefik (about 4 min on 2 cores, once)",
	}
}

// GatewayAPI is the directory with the definitions of the Gateway API that the ingress controller serves.
func (b Builder) GatewayAPI(ctx context.Context) (string, error) {
	dir, err := modulePath(ctx, b.module(Ingress()), "sigs.k8s.io/gateway-api")
	return filepath.Join(dir, "config", "crd", "standard"), err
}

// withoutDNSProviders makes a copy of the library whose DNS providers are ours, and a go.mod that uses it.
func withoutDNSProviders(ctx context.Context, module, scratch string) ([]string, error) {
	original, err := modulePath(ctx, module, acmeLibrary)
	if err != nil {
		return nil, err
	}
	library := filepath.Join(scratch, "lego")
	if err := os.CopyFS(library, os.DirFS(original)); err != nil {
		return nil, fmt.Errorf("copy %s: %w", acmeLibrary, err)
	}
	if err := makeWritable(library); err != nil {
		return nil, err
	}
	providers := filepath.Join(library, dnsProviders)
	if err := os.RemoveAll(providers); err != nil {
		return nil, fmt.Errorf("leave out the DNS providers: %w", err)
	}
	if err := os.CopyFS(filepath.Join(providers, "dns"), os.DirFS(filepath.Join(module, "nodns"))); err != nil {
		return nil, fmt.Errorf("copy nodns: %w", err)
	}
	return modfile(module, scratch, acmeLibrary+" => "+library)
}

// modfile copies go.mod and go.sum with one more replacement, and returns the flag that uses them.
func modfile(module, scratch, replacement string) ([]string, error) {
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(module, name))
		if err != nil {
			return nil, fmt.Errorf("copy %s: %w", name, err)
		}
		if name == "go.mod" {
			content = append(content, "\nreplace "+replacement+"\n"...)
		}
		if err := os.WriteFile(filepath.Join(scratch, name), content, 0o644); err != nil {
			return nil, fmt.Errorf("copy %s: %w", name, err)
		}
	}
	return []string{"-modfile=" + filepath.Join(scratch, "go.mod")}, nil
}

// modulePath downloads a module that another one requires, and returns its directory.
func modulePath(ctx context.Context, from, module string) (string, error) {
	for _, args := range [][]string{{"mod", "download", module}, {"list", "-m", "-f", "{{.Dir}}", module}} {
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Dir = from
		var problem bytes.Buffer
		cmd.Stderr = &problem
		out, err := cmd.Output()
		if err != nil {
			return "", fmt.Errorf("go %s in %s: %w\n%s", strings.Join(args, " "), from, err, tail(problem.Bytes()))
		}
		if dir := strings.TrimSpace(string(out)); dir != "" {
			return dir, nil
		}
	}
	return "", fmt.Errorf("%s does not require %s", from, module)
}

// makeWritable undoes what the module cache protects, so that the copy can be changed and removed.
func makeWritable(dir string) error {
	return filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.Chmod(name, 0o755)
		}
		return os.Chmod(name, 0o644)
	})
}
