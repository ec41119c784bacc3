// Package images turns static binaries into container images, without Docker,
// and gives them to the cluster's containerd.
package images

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Nonroot is the user that every image runs as.
const Nonroot = "65532:65532"

// Image is a tarball with one image in it.
type Image struct {
	Reference  string // such as wismo.dev/manager:dev
	Tarball    string
	Key        string // hash of all that decides the image's content
	BinarySize int64
}

// FromBinary writes an image that holds nothing but one static binary, unless
// the tarball of exactly this image is there already.
func FromBinary(dir, reference, binary string) (Image, error) {
	program, err := os.ReadFile(binary)
	if err != nil {
		return Image{}, fmt.Errorf("read the program for %s: %w", reference, err)
	}
	key := contentKey(reference, filepath.Base(binary), program)
	image := Image{
		Reference:  reference,
		Key:        key,
		BinarySize: int64(len(program)),
		Tarball:    filepath.Join(dir, filepath.Base(binary)+"-"+key[:12]+".tar"),
	}
	if _, err := os.Stat(image.Tarball); err == nil {
		return image, nil
	}
	if err := image.write(filepath.Base(binary), program); err != nil {
		return Image{}, fmt.Errorf("write the image %s: %w", reference, err)
	}
	return image, removeOlder(image)
}

func contentKey(reference, program string, content []byte) string {
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%s %s %s %s\n", reference, program, Nonroot, runtime.GOARCH)
	_, _ = hash.Write(content)
	return hex.EncodeToString(hash.Sum(nil))
}

func (i Image) write(program string, content []byte) error {
	image, err := assemble(program, content)
	if err != nil {
		return err
	}
	reference, err := name.NewTag(i.Reference)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(i.Tarball), 0o755); err != nil {
		return err
	}
	unfinished := i.Tarball + ".new"
	if err := tarball.WriteToFile(unfinished, reference, image); err != nil {
		return err
	}
	return os.Rename(unfinished, i.Tarball)
}

func assemble(program string, content []byte) (v1.Image, error) {
	files, err := fileSystem(program, content)
	if err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files)), nil }
	layer, err := tarball.LayerFromOpener(open, tarball.WithCompressionLevel(gzip.BestSpeed))
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, err
	}
	return mutate.ConfigFile(image, withConfig(image, program))
}

func withConfig(image v1.Image, program string) *v1.ConfigFile {
	file, err := image.ConfigFile()
	if err != nil { // only an image from elsewhere can have an unreadable config
		file = &v1.ConfigFile{}
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", runtime.GOARCH
	file.Config = v1.Config{Entrypoint: []string{"/" + program}, User: Nonroot, WorkingDir: "/"}
	return file
}

// fileSystem is the image's only layer. It carries no times, so that the same
// binary always makes the same image.
func fileSystem(program string, content []byte) ([]byte, error) {
	var layer bytes.Buffer
	archive := tar.NewWriter(&layer)
	header := &tar.Header{Name: program, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg}
	if err := archive.WriteHeader(header); err != nil {
		return nil, err
	}
	if _, err := archive.Write(content); err != nil {
		return nil, err
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return layer.Bytes(), nil
}

// removeOlder removes tarballs of earlier versions of the same program.
func removeOlder(image Image) error {
	base := filepath.Base(image.Tarball)
	prefix := base[:len(base)-len("-123456789012.tar")]
	older, err := filepath.Glob(filepath.Join(filepath.Dir(image.Tarball), prefix+"-????????????.tar"))
	if err != nil {
		return err
	}
	for _, tarball := range older {
		if tarball == image.Tarball {
			continue
		}
		if err := os.Remove(tarball); err != nil {
			return fmt.Errorf("remove an old image: %w", err)
		}
	}
	return nil
}

// TarballSize returns the size of the image's tarball in bytes, about what a registry stores; 0 if it cannot be read.
func (i Image) TarballSize() int64 {
	info, err := os.Stat(i.Tarball)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Store is the image store of a running containerd.
type Store struct {
	Socket  string
	Markers string // directory that remembers what has been imported
}

// Import imports the image into containerd, unless this content was imported before, and reports whether it did.
func (s Store) Import(ctx context.Context, image Image) (imported bool, err error) {
	marker := filepath.Join(s.Markers, strings.NewReplacer("/", "_", ":", "_").Replace(image.Reference))
	if known, err := os.ReadFile(marker); err == nil && string(known) == image.Key {
		return false, nil
	}
	cmd := exec.CommandContext(ctx, "ctr", "-a", s.Socket, "-n", "k8s.io", "images", "import", image.Tarball)
	if out, err := cmd.CombinedOutput(); err != nil {
		return false, fmt.Errorf("import %s: %w: %s", image.Reference, err, strings.TrimSpace(string(out)))
	}
	if err := os.MkdirAll(s.Markers, 0o755); err != nil {
		return true, fmt.Errorf("remember the image: %w", err)
	}
	if err := os.WriteFile(marker, []byte(image.Key), 0o644); err != nil {
		return true, fmt.Errorf("remember the image: %w", err)
	}
	return true, nil
}
