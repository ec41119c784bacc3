package notifier_test

import (
	"os"
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// What a definition could not read is worked off as soon as a better one is there.
func TestWhatWasPutAsideIsReadAgainWithABetterDefinition(t *testing.T) {
	s := newShop(t)
	document, err := os.ReadFile("../carrier/definition/catalog/api.yaml")
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.ReplaceAll(string(document), `"order.upserted"`, `"order.told"`)
	s.doc.Sources[0].Document = broken
	s.postOrder("1001")
	s.work(s.notifier(s.store))
	if report := s.report(); report.Inbox.Quarantined != 1 {
		t.Fatalf("inbox: %+v", report.Inbox)
	}
	s.doc.Sources[0].Document = string(document)
	n := s.notifier(s.store)
	if err := n.ReplayChanged(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.work(n)
	want(t, "messages", s.messages("1001"), []string{"OrderReceived Sent"})
	report, err := n.Report(t.Context())
	if err != nil || report.Inbox.Quarantined != 0 || report.Sources[0].Replayed != 1 {
		t.Errorf("report: %+v, %v", report, err)
	}
}

// A statement that could be of a stranger's order waits where the operator sees it.
func TestADoubtfulStatementIsReported(t *testing.T) {
	s := newShop(t)
	s.doc.Sources = append(s.doc.Sources, bundle.Source{Name: "sendcloud", Kind: bundle.Carrier, EndpointID: "d", Definition: "sendcloud", Intake: "Webhook"})
	s.postOrder("1001", withoutParcels)
	s.post("sendcloud", encode(t, map[string]any{
		"action": "parcel_status_changed", "timestamp": s.now().UnixMilli(),
		"parcel": map[string]any{"id": 3, "tracking_number": "3S1", "order_number": "1001", "email": "kim@example.org",
			"carrier": map[string]any{"code": "postnl"}, "status": map[string]any{"id": 92, "message": "Driver en route"}},
	}))
	s.work(s.notifier(s.store))
	for _, source := range s.report().Sources {
		if (source.Name == "sendcloud") != (source.Doubtful == 1) {
			t.Errorf("%s: %d doubtful", source.Name, source.Doubtful)
		}
	}
	if got := s.parcels("1001"); len(got) != 0 {
		t.Errorf("the order has %+v", got)
	}
}

func (s *shop) report() bundle.Report {
	s.t.Helper()
	report, err := s.notifier(s.store).Report(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return report
}
