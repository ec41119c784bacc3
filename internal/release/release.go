// Package release is what the platform ships to all Shops at one time, as a value: workload images, the render version,
// what is built in, and the content of the library by its hash. A release is immutable and knows its own hash. The
// package is pure: it knows neither how Shops move to a release (package rollout) nor where one is kept.
package release

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// Document is a release.
type Document struct {
	// HashVersion says how Hash is computed, so that another way of hashing never looks like another release.
	HashVersion int    `json:"hashVersion"`
	Render      int    `json:"render"` // desired.RenderVersion
	Images      Images `json:"images"`
	// Policy is the built-in policy, from which every Shop's own starts.
	Policy bundle.Policy `json:"policy"`
	// Builtin is a digest of the built-in texts and the catalog of carriers.
	Builtin string `json:"builtin"`
	// Library is the content shared by all Shops: the name of the revision that keeps it, by the object it was read from.
	Library map[string]string `json:"library,omitempty"` // "ConfigMap/house-texts" -> "content-1f6c…"
}

// Images are what the workloads run.
type Images struct {
	TrackingPage string `json:"trackingPage"`
	Notifier     string `json:"notifier"`
	PullPolicy   string `json:"pullPolicy,omitempty"`
}

const namePrefix = "rel-"

// Name of the release with the number.
func Name(number int64) string { return fmt.Sprintf("%s%04d", namePrefix, number) }

// Number of the release with the name; false if it is none.
func Number(name string) (int64, bool) {
	digits, ok := strings.CutPrefix(name, namePrefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && n > 0
}
