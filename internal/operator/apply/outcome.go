package apply

import (
	"errors"
	"time"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// foreignRetry is when an object whose name is taken is tried again: no watch covers what is not the operator's.
const foreignRetry = time.Minute

// OutcomeOf returns what comes of an error of Apply. A Wait concerns that object alone, and others can be applied.
func OutcomeOf(err error) outcome.Outcome {
	if foreign, ok := errors.AsType[*Foreign](err); ok {
		return outcome.Stalled(v1alpha1.ReasonNameTaken, foreign.Error()).LookAfter(foreignRetry)
	}
	if being, ok := errors.AsType[*BeingDeleted](err); ok {
		return outcome.Await(outcome.MissingTimeout, v1alpha1.ReasonObjectBeingDeleted, being.Error())
	}
	if contested, ok := errors.AsType[*Contested](err); ok {
		return outcome.Await(contested.Retry, v1alpha1.ReasonFieldContested, contested.Error())
	}
	return outcome.Retry(err)
}
