//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/test/e2e/audit"
)

// What the platform ships reaches twelve Shops in three waves, by the plan of the operator's configuration. Every test
// leaves them on the latest release.
func TestReleasesReachTwelveShopsInThreeWaves(t *testing.T) {
	auditLog(t)
	f := newFleet(t)
	for _, part := range []struct {
		name string
		test func(*testing.T)
	}{
		{"a good template reaches all of them", f.goodTemplate},
		{"a template that some cannot run is halted in the canary and taken back", f.badTemplate},
		{"the operator may be killed again and again in the middle", f.killedOperator},
		{"another version of the operator alone moves no Shop", f.otherVersion},
		{"another version that renders and words anew is one release", f.otherRender},
		{"a Shop pinned to an older release serves on where that cannot do what is asked for", f.olderRelease},
	} {
		if !t.Run(part.name, part.test) {
			t.Fatal("the parts that follow begin where this one should have ended")
		}
	}
}

func (f *fleet) goodTemplate(t *testing.T) {
	before, since := latestRelease(t), time.Now()
	finish := f.visits(t)
	setContent(t, f.texts, "nl.yaml", nextWords("We pakken met zorg in."))
	name := awaitRelease(t, before, "Succeeded")
	f.wantOn(t, name, "We pakken met zorg in.")
	finish()
	f.heldToPlan(t, name, since)
	if err := plugin(); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"status", "history"} {
		out, err := cluster.Kubectl(t.Context(), "wismo", "release", command)
		t.Logf("kubectl wismo release %s: %v\n%s", command, err, out)
		if err != nil || !strings.Contains(out, name) {
			t.Errorf("kubectl wismo release %s does not tell of %s", command, name)
		}
	}
}

// longTexts pass the gate, because each of them is short enough, as is their ConfigMap of at most 512 KiB, and renders for every
// occasion; read by a page, they take three times as much memory as a page at rest.
func longTexts() map[string]string {
	const sentence, most = "{{.Shop}}", 500_000
	keys := slices.DeleteFunc(message.Keys(), func(key string) bool {
		kind, _, _ := strings.Cut(key, ".")
		return kind != "page" && kind != "mail" || strings.HasSuffix(key, ".subject")
	})
	languages := []string{"en.yaml", "nl.yaml"}
	length := most / len(languages) / len(keys)
	files := map[string]string{}
	for _, file := range languages {
		var texts strings.Builder
		for _, key := range keys {
			texts.WriteString(key + ": \"" + strings.Repeat(sentence, (length-len(key)-len(": \"\"\n"))/len(sentence)) + "\"\n")
		}
		files[file] = texts.String()
	}
	return files
}

func (f *fleet) badTemplate(t *testing.T) {
	before, since, canary, others := latestRelease(t), time.Now(), f.of("canary"), f.of("early", "late")
	ran := processesOf(t, others)
	finish := f.visits(t)
	good := setContents(t, f.texts, longTexts())
	name := awaitRelease(t, before, "RolledBack")
	time.Sleep(quiet) // a Shop that would move does so now
	await(t.Context(), t, "wismo-release to say what happened", time.Minute, func(ctx context.Context) (bool, string) {
		now, err := release(ctx)
		return now["release"] == name && now["state"] == "RolledBack" && now["wave"] == "canary" && now["failed"] == "1", fmt.Sprint(now, err)
	})
	for _, m := range canary {
		if m.tight {
			m.released(t, v1alpha1.ReasonReleaseFailed, "OOMKilled")
		} else {
			m.released(t, v1alpha1.ReasonRolledBack, name)
		}
	}
	for _, m := range others {
		m.released(t, v1alpha1.ReasonHalted, name)
	}
	f.heldStill(t, others, ran, since)
	heldToBudget(t, rings[0], f.flightsTo(t, name, since)["canary"])
	f.wantOn(t, before, "We pakken met zorg in.")

	// What comes next is what they run: it restarts no pod.
	ran = processesOf(t, f.members)
	setContents(t, f.texts, good)
	fixed := awaitRelease(t, name, "Succeeded")
	f.wantOn(t, fixed, "We pakken met zorg in.")
	finish()
	if diff := cmp.Diff(ran, processesOf(t, f.members)); diff != "" {
		t.Errorf("the way back restarted pods (-before +after):\n%s", diff)
	}
}

// heldStill holds that Shops kept their pods, and that the operator wrote nothing to their Deployments.
func (f *fleet) heldStill(t *testing.T, members []*member, ran map[string]int32, since time.Time) {
	t.Helper()
	if diff := cmp.Diff(ran, processesOf(t, members)); diff != "" {
		t.Errorf("pods of others were restarted (-before +after):\n%s", diff)
	}
	namespaces := map[string]bool{}
	for _, m := range members {
		namespaces[m.name] = true
	}
	writes := slices.DeleteFunc(managerWrites(t, since), func(w audit.Write) bool {
		return w.ObjectRef.Resource != "deployments" || !namespaces[w.ObjectRef.Namespace]
	})
	t.Logf("%d writes to the Deployments of %d Shops that the release did not reach", len(writes), len(members))
	if len(writes) > 0 {
		t.Errorf("their Deployments were written:\n%s", join(writes))
	}
}

const (
	kills = 4
	// longestReign is how long an operator leads at most before it is killed.
	longestReign = 12 * time.Second
)

func (f *fleet) killedOperator(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, seed))
	before, since := latestRelease(t), time.Now()
	finish := f.visits(t)
	setContent(t, f.texts, "nl.yaml", nextWords("Nog even geduld."))
	killed := 0
	for awaitNext(t, before); killed < kills; killed++ {
		time.Sleep(time.Duration(chance.Int64N(int64(longestReign))))
		now, err := release(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if now["state"] == "Succeeded" {
			break
		}
		killOperator(t, now)
	}
	name := awaitRelease(t, before, "Succeeded")
	f.wantOn(t, name, "Nog even geduld.")
	finish()
	t.Logf("killed %d times in the middle of the release", killed)
	if killed == 0 {
		t.Error("the release was over before the operator was killed: nothing was proved")
	}
	f.heldToPlan(t, name, since)
}

// killOperator ends the process that leads, without a word, and waits until another one does.
func killOperator(t *testing.T, at map[string]string) {
	t.Helper()
	leader := leaderOf(t)
	pod := managerPod(t)
	process := enter(t, pod)
	if err := syscall.Kill(process.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	t.Logf("killed %s, while the release was %s in the wave %s: %s up to date, %s updating", process.name, at["state"], at["wave"], at["upToDate"], at["updating"])
	// Another pod, because the kubelet waits longer and longer before it starts a container again.
	if err := cluster.Delete(t.Context(), &pod, client.GracePeriodSeconds(0)); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
	await(t.Context(), t, "another operator to lead", 2*time.Minute, func(context.Context) (bool, string) {
		now := leaderOf(t)
		return now != leader && now != "", now
	})
}

// leaderOf is who holds the operator's Lease.
func leaderOf(t *testing.T) string {
	t.Helper()
	var lease coordinationv1.Lease
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: operatorNamespace, Name: "wismo-manager"}, &lease); err != nil {
		t.Fatal(err)
	}
	if lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *lease.Spec.HolderIdentity
}

func (f *fleet) otherVersion(t *testing.T) {
	next := nextManager(t)
	presentManager(t)
	version, err := operatorVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kept, since, ran := releases(t), time.Now(), processesOf(t, f.members)
	finish := f.visits(t)
	setManager(t, next)
	await(t.Context(), t, "the operator of another version than "+version+" to lead", time.Minute, func(ctx context.Context) (bool, string) {
		now, err := operatorVersion(ctx)
		return now != version && err == nil, now
	})
	time.Sleep(2 * quiet) // whatever it would do to Shops it does now
	f.heldStill(t, f.members, ran, since)
	if made := madeSince(t, kept); len(made) > 0 {
		t.Errorf("it made releases: %q", made)
	}
	finish()
}

const builtinWords = "Bestelling bij ons binnen"

func (f *fleet) otherRender(t *testing.T) {
	const tag = "next"
	build(t, tag, append(nextRender(t), edit{"internal/message/texts/nl.yaml", "OrderReceived: Bestelling ontvangen\n", "OrderReceived: " + builtinWords + "\n"})...)
	before, kept, since := latestRelease(t), releases(t), time.Now()
	finish := f.visits(t)
	var name string
	var ran map[string]int32
	upgraded := t.Run("upgrade", func(t *testing.T) {
		runOperator(t, tag)
		name = awaitRelease(t, before, "Succeeded")
		f.wantOn(t, name, builtinWords)
		f.heldToPlan(t, name, since)
		if made := madeSince(t, kept); len(made) != 1 {
			t.Errorf("want exactly one new release, got %q", made)
		}
		for _, m := range f.members {
			m.probedEvery(t, nextPeriod)
		}
		ran, since = processesOf(t, f.members), time.Now()
	})
	if !upgraded {
		t.FailNow()
	}
	// The end of the upgrade's test was the downgrade: a version that cannot render the release moves no Shop.
	await(t.Context(), t, "the release to be Unusable", time.Minute, func(ctx context.Context) (bool, string) {
		now, err := release(ctx)
		return now["release"] == name && now["state"] == "Unusable", fmt.Sprint(now, err)
	})
	time.Sleep(quiet)
	f.heldStill(t, f.members, ran, since)
	f.giveUp(t, name, before)
	finish()
}

// probedEvery holds the period of the liveness probe that the Shop's page runs with, in seconds.
func (m *member) probedEvery(t *testing.T, period int32) {
	t.Helper()
	var page appsv1.Deployment
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: m.name, Name: m.name + "-page"}, &page); err != nil {
		t.Fatal(err)
	}
	if probe := page.Spec.Template.Spec.Containers[0].LivenessProbe; probe == nil || probe.PeriodSeconds != period {
		t.Errorf("the page of %s is probed by %+v, want every %d s", m.name, probe, period)
	}
}

// giveUp deletes a release that this version of the operator cannot render: all Shops go back to the one before, as many
// at once as the platform allows.
func (f *fleet) giveUp(t *testing.T, name, before string) {
	t.Helper()
	since := time.Now()
	remove(t, &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: name}})
	awaitRelease(t, name, "Succeeded")
	f.wantOn(t, before, "Bestelling ontvangen")
	moves := f.flightsTo(t, before, since)
	for _, r := range rings {
		heldToBudget(t, r, moves[r.name])
	}
	if got := slices.Sorted(maps.Keys(moves)); len(got) != len(rings) {
		t.Errorf("only %q went back", got)
	}
	await(t.Context(), t, "all Shops of the cluster to be back", 3*time.Minute, func(ctx context.Context) (bool, string) {
		now, err := release(ctx)
		return now["upToDate"] == now["total"], fmt.Sprint(now, err)
	})
}

// operatorVersion is that of the operator that leads.
func operatorVersion(ctx context.Context) (string, error) {
	status, err := configMap(ctx, "wismo-status")
	return status["version"], err
}
