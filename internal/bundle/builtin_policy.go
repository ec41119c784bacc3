package bundle

import (
	"cmp"
	"slices"
)

// BuiltinPolicy is what every Shop starts from; base policies and its own merge over it, occasion by occasion.
// An ordinary journey (received, label, in transit, out for delivery, delivered) makes four mails of it. Plain progress that
// asks nothing of the shopper and gives no date is for the page only.
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
