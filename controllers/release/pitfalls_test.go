package release_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

func TestPitfall01ASecondEditBeginsAgainAndAThirdThatTakesItBackRestartsNobody(t *testing.T) {
	w := settled(t, 6)
	w.edit("Tweede")
	w.run(20 * time.Minute) // the canary and some others
	second := w.on("rel-0002")
	if len(second) < 2 {
		t.Fatalf("%v run the second", second)
	}
	w.edit("Onderweg") // as at first
	w.run(time.Minute)
	for _, shop := range w.shops() {
		never := !slices.Contains(second, shop.Namespace)
		if never && w.history(shop.Namespace) != "rel-0003" {
			t.Errorf("%s, which never met the second, ran %s", shop.Namespace, w.history(shop.Namespace))
		}
	}
	if got := w.revisions("Content"); len(got) != 2 {
		t.Errorf("content that was there before is kept twice: %v", got)
	}
	w.until("rel-0003", rollout.StateSucceeded)
	for _, shop := range second {
		if w.history(shop) != "rel-0002 rel-0003" {
			t.Errorf("%s ran %s", shop, w.history(shop))
		}
	}
}

func TestPitfall01AnEditThatIsTakenBackAtOnceMakesNoRelease(t *testing.T) {
	w := settled(t, 3)
	w.edit("Tweede")
	w.decide()
	w.now = w.now.Add(300 * time.Millisecond)
	w.edit("Onderweg")
	w.run(time.Hour)
	if got := w.revisions("Release"); len(got) != 1 {
		t.Errorf("there are %v", got)
	}
}

func TestAFolderThatIsAppliedObjectByObjectIsOneRelease(t *testing.T) {
	w := settled(t, 3)
	for i := range 10 {
		w.content(fmt.Sprintf("extra-%d", i), "mail.OutForDelivery.subject: Hallo\n")
		w.decide()
		w.now = w.now.Add(400 * time.Millisecond)
	}
	w.until("rel-0002", rollout.StateSucceeded)
	if got := w.revisions("Release"); len(got) != 2 {
		t.Errorf("there are %v", got)
	}
}

func TestPitfall02AShopThatIsMadeMidRollStartsOnWhatOthersHaveTried(t *testing.T) {
	w := settled(t, 6)
	w.edit("Tweede")
	w.run(time.Minute)
	w.addShop(50)
	needy := w.addShop(51)
	needy.Spec.Templates[0].ConfigMapRef.Name = "first-of-its-kind"
	w.must(w.kube.Update(t.Context(), needy))
	w.content("first-of-its-kind", "mail.OutForDelivery.subject: Hallo\n")
	w.run(time.Minute)
	if on := w.on("rel-0001"); !slices.Contains(on, "shop-50") {
		t.Errorf("a new Shop starts on %v", w.stepOf("shop-50").Release)
	}
	if on := w.on("rel-0003"); !slices.Contains(on, "shop-51") {
		t.Errorf("one whose template is in the latest release only starts on %v", w.stepOf("shop-51").Release)
	}
}

func TestPitfall04AnEditOfTheWavesMidRollCountsAtOnceAndTakesNothingBack(t *testing.T) {
	w := settled(t, 20)
	w.edit("Tweede")
	w.run(17 * time.Minute)
	before := w.on("rel-0002")
	w.policy.Waves = []rollout.Wave{{Name: "other", MaxConcurrent: rollout.Amount{}}}
	w.run(time.Hour)
	if on := w.on("rel-0002"); len(on) > len(before)+2 || len(on) < len(before) {
		t.Errorf("%d Shops ran it, and with a budget of 0 %d do", len(before), len(on))
	}
	w.policy.Waves = nil
	w.overlap = 0
	w.until("rel-0002", rollout.StateSucceeded)
	if w.overlap > 2 {
		t.Errorf("%d at once", w.overlap)
	}
}

func TestPitfall05AWaveThatIsStuckIsSeenAndEndsAtTheDeadline(t *testing.T) {
	w := settled(t, 6)
	w.sick = onSubject("Kapot")
	w.edit("Kapot")
	w.run(8 * time.Minute)
	if got := w.metric("wismo_release_wave_stalled_seconds"); got < 300 || got > 520 {
		t.Errorf("after eight minutes it is stalled for %v s", got)
	}
	w.until("rel-0002", rollout.StateRolledBack)
	w.step()
	if got := w.metric("wismo_release_wave_stalled_seconds"); got != 0 {
		t.Errorf("in the end it is stalled for %v s", got)
	}
}

func TestPitfall09WholeSecondsAndClocksApartShortenNoBake(t *testing.T) {
	for name, skew := range map[string]time.Duration{"the same second": 0, "the operator's clock is behind": -2 * time.Minute} {
		w := settled(t, 6)
		w.edit("Tweede")
		for len(w.on("rel-0002")) == 0 {
			w.decide()
			w.now = w.now.Add(skew)
			w.obey()
			w.now = w.now.Add(-skew + 250*time.Millisecond)
		}
		w.run(14 * time.Minute)
		if on := w.on("rel-0002"); len(on) != 1 {
			t.Errorf("%s: before the bake is over, %v run it", name, on)
		}
	}
}

func TestPitfall13WhatAShopIsPinnedToIsKeptThroughThirtyReleases(t *testing.T) {
	w := settled(t, 4)
	w.policy = rollout.Policy{ProgressDeadline: 10 * time.Minute, Waves: []rollout.Wave{{Name: "all", MaxConcurrent: rollout.Amount{Value: 100}}}}
	shop := w.shops()[0]
	shop.Spec.Release = &v1alpha1.ReleaseChoice{Policy: v1alpha1.ReleasePin, Name: "rel-0001"}
	w.must(w.kube.Update(t.Context(), &shop))
	for i := range 30 {
		w.edit(fmt.Sprint("Nummer ", i))
		w.until(release.Name(int64(i+2)), rollout.StateSucceeded)
		w.run(time.Minute)
	}
	w.run(2 * time.Hour)
	kept := w.revisions("Release")
	if !slices.Contains(kept, "rel-0001") || !slices.Contains(kept, "rel-0031") || len(kept) != release.Kept+1 {
		t.Errorf("kept are %v", kept)
	}
	if content := w.revisions("Content"); len(content) != release.Kept+1 {
		t.Errorf("the content of %d releases is kept: %v", release.Kept+1, content)
	}
	w.start()
	w.run(time.Minute)
	if e := w.assignments.Edition("rel-0001"); e == nil || !strings.Contains(e.Content["house"].Data["nl.yaml"], "Onderweg") {
		t.Errorf("what the pinned Shop runs is %v", e)
	}
}

func TestPitfall14ShopsForWhomNothingChangesTakeTheReleaseWithoutARestartAndWithoutABake(t *testing.T) {
	w := settled(t, 6)
	w.content("other", "mail.OutForDelivery.subject: Hallo\n")
	w.run(time.Minute)
	w.until("rel-0002", rollout.StateSucceeded)
	if w.overlap > 0 {
		t.Errorf("%d Shops restarted", w.overlap)
	}
	list := &appsv1.ControllerRevision{}
	w.must(w.kube.Get(t.Context(), client.ObjectKey{Namespace: operatorNamespace, Name: "rel-0002"}, list))
	if took := w.now.Sub(list.CreationTimestamp.Time); took > 5*time.Minute {
		t.Errorf("it took %s", took)
	}
}

func TestPitfall17AndPitfall13APinOnAReleaseThatIsNotThereKeepsItsNumberFree(t *testing.T) {
	w := settled(t, 3)
	shop := w.shops()[0]
	shop.Spec.Release = &v1alpha1.ReleaseChoice{Policy: v1alpha1.ReleasePin, Name: "rel-0007"}
	w.must(w.kube.Update(t.Context(), &shop))
	w.run(time.Minute)
	if step := w.stepOf(shop.Namespace); step.Reason != rollout.PinUnknown || step.Release != "rel-0001" {
		t.Errorf("the Shop is told %+v", step)
	}
	w.edit("Tweede")
	w.until("rel-0008", rollout.StateSucceeded)
}

func TestPitfall20AnOperatorThatIsOlderThanTheReleaseMovesNothingAndShipsNothing(t *testing.T) {
	w := settled(t, 4)
	newer := releases.BuildDocument(release.Images{TrackingPage: "page:9", Notifier: "notifier:9"}, nil)
	newer.Render = desired.RenderVersion + 1
	w.keep("rel-0002", newer)
	w.edit("Tweede")
	w.run(2 * time.Hour)
	if got := w.status(); got["state"] != "Unusable" || got["release"] != "rel-0002" {
		t.Errorf("the status is %v", got)
	}
	if on := w.on("rel-0001"); len(on) != 4 || w.overlap > 0 {
		t.Errorf("%v stay", on)
	}
	w.wantEvent("Warning ReleaseCannotRun")
	if got := w.revisions("Release"); len(got) != 2 {
		t.Errorf("there are %v", got)
	}
	w.must(w.kube.Delete(t.Context(), &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "rel-0002"}}))
	w.until("rel-0003", rollout.StateSucceeded) // the runbook's way on, and the number is not used again
}

func TestAnotherVersionOfTheOperatorAloneMakesNoRelease(t *testing.T) {
	w := settled(t, 4)
	w.start()
	w.run(time.Hour)
	if got := w.revisions("Release"); len(got) != 1 || w.overlap > 0 {
		t.Errorf("there are %v, and %d Shops moved", got, w.overlap)
	}
}

func TestANumberIsNotUsedAgainAfterTheNewestReleaseWasDeleted(t *testing.T) {
	w := settled(t, 4)
	w.edit("Tweede")
	w.until("rel-0002", rollout.StateSucceeded)
	w.must(w.kube.Delete(t.Context(), &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "rel-0002"}}))
	w.edit("Derde")
	w.start()
	w.until("rel-0003", rollout.StateSucceeded)
}

func TestContentThatSomebodyDeletedIsKeptAgain(t *testing.T) {
	w := settled(t, 4)
	for _, name := range w.revisions("Content") {
		w.must(w.kube.Delete(t.Context(), &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: name}}))
	}
	w.start()
	w.run(2 * time.Minute)
	if got := w.revisions("Content"); len(got) != 1 {
		t.Errorf("kept are %v", got)
	}
	if got := w.status()["state"]; got != "Succeeded" || w.overlap > 0 {
		t.Errorf("the state is %s, and %d moved", got, w.overlap)
	}
}

// Shops that were there before releases were carry no label.
func TestShopsOlderThanReleasesAreTakenOverAsTheyAreAndAnUpgradeMovesInWaves(t *testing.T) {
	w := settled(t, 6)
	w.must(w.kube.DeleteAllOf(t.Context(), &appsv1.ControllerRevision{}, client.InNamespace(operatorNamespace)))
	w.forget()
	list := &appsv1.DeploymentList{}
	w.must(w.kube.List(t.Context(), list))
	for i := range list.Items {
		d := &list.Items[i]
		delete(d.Labels, v1alpha1.LabelRelease)
		for name := range d.Annotations {
			if strings.HasPrefix(name, v1alpha1.GroupName) {
				delete(d.Annotations, name)
			}
		}
		w.must(w.kube.Update(t.Context(), d))
	}
	w.images = release.Images{TrackingPage: "page:2", Notifier: "page:1"} // the notifiers of this world run the page's image
	w.start()
	w.decide()
	for _, shop := range w.shops() {
		if step := w.stepOf(shop.Namespace); step.Release != "rel-0001" {
			t.Errorf("%s is told %+v", shop.Namespace, step)
		}
	}
	w.run(2 * time.Minute)
	if on := w.on("rel-0002"); len(on) != 1 || w.overlap > 1 {
		t.Errorf("the upgrade began with %v, %d at once", on, w.overlap)
	}
	if on := w.on("rel-0001"); len(on) != 5 {
		t.Errorf("%v were taken over", on)
	}
	w.until("rel-0002", rollout.StateSucceeded)
	if w.overlap > 1 {
		t.Errorf("%d at once", w.overlap)
	}
}
