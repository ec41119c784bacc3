package store_test

import (
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/internal/store"
)

func TestClaimsReadAnIndexAndSortNothingButTheirBatch(t *testing.T) {
	s := fresh(t)
	for query, parameters := range store.Queries() {
		plan := store.Plan(t, s, query, make([]any, parameters)...)
		for line := range strings.SplitSeq(plan, "\n") {
			scan := strings.HasPrefix(line, "SCAN ") && !strings.HasPrefix(line, "SCAN pending") && !strings.HasPrefix(line, "SCAN overlong")
			if scan || strings.Contains(line, "TEMP B-TREE FOR ORDER BY") {
				t.Errorf("%s\n%s", query, plan)
				break
			}
		}
	}
}
