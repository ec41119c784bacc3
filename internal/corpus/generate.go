package corpus

import (
	"iter"
	"time"
)

// Generate yields n journeys of a seed. Journey i depends on the seed and on i alone.
func Generate(seed uint64, n int) iter.Seq[Journey] {
	return func(yield func(Journey) bool) {
		for i := range n {
			if !yield(At(seed, i)) {
				return
			}
		}
	}
}

// At returns the journey with that index of a seed.
func At(seed uint64, index int) Journey { return newBuilder(seed, index).write().journey() }

// AtDay is like At, but its first order is placed on the given day, unless its kind needs a season of its own.
func AtDay(seed uint64, index int, day time.Time) Journey {
	s := newBuilder(seed, index)
	s.start = on(day.Date())
	return s.write().journey()
}
