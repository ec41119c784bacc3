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
		if s := &statements[i]; s.Order != nil && s.Order.ExternalID == "" {
			old := s.Key
			s.date()
			renamed[old] = s.Key.Ref
		}
	}
	for i := range statements {
		s := &statements[i]
		for old, ref := range renamed {
			if s.Shipment != nil && old.Source == s.Key.Source {
				s.Key.Ref = follow(s.Key.Ref, old.Ref, ref)
			}
		}
	}
	return statements
}

// date adds the day of placing to the ref of an order, and to those of its shipments.
func (s *Statement) date() {
	at := s.Order.PlacedAt
	if at.IsZero() || at.After(s.Stamp.Heard) {
		at = s.Stamp.Version
	}
	old := s.Key.Ref
	s.Key.Ref += "@" + at.UTC().Format(time.DateOnly)
	if s.Order.Shipments == nil {
		return
	}
	refs := slices.Clone(*s.Order.Shipments)
	for n, ref := range refs {
		refs[n] = follow(ref, old, s.Key.Ref)
	}
	s.Order.Shipments = &refs
}

// follow renames what stands below an order's ref.
func follow(ref, old, renamed string) string {
	if below, ok := strings.CutPrefix(ref, old+"/"); ok {
		return renamed + "/" + below
	}
	return ref
}
