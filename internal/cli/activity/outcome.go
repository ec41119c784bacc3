package activity

import (
	"errors"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

// Results of the command for one Shop.
const (
	Done      = "Done"
	Unchanged = "Unchanged" // the annotation was as requested already
	Refused   = "Refused"   // message explains it
	Failed    = "Failed"    // message has the error
)

// Results of --wait.
const (
	InForce  = "InForce"  // every running notifier reports the activity
	TimedOut = "TimedOut" // not within --timeout
	Unknown  = "Unknown"  // the cluster did not answer
)

// Outcome is what a command did, as JSON and YAML show it.
type Outcome struct {
	Action string `json:"action"` // the name of the command
	DryRun string `json:"dryRun"` // none, client or server; nothing was changed unless it is none
	Waited string `json:"waited,omitempty"`
	Shops  []Shop `json:"shops"`
}

// Shop is what became of one Shop.
type Shop struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Result    string `json:"result"`
	Activity  string `json:"activity"`          // that spec and annotation ask for together
	InForce   string `json:"inForce,omitempty"` // that every running notifier reports; none = it is not known, or no notifier runs
	Message   string `json:"message"`

	hasPods bool
}

func (s Shop) ended(result, message string) Shop {
	s.Result, s.Message = result, message
	return s
}

func inForce(shop *v1alpha1.Shop) string {
	if shop.Status.Effective == nil {
		return ""
	}
	return string(shop.Status.Effective.Activity)
}

// hasPods reports whether the Shop has ever run a release.
func hasPods(shop *v1alpha1.Shop) bool {
	return shop.Status.Release != nil && shop.Status.Release.Current != ""
}

// reporter prints the outcome: as text while the command runs, or as one document at its end.
type reporter struct {
	Outcome
	env      *cmdutil.Env
	progress *cmdutil.Env // for text while the command runs
	output   *cmdutil.Output
	unknown  error // why the result of --wait is not known
}

func newReporter(env *cmdutil.Env, output *cmdutil.Output, begun Outcome) *reporter {
	r := &reporter{Outcome: begun, env: env, progress: env, output: output}
	if output.Structured() {
		r.progress = env.ToStderr()
	}
	return r
}

// add records and prints what became of a Shop.
func (r *reporter) add(s Shop) {
	r.Shops = append(r.Shops, s)
	if !r.output.Structured() {
		r.env.Printf("%s/%s: %s%s\n", s.Namespace, s.Name, s.Message, cmdutil.DryRun(r.DryRun).Suffix())
	}
}

// close prints the document, and returns the error that sets the exit code.
func (r *reporter) close() error {
	var err error
	for _, s := range r.Shops {
		switch {
		case s.Result == Failed:
			err = errors.New("at least one Shop could not be changed: see its line")
		case s.Result == Refused && err == nil:
			err = cmdutil.ErrProblem
		}
	}
	if r.Waited == TimedOut && err == nil {
		err = cmdutil.ErrProblem
	}
	if r.unknown != nil {
		err = r.unknown
	}
	if r.output.Structured() {
		return errors.Join(r.output.Print(r.env.Out, r.Outcome), err)
	}
	return err
}
