package release

import (
	"maps"
	"slices"
)

// Difference is what one release changes in another.
type Difference struct {
	// Everywhere says that it changes what every Shop runs.
	Everywhere bool
	// Library are the keys of the objects that differ, sorted.
	Library []string
}

// Compare returns what lies between two releases.
func Compare(a, b Document) Difference {
	bareA, bareB := a, b
	bareA.Library, bareB.Library = nil, nil
	difference := Difference{Everywhere: string(bareA.Encode()) != string(bareB.Encode())}
	keys := map[string]bool{}
	for _, d := range []Document{a, b} {
		for key := range d.Library {
			if a.Library[key] != b.Library[key] {
				keys[key] = true
			}
		}
	}
	difference.Library = slices.Sorted(maps.Keys(keys))
	return difference
}
