package cli_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// tells runs a release command with -o json and returns its document, which must be all of the standard output, and what
// people read beside it.
func (p platform) tells(code int, args ...string) (release.Outcome, string) {
	p.t.Helper()
	out, errs, got := run(p.t, append(append([]string{"release"}, args...), "--operator-namespace", p.namespace, "-o", "json")...)
	if got != code {
		p.t.Errorf("release %s: exit code %d, want %d:\n%s%s", strings.Join(args, " "), got, code, out, errs)
	}
	var o release.Outcome
	if err := json.Unmarshal([]byte(out), &o); err != nil {
		p.t.Fatalf("release %s: %v:\n%s%s", strings.Join(args, " "), err, out, errs)
	}
	return o, errs
}

func (p platform) wantOutcome(got, want release.Outcome) {
	p.t.Helper()
	got.Message = ""
	if a, b := encode(p.t, got), encode(p.t, want); a != b {
		p.t.Errorf("it tells\n%s\nwant\n%s", a, b)
	}
}

func annotates(annotation string, value any) *release.Field {
	return &release.Field{Object: "controllerrevision/rel-0042", Path: "metadata.annotations[" + annotation + "]", Value: value}
}

func TestWhateverSteersAReleaseTellsAMachineInOneDocumentWhatCameOfIt(t *testing.T) {
	p := newPlatform(t, "outcome-steer")
	p.ship(41, "notifier:1", nil, succeeded)
	latest := p.ship(42, "notifier:2", nil, rollout.Progress{})
	p.publish(map[string]string{"release": latest, "state": "WaitingForApproval", "wave": "early"})
	fleet := release.Concern{Scope: release.ScopeFleet}
	early := release.Concern{Scope: release.ScopeWaves, Waves: []string{"early"}}
	paused, rolled := annotates(v1alpha1.AnnotationPause, "All"), annotates(v1alpha1.AnnotationRollBack, "1")
	for _, c := range []struct {
		code int
		args []string
		want release.Outcome
	}{
		{0, []string{"pause", "--all", "--dry-run"}, release.Outcome{Action: "pause", Result: release.Done, DryRun: "client", Release: latest, Concerns: fleet, Sets: paused}},
		{0, []string{"pause", "--all"}, release.Outcome{Action: "pause", Result: release.Done, DryRun: "none", Release: latest, Concerns: fleet, Sets: paused}},
		{0, []string{"pause", "--all"}, release.Outcome{Action: "pause", Result: release.Unchanged, DryRun: "none", Release: latest, Concerns: fleet, Sets: paused}},
		{0, []string{"resume"}, release.Outcome{Action: "resume", Result: release.Done, DryRun: "none", Release: latest, Concerns: fleet, Sets: annotates(v1alpha1.AnnotationPause, nil)}},
		{0, []string{"approve"}, release.Outcome{Action: "approve", Result: release.Done, DryRun: "none", Release: latest, Concerns: early, Sets: annotates(v1alpha1.AnnotationApprove, "early")}},
		{1, []string{"retry"}, release.Outcome{Action: "retry", Result: release.Refused, DryRun: "none", Release: latest, Concerns: fleet}},
		{1, []string{"rollback"}, release.Outcome{Action: "rollback", Result: release.Refused, DryRun: "none", Concerns: fleet}}, // not confirmed
		{0, []string{"rollback", "--yes", "--dry-run=server"}, release.Outcome{Action: "rollback", Result: release.Done, DryRun: "server", Release: latest, BackTo: "rel-0041", Concerns: fleet, Sets: rolled}},
		{0, []string{"rollback", "--yes"}, release.Outcome{Action: "rollback", Result: release.Done, DryRun: "none", Release: latest, BackTo: "rel-0041", Concerns: fleet, Sets: rolled}},
	} {
		got, errs := p.tells(c.code, c.args...)
		if got.Message == "" || (c.code == 0) != (errs == "") {
			t.Errorf("%v says %q, and beside it %q", c.args, got.Message, errs)
		}
		p.wantOutcome(got, c.want)
	}
	p.latch(latest, halted)
	got, _ := p.tells(0, "retry")
	p.wantOutcome(got, release.Outcome{Action: "retry", Result: release.Done, DryRun: "none", Release: latest, Concerns: fleet, Sets: annotates(v1alpha1.AnnotationRetry, "1")})
	if out, errs, code := run(t, "release", "approve", "a,b", "-o", "json", "--operator-namespace", p.namespace); code != 2 || out != "" || errs == "" {
		t.Errorf("what cannot be done ends with %d, %q and %q", code, out, errs)
	}
	if _, errs, code := run(t, "release", "pause", "-o", "wide", "--operator-namespace", p.namespace); code != 2 || !strings.Contains(errs, "--output") {
		t.Errorf("an unknown format ends with %d and %q", code, errs)
	}
}

// wantEnd says how a command that waited has ended, and what people read meanwhile.
func (p platform) wantEnd(code int, result, waited, read string, args ...string) release.Outcome {
	p.t.Helper()
	got, errs := p.tells(code, append(args, "--wait")...)
	if got.Result != result || got.Waited != waited || !strings.Contains(errs, read) {
		p.t.Errorf("%v: %s and %s, want %s and %s; people read %q", args, got.Result, got.Waited, result, waited, errs)
	}
	return got
}

func TestWhoWaitsReadsOnTheStandardErrorAndTheMachineLearnsHowItEnded(t *testing.T) {
	p := newPlatform(t, "outcome-wait")
	p.ship(41, "notifier:1", nil, succeeded)
	latest := p.ship(42, "notifier:2", nil, halted)
	p.publish(map[string]string{"release": latest, "state": "RollingBack", "wave": "canary", "paused": "All", "updating": "1"})
	got := p.wantEnd(0, release.Done, release.Settled, "still moving: 1 Shop", "pause", "--all", "--timeout", "1m")
	if got.Status == nil || got.Status.State != "RollingBack" {
		t.Errorf("it stood like this: %+v", got.Status)
	}
	p.wantEnd(1, release.Done, release.TimedOut, "rel-0042 RollingBack canary: ", "resume", "--timeout", "1s")
	p.publish(map[string]string{"release": latest, "state": "Halted", "wave": "canary"})
	p.wantEnd(1, release.Unchanged, release.Stopped, "rel-0042 Halted canary: ", "resume", "--timeout", "1m")
}

func TestReleaseStatusThatWaitsTellsAMachineTheLastOfItAndPeopleTheRest(t *testing.T) {
	p := newPlatform(t, "outcome-status")
	latest := p.ship(42, "notifier:2", nil, halted)
	p.publish(map[string]string{"release": latest, "state": "Halted", "wave": "canary"})
	out, errs, code := run(t, "release", "status", "--wait", "--timeout", "1m", "-o", "yaml", "--operator-namespace", p.namespace)
	var st release.Status
	if err := yaml.UnmarshalStrict([]byte(out), &st); err != nil || code != 1 || st.State != "Halted" || !strings.Contains(errs, "rel-0042 Halted") {
		t.Errorf("exit code %d, %v:\n%s%s", code, err, out, errs)
	}
}

func TestAPinTellsAMachineWhichShopItConcerns(t *testing.T) {
	p := newPlatform(t, "outcome-pin")
	shops := newNamespace(t, "outcome-pin-shops")
	p.ship(42, "notifier:2", nil, succeeded)
	shop := shopOn(t, shops, "linden", "rest", "rel-0042", v1alpha1.ReasonPinned)
	linden := release.Concern{Scope: release.ScopeShop, Shop: name(shop)}
	field := func(value any) *release.Field {
		return &release.Field{Object: "shop/linden", Path: "spec.release", Value: value}
	}
	pinned := field(map[string]any{"name": "rel-0042", "policy": "Pin"})
	got, _ := p.tells(0, "pin", "linden", "-n", shops, "--dry-run=client")
	p.wantOutcome(got, release.Outcome{Action: "pin", Result: release.Done, DryRun: "client", Release: "rel-0042", Concerns: linden, Sets: pinned})
	got = p.wantEnd(0, release.Done, release.Settled, "shop/linden: Pinned on rel-0042", "pin", "linden", "-n", shops, "--timeout", "1m")
	p.wantOutcome(got, release.Outcome{
		Action: "pin", Result: release.Done, DryRun: "none", Release: "rel-0042", Concerns: linden, Sets: pinned, Waited: release.Settled,
		Shop: &release.Shop{Namespace: shops, Name: "linden", Wave: "rest", Current: "rel-0042", Reason: "Pinned", Message: "as " + name(shop)},
	})
	got = p.wantEnd(1, release.Done, release.TimedOut, "not done within 1s", "unpin", "linden", "-n", shops, "--timeout", "1s")
	p.wantOutcome(got, release.Outcome{
		Action: "unpin", Result: release.Done, DryRun: "none", Release: "rel-0042", Concerns: linden, Sets: field(nil), Waited: release.TimedOut, Shop: got.Shop,
	})
	got, _ = p.tells(0, "unpin", "linden", "-n", shops)
	p.wantOutcome(got, release.Outcome{Action: "unpin", Result: release.Unchanged, DryRun: "none", Concerns: linden, Sets: field(nil)})
	got, _ = p.tells(1, "pin", "linden", "rel-0007", "-n", shops)
	if got.Result != release.Refused || !strings.Contains(got.Message, "there is no release rel-0007") {
		t.Errorf("of a release that is not there it tells %+v", got)
	}
}

func TestAPinThatAPipelineWouldTakeBackTellsAMachineWhatToCommit(t *testing.T) {
	p := newPlatform(t, "outcome-gitops")
	shops := newNamespace(t, "outcome-gitops-shops")
	p.ship(42, "notifier:2", nil, succeeded)
	owned := newShop(shops, "flux")
	owned.Labels = map[string]string{"kustomize.toolkit.fluxcd.io/name": "merchants"}
	create(t, owned)
	t.Cleanup(func() { _ = api.Delete(context.Background(), owned) })
	got, errs := p.tells(1, "pin", "flux", "rel-0042", "-n", shops)
	var commit v1alpha1.Shop
	if err := yaml.UnmarshalStrict([]byte(got.Commit), &commit); err != nil {
		t.Fatal(err)
	}
	if want := (v1alpha1.ReleaseChoice{Policy: v1alpha1.ReleasePin, Name: "rel-0042"}); commit.Spec.Release == nil || *commit.Spec.Release != want {
		t.Errorf("it tells to commit %s", got.Commit)
	}
	if got.Result != release.Refused || strings.Contains(got.Message, "spec:") || !strings.Contains(errs, got.Commit) {
		t.Errorf("it tells %+v, and people read %q", got, errs)
	}
}
