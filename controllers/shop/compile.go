package shop

import (
	"context"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/verdict"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// compiled is what the last input of a Shop compiled to, problems included: it is remembered, so that a look at its pods
// does not render every template again.
type compiled struct {
	fingerprint string
	output      compile.Output
}

// Bytes is about what it weighs: what users bring can be large, the rest is not.
func (c compiled) Bytes() int {
	const itself = 6 << 10
	total := itself + len(c.output.Data)
	document := c.output.Document
	if document == nil {
		return total
	}
	if document.Theme.Logo != nil {
		total += len(document.Theme.Logo.Data)
	}
	for _, texts := range document.Texts {
		for key, text := range texts {
			total += len(key) + len(text)
		}
	}
	for _, block := range document.Blocks {
		total += len(block)
	}
	for _, source := range document.Sources {
		total += len(source.Document)
	}
	return total
}

// compile makes the bundle. An invalid input leaves the last good bundle running, because nothing is applied after it.
func (r *Reconciler) compile(ctx context.Context, s *scope) outcome.Outcome {
	gathered, output, err := r.fit(ctx, s)
	if err != nil {
		return outcome.Retry(err)
	}
	out := accept(s, output)
	if s.wanted = output.Keys; output.Document == nil {
		out = out.And(r.tendKeys(ctx, s))
	} else {
		s.output = output
	}
	return out.LookAfter(gathered.LookAfter)
}

// accept states the condition Accepted.
func accept(s *scope, output compile.Output) outcome.Outcome {
	if s.comesTo(output) {
		message := verdict.Awaiting(output.Problems)
		s.status.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonValid, message)
		return s.status.AsBefore(v1alpha1.ReasonReleaseTooOld, message)
	}
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

// comesTo says that the Shop comes to a release by itself that does what is asked for. One that runs nothing yet begins
// there.
func (s *scope) comesTo(output compile.Output) bool {
	stays := []rollout.Reason{rollout.PinnedTo, rollout.HeldBack, rollout.PinUnknown}
	if !verdict.Later(output.Problems) || s.edition.Name == s.assignment.Latest || slices.Contains(stays, s.assignment.Step.Reason) {
		return false
	}
	s.tooOld = s.edition.Name
	return true
}

// inTheWay is what keeps the Shop from being compiled, in one line.
func inTheWay(output compile.Output) string {
	if len(output.Problems) > 0 {
		_, message := verdict.Problems(output.Problems)
		return message
	}
	message, _ := verdict.Missing(output.Missing, time.Time{}, time.Time{})
	return message
}
