package shop

import (
	"slices"
	"testing"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/conditions"
	"github.com/wismo-dev/wismo/internal/operator/health"
	"github.com/wismo-dev/wismo/internal/testing/inmemory"
)

func TestTheConditionsAreThoseOfTheTable(t *testing.T) {
	inmemory.HasConditionsOf(t, conditions.Shop, vocabulary)
}

func TestEveryOperationalConditionIsStatedFromReportsOrListedHere(t *testing.T) {
	others := []string{v1alpha1.ConditionDomainReady} // the operator checks it without the pods
	want := slices.Sorted(slices.Values(vocabulary.Operational))
	if got := slices.Sorted(slices.Values(append(health.Reported(), others...))); !slices.Equal(got, want) {
		t.Errorf("health.Reported and this test have %v, and %v feed Operational", got, want)
	}
}
