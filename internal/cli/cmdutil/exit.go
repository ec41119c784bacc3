package cmdutil

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// Exit codes of every command; docs/cli.md promises them to pipelines.
const (
	ExitFine    = 0 // success, or no problem was found
	ExitProblem = 1 // a problem was found and printed, or the command refused to do damage
	ExitUnable  = 2 // wrong usage, no answer from the cluster, or an unreadable file: the result is unknown
)

// ErrProblem ends a command whose output has already named the problem.
var ErrProblem = errors.New("problems were found")

// refusal is an error of a command that could act and will not.
type refusal struct{ error }

// Refuse returns an error that ends a command with ExitProblem.
func Refuse(format string, args ...any) error { return refusal{fmt.Errorf(format, args...)} }

// usageError is an error in the flags or arguments of a command.
type usageError struct{ error }

// IsUsage reports whether err is about the flags or arguments, so that the help answers it.
func IsUsage(err error) bool {
	_, ok := errors.AsType[usageError](err)
	return ok
}

// MarkUsage makes the errors of flags and arguments of cmd and all commands below it recognisable to IsUsage.
func MarkUsage(cmd *cobra.Command) {
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		}
	}
	for _, child := range cmd.Commands() {
		MarkUsage(child)
	}
}

// NoCommand is the Args of a command that only groups others. It suggests the commands that the argument may have meant.
func NoCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("unknown command %q for %q", args[0], cmd.CommandPath())
	cmd.SuggestionsMinimumDistance = 2 // cobra's own default, which it sets for the root command alone
	for i, name := range cmd.SuggestionsFor(args[0]) {
		if i == 0 {
			text += "\n\nDid you mean this?"
		}
		text += "\n\t" + name
	}
	return errors.New(text)
}

// ExitCode returns the exit code of the process for err.
func ExitCode(err error) int {
	if err == nil {
		return ExitFine
	}
	if _, refused := errors.AsType[refusal](err); refused || errors.Is(err, ErrProblem) {
		return ExitProblem
	}
	return ExitUnable
}

// Silent reports whether the output has said everything, so that err need not be printed.
func Silent(err error) bool { return err == nil || errors.Is(err, ErrProblem) }
