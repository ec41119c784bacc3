package corpus

import (
	"math/rand/v2"
	"time"
)

// newRand returns a stream of its own for each journey of a seed.
func newRand(seed uint64, index int) *rand.Rand {
	return rand.New(rand.NewPCG(scramble(seed), scramble(seed^scramble(uint64(index)+1))))
}

// scramble returns the finalizer of splitmix64: neighbouring inputs give streams that have nothing in common.
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

func (s *builder) chance(percent int) bool { return s.rng.IntN(100) < percent }

// between returns a number from low to high, both included.
func (s *builder) between(low, high int) int { return low + s.rng.IntN(high-low+1) }

// seconds and minutes are durations from low to high, both included.
func (s *builder) seconds(low, high int) time.Duration {
	return time.Duration(s.between(low, high)) * time.Second
}

func (s *builder) minutes(low, high int) time.Duration { return 60 * s.seconds(low, high) }

func pick[E any](s *builder, from ...E) E { return from[s.rng.IntN(len(from))] }

// digits returns n random digits, the first of which is not 0.
func (s *builder) digits(n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte('0' + s.rng.IntN(10))
	}
	out[0] = byte('1' + s.rng.IntN(9))
	return string(out)
}
