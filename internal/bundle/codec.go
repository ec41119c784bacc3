package bundle

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// MaxBytes bounds the compressed Document, so that it always fits a ConfigMap beside its metadata.
const MaxBytes = 128 << 10

// maxPlainBytes bounds what Decode inflates, against a hostile archive.
const maxPlainBytes = 4 << 20

// compressors are used again: each takes 0.8 MB, which would be most of what compiling a bundle allocates.
var compressors = sync.Pool{New: func() any {
	zw, _ := gzip.NewWriterLevel(nil, gzip.BestCompression) // fails only for a level that does not exist
	return zw
}}

// Encode returns the Document's canonical form, gzip-compressed, and its hash: 10 hex digits of the
// SHA-256 over the canonical JSON (struct order, sorted map keys), so that equal content has an equal name.
func Encode(doc *Document) (data []byte, hash string, err error) {
	plain, err := json.Marshal(doc)
	if err != nil {
		return nil, "", fmt.Errorf("encoding the bundle: %w", err)
	}
	sum := sha256.Sum256(plain)
	var buf bytes.Buffer
	zw := compressors.Get().(*gzip.Writer)
	defer compressors.Put(zw)
	zw.Reset(&buf)
	if _, err := zw.Write(plain); err != nil {
		return nil, "", fmt.Errorf("compressing the bundle: %w", err)
	}
	if err := zw.Close(); err != nil {
		return nil, "", fmt.Errorf("compressing the bundle: %w", err)
	}
	if buf.Len() > MaxBytes {
		return nil, "", fmt.Errorf("the bundle is %d bytes compressed and must not exceed %d: shorten texts, blocks or the logo", buf.Len(), MaxBytes)
	}
	return buf.Bytes(), hex.EncodeToString(sum[:])[:10], nil
}

// Decode reads what Encode wrote and returns the Document with its hash.
// It refuses a schema newer than SchemaVersion; unknown fields of its own version are an error, not a guess.
func Decode(data []byte) (*Document, string, error) {
	zr, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, "", fmt.Errorf("reading the bundle: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(zr, maxPlainBytes+1))
	if err != nil {
		return nil, "", fmt.Errorf("reading the bundle: %w", err)
	}
	if len(plain) > maxPlainBytes {
		return nil, "", fmt.Errorf("the bundle inflates to more than %d bytes", maxPlainBytes)
	}
	var version struct {
		SchemaVersion int `json:"schemaVersion"`
	}
	if err := json.Unmarshal(plain, &version); err != nil {
		return nil, "", fmt.Errorf("reading the bundle: %w", err)
	}
	if version.SchemaVersion < 1 || version.SchemaVersion > SchemaVersion {
		return nil, "", fmt.Errorf("the bundle has schema version %d, this binary reads 1 to %d: update the workload image", version.SchemaVersion, SchemaVersion)
	}
	var doc Document
	dec := json.NewDecoder(bytes.NewReader(plain))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		return nil, "", fmt.Errorf("reading the bundle: %w", err)
	}
	sum := sha256.Sum256(plain)
	return &doc, hex.EncodeToString(sum[:])[:10], nil
}
