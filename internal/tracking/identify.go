package tracking

import (
	"slices"
	"strings"
	"time"
)

// Identify tells the purchases of a source apart that gives its orders no id of their own. A number alone is used again, so a
// statement about it is known by the day of placing, or by its own day where that is not said: Join unites those that are one
// purchase. The shipments that such an order states follow it.
func Identify(statements []Statement) []Statement {
	renamed := map[Key]string{} // the old key of an order -> its new ref
	for i := range statements {
		s := &statements[i]
		if s.Order == nil || s.Order.ExternalID != "" {
			continue
		}
		at := s.Order.PlacedAt
		if at.IsZero() || at.After(s.Stamp.Heard) {
			at = s.Stamp.Version
		}
		old := s.Key
		s.Key.Ref += "@" + at.UTC().Format(time.DateOnly)
		renamed[old] = s.Key.Ref
		if s.Order.Shipments != nil {
			refs := slices.Clone(*s.Order.Shipments)
			for n, ref := range refs {
				refs[n] = follow(ref, old.Ref, s.Key.Ref)
			}
			s.Order.Shipments = &refs
		}
	}
	for i := range statements {
		s := &statements[i]
		if s.Shipment == nil {
			continue
		}
		for old, ref := range renamed {
			if old.Source == s.Key.Source {
				s.Key.Ref = follow(s.Key.Ref, old.Ref, ref)
			}
		}
	}
	return statements
}

// follow renames what stands below an order's ref.
func follow(ref, old, renamed string) string {
	if below, ok := strings.CutPrefix(ref, old+"/"); ok {
		return renamed + "/" + below
	}
	return ref
}
