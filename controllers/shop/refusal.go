package shop

import (
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// quotaRetry is when an object that a quota kept out is tried again: no watch tells of a raised quota.
const quotaRetry = 15 * time.Second

// maxQuote bounds what is quoted of a refusal, in bytes.
const maxQuote = 400

// refusal is why the namespace takes no pod of a Deployment, in the API server's words. Its zero value is none.
type refusal struct{ reason, quote string }

// refusalOf reads the condition that the Deployment's controller keeps while its pods are refused; it goes by itself
// when one is let in.
func refusalOf(d *appsv1.Deployment) refusal {
	for _, c := range d.Status.Conditions {
		if c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue {
			return refusal{reasonOf(c.Message), quoteOf(c.Message)}
		}
	}
	return refusal{}
}

// reasonOf tells apart what needs different next steps. The words are those of the admission plugins ResourceQuota and
// Priority, which have no code for it.
func reasonOf(message string) string {
	switch {
	case strings.Contains(message, "exceeded quota:") || strings.Contains(message, "failed quota:"):
		return v1alpha1.ReasonQuotaExceeded
	case strings.Contains(message, "no PriorityClass with name"):
		return v1alpha1.ReasonPriorityClassNotFound
	default:
		return v1alpha1.ReasonPodsForbidden
	}
}

// quoteOf leaves out the pod's name, which is another one at each attempt.
func quoteOf(message string) string {
	if _, why, found := strings.Cut(message, " is forbidden: "); found {
		message = why
	}
	if len(message) > maxQuote {
		message = strings.ToValidUTF8(message[:maxQuote], "") + "..."
	}
	return message
}

// told is the refusal in words for the Shop's owner.
func (r refusal) told() string {
	what := map[string]string{
		v1alpha1.ReasonQuotaExceeded:         "a quota of the namespace leaves no room for the pods",
		v1alpha1.ReasonPriorityClassNotFound: "spec.scheduling.priorityClassName names no PriorityClass of this cluster",
	}[r.reason]
	if what == "" {
		what = "the namespace does not take the pods"
	}
	return what + ": " + r.quote
}

// outOfQuota says that an object was kept out by a quota on the number of such objects.
func outOfQuota(err error) bool {
	return apierrors.IsForbidden(err) && reasonOf(err.Error()) == v1alpha1.ReasonQuotaExceeded
}

// refusedOrFailed is what comes of an object that could not be applied.
func refusedOrFailed(err error) outcome.Outcome {
	if outOfQuota(err) {
		return awaitQuota(err)
	}
	return outcome.Retry(err)
}

// awaitQuota waits for the quota to be raised. What was applied before serves on.
func awaitQuota(err error) outcome.Outcome {
	return outcome.Await(quotaRetry, v1alpha1.ReasonQuotaExceeded, "a quota of the namespace leaves no room: "+err.Error())
}
