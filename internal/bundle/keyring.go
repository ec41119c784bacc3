package bundle

import "time"

// Files of generated keys below KeysDir. A workload uses a key only if the keyring lists its number; without a keyring it uses every
// key.
const (
	// KeyringFile holds from when each key signs and until when it verifies: a Keyring as JSON.
	KeyringFile = "keyring.json"
	// KeyFile holds the bytes: <KeysDir>/<purpose>/<slot>/key. Keys use a slot one after the other, so that a rotation changes no pod.
	KeyFile = "key"
	// KeyNumberFile holds the number of the key in the slot. Both files come from one Secret, so they always belong together.
	// Where it is missing, the name of the slot is the number.
	KeyNumberFile = "number"
)

// Keyring lists the live keys of each purpose: LinkKeys, or HookKeys and a source's name.
type Keyring map[string][]KeyTimes

// KeyTimes holds the times of one key, never its bytes.
type KeyTimes struct {
	Number    int       `json:"number"`
	CreatedAt time.Time `json:"createdAt,omitzero"`
	SignFrom  time.Time `json:"signFrom,omitzero"` // before, other pods may not have it yet; zero = from the start
	NotAfter  time.Time `json:"notAfter,omitzero"` // until when it verifies; zero = no end yet
}
