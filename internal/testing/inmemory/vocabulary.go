package inmemory

import (
	"slices"
	"testing"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/conditions"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

// HasConditionsOf fails the test unless the conditions of a controller are those that the table has for its kind, each feeding
// what it feeds there.
func HasConditionsOf(t *testing.T, kind string, vocabulary status.Vocabulary) {
	t.Helper()
	for feeds, written := range map[string][]string{
		v1alpha1.ConditionReady: vocabulary.Ready, v1alpha1.ConditionOperational: vocabulary.Operational,
		"": slices.Concat(vocabulary.Other, vocabulary.WhileTrue),
	} {
		got, want := slices.Sorted(slices.Values(written)), slices.Sorted(slices.Values(conditions.Feeding(kind, feeds)))
		if !slices.Equal(got, want) {
			t.Errorf("%v feed %q, and by the table %v do", got, feeds, want)
		}
	}
	for _, c := range conditions.Types() {
		if slices.Contains(vocabulary.Other, c.Name) && c.WhileTrue || slices.Contains(vocabulary.WhileTrue, c.Name) && !c.WhileTrue {
			t.Errorf("%s is present only while True: by the table %t", c.Name, c.WhileTrue)
		}
	}
}
