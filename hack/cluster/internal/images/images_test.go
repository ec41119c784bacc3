package images

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func TestFromBinary(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "notifier")
	program(t, binary, "first")
	first := fromBinary(t, dir, binary)
	if again := fromBinary(t, dir, binary); again != first {
		t.Errorf("the same program made another image: %v, %v", first, again)
	}

	program(t, binary, "second")
	second := fromBinary(t, dir, binary)
	if second.Key == first.Key {
		t.Error("another program made the same image")
	}
	if _, err := os.Stat(first.Tarball); err == nil {
		t.Error("the old image takes up space")
	}
}

func TestContentOfAnImage(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "notifier")
	program(t, binary, "first")
	image := load(t, fromBinary(t, dir, binary))
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if file.Config.User != "65532:65532" || file.Config.Entrypoint[0] != "/notifier" || file.OS != "linux" {
		t.Errorf("got %+v", file.Config)
	}
	if !file.Created.IsZero() {
		t.Error("the time of the build must not change the image")
	}
	if layers, err := image.Layers(); err != nil || len(layers) != 1 {
		t.Errorf("got %d layers: %v", len(layers), err)
	}
}

func TestRemoveOlderLeavesOtherProgramsAlone(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"tracking", "tracking-page"} {
		program(t, filepath.Join(dir, name), name)
	}
	page := fromBinary(t, dir, filepath.Join(dir, "tracking-page"))
	fromBinary(t, dir, filepath.Join(dir, "tracking"))
	if _, err := os.Stat(page.Tarball); err != nil {
		t.Error(err)
	}
}

func fromBinary(t *testing.T, dir, binary string) Image {
	t.Helper()
	image, err := FromBinary(filepath.Join(dir, "images"), "wismo.dev/"+filepath.Base(binary)+":dev", binary)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func load(t *testing.T, image Image) v1.Image {
	t.Helper()
	tag, err := name.NewTag(image.Reference)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := tarball.ImageFromPath(image.Tarball, &tag)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func program(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
		t.Fatal(err)
	}
}
