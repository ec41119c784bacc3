// Package verdict turns what the compiler found into the condition Accepted, in the same words for all kinds. It
// compiles nothing and writes nothing.
package verdict

import (
	"fmt"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle/compile"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// LookAgain is how often something that is named and missing is looked for, as long as outcome.Patience lasts; afterwards
// it is looked for each time that is over.
const LookAgain = 10 * time.Second

// maxProblems bounds a message; the rest is counted.
const maxProblems = 10

// Problems is the reason and the message of what a commit can mend. There must be at least one.
func Problems(problems []compile.Problem) (reason, message string) {
	lines := make([]string, 0, len(problems))
	for _, p := range problems[:min(len(problems), maxProblems)] {
		lines = append(lines, p.Error())
	}
	if more := len(problems) - maxProblems; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return reasonOf(problems[0]), strings.Join(lines, "; ")
}

func reasonOf(p compile.Problem) string {
	switch {
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

// Missing is the message about what is named and does not exist, and the outcome: waiting while it may still come,
// stalled when it has been missing since longer than outcome.Patience.
func Missing(missing []compile.Ref, since, now time.Time) (string, outcome.Outcome) {
	names := make([]string, 0, len(missing))
	for _, ref := range missing {
		names = append(names, ref.String())
	}
	message := "does not exist: " + strings.Join(names, ", ")
	if now.Sub(since) < outcome.Patience {
		return message, outcome.Wait(LookAgain, v1alpha1.ReasonMissingReference, message)
	}
	return message, outcome.Stalled(v1alpha1.ReasonMissingReference, message).LookAfter(outcome.Patience)
}

// Valid is the message about input that is right, naming what this version keeps and does not act upon.
func Valid(notYetActive []string) string {
	if len(notYetActive) == 0 {
		return "the input is valid"
	}
	return "the input is valid; NotYetActive, kept and not acted on by this version: " + strings.Join(notYetActive, ", ")
}
