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

// maxPlainBytes bounds what Decode inflates, against a decompression bomb.
const maxPlainBytes = 4 << 20

// compressors are reused: each takes 0.8 MB, which would be most of what compiling a bundle allocates.
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
		return nil, "", fmt.Errorf("the bundle has %d bytes compressed, at most %d are allowed: shorten texts, blocks or the logo", buf.Len(), MaxBytes)
	}
	return buf.Bytes(), hex.EncodeToString(sum[:])[:10], nil
}

// Decode reads what Encode wrote and returns the Document with its hash. It refuses a schema newer than SchemaVersion and a
// Document that needs a later reader than this one. It may ignore any other field that it does not know.
func Decode(data []byte) (*Document, string, error) {
	plain, err := inflate(data)
	if err != nil {
		return nil, "", err
	}
	var head struct {
		SchemaVersion int `json:"schemaVersion"`
		MinReader     int `json:"minReader"`
	}
	if err := json.Unmarshal(plain, &head); err != nil {
		return nil, "", fmt.Errorf("reading the bundle: %w", err)
	}
	if head.SchemaVersion < 1 || head.SchemaVersion > SchemaVersion {
		return nil, "", fmt.Errorf("the bundle has schema version %d, this binary reads 1 to %d: update the workload image", head.SchemaVersion, SchemaVersion)
	}
	if head.MinReader > Reader {
		return nil, "", fmt.Errorf("the bundle needs reader %d, this binary is reader %d and would send or show more than the Shop allows: update the workload image", head.MinReader, Reader)
	}
	var doc Document
	if err := json.Unmarshal(plain, &doc); err != nil {
		return nil, "", fmt.Errorf("reading the bundle: %w", err)
	}
	sum := sha256.Sum256(plain)
	return &doc, hex.EncodeToString(sum[:])[:10], nil
}

func inflate(data []byte) ([]byte, error) {
	zr, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("reading the bundle: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(zr, maxPlainBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the bundle: %w", err)
	}
	if len(plain) > maxPlainBytes {
		return nil, fmt.Errorf("the bundle inflates to more than %d bytes", maxPlainBytes)
	}
	return plain, nil
}
