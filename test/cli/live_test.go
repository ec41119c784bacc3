package cli_test

import (
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/rollout"
	"github.com/wismo-dev/wismo/internal/testing/terminal"
)

// cleared is what a terminal is told before it draws a picture anew.
const cleared = "\x1b[H\x1b[2J"

func (p platform) watch() *terminal.Terminal {
	p.t.Helper()
	p.t.Setenv("HOME", p.t.TempDir()) // of the discovery cache
	return terminal.Sit(p.t, cluster.Kubeconfig, nil, "release", "status", "--wait", "--timeout", "5m", "--operator-namespace", p.namespace)
}

func TestReleaseStatusAtATerminalIsOnePictureThatChangesUntilTheReleaseIsOver(t *testing.T) {
	p := newPlatform(t, "release-live")
	p.ship(41, "notifier:1", nil, succeeded)
	latest := p.ship(42, "notifier:2", nil, rollout.Progress{})
	shop := shopOn(t, p.namespace, "linden", "canary", "rel-0041", v1alpha1.ReasonUpdating)
	p.publish(map[string]string{"release": latest, "state": "Progressing", "wave": "canary", "waveShops": name(shop)})
	s := p.watch()
	s.Expect(cleared)
	s.Expect("Progressing  wave canary (release-live/linden)")
	s.Expect("0 of 1 Shop up to date, 1 updating")
	s.Expect("Moving (1)")

	stand(t, shop, "canary", latest, v1alpha1.ReasonUpToDate)
	s.Expect(cleared)
	s.Expect("1 of 1 Shop up to date")
	p.latch(latest, succeeded)
	p.publish(map[string]string{"release": latest, "state": "Succeeded"})
	s.Expect("\x1b[32mSucceeded\x1b[0m")
	if code := s.End(); code != cmdutil.ExitFine {
		t.Errorf("exit code %d:\n%s", code, s.Screen())
	}
	for i, picture := range strings.Split(s.Screen(), cleared)[1:] {
		if n := strings.Count(picture, latest+"\x1b[0m  "); n != 1 {
			t.Errorf("picture %d has %d heads:\n%s", i+1, n, picture)
		}
	}
}

func TestWhoLooksOnCanStopLookingAtAnyTime(t *testing.T) {
	p := newPlatform(t, "release-watched")
	latest := p.ship(42, "notifier:2", nil, rollout.Progress{})
	p.publish(map[string]string{"release": latest, "state": "Progressing", "wave": "canary"})
	s := p.watch()
	s.Expect("Progressing")
	s.Press(terminal.ControlC)
	if code := s.End(); code != cmdutil.ExitUnable || !strings.HasSuffix(strings.TrimSpace(s.Screen()), "error: interrupted") {
		t.Errorf("exit code %d:\n%s", code, s.Screen())
	}
}

func TestPauseWaitsUntilNoShopIsMoving(t *testing.T) {
	p := newPlatform(t, "release-paused")
	latest := p.ship(42, "notifier:2", nil, rollout.Progress{})
	p.publish(map[string]string{"release": latest, "state": "Paused", "wave": "canary", "paused": "Advance", "updating": "1"})
	p.says(1, []string{"paused: no further Shop moves", "is still Paused"}, "pause", "--wait", "--timeout", "1s")
	p.publish(map[string]string{"release": latest, "state": "Paused", "wave": "canary", "paused": "Advance", "updating": "0"})
	p.says(0, []string{"already paused", "rel-0042 Paused canary", "rel-0042: no further Shop starts to move\n"}, "pause", "--wait", "--timeout", "1m")
}

func TestAPauseOfEverythingInARollbackIsOverOnceNothingBeginsAnyMore(t *testing.T) {
	p := newPlatform(t, "release-all-paused")
	p.ship(41, "notifier:1", nil, succeeded)
	latest := p.ship(42, "notifier:2", nil, halted)
	for shop, target := range map[string]string{"alder": "rel-0041", "beech": latest} { // one is moving, one would be next
		returning := shopOn(t, p.namespace, shop, "canary", latest, v1alpha1.ReasonRollingBack)
		returning.Status.Release.Target = v1alpha1.ReleaseName(target)
		if err := api.Status().Update(t.Context(), returning); err != nil {
			t.Fatal(err)
		}
	}
	p.publish(map[string]string{"release": latest, "state": "RollingBack", "wave": "canary", "paused": "Advance", "updating": "0"})
	p.says(1, []string{"is still RollingBack"}, "pause", "--all", "--wait", "--timeout", "1s")
	p.says(0, []string{"no further Shop starts to move"}, "pause", "--wait", "--timeout", "1m") // a rollback goes on
	p.publish(map[string]string{"release": latest, "state": "RollingBack", "wave": "canary", "paused": "All", "updating": "0"})
	p.says(0, []string{"rel-0042: no further Shop starts to move; still moving: 1 Shop\n"}, "pause", "--all", "--wait", "--timeout", "1m")
}
