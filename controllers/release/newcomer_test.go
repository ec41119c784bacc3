package release_test

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/internal/rollout"
)

// What only the newest release has is in nobody's way: an owner who asks for it must not wait for others' bake.
func TestWhatIsNewInTheLibraryCanBeUsedOnEveryReleaseAsItWasAtFirst(t *testing.T) {
	w := settled(t, 4)
	w.edit("Komt eraan")
	w.content("winter", "mail.Delivered.subject: Bezorgd\n")
	w.until("rel-0002", rollout.StateBaking)
	found := func() (on, winter, house string) {
		for _, shop := range w.shops() {
			a, _ := w.assignments.Of(types.NamespacedName{Namespace: shop.Namespace, Name: shop.Name})
			if a.Edition.Name == "rel-0001" {
				return shop.Namespace, a.Edition.Content["winter"].Data["nl.yaml"], a.Edition.Content["house"].Data["nl.yaml"]
			}
		}
		t.Fatal("nobody waits")
		return "", "", ""
	}
	waiting, winter, house := found()
	if winter != "mail.Delivered.subject: Bezorgd\n" || house != "mail.OutForDelivery.subject: Onderweg\n" {
		t.Errorf("%s waits, and finds winter %q and house %q", waiting, winter, house)
	}
	edition := w.assignments.Edition("rel-0001")
	w.run(time.Minute)
	if w.assignments.Edition("rel-0001") != edition {
		t.Error("it is made anew although nothing has changed, so that everybody is woken")
	}

	w.content("winter", "mail.Delivered.subject: Afgeleverd\n")
	w.until("rel-0003", rollout.StateBaking)
	if waiting, winter, _ = found(); winter != "mail.Delivered.subject: Bezorgd\n" {
		t.Errorf("a change of what was new reaches %s, who waits: %q", waiting, winter)
	}
	w.start()
	w.step()
	if _, again, _ := found(); again != winter {
		t.Errorf("after a restart it is %q", again)
	}
}

// A Shop that uses what is new already gains nothing from the release that brought it.
func TestAShopThatUsesWhatIsNewHasNothingToBakeInTheReleaseThatBroughtIt(t *testing.T) {
	w := settled(t, 4)
	shop := w.shops()[0]
	shop.Spec.Templates[0].ConfigMapRef.Name = "winter"
	w.must(w.kube.Update(t.Context(), &shop))
	w.content("winter", "mail.Delivered.subject: Bezorgd\n")
	began := w.now
	w.until("rel-0002", rollout.StateSucceeded)
	if took := w.now.Sub(began); took > 5*time.Minute {
		t.Errorf("it took %s", took)
	}
}

// An owner who asks for what only a later release does must not wait for others' bake to begin at all.
func TestANewShopThatAsksForWhatTheStableReleaseDoesNotDoBeginsOnTheLatest(t *testing.T) {
	for name, tooOld := range map[string]bool{"asks for it": true, "asks for nothing new": false} {
		t.Run(name, func(t *testing.T) {
			w := settled(t, 4)
			w.edit("Komt eraan")
			w.until("rel-0002", rollout.StateBaking)
			shop := w.addShop(9)
			key := types.NamespacedName{Namespace: shop.Namespace, Name: shop.Name}
			if tooOld {
				w.assignments.NoteTooOld(key, "rel-0001")
			}
			w.decide()
			want := map[bool]string{true: "rel-0002", false: "rel-0001"}[tooOld]
			if a, decided := w.assignments.Of(key); !decided || a.Edition.Name != want {
				t.Errorf("it begins on %v, want %s", a.Step, want)
			}
		})
	}
}
