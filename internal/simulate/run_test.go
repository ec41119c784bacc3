package simulate_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/corpus"
	"github.com/wismo-dev/wismo/internal/simulate"
)

func TestExplore(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("WISMO_JOURNEYS"))
	if err != nil {
		t.Skip()
	}
	start := time.Now()
	doc := document()
	r, err := simulate.Run(t.Context(), simulate.Config{Document: doc, Limits: simulate.LimitsOf(doc), Diary: os.Getenv("WISMO_DIARY") != "", Workers: 2, Chunk: 100}, corpus.Generate(1, n))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d journeys in %s: %+v\n%+v\n%v %v", r.Journeys, time.Since(start), r.Levels, r.Tally, r.Kinds, r.Mix)
	kinds := map[string]int{}
	shown := map[string]int{}
	for _, f := range r.Findings {
		kinds[string(f.Kind)+"/"+f.Where]++
		if k := string(f.Kind) + f.Where; shown[k] < 12 {
			shown[k]++
			t.Log(f)
		}
	}
	t.Log(kinds)
	for _, e := range r.Diary {
		t.Log(e)
	}
}
