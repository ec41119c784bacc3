package release

import (
	"context"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/cli/kit"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// follower follows the latest release until it comes to rest.
type follower struct {
	where
	patience
	output *kit.Output
	wanted rollout.State // where it is to come to rest; empty = everywhere
}

// follow says how the release goes on. The last word is that of the exit code.
func follow(ctx context.Context, k *kit.Kit, c client.Client, f follower) error {
	var last Status
	before := ""
	late, err := f.repeat(ctx, func(ctx context.Context) (bool, error) {
		s, st, err := look(ctx, c, f.namespace)
		if err != nil {
			return false, err
		}
		last = st
		if text := f.picture(k, st); text != before && !f.structured() {
			k.Printf("%s", text)
			before = text
		}
		return f.over(s, st), nil
	})
	switch {
	case err != nil:
		return err
	case late:
		return kit.Refuse("%s is still %s after %s: %s", last.Release, last.State, f.timeout, progress(last))
	case f.structured():
		if err := f.output.Print(k.Out, last); err != nil {
			return err
		}
	}
	if last.stopped() && rollout.State(last.State) != f.wanted {
		return kit.ErrProblem
	}
	return nil
}

func (f follower) structured() bool { return f.output != nil && f.output.Structured() }

// picture is the whole status on a terminal, drawn over the one before, and a line elsewhere.
func (f follower) picture(k *kit.Kit, st Status) string {
	p := &printer{paint: k.Painter(), now: k.Now()}
	if bool(p.paint) {
		p.status(st, false)
		return "\x1b[H\x1b[2J" + p.String()
	}
	line := st.Release + " " + st.State
	if st.Wave != "" {
		line += " " + st.Wave
	}
	p.line("%s: %s", line, progress(st))
	return p.String()
}

// over says whether there is nothing more to wait for.
func (f follower) over(s *shelf, st Status) bool {
	if f.wanted == rollout.StatePaused && st.State == string(rollout.StatePaused) {
		return s.published["release"] == st.Release && s.published["updating"] == "0"
	}
	return atRest(s, st)
}

// atRest says whether nothing more happens by itself: it is everywhere, it was stopped, or it waits for an approval. What
// the operator has published before it knew of the last wish is no rest.
func atRest(s *shelf, st Status) bool {
	r := s.latest()
	if !decided(r) || s.published["release"] != st.Release {
		return false
	}
	switch rollout.State(st.State) {
	case rollout.StateSucceeded:
		return r.latched.Succeeded && st.Halt == nil
	case rollout.StateHalted, rollout.StateRolledBack:
		return st.Halt != nil
	case rollout.StateWaitingForApproval:
		return st.Halt == nil && !slices.Contains(r.approved, st.Wave)
	case rollout.StateUnusable:
		return true
	default:
		return false
	}
}

// decided says whether the operator has latched what people asked for last.
func decided(r *revision) bool {
	if r.latched.Attempt != r.attempt {
		return false
	}
	halt := r.latched.Halt
	return r.rollbackFor <= r.attempt || (halt != nil && halt.Reason == rollout.RollbackRequested)
}
