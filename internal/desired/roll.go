package desired

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// unavailable returns how many pods of a roll may be missing: none, unless no node takes the old and the new one together.
func unavailable(in Input, w workload) int32 {
	if slices.Contains(in.NoSurge, w.component) {
		return 1
	}
	return 0
}

// version returns the tag of an image; "" where it has none that fits a label, such as a digest. It is the workload's own,
// never the operator's: an upgrade of the operator alone must not touch a single Deployment.
func version(image string) string {
	image, _, _ = strings.Cut(image, "@")
	at := strings.LastIndexByte(image, ':')
	if at < 0 || strings.ContainsRune(image[at:], '/') || len(validation.IsValidLabelValue(image[at+1:])) > 0 {
		return ""
	}
	return image[at+1:]
}
