package rollout_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/wismo-dev/wismo/internal/rollout"
)

// BenchmarkDecide is one decision about a fleet in the middle of a roll, without any configuration.
func BenchmarkDecide(b *testing.B) {
	for _, shops := range []int{1000, 5000} {
		b.Run(fmt.Sprint(shops, " Shops"), func(b *testing.B) {
			w := newWorld(1, shops)
			w.policy = DefaultPolicy()
			w.settle()
			w.now = w.now.Add(time.Hour)
			w.release(0)
			w.run(40)
			in := w.input(0)
			b.ReportAllocs()
			for b.Loop() {
				if out := Decide(in); len(out.Steps) != shops {
					b.Fatalf("%d of %d Shops are decided about", len(out.Steps), shops)
				}
			}
		})
	}
}
