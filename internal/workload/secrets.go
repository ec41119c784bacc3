package workload

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
)

// secretsMaxAge is how long the content of a file is cached, and so how late a rotated secret may come into use.
const secretsMaxAge = 5 * time.Second

// maxSecretBytes is the maximum size of a Secret in Kubernetes; a file of one cannot be larger.
const maxSecretBytes = 1 << 20

// Secrets reads mounted keys and credentials, and reads them again while the process runs. It is safe for concurrent use.
type Secrets struct {
	keysDir        string
	credentialsDir string
	now            func() time.Time

	mu    sync.Mutex
	files map[string]cached[[]byte]
	keys  map[string]cached[mountedKeys]
}

// cached is a value with the time of its reading.
type cached[T any] struct {
	value T
	at    time.Time
}

// fresh reports whether the value may still be used. A value of the future is not fresh: the clock was set back.
func (c cached[T]) fresh(now time.Time) bool {
	return !c.at.IsZero() && now.Sub(c.at) < secretsMaxAge && !now.Before(c.at)
}

// NewSecrets returns Secrets that read from the two directories, see bundle.KeysDir and bundle.CredentialsDir.
func NewSecrets(keysDir, credentialsDir string, now func() time.Time) *Secrets {
	return &Secrets{
		keysDir: keysDir, credentialsDir: credentialsDir, now: now,
		files: map[string]cached[[]byte]{}, keys: map[string]cached[mountedKeys]{},
	}
}

// Credential returns one key of a user's Secret with its state; the bytes are nil unless it is Present.
// source is bundle.Source.Credential or bundle.Email.Credential.
func (s *Secrets) Credential(source, key string) ([]byte, bundle.CredentialState) {
	if !localName(source) || !localName(key) {
		return nil, bundle.Missing
	}
	path := filepath.Join(s.credentialsDir, source, key)
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.files[path]
	if !ok || !c.fresh(now) {
		value, state := readSecret(path)
		if state == bundle.Malformed {
			value = []byte{} // empty, not nil: the file exists
		}
		c = cached[[]byte]{value: value, at: now}
		s.files[path] = c
	}
	switch {
	case c.value == nil:
		return nil, bundle.Missing
	case len(c.value) == 0:
		return nil, bundle.Malformed
	}
	return c.value, bundle.Present
}

// localName reports whether the name stays within its directory.
func localName(name string) bool { return filepath.Base(name) == name && strings.Trim(name, ".") != "" }

// readSecret reads one file without the line end that editors and echo add.
func readSecret(path string) ([]byte, bundle.CredentialState) {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return nil, bundle.Missing
	}
	if info.Size() > maxSecretBytes {
		return nil, bundle.Malformed
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, bundle.Missing
	}
	data = bytes.TrimRight(data, "\r\n")
	if len(data) == 0 {
		return nil, bundle.Malformed
	}
	return data, bundle.Present
}

// VerificationSecrets returns every live secret that may have signed a source's webhooks: the generated keys, the newest first, then
// the credential keys that the page uses.
func (s *Secrets) VerificationSecrets(source bundle.Source, d *definition.Definition) [][]byte {
	var secrets [][]byte
	if d.NeedsGeneratedKey() {
		for _, k := range s.Keys(bundle.HookKeys + source.Name) {
			secrets = append(secrets, k.Secret)
		}
	}
	for _, key := range d.CredentialKeys(bundle.PageComponent) {
		value, state := s.Credential(source.Credential, key.Key)
		if state == bundle.Present && len(value) >= key.MinBytes {
			secrets = append(secrets, value)
		}
	}
	return secrets
}
