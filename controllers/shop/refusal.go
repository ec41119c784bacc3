package shop

import (
	"time"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/rollouthealth"
)

// quotaRetry is when an object that a quota kept out is tried again: no watch tells of a raised quota.
const quotaRetry = 15 * time.Second

// refusedOrFailed is what comes of an object that could not be applied. A quota is waited for, and what was applied before
// serves on.
func refusedOrFailed(err error) outcome.Outcome {
	if rollouthealth.OutOfQuota(err) {
		return outcome.Await(quotaRetry, v1alpha1.ReasonQuotaExceeded, "a quota of the namespace leaves no room: "+err.Error())
	}
	return outcome.Retry(err)
}
