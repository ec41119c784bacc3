package corpus

import (
	"math/rand/v2"
)

// story is a journey that is being written.
type story struct {
	rng   *rand.Rand
	seed  uint64
	index int
}

func newStory(seed uint64, index int) *story {
	return &story{rng: rand.New(rand.NewPCG(seed, uint64(index))), seed: seed, index: index}
}

func (s *story) journey() Journey {
	return Journey{Format: Format, Seed: s.seed, Index: s.index}
}
