package corpus

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
	"testing"
	"time"
)

// sampled is enough journeys to hold every kind.
const sampled = 10_000

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	for i := range 300 {
		first, second := encode(At(7, i)), encode(At(7, i))
		if !bytes.Equal(first, second) {
			t.Fatalf("journey %d of seed 7 is another one the second time", i)
		}
		if bytes.Equal(first, encode(At(8, i))) {
			t.Fatalf("journey %d is the same for seeds 7 and 8", i)
		}
	}
}

func TestAJourneyDoesNotDependOnHowManyAreGenerated(t *testing.T) {
	few := slices.Collect(Generate(3, 20))
	many := slices.Collect(Generate(3, 200))
	for i := range few {
		if !bytes.Equal(encode(few[i]), encode(many[i])) {
			t.Errorf("journey %d differs between 20 and 200", i)
		}
	}
}

func TestTenThousandJourneysHoldTheRequiredMix(t *testing.T) {
	mix := mixOf(Generate(1, sampled))
	for share, floor := range floors {
		if mix[share] < floor {
			t.Errorf("%s: %.1f %% of journeys, want at least %.0f %%", share, 100*mix[share], 100*floor)
		}
	}
	for _, r := range recipes() {
		if mix["kind/"+string(r.kind)] == 0 {
			t.Errorf("no journey is of the kind %q", r.kind)
		}
	}
	for _, kind := range []Kind{KindToldLate, KindToldTwice, KindLocalTime, KindOutOfOrder, KindNeverPushed} {
		if mix["kind/"+string(kind)] == 0 {
			t.Errorf("no journey is of the kind %q", kind)
		}
	}
}

func TestTheMixOfOneHappyJourneyHasNoShareOfTrouble(t *testing.T) {
	happy := find(t, KindHappy)
	mix := mixOf(slices.Values([]Journey{happy}))
	if mix["kind/happy"] != 1 || mix[shareLost] != 0 || mix[shareSplit] != 0 {
		t.Errorf("mix = %v", mix)
	}
}

// find returns the first journey of a kind.
func find(t *testing.T, kind Kind, conditions ...func(Journey) bool) Journey {
	t.Helper()
	for journey := range Generate(1, sampled) {
		if journey.Has(kind) && !slices.ContainsFunc(conditions, func(holds func(Journey) bool) bool { return !holds(journey) }) {
			return journey
		}
	}
	t.Fatalf("no journey of the kind %q meets the conditions", kind)
	return Journey{}
}

func TestEveryJourneyKeepsItsDocumentedForm(t *testing.T) {
	for journey := range Generate(1, sampled) {
		if err := journey.Check(); err != nil {
			t.Errorf("%s: %v", journey.Name, err)
		}
		if len(journey.Deliveries) == 0 {
			t.Errorf("%s: nothing is delivered", journey.Name)
		}
	}
}

func TestNothingIsSaidOutsideTheStory(t *testing.T) {
	for journey := range Generate(1, 2000) {
		heard := map[time.Time]bool{}
		for _, delivery := range journey.Deliveries {
			heard[delivery.At] = true
		}
		for fact := range facts(journey) {
			if !heard[fact.HeardAt] {
				t.Errorf("%s: %s %q is heard at %s, when nothing is delivered", journey.Name, fact.Kind, fact.Value, fact.HeardAt)
			}
			if fact.HeardAt.After(journey.Truth.Until) {
				t.Errorf("%s: %s %q is heard after the end", journey.Name, fact.Kind, fact.Value)
			}
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	i := 0
	for b.Loop() {
		At(1, i)
		i++
	}
}

// facts returns those that are known at the end of a journey and at each of its deliveries.
func facts(journey Journey) iter.Seq[Fact] {
	return func(yield func(Fact) bool) {
		for _, delivery := range journey.Deliveries {
			for _, fact := range journey.Truth.KnownAt(delivery.At) {
				if !yield(fact) {
					return
				}
			}
		}
	}
}

func TestNoTwoJourneysShareAnOrderOrAParcelNumber(t *testing.T) {
	seen := map[string]string{}
	for journey := range Generate(1, 3000) {
		for _, order := range journey.Truth.Orders {
			claim(t, seen, "order "+order.Number, journey.Name)
			claim(t, seen, "id "+order.ExternalID, journey.Name)
		}
		for _, parcel := range journey.Truth.Parcels {
			for _, number := range parcel.Numbers {
				claim(t, seen, "parcel "+number.Number, journey.Name)
			}
		}
	}
}

func claim(t *testing.T, seen map[string]string, what, journey string) {
	t.Helper()
	if other, found := seen[what]; found {
		t.Errorf("%s is used twice, by %s and %s", what, other, journey)
	}
	seen[what] = journey
}

func TestAJourneyFileCanBeReadBack(t *testing.T) {
	for journey := range Generate(1, 200) {
		read, err := Read(encode(journey))
		if err != nil {
			t.Fatalf("%s: %v", journey.Name, err)
		}
		if !bytes.Equal(encode(read), encode(journey)) {
			t.Errorf("%s is another one when it is read back", journey.Name)
		}
	}
}

func TestABrokenJourneyFileIsRefusedWithWhatToDo(t *testing.T) {
	journey := find(t, KindHappy)
	for name, damage := range map[string]func(*Journey){
		"format":    func(j *Journey) { j.Format = 2 },
		"zone":      func(j *Journey) { j.Shop.Zone = "Europe/Nowhere" },
		"source":    func(j *Journey) { j.Deliveries[0].Source = "pigeon" },
		"order":     func(j *Journey) { slices.Reverse(j.Deliveries) },
		"state":     func(j *Journey) { j.Truth.Parcels[0].Steps[0].State = "Vanished" },
		"too early": func(j *Journey) { j.Truth.Parcels[0].Steps[0].HeardAt = j.Truth.Parcels[0].Steps[0].At.Add(-time.Hour) },
		"no orders": func(j *Journey) { j.Truth.Orders = nil },
		"day":       func(j *Journey) { j.Truth.Parcels[0].Days = []StatedDay{{Day: "tomorrow"}} },
	} {
		t.Run(name, func(t *testing.T) {
			var copied Journey
			if err := json.Unmarshal(encode(journey), &copied); err != nil {
				t.Fatal(err)
			}
			damage(&copied)
			if _, err := Read(encode(copied)); err == nil {
				t.Error("the file is accepted")
			}
		})
	}
}
