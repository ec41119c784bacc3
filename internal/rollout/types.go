package rollout

import (
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/wismo-dev/wismo/internal/release"
)

// Amount is a number of Shops, or a percentage of the Shops that a wave counts.
type Amount struct {
	Value   int  // 0 or more
	Percent bool // Value is a percentage
}

// Wave is a group of Shops that move to a release together. A Shop belongs to the first wave that takes it.
type Wave struct {
	Name     string
	Selector labels.Selector // nil = every Shop
	// Size limits how many Shops the wave takes; 0 = all that it selects. Which ones it takes differs between releases.
	Size int
	// MaxConcurrent limits how many Shops move at a time. A percentage is rounded down, but at least one Shop moves unless the
	// value is 0: then none does.
	MaxConcurrent Amount
	// MaxFailures is how many Shops may fail; one more halts the release. A percentage is rounded down.
	MaxFailures Amount
	// Bake is how long every Shop of the wave must serve without interruption before the next wave begins.
	Bake time.Duration
	// NeedsApproval keeps the wave from beginning until a person approves it.
	NeedsApproval bool
}

// OnBreach selects what happens when more Shops of a wave fail than its MaxFailures.
type OnBreach string

// Values of OnBreach.
const (
	Hold     OnBreach = "Hold"     // every Shop stays on the release that it runs
	Rollback OnBreach = "Rollback" // the Shops of the Scope move back to the last release that succeeded
)

// Scope selects which Shops a rollback moves back. A Shop that failed moves back by itself in any case.
type Scope string

// Values of Scope.
const (
	FailedShops Scope = "FailedShops" // the failed Shops and no others
	WholeWave   Scope = "Wave"        // every Shop of the wave that had too many failures
	AllShops    Scope = "All"         // every Shop that runs the release or moves to it
)

// Policy configures how a release reaches the Shops.
type Policy struct {
	Waves            []Wave        // in their order; Shops that no wave takes form one more, RestWave
	ProgressDeadline time.Duration // a Shop that does not serve for this long has failed
	OnBreach         OnBreach
	Scope            Scope // of a rollback, with OnBreach Rollback
	// RollbackConcurrent limits how many Shops move back at a time. A percentage is of the Shops that have to move back.
	RollbackConcurrent Amount
}

// Pause selects which moves a person has paused.
type Pause string

// Values of Pause.
const (
	NotPaused     Pause = ""
	PausedAdvance Pause = "Advance" // no Shop moves to the release; a rollback continues, because it restores service
	PausedAll     Pause = "All"     // no Shop moves, neither forward nor back
)

// Halt records why a release stopped: too many Shops failed, or a person requested a rollback. It stays until there is a
// newer release, or a person requests another attempt.
type Halt struct {
	Reason string   `json:"reason"`         // MaxFailuresExceeded or RollbackRequested
	Wave   string   `json:"wave,omitempty"` // the wave that had too many failures; empty = none
	Action OnBreach `json:"action"`
	Scope  Scope    `json:"scope"`
}

// Reasons of a Halt.
const (
	MaxFailuresExceeded = "MaxFailuresExceeded"
	RollbackRequested   = "RollbackRequested"
)

// Progress is how far an attempt of a release has come. The caller stores it with the release, as JSON in one annotation,
// before it lets any Shop act on the decision.
type Progress struct {
	Attempt   int      `json:"attempt,omitempty"`   // of the release; the Progress of an earlier attempt does not count
	Halt      *Halt    `json:"halt,omitempty"`      // nil = not halted
	Passed    []string `json:"passed,omitempty"`    // names of the waves that are complete and do not begin again
	Succeeded bool     `json:"succeeded,omitempty"` // all waves are complete
}

// Release is one unchanging state of all that Shops share.
type Release struct {
	Name     string // such as rel-0042
	Number   int    // a newer release has a higher number
	Created  time.Time
	Unusable bool // this build of the operator cannot render it

	// Requests of people.
	Pause       Pause
	Approved    []string // names of waves
	Attempt     int      // from 0; a person raises it to retry a halted release
	RollbackFor int      // attempts with a lower number are to be rolled back; 0 = none

	Progress Progress // as the previous decision returned it
}

// Mode selects how a Shop follows releases.
type Mode string

// Values of Mode.
const (
	Auto Mode = "Auto" // the Shop moves with its wave
	Held Mode = "Hold" // the Shop stays on the release that it runs
	Pin  Mode = "Pin"  // the Shop runs the release in Shop.Pinned
)

// AttemptRef names one attempt of a release, such as the one on which a Shop failed. Its zero value names none.
type AttemptRef = release.AttemptRef

// Shop is the observed state of one Shop and its Deployments.
type Shop struct {
	ID        string // namespace/name
	UID       string
	Labels    map[string]string
	Created   time.Time
	Mode      Mode
	Pinned    string // name of a release, for mode Pin
	Suspended bool
	Deleting  bool

	// Running is the release that all Deployments name, or the older one of two; empty = there is no Deployment yet.
	Running string
	// Moving is the newer release where only one Deployment names it yet; empty = the Deployments name the same release.
	Moving string
	// Serving reports whether all Deployments are complete and available.
	Serving bool
	// ServingChanged is when Serving last changed.
	ServingChanged time.Time
	// RolloutStarted is when the pods were last replaced for a release. While Moving is set, it is not earlier than the time
	// at which that was first observed.
	RolloutStarted time.Time
	// Interruptions counts how often the Shop stopped serving since RolloutStarted, as far as that was observed.
	Interruptions int
	// LastGood is the release that the Shop served on before the one that it runs; empty = none.
	LastGood string
	// Unchanged reports whether the Shop can move to the latest release without a restart of a pod.
	Unchanged bool
	// NeedsLatest reports whether the Shop refers to content that only the latest release has, such as a new template of the
	// library. It cannot run on the last release that succeeded.
	NeedsLatest bool
	// Invalid reports whether the Shop's own spec, templates or policies cannot be rendered with the latest release, nor with
	// the one that it runs. The Shop cannot move until its owner fixes that, and no other Shop waits for it.
	Invalid bool
	// IncompatibleWith is the attempt whose release cannot render the Shop's own spec, templates or policies, although the
	// release that the Shop runs can. The Shop stays there. Zero once its owner has fixed that.
	IncompatibleWith AttemptRef
	// Failed and UnhealthyBefore are those of an earlier Step, as stored with the Shop.
	Failed, UnhealthyBefore AttemptRef
}

// Input is all that a decision depends on.
type Input struct {
	Now      time.Time
	Policy   Policy
	Releases []Release // in any order
	Shops    []Shop    // in any order
	// Assigned is Output.Assigned of the previous decision, by Shop.ID, because the observed Shops may be older than that
	// decision. It is empty after a restart.
	Assigned map[string]AssignedRelease
}

// AssignedRelease is what the previous decision assigned to a Shop. It is kept in memory only: losing it delays moves, and
// has no other effect.
type AssignedRelease struct {
	Release string
	Since   time.Time // when it was assigned, or when the Shop was last observed to run it
	// Withdrawn is when a move was last taken back and the Shop assigned to the release that it was observed to run. It may
	// have begun to move before that, unobserved. Zero = never.
	Withdrawn time.Time
	Failed    AttemptRef // Step.Failed, which the Shop may not have stored yet
}

// Reason is the state of a Shop on the latest release. It becomes the reason of the condition Released.
type Reason string

// Values of Reason.
const (
	UpToDate           Reason = "UpToDate"
	WaitingForWave     Reason = "WaitingForWave"
	WaitingForApproval Reason = "WaitingForApproval"
	WaitingForTurn     Reason = "WaitingForTurn" // its wave has begun, and MaxConcurrent other Shops are moving
	Updating           Reason = "Updating"
	Baking             Reason = "Baking"
	HeldBack           Reason = "Held"
	PinnedTo           Reason = "Pinned"
	PinUnknown         Reason = "PinUnknown"
	Paused             Reason = "Paused"
	Halted             Reason = "Halted"
	RollingBack        Reason = "RollingBack"
	RolledBack         Reason = "RolledBack"
	ReleaseFailed      Reason = "ReleaseFailed" // the Shop moved back to its last good release by itself
	ReleaseUnusable    Reason = "ReleaseUnusable"
	ShopInvalid        Reason = "ShopInvalid" // the Shop's own spec, templates or policies cannot be rendered
)

// Stalls reports whether a person has to fix the Shop. Waiting for a turn, a bake or an approval does not stall: a pipeline that
// waits for the Shop must not wait for the whole fleet.
func (r Reason) Stalls() bool { return r == PinUnknown }

// Step is the decision about one Shop.
type Step struct {
	Release string // to run now; empty = none, because no release can run yet
	Reason  Reason
	Wave    string
	// Failed is the attempt on which the Shop failed. The caller stores it with the Shop, together with the move.
	Failed AttemptRef
	// UnhealthyBefore is the attempt to which the Shop moved although it did not serve before, so that its failure does not
	// count. It is stored as Failed is.
	UnhealthyBefore AttemptRef
}

// State is the state of the latest release.
type State string

// Values of State.
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
	Latest   string // the name of the latest release; empty = there is no release
	State    State
	Wave     string          // the current one; empty = none
	Progress Progress        // of the latest release, to be stored
	Steps    map[string]Step // by Shop.ID; a Shop that is being deleted has none
	Counts   Counts
	Next     time.Time // when to decide again if no input changes; zero = not needed
	// Assigned is for the next Input.
	Assigned map[string]AssignedRelease
}

// Counts are the numbers of Shops by their state on the latest release.
type Counts struct {
	Total, UpToDate, Updating, Waiting, Failed, Skipped int
}
