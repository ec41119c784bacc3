package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Activity is whether messages are sent, and to whom.
type Activity string

// The activities of a Shop, from the strictest.
const (
	Suspended Activity = "Suspended" // nothing is sent; the page stays polite
	Rehearsal Activity = "Rehearsal" // every message goes to the merchant's inbox
	Live      Activity = "Live"      // messages go to shoppers

	UnknownActivity Activity = "Unknown" // the operator does not know the word, which a later build sent
)

// Activities returns the activities that this build knows, the strictest first.
func Activities() []Activity { return []Activity{Suspended, Rehearsal, Live} }

// Stricter returns the stricter of two activities; a word that this build does not know is stricter than each that it knows.
func Stricter(a, b Activity) Activity {
	if slices.Index(Activities(), a) < slices.Index(Activities(), b) {
		return a
	}
	return b
}

// ActivityVersion is the version of ActivityDocument's shape.
const ActivityVersion = 1

// ActivityDocument is the kill switch: a file of its own beside the bundle, which both workloads read again for each message and page.
// It therefore changes without a new pod, and while the rest of the Shop's configuration is invalid or waits.
type ActivityDocument struct {
	Version     int      `json:"version"`
	Activity    Activity `json:"activity"`
	RehearsalTo string   `json:"rehearsalTo,omitempty"` // the inbox during a Rehearsal
	// MuteUntil is when a person last loosened the activity: no message is sent about what was true by then. Zero = never.
	MuteUntil time.Time `json:"muteUntil,omitzero"`
}

// EncodeActivity returns the content of the file.
func EncodeActivity(d ActivityDocument) ([]byte, error) {
	d.Version = ActivityVersion
	return json.Marshal(d)
}

// DecodeActivity reads what EncodeActivity wrote. On an error the caller must send nothing.
func DecodeActivity(data []byte) (ActivityDocument, error) {
	var d ActivityDocument
	if err := json.Unmarshal(data, &d); err != nil {
		return ActivityDocument{}, fmt.Errorf("the activity document is not valid JSON: %w", err)
	}
	switch {
	case d.Version != ActivityVersion:
		return ActivityDocument{}, fmt.Errorf("the activity document has version %d, this binary reads %d: update the workload image", d.Version, ActivityVersion)
	case !slices.Contains(Activities(), d.Activity):
		return ActivityDocument{}, errors.New("the activity document has no activity that this binary knows: update the workload image")
	case d.Activity == Rehearsal && d.RehearsalTo == "":
		return ActivityDocument{}, errors.New("the activity document has a rehearsal without an inbox")
	}
	return d, nil
}

// ActivityOf returns the activity that the Document itself states, which counts for bundles without an activity file.
func ActivityOf(doc *Document) ActivityDocument {
	return ActivityDocument{Version: ActivityVersion, Activity: doc.Activity, RehearsalTo: doc.RehearsalTo}
}
