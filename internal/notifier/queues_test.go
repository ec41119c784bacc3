package notifier_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/testing/series"
)

func TestWhatWaitsIsMeasuredAndNobodyIsNamed(t *testing.T) {
	s := newShop(t)
	registry := prometheus.NewRegistry()
	n := s.notifier(s.store, func(c *notifier.Config) { c.Metrics = registry })
	s.postOrder("2001")
	s.wait(time.Minute)
	got := series.Of(t, registry)
	if got["wismo_inbox_receipts_waiting"] != 1 || got["wismo_inbox_oldest_receipt_age_seconds"] != 60 {
		t.Errorf("one receipt waits for a minute: %v", got)
	}
	s.work(n)
	s.post("carrier-easypost", "no JSON")
	s.work(n)
	got = series.Of(t, registry)
	for name, want := range map[string]float64{
		"wismo_inbox_receipts_waiting":                                                 0,
		"wismo_inbox_oldest_receipt_age_seconds":                                       0,
		"wismo_inbox_receipts_quarantined":                                             1,
		"wismo_messages_overdue_seconds":                                               0,
		"wismo_sender_accepted":                                                        1,
		"wismo_source_unmapped_codes{source=api}":                                      0,
		"wismo_source_last_received_timestamp_seconds{source=api}":                     float64(start.Unix()),
		"wismo_receipts_processed_total{outcome=Quarantined}{source=carrier-easypost}": 1,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s is %v, want %v", name, value, want)
		}
	}
	for name := range got {
		if strings.Contains(name, "2001") || strings.Contains(name, "noor") || strings.Contains(name, "1015") {
			t.Errorf("%s names an order or a person", name)
		}
	}
}

func TestAMessageThatShouldHaveGoneIsOverdue(t *testing.T) {
	s := newShop(t)
	registry := prometheus.NewRegistry()
	n := s.notifier(s.store, func(c *notifier.Config) { c.Metrics = registry })
	s.postOrder("2001")
	if err := n.ReceiveAll(t.Context()); err != nil { // and nobody sends
		t.Fatal(err)
	}
	s.wait(10 * time.Minute)
	got := series.Of(t, registry)
	if got["wismo_messages_waiting"] < 1 || got["wismo_messages_overdue_seconds"] < 300 {
		t.Errorf("a message waits for ten minutes: %v", got)
	}
}
