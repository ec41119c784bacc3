package release_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/rollout"
)

// settled returns a world whose Shops serve on their first release.
func settled(t *testing.T, shops int) *fakeCluster {
	t.Helper()
	w := newFakeCluster(t, shops)
	w.edit("Onderweg")
	w.until("rel-0001", rollout.StateSucceeded)
	w.run(3 * rollTime)
	if on := w.on("rel-0001"); len(on) != shops {
		t.Fatalf("%d Shops run the first release", len(on))
	}
	w.overlap, w.writes = 0, nil
	return w
}

func TestPitfall19TheFirstReleaseReachesEveryShopAtOnce(t *testing.T) {
	w := newFakeCluster(t, 12)
	w.edit("Onderweg")
	w.step()
	if on := w.on("rel-0001"); len(on) != 12 {
		t.Errorf("after the first look %d Shops start", len(on))
	}
	if got := w.status(); got["state"] != "Succeeded" || got["total"] != "12" {
		t.Errorf("the status is %v", got)
	}
	w.wantEvent("Normal ReleaseMade")
	w.wantEvent("Normal ReleaseSucceeded")
}

func TestAnEditOfTheLibraryReachesOneShopFirstAndTheOthersAfterTheBake(t *testing.T) {
	w := settled(t, 30)
	w.edit("Uw pakket komt eraan")
	w.run(time.Minute)
	canary := w.on("rel-0002")
	if len(canary) != 1 {
		t.Fatalf("%v go first; the status is %v, told %v", canary, w.status(), w.events)
	}
	if got := w.status()["waveShops"]; got != canary[0]+"/shop" {
		t.Errorf("the status names %q, and %v went first", got, canary)
	}
	w.wantEvent("WaveBegan", "canary", canary[0])
	w.run(13 * time.Minute)
	if on := w.on("rel-0002"); len(on) != 1 {
		t.Errorf("before its bake is over, %v follow", on)
	}
	if got := w.status()["state"]; got != "Baking" {
		t.Errorf("the state is %s", got)
	}
	w.until("rel-0002", rollout.StateSucceeded)
	if on := w.on("rel-0002"); len(on) != 30 {
		t.Errorf("in the end %d Shops run it", len(on))
	}
	if w.overlap > 2 { // a tenth of 29
		t.Errorf("%d Shops were on their way at once", w.overlap)
	}
}

func TestAnInvalidEditStaysAtTheGateAndTheRestGoesOn(t *testing.T) {
	w := settled(t, 3)
	w.content("house", "mail.OutForDelivery.subject: Goed\nmail.OutForDelivry.subject: Tikfout\n")
	w.run(time.Minute)
	status := w.status()
	if status["release"] != "rel-0001" || status["gate"] != "Closed" || !strings.Contains(status["problems"], "house/nl.yaml:2") {
		t.Errorf("the status is %v", status)
	}
	w.wantEvent("Warning LibraryRefused", "house/nl.yaml:2")
	events := len(w.events)
	w.images.TrackingPage = "page:2"
	w.until("rel-0002", rollout.StateSucceeded)
	if text := w.assignments.Edition("rel-0002").Content["house"].Data["nl.yaml"]; !strings.Contains(text, "Onderweg") {
		t.Errorf("the release has %q", text)
	}
	for _, event := range w.events[events:] {
		if strings.Contains(event, "LibraryRefused") {
			t.Error("the same fault is told again")
		}
	}
	w.edit("Goed")
	w.until("rel-0003", rollout.StateSucceeded)
	if status := w.status(); status["gate"] != "Open" || status["problems"] != "" {
		t.Errorf("the status is %v", status)
	}
}

func TestAReleaseThatBreaksTheCanaryIsTakenBackAndTouchesNobodyElse(t *testing.T) {
	w := settled(t, 12)
	w.sick = onSubject("Kapot")
	w.edit("Kapot")
	w.until("rel-0002", rollout.StateRolledBack)
	went := 0
	for shop := range w.moved {
		if w.history(shop) != "nothing" {
			went++
			if w.history(shop) != "rel-0002 rel-0001" {
				t.Errorf("%s ran %s", shop, w.history(shop))
			}
		}
	}
	if went != 1 {
		t.Errorf("%d Shops met it", went)
	}
	w.wantEvent("Warning ReleaseHalted", "canary")
	w.run(time.Hour)
	if got := w.status(); got["state"] != "RolledBack" || got["failed"] != "1" {
		t.Errorf("an hour later the status is %v", got)
	}
	w.edit("Heel")
	w.until("rel-0003", rollout.StateSucceeded)
}

func TestAtRestNothingIsWritten(t *testing.T) {
	w := settled(t, 12)
	w.run(30 * time.Second)
	w.writes = nil
	w.run(3 * time.Hour)
	if len(w.writes) > 0 {
		t.Errorf("in three hours: %v", w.writes)
	}
}

// TestPitfall08 lets the controller die at each of its writes, before and after it is carried out.
func TestPitfall08ADeathAtAnyWriteLeadsToTheSameEndWithinTheBudget(t *testing.T) {
	story := func(dieAt int, after bool) (*fakeCluster, string) {
		w := settled(t, 4)
		w.policy.Waves[0].Bake = time.Minute
		w.dieAt, w.after = dieAt, after
		w.edit("Tweede")
		w.until("rel-0002", rollout.StateSucceeded)
		w.sick = onSubject("Kapot")
		w.edit("Kapot")
		w.until("rel-0003", rollout.StateRolledBack)
		w.edit("Vierde")
		w.until("rel-0004", rollout.StateSucceeded)
		return w, fmt.Sprint(len(w.on("rel-0004")), w.revisions("Release"), w.revisions("Content"), w.overlap <= 1)
	}
	calm, want := story(0, false)
	if len(calm.writes) < 12 {
		t.Fatalf("only %d writes: %v", len(calm.writes), calm.writes)
	}
	for at := 1; at <= len(calm.writes); at++ {
		for _, after := range []bool{false, true} {
			if w, got := story(at, after); got != want {
				t.Errorf("death at write %d (%s), carried out %v: ends as %s, want %s", at, w.writes[at-1], after, got, want)
			}
		}
	}
	t.Logf("%d writes in three releases: %v", len(calm.writes), calm.writes)
}
