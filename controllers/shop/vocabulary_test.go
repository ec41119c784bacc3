package shop

import (
	"slices"
	"testing"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/conditions"
	"github.com/wismo-dev/wismo/internal/operator/health"
)

func TestTheConditionsAreThoseOfTheTable(t *testing.T) {
	for feeds, written := range map[string][]string{
		v1alpha1.ConditionReady: vocabulary.Ready, v1alpha1.ConditionOperational: vocabulary.Operational, "": vocabulary.Other,
	} {
		got, want := slices.Sorted(slices.Values(written)), slices.Sorted(slices.Values(conditions.Feeding(conditions.Shop, feeds)))
		if !slices.Equal(got, want) {
			t.Errorf("%v feed %q, and by the table %v do", got, feeds, want)
		}
	}
}

func TestEveryOperationalConditionIsStatedFromReportsOrListedHere(t *testing.T) {
	others := []string{v1alpha1.ConditionDomainReady} // the operator checks it without the pods
	want := slices.Sorted(slices.Values(vocabulary.Operational))
	if got := slices.Sorted(slices.Values(append(health.Reported(), others...))); !slices.Equal(got, want) {
		t.Errorf("health.Reported and this test have %v, and %v feed Operational", got, want)
	}
}
