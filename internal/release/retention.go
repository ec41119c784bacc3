package release

import (
	"maps"
	"slices"
)

// Kept is how many releases stay, beside those that something refers to.
const Kept = 10

// Expired returns the releases, by number, to which nothing refers and which are not among the last ones; sorted.
func Expired(numbers []int64, referred map[int64]bool) []int64 {
	all := slices.Compact(slices.Sorted(slices.Values(numbers)))
	old := all[:max(0, len(all)-Kept)]
	return slices.DeleteFunc(slices.Clone(old), func(n int64) bool { return referred[n] })
}

// Orphans returns the content that none of the releases refers to; sorted.
func Orphans(contents []string, releases []Document) []string {
	used := map[string]bool{}
	for _, d := range releases {
		for name := range maps.Values(d.Library) {
			used[name] = true
		}
	}
	return slices.DeleteFunc(slices.Sorted(slices.Values(contents)), func(name string) bool { return used[name] })
}

// Next returns the number after all that are known of, whatever became of their releases: a number is never used again.
func Next(seen ...int64) int64 {
	next := int64(1)
	for _, n := range seen {
		next = max(next, n+1)
	}
	return next
}
