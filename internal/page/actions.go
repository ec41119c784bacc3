package page

import (
	"slices"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// actionLink is the only type of action that the page serves yet.
const actionLink = "Link"

// lastSensible is until when an action makes sense that names no last phase. Actions that are absent always make sense.
var lastSensible = map[string]tracking.Phase{
	"CancelOrder": tracking.Packed, "ChangeAddress": tracking.Packed,
}

// afterDelivery are the actions for what has arrived, beforeDelivery those for what has not.
var (
	afterDelivery  = []string{"StartReturn", "PrintReturnLabel", "LeaveReview"}
	beforeDelivery = []string{"Reschedule", "ChooseSafePlace", "ChooseNeighbour", "ChoosePickupPoint"}
)

func (b *builder) actions() []anchor {
	var all []anchor
	for _, a := range b.server.Document.Page.Actions {
		if a.Type == actionLink && web(a.URL) && b.offered(a) {
			all = append(all, anchor{b.say("page.action." + a.Name), a.URL})
		}
	}
	return all
}

func (b *builder) offered(a bundle.Action) bool {
	delivered := b.trip.State == tracking.Occasion(tracking.Delivered)
	switch {
	case slices.Contains(afterDelivery, a.Name) && !delivered, slices.Contains(beforeDelivery, a.Name) && !b.underWay():
		return false
	}
	last := tracking.Phase(a.LastPhase)
	if last == "" {
		last = lastSensible[a.Name]
	}
	if last == "" {
		return true
	}
	return slices.Index(tracking.Phases(), b.phase()) <= slices.Index(tracking.Phases(), last)
}

// phase is how far the order is, a parcel in a carrier's hands included.
func (b *builder) phase() tracking.Phase {
	if slices.Contains(tracking.Statuses(), tracking.Status(b.trip.State)) && b.trip.State != tracking.Occasion(tracking.LabelCreated) {
		return tracking.Shipped
	}
	if b.order.Phase == "" {
		return tracking.OrderReceived
	}
	return b.order.Phase
}
