package workload

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/link"
)

// mountTime is how long a new key may take until it is mounted: the kubelet needs up to 90 s.
const mountTime = 2 * time.Minute

// Key is one generated key.
type Key struct {
	Number   int
	Secret   []byte
	SignFrom time.Time // zero = from the start
	NotAfter time.Time // zero = no end
}

// mountedKeys are the keys of one purpose that the keyring lists.
type mountedKeys struct {
	keys    []Key // the newest first
	missing []bundle.KeyTimes
}

// Keys returns the live keys of a purpose, the newest (highest number) first. Keys past their NotAfter are left out.
func (s *Secrets) Keys(purpose string) []Key {
	now := s.now()
	all := s.mounted(purpose, now).keys
	live := make([]Key, 0, len(all))
	for _, k := range all {
		if k.NotAfter.IsZero() || now.Before(k.NotAfter) {
			live = append(live, k)
		}
	}
	return live
}

// LinkKeys returns the live keys for links.
func (s *Secrets) LinkKeys() []link.Key {
	live := s.Keys(bundle.LinkKeys)
	keys := make([]link.Key, 0, len(live))
	for _, k := range live {
		keys = append(keys, link.Key(k))
	}
	return keys
}

// missingKeys returns the numbers of the live keys of a purpose that should be mounted by now and are not.
func (s *Secrets) missingKeys(purpose string) []int {
	now := s.now()
	var numbers []int
	for _, k := range s.mounted(purpose, now).missing {
		if now.Sub(k.CreatedAt) >= mountTime && (k.NotAfter.IsZero() || now.Before(k.NotAfter)) {
			numbers = append(numbers, k.Number)
		}
	}
	return numbers
}

func (s *Secrets) mounted(purpose string, now time.Time) mountedKeys {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.keys[purpose]
	if !ok || !c.fresh(now) {
		c = cached[mountedKeys]{value: s.readKeys(purpose), at: now}
		s.keys[purpose] = c
	}
	return c.value
}

// readKeys joins the mounted bytes and the keyring. A key that the keyring does not list is not valid yet, or no longer.
func (s *Secrets) readKeys(purpose string) mountedKeys {
	bytesOf := s.readSlots(purpose)
	listed, ok := s.readKeyring(purpose)
	if !ok {
		for number := range bytesOf {
			listed = append(listed, bundle.KeyTimes{Number: number})
		}
	}
	var m mountedKeys
	for _, k := range listed {
		if secret, there := bytesOf[k.Number]; there {
			m.keys = append(m.keys, Key{Number: k.Number, Secret: secret, SignFrom: k.SignFrom, NotAfter: k.NotAfter})
		} else {
			m.missing = append(m.missing, k)
		}
	}
	slices.SortFunc(m.keys, func(a, b Key) int { return cmp.Compare(b.Number, a.Number) })
	return m
}

// readSlots returns the bytes of every complete key by number.
func (s *Secrets) readSlots(purpose string) map[int][]byte {
	dir := filepath.Join(s.keysDir, purpose)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // not mounted, or there is no key yet
	}
	keys := map[int][]byte{}
	for _, e := range entries {
		number, ok := keyNumber(filepath.Join(dir, e.Name()))
		if !ok {
			continue // the kubelet's own ..data
		}
		if secret, state := readSecret(filepath.Join(dir, e.Name(), bundle.KeyFile)); state == bundle.Present {
			keys[number] = secret
		}
	}
	return keys
}

// keyNumber returns the number of the key in a slot.
func keyNumber(slot string) (int, bool) {
	text, state := readSecret(filepath.Join(slot, bundle.KeyNumberFile))
	if state == bundle.Missing {
		text = []byte(filepath.Base(slot))
	}
	number, err := strconv.Atoi(string(text))
	return number, err == nil && number > 0
}

// readKeyring returns what the keyring lists of a purpose; false when there is no keyring file. A keyring that cannot be read lists
// nothing: without it no key is known to be valid still.
func (s *Secrets) readKeyring(purpose string) ([]bundle.KeyTimes, bool) {
	raw, err := os.ReadFile(filepath.Join(s.keysDir, bundle.KeyringFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	keyring := bundle.Keyring{}
	if err != nil || json.Unmarshal(raw, &keyring) != nil {
		return nil, true
	}
	return keyring[purpose], true
}
