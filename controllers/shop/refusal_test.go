package shop

import (
	"errors"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

func TestAnObjectThatAQuotaKeepsOutIsTriedAgainAndNoOtherFailureIs(t *testing.T) {
	services := schema.GroupResource{Resource: "services"}
	full := apierrors.NewForbidden(services, "linden-page", errors.New("exceeded quota: objects, requested: services=1, used: services=2, limited: services=2"))
	if out := refusedOrFailed(full); out.Kind() != outcome.KindWait || out.Reason() != v1alpha1.ReasonQuotaExceeded {
		t.Errorf("%+v", out)
	}
	for _, err := range []error{apierrors.NewForbidden(services, "linden-page", errors.New("by RBAC")), errors.New("exceeded quota: timeout")} {
		if out := refusedOrFailed(err); out.Kind() != outcome.KindRetry {
			t.Errorf("%v: %+v", err, out)
		}
	}
}
