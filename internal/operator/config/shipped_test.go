package config

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The file that the installers ship says only what would hold without it, so that deleting a line changes nothing.
func TestTheShippedFileIsTheDefaults(t *testing.T) {
	raw, err := os.ReadFile("../../../config/manager/config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	image := func(string) string { return "wismo.dev/any:dev" }
	shipped, err := Parse(raw, image)
	if err != nil {
		t.Fatal(err)
	}
	defaults, err := Parse(nil, image)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(defaults, shipped, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("defaults (-), shipped (+):\n%s", diff)
	}
}
