package rollout

import "time"

// RestWave is the name of the wave of all Shops that no other takes.
const RestWave = "rest"

// MaxLag is how long it takes at most until a Shop is seen to do what was decided about it. A watch that broke unnoticed is
// found out within a minute; the rest is for reading everything anew, and for who acts on a decision while the next is made.
const MaxLag = 4 * time.Minute

// DefaultBake is how long a wave serves before the next begins.
const DefaultBake = 15 * time.Minute

var rest = Wave{
	Name: RestWave, MaxConcurrent: Amount{Value: 10, Percent: true}, MaxFailures: Amount{Value: 1, Percent: true}, Bake: DefaultBake,
}

// DefaultPolicy returns what holds without any configuration: one Shop first, then a tenth of the others at a time.
func DefaultPolicy() Policy {
	return Policy{
		Waves:              []Wave{{Name: "canary", Size: 1, MaxConcurrent: Amount{Value: 1}, Bake: DefaultBake}},
		ProgressDeadline:   10 * time.Minute,
		OnBreach:           Rollback,
		Scope:              WholeWave,
		RollbackConcurrent: Amount{Value: 25, Percent: true},
	}
}

const hundredPercent = 100

// upTo returns the amount as a limit: a percentage is rounded down.
func (a Amount) upTo(base int) int {
	if a.Percent {
		return a.Value * base / hundredPercent
	}
	return a.Value
}

// atLeastOne returns the amount as a budget: whatever is not 0 lets one move.
func (a Amount) atLeastOne(base int) int {
	if a.Value == 0 {
		return 0
	}
	return max(1, a.upTo(base))
}
