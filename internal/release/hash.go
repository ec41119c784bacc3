package release

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// HashVersion is how this build computes a Hash: the first 10 bytes of the SHA-256 over the canonical JSON, which is that
// of encoding/json without its HTML escapes: fields as declared, keys of maps sorted.
const HashVersion = 1

const hashBytes = 10

// Known reports whether this build can compute hashes of the version.
func Known(hashVersion int) bool { return hashVersion == HashVersion }

// Hash returns equal for equal releases, and only for them. The document's HashVersion must be Known.
func (d Document) Hash() string { return hash(d) }

// Encode returns the document as it is kept.
func (d Document) Encode() []byte { return canonical(d) }

// Decode reads what Encode wrote. It reads documents of later builds, too, as far as they are understood: whether that
// is far enough, HashVersion and Render say.
func Decode(data []byte) (Document, error) {
	var d Document
	if err := json.Unmarshal(data, &d); err != nil {
		return Document{}, fmt.Errorf("reading a release: %w", err)
	}
	return d, nil
}

func hash(value any) string {
	sum := sha256.Sum256(canonical(value))
	return hex.EncodeToString(sum[:hashBytes])
}

// canonical cannot fail: what is encoded holds nothing but text, numbers, lists and maps.
func canonical(value any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Sprintf("encoding %T: %v", value, err))
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
