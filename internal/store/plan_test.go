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

func TestAReplayOfQuarantineReadsNoOtherReceipt(t *testing.T) {
	query, args := store.ReplayQuery(store.ReplayFilter{Source: "api", States: []store.ReceiptState{store.ReceiptQuarantined}, Definition: "d1"})
	if plan := store.Plan(t, fresh(t), query, args...); !strings.Contains(plan, "receipts_quarantined") {
		t.Errorf("%s\n%s", query, plan)
	}
}
