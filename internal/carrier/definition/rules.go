package definition

import (
	"cmp"
	"slices"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// RulesOf returns the rules of every carrier that the sources report on: those of the integration, else those of the definition. Of
// two sources with rules for one carrier, the first one wins, rule by rule.
func RulesOf(sources []bundle.Source) []bundle.CarrierRules {
	var all []bundle.CarrierRules
	for _, s := range sources {
		all = addRules(all, s.Carriers)
	}
	for _, s := range sources {
		d, err := Resolve(s)
		if err != nil {
			continue // each of its receipts is quarantined with the error
		}
		for _, c := range d.Carriers {
			all = addRules(all, []bundle.CarrierRules{c.Rules()})
		}
	}
	return all
}

// addRules fills in the rules that are not known yet.
func addRules(known, more []bundle.CarrierRules) []bundle.CarrierRules {
	for _, r := range more {
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
