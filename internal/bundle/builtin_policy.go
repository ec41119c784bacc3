package bundle

import (
	"cmp"
	"slices"
)

// BuiltinPolicy returns the policy that every Shop starts from; base policies and its own are merged over it, occasion by occasion.
// An ordinary journey (received, shipped, out for delivery, delivered) leads to four mails. Plain progress that asks nothing of the
// shopper and gives no new date is shown on the page only.
func BuiltinPolicy() Policy {
	levels := map[string]Level{
		"OrderReceived":   Important, // owed for every purchase, however many there are
		"Shipped":         Routine,
		"Delivered":       Routine,
		"ReturnRequested": Routine,

		"OutForDelivery":     Important, // be at home
		"AvailableForPickup": Important,
		"ReadyToCollect":     Important,
		"EtaMoved":           Important,
		"Delayed":            Important,
		"LateWithoutNews":    Important,
		"NoFirstScan":        Important,
		"Stalled":            Important,
		"NextLegMissing":     Important,
		"SilentOrder":        Important,
		"Exception":          Important,
		"OrderCancelled":     Important,
		"ReturnInTransit":    Important,
		"ReturnedToSender":   Important,
		"ReturnReceived":     Important,
		"Refunded":           Important,

		"ActionRequired":        Critical,
		"DeliveryAttemptFailed": Critical,
		"LastAttempt":           Critical,
		"PickupExpiring":        Critical,
		"PickupExpired":         Critical,
		"Lost":                  Critical,
		"Damaged":               Critical,
		"Disposed":              Critical,
		"ParcelCancelled":       Critical,

		"ArrivesTomorrow": PageOnly,
		"Cancelled":       PageOnly, // one shipment of an order; the order's own cancellation is told
		"Collected":       PageOnly,
		"EtaFirstKnown":   PageOnly,
		"InCustoms":       PageOnly, // where the shopper must act, the message is critical by itself
		"LocationChanged": PageOnly,
		"ReturnInspected": PageOnly,
	}
	rules := make([]Rule, 0, len(levels))
	for occasion, level := range levels {
		rules = append(rules, Rule{Occasion: occasion, Level: level, Channels: []string{"Email"}})
	}
	slices.SortFunc(rules, func(a, b Rule) int { return cmp.Compare(a.Occasion, b.Occasion) })
	return Policy{
		Rules:      rules,
		Budget:     Budget{RoutinePerOrder: 5, PerRecipientPerDay: 6},
		QuietHours: &QuietHours{Start: "21:00", End: "08:00"},
		Watch: Watch{
			SilentOrderHours: 48, NoFirstScanHours: 48, NoScanHours: 96,
			LateNoticeTime: "20:00", PickupReminderDays: 2, EtaShiftHours: 4,
		},
	}
}
