package release

import (
	"errors"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

// Results of a command that changes something.
const (
	Done      = "Done"
	Unchanged = "Unchanged" // the state was as requested already
	Refused   = "Refused"   // message explains it
)

// Results of --wait.
const (
	Settled  = "Settled"  // the request is complete, or the release waits for an approval
	Stopped  = "Stopped"  // the release was stopped, or has problems
	TimedOut = "TimedOut" // neither within --timeout
)

// Scopes of a command.
const (
	ScopeFleet = "Fleet" // all Shops that follow the releases
	ScopeWaves = "Waves"
	ScopeShop  = "Shop"
)

// Outcome is the request and the result of a command that changes something, as JSON and YAML show it.
type Outcome struct {
	Action   string  `json:"action"` // the name of the command
	Result   string  `json:"result"`
	DryRun   string  `json:"dryRun"`            // none, client or server; nothing was changed unless it is none
	Release  string  `json:"release,omitempty"` // the latest release, or the one of the pin
	BackTo   string  `json:"backTo,omitempty"`  // the release to which a rollback leads
	Concerns Concern `json:"concerns"`
	Sets     *Field  `json:"sets,omitempty"` // the field that requests the change
	Message  string  `json:"message"`
	Commit   string  `json:"commit,omitempty"` // YAML to commit, if a pipeline owns the field and would revert the change
	Waited   string  `json:"waited,omitempty"` // the result of --wait; none if it was interrupted
	Status   *Status `json:"status,omitempty"` // with --wait: the last state of the latest release
	Shop     *Shop   `json:"shop,omitempty"`   // with --wait: the last state of the Shop
}

// Concern is the scope of a command.
type Concern struct {
	Scope string   `json:"scope"`
	Waves []string `json:"waves,omitempty"`
	Shop  string   `json:"shop,omitempty"` // namespace/name
}

// Field is a field of an object with the requested value.
type Field struct {
	Object string `json:"object"` // kind/name
	Path   string `json:"path"`
	Value  any    `json:"value"` // null = to be removed
}

// reporter prints the outcome of a command that changes something: as text while it runs, or as one document at its end.
type reporter struct {
	Outcome
	env      *cmdutil.Env
	progress *cmdutil.Env // for text while the command runs
	output   *cmdutil.Output
}

func newReporter(env *cmdutil.Env, output *cmdutil.Output, begun Outcome) *reporter {
	a := &reporter{Outcome: begun, env: env, progress: env, output: output}
	if output.Structured() {
		a.progress = env.ToStderr()
	}
	return a
}

// done records the result, and prints it as text.
func (a *reporter) done(subject, result, message, suffix string) {
	a.Result, a.Message = result, message
	if !a.output.Structured() {
		a.env.Printf("%s: %s%s\n", subject, message, suffix)
	}
}

// waited records the result of --wait.
func (a *reporter) waited(err error) error {
	switch {
	case err == nil:
		a.Waited = Settled
	case errors.Is(err, cmdutil.ErrProblem):
		a.Waited = Stopped
	case cmdutil.ExitCode(err) == cmdutil.ExitProblem:
		a.Waited = TimedOut
	}
	return err
}

// close returns the error of the command, and prints the document unless the result is unknown.
func (a *reporter) close(err error) error {
	if !a.output.Structured() {
		return err
	}
	if a.Result == "" {
		if cmdutil.ExitCode(err) != cmdutil.ExitProblem {
			return err
		}
		a.Result = Refused
	}
	if a.Result == Refused && a.Message == "" {
		a.Message = err.Error()
	}
	return errors.Join(a.output.Print(a.env.Out, a.Outcome), err)
}
