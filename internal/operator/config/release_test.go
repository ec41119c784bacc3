package config

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/wismo-dev/wismo/internal/rollout"
)

func TestWithoutAWordReleasesMoveByTheDefaults(t *testing.T) {
	c, err := Parse(nil, env)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Release.Policy(); !reflect.DeepEqual(got, rollout.DefaultPolicy()) {
		t.Errorf("the policy is %+v", got)
	}
}

func TestWavesAreReadAsWritten(t *testing.T) {
	c, err := Parse([]byte(`
release:
  waves:
  - {name: canary, selector: {matchLabels: {ring: canary}}, maxConcurrent: 1, bakeSeconds: 60}
  - {name: early, selector: {matchExpressions: [{key: ring, operator: In, values: [early, soon]}]}, maxFailures: 2%, approval: Required}
  - {name: all, size: 50, maxConcurrent: 20%, maxFailures: 3, bakeSeconds: 0}
  progressDeadlineSeconds: 120
  onBreach: Hold
  rollbackScope: All
  rollbackConcurrent: 3
`), env)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Release.Policy()
	taken := map[string]string{} // by ring, the first wave that selects it
	for i, w := range p.Waves {
		for _, ring := range []string{"canary", "soon", "other"} {
			if taken[ring] == "" && (w.Selector == nil || w.Selector.Matches(labels.Set{"ring": ring})) {
				taken[ring] = w.Name
			}
		}
		p.Waves[i].Selector = nil
	}
	want := map[string]string{"canary": "canary", "soon": "early", "other": "all"}
	if diff := cmp.Diff(want, taken); diff != "" {
		t.Errorf("the waves take other Shops: %s", diff)
	}
	tenth := rollout.Amount{Value: 10, Percent: true}
	if diff := cmp.Diff(rollout.Policy{
		Waves: []rollout.Wave{
			{Name: "canary", MaxConcurrent: rollout.Amount{Value: 1}, Bake: time.Minute},
			{Name: "early", MaxConcurrent: tenth, MaxFailures: rollout.Amount{Value: 2, Percent: true}, Bake: rollout.DefaultBake, NeedsApproval: true},
			{Name: "all", Size: 50, MaxConcurrent: rollout.Amount{Value: 20, Percent: true}, MaxFailures: rollout.Amount{Value: 3}},
		},
		ProgressDeadline: 2 * time.Minute, OnBreach: rollout.Hold, Scope: rollout.AllShops, RollbackConcurrent: rollout.Amount{Value: 3},
	}, p); diff != "" {
		t.Error(diff)
	}
}

func TestAllAtOnceWaitsForNothingAndStopsAtNothing(t *testing.T) {
	c, err := Parse([]byte("release: {strategy: AllAtOnce}"), env)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Release.Policy()
	if len(p.Waves) != 1 || p.Waves[0].Selector != nil || p.Waves[0].Size != 0 || p.Waves[0].Bake != 0 || p.Waves[0].NeedsApproval {
		t.Errorf("the waves are %+v", p.Waves)
	}
	if enough := 1_000_000; p.Waves[0].MaxConcurrent.Value < enough || p.Waves[0].MaxFailures.Value < enough {
		t.Errorf("something is limited: %+v", p.Waves[0])
	}
}

func TestAWrongReleaseSectionNamesEveryFault(t *testing.T) {
	many := strings.Repeat("{name: a},", 17)
	for document, wants := range map[string][]string{
		"release: {strategy: Never, onBreach: Panic, rollbackScope: Some}":             {"release.strategy", "release.onBreach", "release.rollbackScope"},
		"release: {strategy: AllAtOnce, waves: [{name: a}]}":                           {"release.waves must be empty"},
		"release: {waves: [" + many + "]}":                                             {"not have more than 16", "waves[1].name"},
		"release: {waves: [{name: rest}, {name: 'A B'}]}":                              {"waves[0].name", "waves[1].name"},
		"release: {waves: [{name: a, maxConcurrent: 10, maxFailures: 101%}]}":          {"waves[0].maxFailures"},
		"release: {waves: [{name: a, maxConcurrent: -1, maxFailures: x%}]}":            {"waves[0].maxConcurrent", "waves[0].maxFailures"},
		"release: {waves: [{name: a, bakeSeconds: -1, size: -1, approval: Maybe}]}":    {"waves[0].bakeSeconds", "waves[0].size", "waves[0].approval"},
		"release: {waves: [{name: a, selector: {matchLabels: {'a b': c}}}]}":           {"waves[0].selector"},
		"release: {waves: [{name: a, selector: {matchLabel: {a: c}}}]}":                {"matchLabel"},
		"release: {progressDeadlineSeconds: 5, rollbackConcurrent: '1/2', wave: true}": {"wave"},
		"release: {progressDeadlineSeconds: 5, rollbackConcurrent: '1/2'}":             {"release.progressDeadlineSeconds", "release.rollbackConcurrent"},
	} {
		_, err := Parse([]byte(document), env)
		for _, want := range wants {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v does not name %s", document, err, want)
			}
		}
	}
}
