package corpus

import "iter"

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

// At is the journey with that index of a seed.
func At(seed uint64, index int) Journey { return newStory(seed, index).write().journey() }
