package message

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// BenchmarkCheck is what the operator does for each Shop with a text of the house when that changes.
func BenchmarkCheck(b *testing.B) {
	doc := shop("nl")
	doc.Texts = map[string]bundle.Texts{"nl": {"mail.OutForDelivery.subject": "Uw pakket is onderweg"}}
	b.ReportAllocs()
	for b.Loop() {
		if problems := Check(doc); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}
