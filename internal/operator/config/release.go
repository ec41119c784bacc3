package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/wismo-dev/wismo/internal/rollout"
)

// Release is how releases reach Shops.
type Release struct {
	// Strategy is Waves (default) or AllAtOnce: then a release reaches all Shops as fast as they take it, and nothing
	// stops or takes back one that fails.
	Strategy string `json:"strategy"`
	// Waves are groups of Shops that move one after the other. None = one Shop first, then the others; Shops that no wave
	// takes move last, in a wave named "rest".
	Waves []Wave `json:"waves"`
	// ProgressDeadlineSeconds is how long a Shop may take until it serves on a release; then it has failed.
	ProgressDeadlineSeconds int `json:"progressDeadlineSeconds"`
	// OnBreach is Rollback (default) or Hold: what happens when more Shops of a wave failed than may.
	OnBreach rollout.OnBreach `json:"onBreach"`
	// RollbackScope is Wave (default), All or FailedShops: which Shops a rollback takes back.
	RollbackScope rollout.Scope `json:"rollbackScope"`
	// RollbackConcurrent is how many of them return at a time: a number or a percentage.
	RollbackConcurrent intstr.IntOrString `json:"rollbackConcurrent"`
}

// Strategies.
const (
	Waves     = "Waves"
	AllAtOnce = "AllAtOnce"
)

// Wave is a group of Shops.
type Wave struct {
	Name string `json:"name"`
	// Selector by labels of Shops; empty = every Shop that no wave before took.
	Selector *metav1.LabelSelector `json:"selector"`
	// Size is how many Shops the wave takes at most; 0 = all.
	Size int `json:"size"`
	// MaxConcurrent may move at a time, a number or a percentage of the wave; 10% by default, 0 = none moves.
	MaxConcurrent *intstr.IntOrString `json:"maxConcurrent"`
	// MaxFailures may fail before the release is stopped; 0 by default.
	MaxFailures *intstr.IntOrString `json:"maxFailures"`
	// BakeSeconds is how long the wave has to serve before the next begins; 900 by default.
	BakeSeconds *int `json:"bakeSeconds"`
	// Approval is NotRequired (default) or Required.
	Approval string `json:"approval"`
}

// Whether a wave waits for a person.
const (
	NotRequired = "NotRequired"
	Required    = "Required"
)

const (
	maxWaves       = 16
	maxBakeSeconds = 7 * 24 * 60 * 60
	maxDeadline    = 24 * 60 * 60
	minDeadline    = 30
)

func defaultRelease() Release {
	d := rollout.DefaultPolicy()
	return Release{
		Strategy: Waves, ProgressDeadlineSeconds: int(d.ProgressDeadline / time.Second),
		OnBreach: d.OnBreach, RollbackScope: d.Scope, RollbackConcurrent: written(d.RollbackConcurrent),
	}
}

// written returns an amount as the file has it.
func written(a rollout.Amount) intstr.IntOrString {
	if a.Percent {
		return intstr.FromString(strconv.Itoa(a.Value) + "%")
	}
	return intstr.FromInt(a.Value)
}

func (r Release) validate(p *problems) {
	p.check(r.Strategy == Waves || r.Strategy == AllAtOnce, "release.strategy %q must be Waves or AllAtOnce", r.Strategy)
	p.check(r.Strategy != AllAtOnce || len(r.Waves) == 0, "release.waves must be empty when release.strategy is AllAtOnce")
	p.check(len(r.Waves) <= maxWaves, "release.waves must not have more than %d entries", maxWaves)
	p.check(r.ProgressDeadlineSeconds >= minDeadline && r.ProgressDeadlineSeconds <= maxDeadline,
		"release.progressDeadlineSeconds %d must be from %d to %d", r.ProgressDeadlineSeconds, minDeadline, maxDeadline)
	p.check(r.OnBreach == rollout.Hold || r.OnBreach == rollout.Rollback, "release.onBreach %q must be Rollback or Hold", r.OnBreach)
	scopes := []rollout.Scope{rollout.FailedShops, rollout.WholeWave, rollout.AllShops}
	p.check(slices.Contains(scopes, r.RollbackScope), "release.rollbackScope %q must be Wave, All or FailedShops", r.RollbackScope)
	p.amount("release.rollbackConcurrent", &r.RollbackConcurrent)
	names := map[string]bool{rollout.RestWave: true}
	for i, w := range r.Waves {
		field := fmt.Sprintf("release.waves[%d]", i)
		p.check(len(validation.IsDNS1123Label(w.Name)) == 0, "%s.name %q must be a word of lower-case letters, digits and '-'", field, w.Name)
		p.check(!names[w.Name], "%s.name %q must be unique and not %q, which is the wave of the Shops that no other wave selects", field, w.Name, rollout.RestWave)
		names[w.Name] = true
		w.validate(p, field)
	}
}

func (w Wave) validate(p *problems, field string) {
	_, err := metav1.LabelSelectorAsSelector(w.Selector)
	p.check(err == nil, "%s.selector: %v", field, err)
	p.check(w.Size >= 0, "%s.size %d must be 0, for all Shops, or more", field, w.Size)
	p.amount(field+".maxConcurrent", w.MaxConcurrent)
	p.amount(field+".maxFailures", w.MaxFailures)
	p.check(w.BakeSeconds == nil || (*w.BakeSeconds >= 0 && *w.BakeSeconds <= maxBakeSeconds), "%s.bakeSeconds must be from 0 to %d", field, maxBakeSeconds)
	p.check(slices.Contains([]string{"", NotRequired, Required}, w.Approval), "%s.approval %q must be NotRequired or Required", field, w.Approval)
}

// amount notes what is neither a number from 0 nor a percentage.
func (p *problems) amount(field string, value *intstr.IntOrString) {
	if value == nil {
		return
	}
	_, err := amount(*value)
	p.check(err == nil, "%s %q must be a number that is not negative, or a percentage such as 10%%", field, value.String())
}

func amount(value intstr.IntOrString) (rollout.Amount, error) {
	if value.Type == intstr.Int {
		if value.IntVal < 0 {
			return rollout.Amount{}, fmt.Errorf("%d is negative", value.IntVal)
		}
		return rollout.Amount{Value: int(value.IntVal)}, nil
	}
	digits, ok := strings.CutSuffix(value.StrVal, "%")
	n, err := strconv.ParseUint(digits, 10, 8)
	if !ok || err != nil || n > 100 {
		return rollout.Amount{}, fmt.Errorf("%q is not a percentage", value.StrVal)
	}
	return rollout.Amount{Value: int(n), Percent: true}, nil
}

// Policy returns what the planner reads. The section must be valid.
func (r Release) Policy() rollout.Policy {
	policy := rollout.DefaultPolicy()
	policy.ProgressDeadline = time.Duration(r.ProgressDeadlineSeconds) * time.Second
	policy.OnBreach, policy.Scope = r.OnBreach, r.RollbackScope
	policy.RollbackConcurrent, _ = amount(r.RollbackConcurrent)
	switch {
	case r.Strategy == AllAtOnce:
		everything := rollout.Amount{Value: math.MaxInt32}
		policy.Waves = []rollout.Wave{{Name: "all", MaxConcurrent: everything, MaxFailures: everything}}
		policy.OnBreach = rollout.Hold
	case len(r.Waves) > 0:
		policy.Waves = nil
		for _, w := range r.Waves {
			policy.Waves = append(policy.Waves, w.policy())
		}
	}
	return policy
}

func (w Wave) policy() rollout.Wave {
	out := rollout.Wave{
		Name: w.Name, Size: w.Size, MaxConcurrent: rollout.Amount{Value: 10, Percent: true}, Bake: rollout.DefaultBake, NeedsApproval: w.Approval == Required,
	}
	if w.Selector != nil {
		out.Selector, _ = metav1.LabelSelectorAsSelector(w.Selector)
	}
	if w.MaxConcurrent != nil {
		out.MaxConcurrent, _ = amount(*w.MaxConcurrent)
	}
	if w.MaxFailures != nil {
		out.MaxFailures, _ = amount(*w.MaxFailures)
	}
	if w.BakeSeconds != nil {
		out.Bake = time.Duration(*w.BakeSeconds) * time.Second
	}
	return out
}
