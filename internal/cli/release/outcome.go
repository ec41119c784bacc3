package release

import (
	"errors"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

// Results of a command that changes something.
const (
	Done      = "Done"
	Unchanged = "Unchanged" // it was so already
	Refused   = "Refused"   // message says why
)

// How a command ended that followed what it began.
const (
	Settled  = "Settled"  // what was asked has come about, or a person has to say how it goes on
	Stopped  = "Stopped"  // the release was stopped, or has problems
	TimedOut = "TimedOut" // neither, within --timeout
)

// Whom a command concerns.
const (
	ScopeFleet = "Fleet" // all Shops that follow the releases
	ScopeWaves = "Waves"
	ScopeShop  = "Shop"
)

// Outcome is what a command that changes something was asked, and what came of it.
type Outcome struct {
	Action   string  `json:"action"` // the name of the command
	Result   string  `json:"result"`
	DryRun   string  `json:"dryRun"`            // none, client or server: with any but none nothing was changed
	Release  string  `json:"release,omitempty"` // that it is about
	BackTo   string  `json:"backTo,omitempty"`  // of a rollback: the release to which it leads
	Concerns Concern `json:"concerns"`
	Sets     *Field  `json:"sets,omitempty"` // what was asked for, as a field; none where there is nothing to ask for
	Message  string  `json:"message"`
	Commit   string  `json:"commit,omitempty"` // YAML, where a pipeline owns the field and would take the change back
	Waited   string  `json:"waited,omitempty"` // with --wait: how that ended; none if it was interrupted
	Status   *Status `json:"status,omitempty"` // with --wait: how the latest release stood then
	Shop     *Shop   `json:"shop,omitempty"`   // the same of the one Shop that it concerns
}

// Concern is whom a command concerns.
type Concern struct {
	Scope string   `json:"scope"`
	Waves []string `json:"waves,omitempty"`
	Shop  string   `json:"shop,omitempty"` // namespace/name
}

// Field is one field of an object as it is to be.
type Field struct {
	Object string `json:"object"` // kind/name
	Path   string `json:"path"`
	Value  any    `json:"value"` // null = it is to be taken away
}

// account is what a command that changes something tells: people as it goes on, a machine at its end.
type account struct {
	Outcome
	env    *cmdutil.Env
	people *cmdutil.Env // where people read how it goes on
	output *cmdutil.Output
}

func newAccount(env *cmdutil.Env, output *cmdutil.Output, begun Outcome) *account {
	a := &account{Outcome: begun, env: env, people: env, output: output}
	if output.Structured() {
		a.people = env.ToStderr()
	}
	return a
}

// done notes what was done about the subject, or that it was so already, and says it.
func (a *account) done(subject, result, message, suffix string) {
	a.Result, a.Message = result, message
	if !a.output.Structured() {
		a.env.Printf("%s: %s%s\n", subject, message, suffix)
	}
}

// waited notes how following ended.
func (a *account) waited(err error) error {
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

// close ends the command as err says, and tells a machine what came of it, unless nothing did.
func (a *account) close(err error) error {
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
