package rollouthealth

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/text"
)

// maxQuote bounds what is quoted of a refusal, in bytes.
const maxQuote = 400

// Refusal is why the namespace takes no pod of a Deployment, in the API server's words. Its zero value is none.
type Refusal struct{ Reason, Quote string }

// refusalOf reads the condition that the Deployment's controller keeps while its pods are refused; it goes by itself
// when one is let in.
func refusalOf(d *appsv1.Deployment) Refusal {
	if c := condition(d, appsv1.DeploymentReplicaFailure); c != nil && c.Status == corev1.ConditionTrue {
		return Refusal{reasonOf(c.Message), quoteOf(c.Message)}
	}
	return Refusal{}
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
	return text.Truncate(message, maxQuote)
}

// Message returns the refusal in words for the Shop's owner.
func (r Refusal) Message() string {
	what := map[string]string{
		v1alpha1.ReasonQuotaExceeded:         "a ResourceQuota of the namespace leaves no room for the pods",
		v1alpha1.ReasonPriorityClassNotFound: "spec.scheduling.priorityClassName names a PriorityClass that does not exist",
	}[r.Reason]
	if what == "" {
		what = "the namespace does not admit the pods"
	}
	return what + ": " + r.Quote
}

// OutOfQuota reports whether an object was kept out by a quota on the number of such objects.
func OutOfQuota(err error) bool {
	return apierrors.IsForbidden(err) && reasonOf(err.Error()) == v1alpha1.ReasonQuotaExceeded
}
