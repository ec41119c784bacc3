package simulate

import (
	"fmt"
	"iter"
	"slices"

	"github.com/wismo-dev/wismo/internal/corpus"
)

// Share is how many journeys of a run have a feature, and how many should have it at least.
type Share struct {
	Name    string  `json:"name"`
	Count   int     `json:"count"`
	Percent float64 `json:"percent"`
	Floor   float64 `json:"floorPercent"`
}

// features are what a realistic mix has, each with its floor in percent of the journeys.
var features = []struct {
	name  string
	floor float64
	has   func(corpus.Journey) bool
}{
	{"late", 8, func(j corpus.Journey) bool {
		return some(j, func(p corpus.Parcel) bool { _, late := p.Late(j.Truth.Until); return late })
	}},
	{"lost", 3, func(j corpus.Journey) bool {
		return some(j, func(p corpus.Parcel) bool {
			return slices.ContainsFunc(p.Steps, func(s corpus.Step) bool { return s.State == corpus.StateLost })
		})
	}},
	{"never pushed", 10, func(j corpus.Journey) bool { return some(j, func(p corpus.Parcel) bool { return p.NeverPushed }) }},
	{"split", 10, func(j corpus.Journey) bool {
		for _, o := range j.Truth.Orders {
			n := 0
			for _, p := range j.Truth.ParcelsOf(o.Number) {
				if p.Direction == corpus.Outbound {
					n++
				}
			}
			if n > 1 {
				return true
			}
		}
		return false
	}},
	{"corrected", 5, func(j corpus.Journey) bool {
		return j.Has(corpus.KindCorrected) || j.Has(corpus.KindEdited) || j.Has(corpus.KindAddressCorrected)
	}},
}

func some(j corpus.Journey, is func(corpus.Parcel) bool) bool {
	return slices.ContainsFunc(j.Truth.Parcels, is)
}

// MixOf returns the mix of journeys without running them.
func MixOf(journeys iter.Seq[corpus.Journey]) []Share {
	var counts []int
	n := 0
	for j := range journeys {
		counts = tallyMix(counts, j)
		n++
	}
	return shares(counts, n)
}

// tallyMix counts the features of the journeys.
func tallyMix(counts []int, j corpus.Journey) []int {
	if counts == nil {
		counts = make([]int, len(features))
	}
	for i, f := range features {
		if f.has(j) {
			counts[i]++
		}
	}
	return counts
}

func shares(counts []int, journeys int) []Share {
	all := make([]Share, 0, len(features))
	for i, f := range features {
		n := 0
		if counts != nil {
			n = counts[i]
		}
		all = append(all, Share{Name: f.name, Count: n, Percent: percent(n, journeys), Floor: f.floor})
	}
	return all
}

// BelowFloor returns a sentence for each feature that too few of the journeys have.
func BelowFloor(mix []Share) []string {
	var below []string
	for _, s := range mix {
		if s.Percent < s.Floor {
			below = append(below, fmt.Sprintf("%.1f %% of the journeys are %s, at least %.0f %% are needed", s.Percent, s.Name, s.Floor))
		}
	}
	return below
}
