package frozen

import (
	"cmp"
	"slices"
)

// BuiltinPolicy is the one of the releases whose workloads are these readers.
func BuiltinPolicy() Policy {
	levels := map[string]Level{
		"OrderReceived": Routine,
		"Shipped":       Routine,
		"Delivered":     Routine,

		"OutForDelivery":     Important, // be at home
		"AvailableForPickup": Important,
		"Delayed":            Important,
		"ReturnInTransit":    Important,
		"ReturnedToSender":   Important,
		"OrderCancelled":     Important,
		"Exception":          Important,

		"DeliveryAttemptFailed": Critical,
		"LastAttempt":           Critical,
		"PickupExpiring":        Critical,
		"PickupExpired":         Critical,
		"Lost":                  Critical,
		"Damaged":               Critical,

		"EtaFirstKnown": PageOnly,
	}
	rules := make([]Rule, 0, len(levels))
	for occasion, level := range levels {
		rules = append(rules, Rule{Occasion: occasion, Level: level, Channels: []string{"Email"}})
	}
	slices.SortFunc(rules, func(a, b Rule) int { return cmp.Compare(a.Occasion, b.Occasion) })
	return Policy{Rules: rules, Budget: Budget{RoutinePerOrder: 5}}
}
