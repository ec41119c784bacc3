package conditions_test

import (
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/conditions"
)

func TestTheNextStepIsTheOneOfTheCondition(t *testing.T) {
	for _, c := range []struct{ condition, reason, says string }{
		{v1alpha1.ConditionDomainReady, v1alpha1.ReasonDNSRecordMissing, "status.dns.records"},
		{v1alpha1.ConditionEventsFlowing, v1alpha1.ReasonSignaturesRejected, "Give the provider the current secret"},
		{v1alpha1.ConditionOrdersFlowing, v1alpha1.ReasonSignaturesRejected, "Give the provider the current secret"},
		{v1alpha1.ConditionAccepted, v1alpha1.ReasonMissingReference, "Create the object"}, // shared
		{v1alpha1.ConditionSenderVerified, v1alpha1.ReasonUnknown, "the notifier"},         // its own, though there is a shared one
		{v1alpha1.ConditionStorageReady, v1alpha1.ReasonUnknown, "Upgrade the operator"},
	} {
		if r, ok := conditions.Lookup(c.condition, c.reason); !ok || !strings.Contains(r.Next, c.says) {
			t.Errorf("%s %s: %q (%t), want the next step to say %q", c.condition, c.reason, r.Next, ok, c.says)
		}
	}
	if r, ok := conditions.Lookup(v1alpha1.ConditionReady, "Nonsense"); ok {
		t.Errorf("there is a next step for nonsense: %+v", r)
	}
}

func TestEveryRowIsWhole(t *testing.T) {
	sentence := func(of, text string) {
		if !strings.HasSuffix(text, ".") || strings.ContainsAny(text, "|\n") {
			t.Errorf("%s: %q is no sentence that fits a cell of a table", of, text)
		}
	}
	for _, c := range conditions.Types() {
		sentence(c.Name, c.Means)
		if len(c.Kinds) == 0 || (c.Feeds == "") == (c.Note == "") {
			t.Errorf("%s: %v feed %q, and %q", c.Name, c.Kinds, c.Feeds, c.Note)
		}
	}
	for _, r := range conditions.Reasons() {
		sentence(r.Name, r.Means)
		sentence(r.Name, r.Next)
	}
	for _, e := range conditions.Events() {
		sentence(e.Name, e.Means)
		sentence(e.Name, e.Next)
	}
}

func TestWhatIsNotTrueHasANeed(t *testing.T) {
	possible := map[metav1.ConditionStatus][]conditions.Need{
		metav1.ConditionTrue:    {conditions.None},
		metav1.ConditionUnknown: {conditions.Time}, // it may be right
		metav1.ConditionFalse:   {conditions.Time, conditions.Action},
		"":                      {conditions.Time, conditions.Action},
	}
	for _, r := range conditions.Reasons() {
		if !slices.Contains(possible[r.Status], r.Need) {
			t.Errorf("%s of %v is %s and needs %s", r.Name, r.Conditions, r.Status, r.Need)
		}
		if r.Status == "" && len(r.TrueOn) == 0 {
			t.Errorf("%s is on no condition", r.Name)
		}
	}
}

func TestAReasonMeansOneThingOfACondition(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range conditions.Reasons() {
		of := r.Conditions
		if of == nil {
			of = []string{"several"}
		}
		for _, condition := range of {
			if seen[r.Name+" of "+condition] {
				t.Errorf("%s of %s has two rows", r.Name, condition)
			}
			seen[r.Name+" of "+condition] = true
		}
	}
}
