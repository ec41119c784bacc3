package kit

import (
	"errors"
	"fmt"
)

// Exit codes of every command; docs/cli.md promises them to pipelines.
const (
	ExitFine    = 0 // done, or nothing is wrong
	ExitProblem = 1 // something is wrong, and the output says what; or the command refused to do harm
	ExitUnable  = 2 // wrong usage, no answer from the cluster, a file that cannot be read: nothing can be told
)

// ErrProblem ends a command whose output has already said what is wrong.
var ErrProblem = errors.New("problems were found")

// refusal is an error that means: the command could, and will not.
type refusal struct{ error }

// Refuse returns an error that ends a command with ExitProblem.
func Refuse(format string, args ...any) error { return refusal{fmt.Errorf(format, args...)} }

// ExitCode is what the process ends with after err.
func ExitCode(err error) int {
	if err == nil {
		return ExitFine
	}
	if _, refused := errors.AsType[refusal](err); refused || errors.Is(err, ErrProblem) {
		return ExitProblem
	}
	return ExitUnable
}

// Silent says that the output has told everything already.
func Silent(err error) bool { return err == nil || errors.Is(err, ErrProblem) }
