package store_test

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/store"
)

func TestAStoreReportsThatItIsFullWhileThereIsStillTimeToAct(t *testing.T) {
	const mebi = 1 << 20
	for name, c := range map[string]struct {
		free, size uint64
		want       bundle.Health
	}{
		"an empty volume":           {1000 * mebi, 1024 * mebi, bundle.Healthy},
		"a twentieth is left":       {52 * mebi, 1024 * mebi, bundle.Healthy},
		"less than that":            {51 * mebi, 1024 * mebi, bundle.Full},
		"a small volume":            {31 * mebi, 100 * mebi, bundle.Full},
		"a large disk, a lot left":  {513 * mebi, 1 << 40, bundle.Healthy},
		"a large disk, little left": {511 * mebi, 1 << 40, bundle.Full},
		"nothing at all":            {0, 1024 * mebi, bundle.Full},
	} {
		if got := store.HealthOf(c.free, c.size); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	counts, err := fresh(t).Counts(t.Context())
	if err != nil || (counts.Storage != bundle.Healthy && counts.Storage != bundle.Full) {
		t.Errorf("the store says %q (%v)", counts.Storage, err)
	}
}
