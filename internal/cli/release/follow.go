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

// follower follows the latest release until it comes to rest.
type follower struct {
	where
	patience
	wanted rollout.State // where it is to come to rest; empty = everywhere
	paused rollout.Pause // follow until this is in force instead; NotPaused = until it comes to rest
}

// follow says how the release goes on, and returns how it stood at last. The last word is that of the exit code.
func follow(ctx context.Context, env *cmdutil.Env, c client.Client, f follower) (Status, error) {
	var last Status
	var s *shelf
	before := ""
	late, err := f.repeat(ctx, func(ctx context.Context) (bool, error) {
		now, st, err := look(ctx, c, f.namespace)
		if err != nil {
			return false, err
		}
		s, last = now, st
		if text := picture(env, st); text != before {
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
		env.Printf("%s: nothing begins any more%s\n", last.Release, underWay(s, last))
		return last, nil
	}
	if last.stopped() && rollout.State(last.State) != f.wanted {
		return last, cmdutil.ErrProblem
	}
	return last, nil
}

// picture is the whole status on a terminal, drawn over the one before, and a line elsewhere.
func picture(env *cmdutil.Env, st Status) string {
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

// over says whether there is nothing more to wait for.
func (f follower) over(s *shelf, st Status) bool {
	if f.paused != rollout.NotPaused {
		return f.inForce(s, st)
	}
	return atRest(s, st)
}

// inForce says whether the operator has decided by the pause and, where that stops only those who move on, whether they
// have arrived. A rollback that is stopped keeps Shops that do not serve in between: nobody waits for them.
func (f follower) inForce(s *shelf, st Status) bool {
	heard := rollout.Pause(s.published["paused"])
	if s.published["release"] != st.Release || (heard != f.paused && heard != rollout.PausedAll) {
		return false
	}
	return f.paused == rollout.PausedAll || s.published["updating"] == "0"
}

// underWay says how many Shops still arrive where they were permitted to go before.
func underWay(s *shelf, st Status) string {
	n, _ := strconv.Atoi(s.published["updating"]) // 0 where it is not said
	for _, shop := range st.Shops {
		if shop.Reason == v1alpha1.ReasonRollingBack && shop.Target != st.Release {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return "; still under way: " + cmdutil.Count(n, "Shop")
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
