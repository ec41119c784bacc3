package tracking

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/wismo-dev/wismo/internal/bundle"
)

func TestThePolicyKnowsEveryOccasionByItsName(t *testing.T) {
	seen := map[Occasion]bool{}
	for _, o := range Occasions() {
		if seen[o] {
			t.Errorf("%s is listed twice", o)
		}
		seen[o] = true
	}
	for _, rule := range bundle.BuiltinPolicy().Rules {
		if !seen[Occasion(rule.Occasion)] {
			t.Errorf("the built-in policy has a rule for %s, which is no occasion", rule.Occasion)
		}
	}
	for _, m := range []bundle.Method{bundle.MethodParcel, bundle.MethodLetter, bundle.MethodPickup, bundle.MethodDigital} {
		if !slices.Contains(Methods(), Method(m)) {
			t.Errorf("the bundle's method %s is none of an order's", m)
		}
	}
}

func TestSomethingRaisesEveryOccasion(t *testing.T) {
	raised := map[Occasion]bool{}
	for seed := range 1500 {
		r := rand.New(rand.NewPCG(uint64(seed), 12))
		statements := randomStream(r)
		at := hours(float64(r.IntN(40)))
		of := &statements[r.IntN(len(statements))]
		of.Phases = append(of.Phases, PhaseChange{Phase: pick(r, Phases()), At: at, Heard: at})
		s := randomSetting(r)
		if r.IntN(3) == 0 {
			s.Promise = bundle.Promise{}
		}
		for _, n := range newsAt(hear(statements...).only(t), s, hours(24*60)) {
			raised[n.Occasion] = true
		}
	}
	for _, o := range Occasions() {
		if !raised[o] {
			t.Errorf("nothing raises %s", o)
		}
	}
}
