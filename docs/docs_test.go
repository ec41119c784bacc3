package docs_test

import (
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/docs"
)

func TestTheNextStepIsTheOneOfTheCondition(t *testing.T) {
	for _, c := range []struct{ condition, reason, says string }{
		{v1alpha1.ConditionDomainReady, v1alpha1.ReasonDNSRecordMissing, "status.dns.records"},
		{v1alpha1.ConditionEventsFlowing, v1alpha1.ReasonSignaturesRejected, "Give the provider the current secret"},
		{v1alpha1.ConditionOrdersFlowing, v1alpha1.ReasonSignaturesRejected, "Give the provider the current secret"},
		{v1alpha1.ConditionAccepted, v1alpha1.ReasonMissingReference, "Create what the message names"}, // shared
	} {
		advice, ok := docs.Advise(c.condition, c.reason)
		if !ok || !strings.Contains(advice.Next, c.says) || advice.Meaning == "" {
			t.Errorf("%s %s: %+v (%t), want the next step to say %q", c.condition, c.reason, advice, ok, c.says)
		}
	}
	if advice, ok := docs.Advise(v1alpha1.ConditionReady, "Nonsense"); ok {
		t.Errorf("there is advice for nonsense: %+v", advice)
	}
}
