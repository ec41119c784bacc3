package rollout_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/wismo-dev/wismo/internal/rollout"
	"github.com/wismo-dev/wismo/internal/testing/golden"
)

// TestTranscripts tells whole rollouts as a person would follow them.
func TestTranscripts(t *testing.T) {
	hour := 60 * tick
	for name, happens := range map[string]func(*story){
		"a good release reaches everybody, wave after wave": func(s *story) {
			s.ship(0)
			s.until(hour)
		},
		"without configuration one Shop goes first, then a tenth at a time": func(s *story) {
			s.w.policy = DefaultPolicy()
			s.ship(0)
			s.until(2 * hour)
		},
		"a bad canary goes back and nobody else notices": func(s *story) {
			s.ship(1)
			s.until(hour)
		},
		"a wave with too many failures rolls back, the canary stays": func(s *story) {
			s.ship(0)
			s.until(18 * tick)
			s.w.bad[s.w.latest().Name] = 1
			s.until(hour)
		},
		"a second change begins with the first wave again": func(s *story) {
			s.ship(0)
			s.until(22 * tick)
			s.ship(0)
			s.until(hour)
		},
		"a wave waits for approval, and a pause for its end": func(s *story) {
			s.w.policy.Waves[1].NeedsApproval = true
			s.ship(0)
			s.until(25 * tick)
			s.say("somebody approves the wave early")
			s.w.latest().Approved = []string{"early"}
			s.until(2 * tick)
			s.say("somebody pauses")
			s.w.latest().Pause = PausedAdvance
			s.until(10 * tick)
			s.say("somebody resumes")
			s.w.latest().Pause = NotPaused
			s.until(hour)
		},
		"a person rolls back a release that had succeeded, and tries it again": func(s *story) {
			s.ship(0)
			s.until(hour)
			s.say("somebody rolls back")
			s.w.latest().RollbackFor = 1
			s.until(20 * tick)
			s.say("somebody asks for another try")
			s.w.latest().Attempt = 1
			s.until(hour)
		},
		"Hold, Pin and Suspended stay out and hold nobody up": func(s *story) {
			ids := s.w.ids()
			s.w.shops[ids[3]].Mode = Held
			s.w.shops[ids[4]].Mode, s.w.shops[ids[4]].Pinned = Pin, s.w.latest().Name
			s.w.shops[ids[5]].Suspended = true
			s.ship(0)
			s.until(hour)
			s.say("the hold is lifted")
			s.w.shops[ids[3]].Mode = Auto
			s.until(10 * tick)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(1, 12)
			w.settle()
			w.now = dawn.Add(2 * hour)
			s := &story{w: w, shown: map[string]Step{}}
			s.line("# %s\n", name)
			s.until(tick)
			happens(s)
			golden.File(t, "testdata/"+strings.ReplaceAll(strings.ReplaceAll(name, ",", ""), " ", "-")+".txt", s.text.String())
		})
	}
}

// story is a world in which everything happens in order, and what is told of it.
type story struct {
	w     *world
	shown map[string]Step
	state string
	text  strings.Builder
}

func (s *story) line(format string, args ...any) { _, _ = fmt.Fprintf(&s.text, format+"\n", args...) }

func (s *story) say(what string) { s.line("%s  -- %s", s.w.now.Format("15:04"), what) }

func (s *story) ship(bad float64) {
	s.say("the platform ships " + s.w.release(bad).Name)
}

func (s *story) until(span time.Duration) {
	for end := s.w.now.Add(span); s.w.now.Before(end); {
		s.w.now = s.w.now.Add(tick)
		s.tell(s.w.decide(s.w.input(0)))
		s.w.everybody()
	}
}

// tell returns what is new.
func (s *story) tell(out Output) {
	at := s.w.now.Format("15:04")
	if state := strings.TrimSpace(string(out.State) + " " + out.Wave); state != s.state {
		s.state = state
		s.line("%s  %s %s: %d of %d up to date, %d failed", at, out.Latest, state, out.Counts.UpToDate, out.Counts.Total, out.Counts.Failed)
	}
	for _, id := range s.w.ids() {
		step := out.Steps[id]
		if old := s.shown[id]; old.Release != step.Release || old.Reason != step.Reason {
			s.shown[id] = step
			s.line("%s    %s  %-8s %s %s", at, id, step.Wave, step.Release, step.Reason)
		}
	}
}
