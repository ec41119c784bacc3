package inputs

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/internal/compile"
)

// entry is what is remembered of a ConfigMap.
type entry struct {
	uid     types.UID
	version string
	watched bool
	found   bool
	readAt  time.Time
	content compile.Content
}

// Bytes returns what the entry weighs.
func (e entry) Bytes() int {
	const itself = 512
	total := itself
	for key, text := range e.content.Data {
		total += len(key) + len(text)
	}
	for key, data := range e.content.BinaryData {
		total += len(key) + len(data)
	}
	return total
}
