package keyring_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/internal/keyring"
)

const day = 24 * time.Hour

var (
	noon  = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	names = []string{prefix + "a-k3j4h5l6", prefix + "b-k3j4h5l6", prefix + "c-k3j4h5l6"}
	first = keyring.Key{Number: 1, Secret: names[0], CreatedAt: noon.Add(-day)}
)

func TestTheFirstKeySignsAtOnceAndItsSuccessorWhenEveryPodHasIt(t *testing.T) {
	policy := keyring.Policy{Interval: 90 * day, Overlap: day, Token: "2", Live: 2}
	alone := keyring.Decide(noon, nil, policy, names, 0)
	want := &keyring.Key{
		Number: 1, Secret: names[0], CreatedAt: noon, RotateAt: noon.Add(90 * day), EndsOthers: noon.Add(day), Token: "2",
	}
	if diff := cmp.Diff(want, alone.Create); diff != "" {
		t.Errorf("the first (-want +got):\n%s", diff)
	}
	next := keyring.Decide(noon, []keyring.Key{first}, policy, names, 1)
	want = &keyring.Key{
		Number: 2, Secret: names[1], CreatedAt: noon, SignFrom: noon.Add(keyring.Delivery), RotateAt: noon.Add(90 * day),
		EndsOthers: noon.Add(keyring.Delivery + day), Token: "2",
	}
	if diff := cmp.Diff(want, next.Create); diff != "" {
		t.Errorf("the second (-want +got):\n%s", diff)
	}
	old := first
	old.RotateAt = noon.Add(90 * day) // the interval counts from when it was set
	if after := keyring.Decide(noon, []keyring.Key{old, *next.Create}, policy, names, 2); len(after.Write) != 1 || !after.Write[0].NotAfter.Equal(next.Create.EndsOthers) {
		t.Errorf("the first gets no end: %+v", after)
	}
}

func TestAKeyIsDeletedSomeTimeAfterItsEndAndAtOnceAfterALeak(t *testing.T) {
	end := noon.Add(time.Hour)
	ended := keyring.Key{Number: 1, Secret: names[0], CreatedAt: noon.Add(-day), NotAfter: end}
	planned := keyring.Key{Number: 2, Secret: names[1], CreatedAt: noon, EndsOthers: end}
	leaked := keyring.Key{Number: 3, Secret: names[2], CreatedAt: noon.Add(time.Minute), EndsOthers: noon.Add(time.Minute)}
	for name, c := range map[string]struct {
		now  time.Time
		keys []keyring.Key
		want int
	}{
		"it counts":              {end.Add(-time.Second), []keyring.Key{ended, planned}, 0},
		"it has just ended":      {end, []keyring.Key{ended, planned}, 0},
		"it has ended":           {end.Add(keyring.Keep), []keyring.Key{ended, planned}, 1},
		"a leak became known":    {noon.Add(time.Minute), []keyring.Key{ended, planned, leaked}, 2},
		"it is on its way out":   {end.Add(keyring.Keep), []keyring.Key{{Number: 1, Secret: names[0], CreatedAt: noon, Removing: true}, planned}, 0},
		"it is the only one":     {noon.Add(1000 * day), []keyring.Key{first}, 0},
		"it never came to exist": {noon, []keyring.Key{first, {Number: 2, Secret: prefix + "2-nextnext"}}, 1},
	} {
		if plan := keyring.Decide(c.now, c.keys, keyring.Policy{Overlap: time.Hour, Live: 2}, names, 3); len(plan.Delete) != c.want {
			t.Errorf("%s: deletes %+v", name, plan.Delete)
		}
	}
}

func TestARingTellsWhatSomebodyMadeUpFromItsOwn(t *testing.T) {
	forged := keyring.Ring{Suffix: "k3j4h5l6", Slots: 1 << 20, Highest: -5, Others: []string{"bank-account", prefix + "1-oldoldol"}, Made: map[int]string{7: "nobody"}}
	got := forged.Continue(prefix, nil, keyring.Policy{Live: 2}, "freshfre")
	want := keyring.Ring{Suffix: "k3j4h5l6", Slots: 26, Others: []string{prefix + "1-oldoldol"}, Made: map[int]string{}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := (keyring.Ring{Suffix: "../../etc"}).Continue(prefix, nil, keyring.Policy{Live: 2}, "freshfre"); got.Suffix != "freshfre" || got.Slots != 3 {
		t.Errorf("a suffix that is none: %+v", got)
	}
}

// After a restore records have other UIDs, and their Secrets perhaps no owner.
func TestARestoredRingGivesNoNameTwice(t *testing.T) {
	before := keyring.Ring{Suffix: "k3j4h5l6", Slots: 3, Highest: 1, Made: map[int]string{1: "before"}}
	got := before.Continue(prefix, []keyring.Record{{Key: first, UID: "after"}}, keyring.Policy{Live: 2}, "freshfre")
	want := keyring.Ring{Suffix: "freshfre", Slots: 3, Highest: 1, Others: []string{names[0]}, Made: map[int]string{}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	mounts := map[string]string{
		"a": prefix + "a-freshfre", "b": prefix + "b-freshfre", "c": prefix + "c-freshfre", "a-k3j4h5l6": names[0],
	}
	if diff := cmp.Diff(mounts, got.Mounts(prefix)); diff != "" {
		t.Errorf("mounts (-want +got):\n%s", diff)
	}
}

func TestTheKeysOfASourceThatIsGoneWaitAWeekForItsReturn(t *testing.T) {
	plan := keyring.Abandon(noon, []keyring.Key{first})
	if len(plan.Write) != 1 || !plan.Write[0].Unwanted.Equal(noon) || len(plan.Delete) > 0 {
		t.Fatalf("at first: %+v", plan)
	}
	gone := plan.Write
	if plan := keyring.Abandon(noon.Add(keyring.Abandoned-time.Second), gone); len(plan.Write)+len(plan.Delete) > 0 || plan.Next.IsZero() {
		t.Errorf("within a week: %+v", plan)
	}
	if plan := keyring.Decide(noon.Add(day), gone, keyring.Policy{Overlap: day, Live: 2}, names, 1); len(plan.Write) != 1 || !plan.Write[0].Unwanted.IsZero() || plan.Create != nil {
		t.Errorf("when it returns: %+v", plan)
	}
	if plan := keyring.Abandon(noon.Add(keyring.Abandoned), gone); len(plan.Delete) != 1 {
		t.Errorf("after a week: %+v", plan)
	}
}

// A backup without the ring: whatever else was restored under its names, a leaked Secret above all, is given to no key.
func TestRestoredRecordsWithoutTheirRingGiveNoNameOfTheOldOne(t *testing.T) {
	restored := []keyring.Record{
		{Key: keyring.Key{Number: 4, Secret: names[0], CreatedAt: noon.Add(-30 * day)}, UID: "after", Stored: noon},
		{Key: keyring.Key{Number: 7, Secret: names[1], CreatedAt: noon.Add(-day), Removing: true}, UID: "going", Stored: noon},
	}
	ring := keyring.Ring{}.Continue(prefix, restored, keyring.Policy{Live: 2}, "freshfre")
	want := keyring.Ring{Suffix: "freshfre", Slots: 3, Highest: 7, Others: []string{names[0]}, Made: map[int]string{}}
	if diff := cmp.Diff(want, ring); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	plan := keyring.Decide(noon, []keyring.Key{restored[0].Key}, keyring.Policy{Overlap: day, Token: "2", Live: 2}, ring.Names(prefix), ring.Highest)
	if plan.Create == nil || plan.Create.Number != 8 || slices.Contains(names, plan.Create.Secret) {
		t.Errorf("the next key is %+v, want number 8 under a new name", plan.Create)
	}
}

// A Shop that is created again finds its records where they were, and an operator that was killed the one it just made.
func TestRecordsThatWereNotRestoredGoOnWithTheirRing(t *testing.T) {
	kept := []keyring.Record{{Key: first, UID: "before", Stored: first.CreatedAt.Add(time.Minute)}}
	if ring := (keyring.Ring{}).Continue(prefix, kept, keyring.Policy{Live: 2}, "freshfre"); ring.Suffix != "k3j4h5l6" {
		t.Errorf("the ring goes on as %+v", ring)
	}
}

func TestAKeyIsOverdueWhenItsSuccessorDoesNotComeAndNotWhenItRightlyWaits(t *testing.T) {
	due := keyring.Key{Number: 2, Secret: names[1], CreatedAt: noon.Add(-91 * day), RotateAt: noon.Add(-day)}
	older := keyring.Key{Number: 1, Secret: names[0], CreatedAt: noon.Add(-181 * day), NotAfter: noon.Add(time.Hour)}
	ended, unwanted, successor := older, due, keyring.Key{Number: 3, Secret: names[2], CreatedAt: noon, RotateAt: noon.Add(90 * day), EndsOthers: noon.Add(day)}
	ended.NotAfter, unwanted.Unwanted = noon, noon.Add(-day)
	onDemand := due
	onDemand.RotateAt = time.Time{}
	for name, c := range map[string]struct {
		keys []keyring.Key
		want time.Duration
	}{
		"no key yet":                      {nil, 0},
		"a day late":                      {[]keyring.Key{due}, day},
		"the one before has ended":        {[]keyring.Key{ended, due}, day},
		"a sender still uses the older":   {[]keyring.Key{older, due}, 0},
		"it has a successor":              {[]keyring.Key{due, successor}, 0},
		"nobody asks for them any more":   {[]keyring.Key{unwanted}, 0},
		"it is rotated on demand only":    {[]keyring.Key{onDemand}, 0},
		"it is being taken away just now": {[]keyring.Key{{Number: 2, Secret: names[1], CreatedAt: noon.Add(-day), RotateAt: noon.Add(-day), Removing: true}}, 0},
	} {
		if got := keyring.Overdue(noon, c.keys, keyring.LiveOfSource); got != c.want {
			t.Errorf("%s: overdue for %s, want %s", name, got, c.want)
		}
	}
}
