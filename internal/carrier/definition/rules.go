package definition

import (
	"cmp"
	"slices"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// RulesOf are the rules of every carrier that a source speaks of: as the integration says, else as the definition does. Of two
// sources that speak of one carrier, the first one counts for what it says.
func RulesOf(sources []bundle.Source) []bundle.CarrierRules {
	var all []bundle.CarrierRules
	for _, s := range sources {
		all = addRules(all, s.Carriers)
	}
	for _, s := range sources {
		d, err := Resolve(s)
		if err != nil {
			continue // its receipts say so, one by one
		}
		for _, c := range d.Carriers {
			all = addRules(all, []bundle.CarrierRules{c.Rules()})
		}
	}
	return all
}

// addRules adds what is said of each carrier to what is known of it already, which stays.
func addRules(known, said []bundle.CarrierRules) []bundle.CarrierRules {
	for _, r := range said {
		i := slices.IndexFunc(known, func(k bundle.CarrierRules) bool { return k.Name == r.Name })
		if i < 0 {
			known = append(known, r)
			continue
		}
		k := &known[i]
		k.MaxDeliveryAttempts = cmp.Or(k.MaxDeliveryAttempts, r.MaxDeliveryAttempts)
		k.PickupHoldDays = cmp.Or(k.PickupHoldDays, r.PickupHoldDays)
		if k.Notices == nil {
			k.Notices = r.Notices
		}
	}
	return known
}
