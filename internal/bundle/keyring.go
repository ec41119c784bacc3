package bundle

import "time"

// Where a workload finds a generated key below KeysDir. A key that lies there counts only if the keyring lists its
// number; without a keyring every key counts.
const (
	// KeyringFile says from when each key signs and until when it verifies: a Keyring as JSON.
	KeyringFile = "keyring.json"
	// KeyFile holds the bytes: <KeysDir>/<purpose>/<slot>/key. A slot is a place in the pod that one key after the other
	// uses, so that a rotation changes no pod.
	KeyFile = "key"
	// KeyNumberFile says which key lies in the slot. Both files come from one Secret, so they always belong together.
	// Where it is absent, the name of the slot is the number.
	KeyNumberFile = "number"
)

// Keyring lists the live keys of each purpose: LinkKeys, or HookKeys and a source's name.
type Keyring map[string][]KeyTimes

// KeyTimes is what may be known of one key: never its bytes.
type KeyTimes struct {
	Number    int       `json:"number"`
	CreatedAt time.Time `json:"createdAt,omitzero"`
	SignFrom  time.Time `json:"signFrom,omitzero"` // before, others cannot be sure to have it; zero = from the start
	NotAfter  time.Time `json:"notAfter,omitzero"` // until when it verifies; zero = no end is known yet
}
