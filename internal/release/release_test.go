package release

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

func sample() Document {
	return Document{
		HashVersion: HashVersion, Render: 2, Images: Images{TrackingPage: "page:1", Notifier: "notifier:1"},
		Policy: bundle.Policy{
			Rules: []bundle.Rule{{Occasion: "Delivered", Level: bundle.Routine, Channels: []string{"Email"}}}, Budget: bundle.Budget{RoutinePerOrder: 5},
		},
		Builtin: "0123", Library: map[string]string{"ConfigMap/a": "content-1", "NotificationPolicy/b": "content-2"},
	}
}

// The hash of a release is a promise to every later build: another one for the same content would move all Shops.
func TestTheHashOfAReleaseNeverChanges(t *testing.T) {
	const want = "b20feb008f53417a47a0"
	if got := sample().Hash(); got != want {
		t.Errorf("it is %s and was %s: count HashVersion up and keep the way before, or the next upgrade moves every Shop for nothing", got, want)
	}
}

func TestEveryPartOfAReleaseIsInItsHash(t *testing.T) {
	for name, change := range map[string]func(*Document){
		"HashVersion": func(d *Document) { d.HashVersion++ },
		"Render":      func(d *Document) { d.Render++ },
		"Images":      func(d *Document) { d.Images.PullPolicy = "Always" },
		"Policy":      func(d *Document) { d.Policy.Budget.RoutinePerOrder++ },
		"Builtin":     func(d *Document) { d.Builtin = "other" },
		"Library":     func(d *Document) { d.Library["ConfigMap/a"] = "content-3" },
	} {
		d := sample()
		if change(&d); d.Hash() == sample().Hash() {
			t.Errorf("another %s is the same release", name)
		}
	}
}

func TestAReleaseAndItsContentAreReadAsTheyWereKept(t *testing.T) {
	again, err := Decode(sample().Encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), again); diff != "" || again.Hash() != sample().Hash() {
		t.Errorf("it became another: %s", diff)
	}
	for _, c := range []Content{
		{Data: map[string]string{"nl.yaml": "mail.a: <b>&\u2028\n"}, BinaryData: map[string][]byte{"logo": {0, 255}}},
		{Policy: &v1alpha1.NotificationPolicySpec{Rules: []v1alpha1.Rule{{Occasion: "Lost", Level: v1alpha1.LevelCritical}}}},
		{},
	} {
		same, err := DecodeContent(c.Encode())
		if err != nil || same.Name() != c.Name() {
			t.Errorf("%s became %s, %v", c.Name(), same.Name(), err)
		}
	}
}

func TestWhatIsDamagedIsNoRelease(t *testing.T) {
	if _, err := Decode([]byte("{")); err == nil {
		t.Error("half a document is taken for one")
	}
	if _, err := DecodeContent([]byte(`{"data": 1}`)); err == nil {
		t.Error("half of some content is taken for it")
	}
}

func TestEqualContentHasAnEqualNameInWhateverOrderItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "data")
		text, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		again := map[string]string{}
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		if a, b := (Content{Data: data}), (Content{Data: again}); a.Name() != b.Name() {
			t.Fatalf("%s and %s", a.Name(), b.Name())
		}
	})
}

func TestPitfall13WhatSomethingRefersToIsKeptAndSoAreTheLastReleases(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOfDistinct(rapid.Int64Range(1, 60), rapid.ID).Draw(t, "numbers")
		referred := map[int64]bool{}
		for _, n := range rapid.SliceOf(rapid.Int64Range(1, 60)).Draw(t, "referred") {
			referred[n] = true
		}
		gone := Expired(numbers, referred)
		kept := slices.DeleteFunc(slices.Sorted(slices.Values(numbers)), func(n int64) bool { return slices.Contains(gone, n) })
		for _, n := range gone {
			if referred[n] {
				t.Fatalf("%d is referred to and goes", n)
			}
			if newer := len(kept) - slices.IndexFunc(append(kept, 100), func(k int64) bool { return k > n }); newer < Kept {
				t.Fatalf("%d goes and is among the last %d", n, Kept)
			}
		}
		if left := len(kept); left > Kept+len(referred) {
			t.Fatalf("%d stay", left)
		}
	})
}

func TestPitfall13TheContentOfAKeptReleaseIsKept(t *testing.T) {
	old := sample()
	got := Orphans([]string{"content-2", "content-9", "content-1", "content-3"}, []Document{old, {Library: map[string]string{"ConfigMap/c": "content-3"}}})
	if !slices.Equal(got, []string{"content-9"}) {
		t.Errorf("orphans are %v", got)
	}
}

func TestANumberIsNeverUsedTwice(t *testing.T) {
	for want, seen := range map[int64][]int64{1: nil, 4: {3, 1}, 43: {2, 42, 7}} {
		if got := Next(seen...); got != want {
			t.Errorf("after %v comes %d", seen, got)
		}
	}
}

func TestNamesAndNumbersBelongTogether(t *testing.T) {
	for name, want := range map[string]int64{"rel-0042": 42, "rel-12345": 12345, "rel-0": 0, "rel-x": 0, "other": 0, "rel--1": 0} {
		n, ok := Number(name)
		if ok != (want > 0) || (ok && n != want) {
			t.Errorf("%s is number %d, %v", name, n, ok)
		}
		if ok && Name(n) != name {
			t.Errorf("%s is called %s", name, Name(n))
		}
	}
}

func TestTheDifferenceOfTwoReleasesNamesWhatOfTheLibraryDiffers(t *testing.T) {
	a, b := sample(), sample()
	b.Library = map[string]string{"ConfigMap/a": "content-1", "NotificationPolicy/b": "content-9", "ConfigMap/new": "content-4"}
	want := Difference{Library: []string{"ConfigMap/new", "NotificationPolicy/b"}}
	if diff := cmp.Diff(want, Compare(a, b)); diff != "" {
		t.Error(diff)
	}
	b.Images.Notifier = "notifier:2"
	if d := Compare(a, b); !d.Everywhere {
		t.Error(fmt.Sprint(d, ": another image concerns nobody"))
	}
	if d := Compare(a, a); d.Everywhere || len(d.Library) > 0 {
		t.Error(fmt.Sprint(d, " between a release and itself"))
	}
}
