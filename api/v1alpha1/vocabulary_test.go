package v1alpha1_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// What can be written but never happens would be a promise that nobody keeps, and the other way round a message that
// nobody can tune.
func TestTheWordsOfTheAPIAreThoseOfTheDataPlane(t *testing.T) {
	for path, want := range map[string][]string{
		"Shop spec.deliveryMethods[].method":                    words(tracking.Methods()),
		"CarrierIntegration spec.carriers[].notices[].occasion": words(tracking.Occasions()),
		"NotificationPolicy spec.rules[].occasion":              words(tracking.Occasions()),
		"Shop spec.senders.whatsApp.templates[].occasion":       words(tracking.Occasions()),
		"Shop spec.page.actions[].lastPhase":                    outbound(),
	} {
		if difference := cmp.Diff(want, enumeration(t, path)); difference != "" {
			t.Errorf("%s (-data plane +API):\n%s", path, difference)
		}
	}
}

func TestPromotionAndStepsHangOnOccasionsThatExist(t *testing.T) {
	all := words(tracking.Occasions())
	for _, path := range []string{"NotificationPolicy spec.promotion.occasions[]", "Shop spec.page.steps[].reachedOn"} {
		for _, word := range enumeration(t, path) {
			if !slices.Contains(all, word) {
				t.Errorf("%s allows %s, which never happens", path, word)
			}
		}
	}
}

// outbound are the phases before those of a return.
func outbound() []string {
	all := words(tracking.Phases())
	return all[:slices.Index(all, string(tracking.ReturnRequested))]
}

func words[T ~string](all []T) []string {
	var texts []string
	for _, word := range all {
		texts = append(texts, string(word))
	}
	return texts
}

// enumeration is what the API server accepts in a field, in the order of the schema.
func enumeration(t *testing.T, path string) []string {
	t.Helper()
	kind, path, _ := strings.Cut(path, " ")
	var values []string
	for _, f := range fields(definitions(t)[kind]) {
		if f.path != path {
			continue
		}
		for _, value := range f.schema.Enum {
			values = append(values, strings.Trim(string(value.Raw), `"`))
		}
	}
	if len(values) == 0 {
		t.Fatalf("%s has no enumeration at %s", kind, path)
	}
	return values
}
