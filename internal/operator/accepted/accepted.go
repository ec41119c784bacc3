// Package accepted turns what the compiler found into the conditions Accepted and FieldsInactive, alike for all kinds. It compiles
// nothing.
package accepted

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

// LookAgain is how often something that is named and missing is looked for, as long as outcome.Patience lasts; afterwards
// it is looked for each time that is over.
const LookAgain = 10 * time.Second

// maxProblems bounds a message; the rest is counted.
const maxProblems = 10

// Problems returns the reason and the message of problems that an edit can fix. There must be at least one.
func Problems(problems []compile.Problem) (reason, message string) {
	lines := make([]string, 0, len(problems))
	for _, p := range problems[:min(len(problems), maxProblems)] {
		lines = append(lines, p.Error())
	}
	if more := len(problems) - maxProblems; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return reasonOf(problems), strings.Join(lines, "; ")
}

// Later reports whether a later release solves all of the problems.
func Later(problems []compile.Problem) bool {
	return len(problems) > 0 && !slices.ContainsFunc(problems, func(p compile.Problem) bool { return !p.Later })
}

// Awaiting returns the message about input that is right, for a Shop that comes to a later release by itself.
func Awaiting(problems []compile.Problem) string {
	fields := make([]string, 0, len(problems))
	for _, p := range problems[:min(len(problems), maxProblems)] {
		field := p.Path
		if p.Object != compile.ShopObject {
			field = p.Object + " " + p.Path
		}
		fields = append(fields, field)
	}
	return "the spec is valid; the last bundle stays in use until the Shop moves to a later release, because the Shop's release does not support " + strings.Join(fields, ", ")
}

// reasonOf returns about the first problem that a later release does not solve.
func reasonOf(problems []compile.Problem) string {
	i := slices.IndexFunc(problems, func(p compile.Problem) bool { return !p.Later })
	if i < 0 {
		return v1alpha1.ReasonReleaseTooOld
	}
	switch p := problems[i]; {
	case strings.HasPrefix(p.Object, compile.PolicyKind+"/"):
		return v1alpha1.ReasonInvalidPolicy
	case strings.Contains(p.Path, ".intake"):
		return v1alpha1.ReasonUnsupportedIntake
	case strings.Contains(p.Path, ".definition"):
		return v1alpha1.ReasonInvalidDefinition
	case strings.HasPrefix(p.Path, "spec.templates"):
		return v1alpha1.ReasonInvalidTemplate
	case p.Path == "spec":
		return v1alpha1.ReasonBundleTooLarge
	default:
		return v1alpha1.ReasonInvalidSpec
	}
}

// Missing returns the message about what is named and does not exist, and the outcome: waiting while it may still come,
// stalled when it has been missing since longer than outcome.Patience.
func Missing(missing []compile.Ref, since, now time.Time) (string, outcome.Outcome) {
	names := make([]string, 0, len(missing))
	for _, ref := range missing {
		names = append(names, ref.String())
	}
	message := "referenced but not found: " + strings.Join(names, ", ")
	if now.Sub(since) < outcome.MissingTimeout {
		return message, outcome.Wait(LookAgain, v1alpha1.ReasonMissingReference, message)
	}
	return message, outcome.Stalled(v1alpha1.ReasonMissingReference, message).LookAfter(outcome.MissingTimeout)
}

// Valid is the message about input that is right.
const Valid = "the spec is valid"

// StateInactive states FieldsInactive: the fields that this version, or the Shop's release, stores and does not act on.
func StateInactive(w *status.Writer, fields []string) {
	if len(fields) == 0 {
		w.Absent(v1alpha1.ConditionFieldsInactive)
		return
	}
	w.True(v1alpha1.ConditionFieldsInactive, v1alpha1.ReasonNotActedOn, "stored and not acted on by this version or by the Shop's release: "+strings.Join(fields, ", "))
}
