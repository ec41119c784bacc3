package shop

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// refresh trusts nothing that is remembered when somebody asked for a look: content is read and the pods are asked anew.
func (r *Reconciler) refresh(ctx context.Context, s *scope) outcome.Outcome {
	if !s.status.Requested() {
		return outcome.Done()
	}
	refs, err := r.Gatherer.Refs(ctx, s.shop)
	if err != nil {
		return outcome.Retry(err)
	}
	r.Gatherer.Refresh(refs)
	r.Reports.AskNow(client.ObjectKeyFromObject(s.shop))
	return outcome.Done()
}
