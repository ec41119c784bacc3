package rollout

import (
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/wismo-dev/wismo/internal/release"
)

// Amount is a number of Shops, or a percentage of the Shops that count in a wave.
type Amount struct {
	Value   int // from 0
	Percent bool
}

// Wave is a group of Shops that move together. A Shop belongs to the first wave that takes it.
type Wave struct {
	Name     string
	Selector labels.Selector // nil = every Shop
	// Size is how many Shops the wave takes at most, in the order of the release; 0 = all that it selects.
	Size int
	// MaxConcurrent may move at a time, rounded down, but at least one unless the value is 0: then nothing moves.
	MaxConcurrent Amount
	// MaxFailures may fail before everything stops, rounded down.
	MaxFailures Amount
	// Bake is how long all Shops of the wave serve without interruption before the next wave begins.
	Bake time.Duration
	// NeedsApproval keeps the wave waiting for a person.
	NeedsApproval bool
}

// OnBreach is what happens when more Shops of a wave failed than may.
type OnBreach string

// What happens on a breach.
const (
	Hold     OnBreach = "Hold"     // everything stays where it is
	Rollback OnBreach = "Rollback" // Shops return to the last stable release
)

// Scope is which Shops a rollback returns. A Shop that failed returns by itself in any case.
type Scope string

// Which Shops a rollback returns.
const (
	FailedShops Scope = "FailedShops"
	WholeWave   Scope = "Wave"
	AllShops    Scope = "All"
)

// Policy is how releases move.
type Policy struct {
	Waves            []Wave // in their order; Shops that no wave takes form one more, RestWave
	ProgressDeadline time.Duration
	OnBreach         OnBreach
	Scope            Scope
	// RollbackConcurrent may return at a time, of the Shops that are to return.
	RollbackConcurrent Amount
}

// Pause is what a person has paused.
type Pause string

// What a person can stop.
const (
	NotPaused     Pause = ""
	PausedAdvance Pause = "Advance" // no Shop moves on; a rollback goes on, because it is there for safety
	PausedAll     Pause = "All"
)

// Halt is the latch of a breach, or of a person's wish to roll back. It stays until there is a newer release, or
// another try is requested.
type Halt struct {
	Reason string   `json:"reason"`         // MaxFailuresExceeded or RollbackRequested
	Wave   string   `json:"wave,omitempty"` // in which it happened; empty = in none
	Action OnBreach `json:"action"`
	Scope  Scope    `json:"scope"`
}

// Reasons of a Halt.
const (
	MaxFailuresExceeded = "MaxFailuresExceeded"
	RollbackRequested   = "RollbackRequested"
)

// Progress are what the caller keeps on the latest release, in one write, before it lets any Shop act on the decision. They
// are stored as JSON in an annotation.
type Progress struct {
	Attempt   int      `json:"attempt,omitempty"`   // of the release, that all this belongs to: another try begins without any
	Halt      *Halt    `json:"halt,omitempty"`      // nil = none
	Passed    []string `json:"passed,omitempty"`    // waves that are over and do not begin again
	Succeeded bool     `json:"succeeded,omitempty"` // all waves are over
}

// Release is one state of what the platform ships to all Shops.
type Release struct {
	Name     string // such as rel-0042
	Number   int    // grows by one
	Created  time.Time
	Unusable bool // this build does not know how to render it

	// What people asked for.
	Pause       Pause
	Approved    []string // waves
	Attempt     int      // from 0; a person raises it to try a halted release again
	RollbackFor int      // a rollback is wanted for attempts below this number; 0 = for none

	Progress Progress // as Decide gave them before
}

// Mode is whether a Shop takes part.
type Mode string

// Modes of a Shop.
const (
	Auto Mode = "Auto"
	Held Mode = "Hold"
	Pin  Mode = "Pin"
)

// AttemptRef is what a Shop keeps of one attempt of a release.
type AttemptRef = release.AttemptRef

// Shop is the observed state of one Shop's workloads.
type Shop struct {
	ID        string // namespace/name
	UID       string
	Labels    map[string]string
	Created   time.Time
	Mode      Mode
	Pinned    string // the release, for mode Pin
	Suspended bool
	Deleting  bool

	// Running is the release that all workloads carry, or the older one of two; empty = there are none yet.
	Running string
	// Moving is the release that only some workloads carry yet; empty = they agree.
	Moving string
	// Serving is whether all workloads are complete and available, Since when that last changed, and Begun when the
	// last roll began; while it is Moving, at the earliest when that was first seen.
	Serving        bool
	ServingChanged time.Time
	RolloutStarted time.Time
	// Interruptions is how often it stopped serving since Begun, as far as that was seen.
	Interruptions int
	// LastGood is the release that the Shop served on before; empty = none.
	LastGood string
	// Unchanged says that the latest release makes no difference to what the Shop runs: no pod restarts for it.
	Unchanged bool
	// NeedsLatest says that the Shop cannot run on the stable release: what it refers to, such as the first template of
	// the library, exists in the latest one only.
	NeedsLatest bool
	// Invalid says that what the Shop itself asks for cannot be rendered with the latest release: until its owner fixes
	// that, it cannot move, and no other Shop waits for it.
	Invalid bool
	// IncompatibleWith is the Mark of the attempt at which what the Shop itself asks for did not fit the release, although it fits the
	// one that it runs: so it stays there. It is gone once its owner has fixed that.
	IncompatibleWith AttemptRef
	// Failed and Unwell are the Marks of a Step that the Shop still carries.
	Failed, UnhealthyBefore AttemptRef
}

// Input is all that a decision depends on.
type Input struct {
	Now      time.Time
	Policy   Policy
	Releases []Release // in any order
	Shops    []Shop    // in any order
	// Assigned is that of the Output before: what is seen of a Shop may be older. After a restart it is empty.
	Assigned map[string]AssignedRelease
}

// AssignedRelease is the release that a Shop was last assigned. It is kept in memory only: losing it costs time, and nothing else.
type AssignedRelease struct {
	Release string
	Since   time.Time // when it was told, or last seen to run it
	// Withdrawn is when it was last told to stay with what it was seen to run, having been told otherwise before: it may
	// have begun to move, unseen. Zero = never.
	Withdrawn time.Time
	Failed    AttemptRef // that it was told to carry, and perhaps could not
}

// Reason is the state of a Shop on the latest release; it becomes the reason of the condition Released.
type Reason string

// Where a Shop stands.
const (
	UpToDate           Reason = "UpToDate"
	WaitingForWave     Reason = "WaitingForWave"
	WaitingForApproval Reason = "WaitingForApproval"
	WaitingForTurn     Reason = "WaitingForTurn" // its wave is open, its budget is not
	Updating           Reason = "Updating"
	Baking             Reason = "Baking"
	HeldBack           Reason = "Held"
	PinnedTo           Reason = "Pinned"
	PinUnknown         Reason = "PinUnknown"
	Paused             Reason = "Paused"
	Halted             Reason = "Halted"
	RollingBack        Reason = "RollingBack"
	RolledBack         Reason = "RolledBack"
	ReleaseFailed      Reason = "ReleaseFailed" // the Shop went back to its last good release by itself
	ReleaseUnusable    Reason = "ReleaseUnusable"
	ShopInvalid        Reason = "ShopInvalid" // what the Shop itself asks for keeps it from moving
)

// Stalls reports whether a person has to fix the Shop. Waiting for a turn, a bake or an approval does not stall: a pipeline that
// waits for the Shop must not wait for the whole fleet.
func (r Reason) Stalls() bool { return r == PinUnknown }

// Step is the decision about one Shop.
type Step struct {
	Release         string // what it is to run now; empty = nothing can run yet
	Reason          Reason
	Wave            string
	Failed          AttemptRef // to be kept with the Shop, together with the move
	UnhealthyBefore AttemptRef // the same: it did not serve when it was moved, so it says nothing about the release
}

// State is how the latest release stands.
type State string

// How a release stands.
const (
	StateProgressing        State = "Progressing"
	StateBaking             State = "Baking"
	StateWaitingForApproval State = "WaitingForApproval"
	StatePaused             State = "Paused"
	StateHalted             State = "Halted"
	StateRollingBack        State = "RollingBack"
	StateRolledBack         State = "RolledBack"
	StateUnusable           State = "Unusable"
	StateSucceeded          State = "Succeeded"
)

// Output is a decision.
type Output struct {
	Latest   string // the name of the latest release; empty = there is none
	State    State
	Wave     string          // that is at work; empty = none
	Progress Progress        // of the latest release
	Steps    map[string]Step // by the Shop's ID; none for a Shop that is being deleted
	Counts   Counts
	Next     time.Time // when to decide again if nothing happens; zero = nothing is due
	// Assigned is for the next Input.
	Assigned map[string]AssignedRelease
}

// Counts are over all Shops.
type Counts struct {
	Total, UpToDate, Updating, Waiting, Failed, Skipped int
}
