package shop

import (
	"slices"
	"testing"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/conditions"
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
