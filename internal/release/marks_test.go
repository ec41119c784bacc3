package release

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"
)

func TestMarksAreReadAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"", "rel-0001", "rel-0042"})
		mark := rapid.Custom(func(t *rapid.T) AttemptRef {
			if m := (AttemptRef{Release: name.Draw(t, "release"), Attempt: rapid.IntRange(0, 99).Draw(t, "attempt")}); m.Release != "" {
				return m
			}
			return AttemptRef{}
		})
		text := rapid.StringMatching(`([0-9a-f]{16})?`)
		wrote := Marks{
			Release: name.Draw(t, "release"), Before: name.Draw(t, "before"),
			Since:  time.Unix(rapid.Int64Range(1, 4e9).Draw(t, "since"), 0).UTC(),
			Failed: mark.Draw(t, "failed"), UnhealthyBefore: mark.Draw(t, "unwell"), IncompatibleWith: mark.Draw(t, "clash"),
			Template: text.Draw(t, "template"), FailedTemplate: text.Draw(t, "failed template"),
		}
		on := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Labels: wrote.Labels(), Annotations: wrote.Annotations()}}
		if diff := cmp.Diff(wrote, MarksOf(on)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestNothingIsWrittenOfAMarkThatIsNotThere(t *testing.T) {
	if none := (Marks{}); len(none.Labels())+len(none.Annotations()) > 0 {
		t.Errorf("%v %v", none.Labels(), none.Annotations())
	}
}

func TestWhatCannotBeReadIsNoMark(t *testing.T) {
	for text, want := range map[string]AttemptRef{
		"rel-0042.0": {Release: "rel-0042"}, "rel-0042.7": {Release: "rel-0042", Attempt: 7},
		"": {}, "rel-0042": {}, ".1": {}, "rel-0042.": {}, "rel-0042.x": {},
	} {
		if got := ParseAttemptRef(text); got != want {
			t.Errorf("%q is %+v", text, got)
		}
	}
}
