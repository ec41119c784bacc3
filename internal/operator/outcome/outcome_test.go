package outcome

import (
	"errors"
	"testing"
	"time"
)

func TestTheWorseOutcomeSpeaksAndTheEarlierLookIsKept(t *testing.T) {
	failed := errors.New("no connection")
	for name, tc := range map[string]struct {
		a, b  Outcome
		kind  Kind
		after time.Duration
	}{
		"two good ones":       {Done(), Done(), KindDone, 0},
		"a look is kept":      {Look(time.Minute), Done(), KindDone, time.Minute},
		"the earlier look":    {Look(time.Minute), Look(time.Second), KindDone, time.Second},
		"waiting beats done":  {Look(time.Second), Wait(time.Minute, "A", "a"), KindWait, time.Second},
		"stalled beats wait":  {Wait(time.Minute, "A", "a"), Stalled("B", "b"), KindStalled, time.Minute},
		"an error beats all":  {Stalled("B", "b"), Retry(failed), KindRetry, 0},
		"of equals the first": {Stalled("B", "b"), Stalled("C", "c"), KindStalled, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := tc.a.And(tc.b)
			if got.Kind() != tc.kind || got.after != tc.after {
				t.Errorf("got kind %d after %s, want kind %d after %s", got.Kind(), got.after, tc.kind, tc.after)
			}
		})
	}
	if got := Stalled("B", "b").And(Stalled("C", "c")); got.Reason() != "B" {
		t.Errorf("of two stalled outcomes %s spoke", got.Reason())
	}
}

func TestOnlyAnErrorBacksOff(t *testing.T) {
	if _, err := Stalled("B", "b").Result(); err != nil {
		t.Errorf("a stalled object was put back into the queue: %v", err)
	}
	failed := errors.New("no connection")
	if _, err := Retry(failed).Result(); !errors.Is(err, failed) {
		t.Errorf("the error was lost: %v", err)
	}
	if result, _ := Wait(time.Minute, "A", "a").Result(); result.RequeueAfter != time.Minute {
		t.Errorf("waits %s", result.RequeueAfter)
	}
}
