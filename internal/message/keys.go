package message

import (
	"slices"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// mailKey returns the key of the mail's texts about a subject, up to their last part. What has words of its own (a return, a letter, a part
// of an order) never falls back to words that are true of something else.
func (l *Localizer) mailKey(s subject) string {
	name := string(s.occasion)
	switch {
	case s.isReturn() && !isReturnOccasion(s.occasion):
		return "mail.return." + returnWord(s.occasion)
	case s.order.Cancelled && l.Has("mail.cancelled."+name+".subject"):
		return "mail.cancelled." + name
	case s.occasion == tracking.Occasion(tracking.Delivered):
		return s.deliveredKey()
	case s.unsentLate():
		return "mail.unsent." + name
	case s.isPart() && l.Has("mail.part."+name+".subject"):
		return "mail.part." + name
	case s.method(l.setting) == tracking.MethodLetter && l.Has("mail.letter."+name+".subject"):
		return "mail.letter." + name
	}
	return "mail." + name
}

// isPart reports whether the subject is less than the order.
func (s subject) isPart() bool {
	if s.shipment == nil && s.parcel == nil {
		return false
	}
	return s.several() || len(s.journey.Unsent) > 0
}

// deliveredKey distinguishes a part from the whole order: an order is "delivered" when everything of it has come.
func (s subject) deliveredKey() string {
	j := s.journey
	_, count := s.placeAndCount()
	switch {
	case j.Arrived < j.Total || j.Waiting > 0 || s.followed():
		return "mail.part.Delivered"
	case count > 1:
		return "mail.last.Delivered"
	}
	return "mail.Delivered"
}

// followed reports whether another parcel was delivered after the subject.
func (s subject) followed() bool {
	return s.parcel != nil && slices.ContainsFunc(s.journey.Parcels, func(p tracking.ParcelJourney) bool {
		return p.Direction == tracking.Outbound && counts(p) && p.Status == tracking.Delivered && p.Since.After(s.parcel.Since)
	})
}

// returnWord returns the last part of the key of the words for an occasion of a return.
func returnWord(occasion tracking.Occasion) string {
	switch tracking.Status(occasion) {
	case tracking.LabelCreated, tracking.Lost, tracking.Damaged:
		return string(occasion)
	case tracking.HandedToCarrier, tracking.InTransit, tracking.InCustoms, tracking.OutForDelivery, tracking.ReturnInTransit:
		return string(tracking.ReturnInTransit)
	case tracking.Delivered, tracking.ReturnedToSender:
		return string(tracking.ReturnedToSender)
	default:
		return "other"
	}
}

// afterKey returns the key of what follows; there may be no text.
func (l *Localizer) afterKey(s subject) string {
	name := string(s.occasion)
	switch method := s.method(l.setting); {
	case s.isReturn() && !isReturnOccasion(s.occasion):
		return ""
	case s.collected():
		return ""
	case s.repaid():
		return "page.next." + string(tracking.Refunded)
	case s.labelled():
		return "page.return.next." + string(tracking.LabelCreated)
	case method == tracking.MethodPickup:
		return variant(s.occasion, "mail.after.pickup.", "mail.after.")
	case method == tracking.MethodLetter:
		return variant(s.occasion, "mail.after.letter.", "")
	case method == tracking.MethodDigital:
		return variant(s.occasion, "mail.after.digital.", "")
	}
	return "mail.after." + name
}

// variant returns a key with words of its own for the start of an order and for what is collected at the shop; "" for all else.
func variant(occasion tracking.Occasion, prefix, collected string) string {
	switch {
	case occasion == tracking.Occasion(tracking.OrderReceived):
		return prefix + string(occasion)
	case collected != "" && occasion == tracking.Occasion(tracking.ReadyToCollect):
		return collected + string(occasion)
	}
	return ""
}
