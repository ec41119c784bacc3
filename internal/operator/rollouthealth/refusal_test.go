package rollouthealth

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

func TestARefusalIsToldApartAndQuotedWithoutThePodsName(t *testing.T) {
	for message, want := range map[string]Refusal{
		`pods "linden-page-5d4f-x7k2p" is forbidden: exceeded quota: compute, requested: limits.memory=96Mi, used: limits.memory=96Mi, limited: limits.memory=128Mi`: {
			v1alpha1.ReasonQuotaExceeded, "exceeded quota: compute, requested: limits.memory=96Mi, used: limits.memory=96Mi, limited: limits.memory=128Mi"},
		`pods "linden-page-5d4f-x7k2p" is forbidden: failed quota: compute: must specify limits.cpu for: page`: {
			v1alpha1.ReasonQuotaExceeded, "failed quota: compute: must specify limits.cpu for: page"},
		`pods "linden-page-5d4f-x7k2p" is forbidden: no PriorityClass with name shops was found`: {
			v1alpha1.ReasonPriorityClassNotFound, "no PriorityClass with name shops was found"},
		`pods "linden-page-5d4f-x7k2p" is forbidden: maximum memory usage per Container is 64Mi, but limit is 96Mi`: {
			v1alpha1.ReasonPodsForbidden, "maximum memory usage per Container is 64Mi, but limit is 96Mi"},
		`admission webhook "images.example" denied the request: not signed`: {
			v1alpha1.ReasonPodsForbidden, `admission webhook "images.example" denied the request: not signed`},
	} {
		d := &appsv1.Deployment{Status: appsv1.DeploymentStatus{Conditions: []appsv1.DeploymentCondition{
			{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate", Message: message},
		}}}
		if got := refusalOf(d); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", message, got, want)
		}
		d.Status.Conditions[0].Status = corev1.ConditionFalse
		if got := refusalOf(d); got != (Refusal{}) {
			t.Errorf("a refusal that is over: %+v", got)
		}
	}
}

func TestALongRefusalIsCut(t *testing.T) {
	if got := quoteOf(strings.Repeat("é", maxQuote)); len(got) > maxQuote+len("...") || !strings.HasSuffix(got, "...") {
		t.Errorf("%d bytes", len(got))
	}
}
