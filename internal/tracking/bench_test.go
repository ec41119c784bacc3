package tracking

import (
	"testing"
	"time"
)

// BenchmarkAnOrderWithHistory assembles, projects and asks for news and the next look of an order with two parcels.
func BenchmarkAnOrderWithHistory(b *testing.B) {
	statements := placed("3SA", "3SB")
	for i := range 12 {
		at := hours(float64(20 + i))
		statements = append(statements, trackerSaid("easypost", "3SA", at, scanned(InTransit, at, "Depot")), trackerSaid("easypost", "3SB", at, scanned(InTransit, at, "Depot")))
	}
	w := hear(statements...)
	s := testSetting()
	now := hours(40)
	b.ReportAllocs()
	for b.Loop() {
		joined := Join(w.records)
		o := Assemble("id", w.records, joined.Groups[0].Bounds)
		j := Project(o, s, now)
		NewsOf(o, j, s, now)
		NextLook(o, s, now.Add(time.Minute))
	}
}
