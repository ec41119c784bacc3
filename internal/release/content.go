package release

import (
	"encoding/json"
	"fmt"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// Kinds of what the library holds, before the name in a Document's Library.
const (
	ConfigMap          = "ConfigMap"
	NotificationPolicy = "NotificationPolicy"
)

// MaxContentBytes is what one object of the library may weigh, encoded: it has to fit into an object of its own, and many
// Shops read it.
const MaxContentBytes = 512 << 10

// Key returns the key of an object in a Document's Library.
func Key(kind, name string) string { return kind + "/" + name }

// Content is one object of the library as it was: a ConfigMap's data, or a NotificationPolicy's spec.
type Content struct {
	Data       map[string]string                `json:"data,omitempty"`
	BinaryData map[string][]byte                `json:"binaryData,omitempty"`
	Policy     *v1alpha1.NotificationPolicySpec `json:"policy,omitempty"`
}

const contentPrefix = "content-"

// Name returns equal for equal content, and only for that: content-<hash>.
func (c Content) Name() string { return contentPrefix + hash(c) }

// Encode returns the content as it is kept.
func (c Content) Encode() []byte { return canonical(c) }

// DecodeContent reads what Encode wrote.
func DecodeContent(data []byte) (Content, error) {
	var c Content
	if err := json.Unmarshal(data, &c); err != nil {
		return Content{}, fmt.Errorf("reading content of a release: %w", err)
	}
	return c, nil
}
