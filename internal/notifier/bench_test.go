package notifier_test

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkReceiptsUnderstood works off parcel events of orders that have a history of their own, and decides on what they tell.
func BenchmarkReceiptsUnderstood(b *testing.B) {
	s := newShop(b)
	s.doc.Email.FromAddress = "" // messages wait: the mail server is not what is measured
	n := s.notifier(s.store)
	const orders = 200
	for i := range orders {
		s.postOrder(fmt.Sprint(10000+i), func(order map[string]any) {
			order["customer"] = map[string]any{"name": "Noor Jansen", "email": fmt.Sprintf("noor%d@example.org", i)}
		})
	}
	if err := n.ReceiveAll(b.Context()); err != nil {
		b.Fatal(err)
	}
	statuses := []string{"LabelCreated", "InTransit", "InTransit", "OutForDelivery", "DeliveryAttemptFailed", "InTransit", "OutForDelivery", "Delivered"}
	posted := 0
	for i := range b.N {
		if i%orders == 0 {
			s.wait(time.Hour)
		}
		s.post("api", event(b, fmt.Sprint(10000+i%orders), statuses[(i/orders)%len(statuses)], s.now().Add(-time.Minute)))
		posted++
	}
	b.ResetTimer()
	if err := n.ReceiveAll(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(posted)/b.Elapsed().Seconds(), "receipts/s")
}
