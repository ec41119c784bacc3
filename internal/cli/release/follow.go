package release

import (
	"context"
	"slices"
	"strconv"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// follower follows the latest release until nothing more happens by itself.
type follower struct {
	operatorNamespaceFlag
	waiting
	wanted rollout.State // a stopped state that counts as success; empty = none
	paused rollout.Pause // if set, follow only until this pause is in force
}

// follow prints each change of the release's state, and returns the last state. Its error sets the exit code.
func follow(ctx context.Context, env *cmdutil.Env, c client.Client, f follower) (Status, error) {
	var last Status
	var s *releases
	before := ""
	late, err := f.repeat(ctx, func(ctx context.Context) (bool, error) {
		now, st, err := look(ctx, c, f.namespace)
		if err != nil {
			return false, err
		}
		s, last = now, st
		if text := screen(env, st); text != before {
			env.Printf("%s", text)
			before = text
		}
		return f.over(s, st), nil
	})
	switch {
	case err != nil:
		return last, err
	case late:
		return last, cmdutil.Refuse("%s is still %s after %s: %s", last.Release, last.State, f.timeout, progress(last))
	case f.paused != rollout.NotPaused:
		env.Printf("%s: no further Shop starts to move%s\n", last.Release, underWay(s, last))
		return last, nil
	}
	if last.stopped() && rollout.State(last.State) != f.wanted {
		return last, cmdutil.ErrProblem
	}
	return last, nil
}

// screen returns the whole status with a code that clears the terminal first, and elsewhere one line.
func screen(env *cmdutil.Env, st Status) string {
	p := &printer{paint: env.Painter(), now: env.Now()}
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

// over reports whether there is nothing more to wait for.
func (f follower) over(s *releases, st Status) bool {
	if f.paused != rollout.NotPaused {
		return f.inForce(s, st)
	}
	return settled(s, st)
}

// inForce reports whether the operator has applied the pause and, unless it also pauses rollbacks, whether the Shops that
// were moving have arrived. A paused rollback keeps Shops that do not serve where they are, so it does not wait for them.
func (f follower) inForce(s *releases, st Status) bool {
	heard := rollout.Pause(s.published["paused"])
	if s.published["release"] != st.Release || (heard != f.paused && heard != rollout.PausedAll) {
		return false
	}
	return f.paused == rollout.PausedAll || s.published["updating"] == "0"
}

// underWay returns a note on the Shops that had started to move before; "" if there are none.
func underWay(s *releases, st Status) string {
	n, _ := strconv.Atoi(s.published["updating"]) // 0 if it is missing
	for _, shop := range st.Shops {
		if shop.Reason == v1alpha1.ReasonRollingBack && shop.Target != st.Release {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return "; still moving: " + cmdutil.Count(n, "Shop")
}

// settled reports whether nothing more happens by itself: the release is everywhere, was stopped, or waits for an approval.
// It ignores what the operator published before it saw the last request.
func settled(s *releases, st Status) bool {
	r := s.latest()
	if !decided(r) || s.published["release"] != st.Release {
		return false
	}
	switch rollout.State(st.State) {
	case rollout.StateSucceeded:
		return r.progress.Succeeded && st.Halt == nil
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

// decided reports whether the operator has recorded the last request.
func decided(r *storedRelease) bool {
	if r.progress.Attempt != r.attempt {
		return false
	}
	halt := r.progress.Halt
	return r.rollbackFor <= r.attempt || (halt != nil && halt.Reason == rollout.RollbackRequested)
}
