package release

import (
	"testing"
	"time"
)

func TestASlowAnswerDoesNotPutOffTheNextDecisionByMinutes(t *testing.T) {
	for took, want := range map[time.Duration]time.Duration{
		-time.Hour:            minPause, // the clock was set back
		time.Millisecond:      minPause,
		50 * time.Millisecond: 500 * time.Millisecond,
		time.Minute:           maxPause,
	} {
		if got := pauseAfter(took); got != want {
			t.Errorf("after a decision of %s: %s, want %s", took, got, want)
		}
	}
}
