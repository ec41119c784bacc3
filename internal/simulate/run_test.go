package simulate_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/corpus"
	"github.com/wismo-dev/wismo/internal/simulate"
	"github.com/wismo-dev/wismo/internal/simulate/check"
)

func simulated(t *testing.T, c simulate.Config, seed uint64, n int) simulate.Result {
	t.Helper()
	if c.Document == nil {
		c.Document = document()
	}
	c.Limits = simulate.LimitsOf(c.Document)
	r, err := simulate.Run(t.Context(), c, corpus.Generate(seed, n))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheJourneyBarHolds(t *testing.T) {
	r := simulated(t, simulate.Config{}, 1, 300)
	for _, broken := range r.Levels.Broken() {
		t.Error(broken)
	}
	shown := map[check.Kind]int{}
	for _, f := range r.Findings {
		if shown[f.Kind]++; shown[f.Kind] <= 3 {
			t.Log(f)
		}
	}
	if r.Journeys != 300 || r.Tally.Pages < 300*5 || r.Tally.Mails < 300 || r.Tally.Knowable < 300*20 {
		t.Errorf("too little was looked at: %d journeys, %+v", r.Journeys, r.Tally)
	}
}

func TestAPolicyThatWatchesNothingBreaksTheBar(t *testing.T) {
	doc := document()
	doc.Policy.Watch = bundle.Watch{}
	blind := simulated(t, simulate.Config{Document: doc}, 1, 60).Levels
	if blind.LateWithoutNotice == 0 || len(blind.Broken()) == 0 {
		t.Errorf("with all watches off the levels are %+v", blind)
	}
}

func TestEqualJourneysGiveEqualResults(t *testing.T) {
	one := simulated(t, simulate.Config{Workers: 1, Chunk: 10, Diary: true}, 3, 30)
	two := simulated(t, simulate.Config{Workers: 3, Chunk: 10, Diary: true}, 3, 30)
	if a, b := encode(t, one), encode(t, two); !bytes.Equal(a, b) {
		t.Errorf("one worker\n%.2000s\nthree workers\n%.2000s", a, b)
	}
}

func encode(t *testing.T, r simulate.Result) []byte {
	t.Helper()
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTheDiaryTellsWhatBecameOfEachMessage(t *testing.T) {
	r := simulated(t, simulate.Config{Diary: true}, 1, 20)
	became := map[simulate.Became]int{}
	for _, e := range r.Diary {
		became[e.Became]++
		said := e.Journey != "" && e.Order != "" && !e.At.IsZero() && e.Occasion != "" && e.Rule != ""
		if !said || e.Became == simulate.Sent && e.Subject == "" {
			t.Errorf("an entry says too little: %+v", e)
		}
	}
	if became[simulate.Sent] == 0 || became[simulate.Suppressed] == 0 {
		t.Errorf("%v", became)
	}
	if sent := r.Tally.Mails; became[simulate.Sent] != sent {
		t.Errorf("%d mails were read, the diary knows %d", sent, became[simulate.Sent])
	}
}

func TestTheMixIsAsHardAsRealShopsAre(t *testing.T) {
	for seed := range uint64(3) {
		for _, thin := range simulate.BelowFloor(simulate.MixOf(corpus.Generate(seed, 1000))) {
			t.Errorf("seed %d: %s", seed, thin)
		}
	}
}
