package shop

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle/compile"
	"github.com/wismo-dev/wismo/internal/operator/gather"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/verdict"
)

// bundles remembers what the last input of each Shop compiled to, problems included, so that a look at its pods does not render every template again.
type bundles struct {
	mu    sync.Mutex
	known map[types.NamespacedName]compiled
}

type compiled struct {
	fingerprint string
	output      compile.Output
}

func (b *bundles) of(shop types.NamespacedName, gathered gather.Gathered) (compile.Output, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c, ok := b.known[shop]
	return c.output, ok && c.fingerprint == gathered.Fingerprint
}

func (b *bundles) keep(shop types.NamespacedName, gathered gather.Gathered, output compile.Output) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known == nil {
		b.known = map[types.NamespacedName]compiled{}
	}
	b.known[shop] = compiled{gathered.Fingerprint, output}
}

func (b *bundles) forget(shop types.NamespacedName) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.known, shop)
}

// compile makes the bundle. An invalid input leaves the last good bundle running, because nothing is applied after it.
func (r *Reconciler) compile(ctx context.Context, s *scope) outcome.Outcome {
	gathered, err := r.Gatherer.Shop(ctx, s.shop, s.now)
	if err != nil {
		return outcome.Retry(err)
	}
	key := client.ObjectKeyFromObject(s.shop)
	output, known := r.bundles.of(key, gathered)
	if !known {
		output = compile.Compile(gathered.Input)
		r.bundles.keep(key, gathered, output)
	}
	out := accept(s, output)
	if s.wanted = output.Keys; out.Stops() {
		out = out.And(r.tendKeys(ctx, s))
	} else {
		s.output = output
	}
	return out.LookAfter(gathered.LookAfter)
}

// accept states the condition Accepted.
func accept(s *scope, output compile.Output) outcome.Outcome {
	if len(output.Problems) > 0 {
		reason, message := verdict.Problems(output.Problems)
		s.status.False(v1alpha1.ConditionAccepted, reason, message)
		return outcome.Stalled(reason, message)
	}
	if len(output.Missing) > 0 {
		since := s.status.Since(v1alpha1.ConditionAccepted, v1alpha1.ReasonMissingReference)
		message, out := verdict.Missing(output.Missing, since, s.now)
		s.status.False(v1alpha1.ConditionAccepted, v1alpha1.ReasonMissingReference, message)
		return out
	}
	s.status.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonValid, verdict.Valid(output.NotYetActive))
	return outcome.Done()
}
