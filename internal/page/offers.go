package page

import (
	"slices"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// actionLink is the only type of action that the page serves yet.
const actionLink = "Link"

// The actions that a merchant may configure.
const (
	cancelOrder       = "CancelOrder"
	changeAddress     = "ChangeAddress"
	reschedule        = "Reschedule"
	choosePickupPoint = "ChoosePickupPoint"
	chooseNeighbour   = "ChooseNeighbour"
	chooseSafePlace   = "ChooseSafePlace"
	startReturn       = "StartReturn"
	printReturnLabel  = "PrintReturnLabel"
	leaveReview       = "LeaveReview"
	contactSupport    = "ContactSupport"
)

// actionsByPriority returns the actions in the order in which they are offered: those that get a parcel delivered first, cancelling last. How to reach
// the shop is in the help.
func actionsByPriority() []string {
	return []string{
		changeAddress, reschedule, choosePickupPoint, chooseNeighbour, chooseSafePlace, startReturn, printReturnLabel, leaveReview,
		cancelOrder,
	}
}

// offers returns the merchant's actions that help in the state of the order.
func (b *builder) offers() []button {
	var all []button
	for _, name := range actionsByPriority() {
		if a, ok := b.configured(name); ok && b.helps(name) && b.inTime(a) {
			first := len(all) == 0 && name != cancelOrder && (b.lead.Action.Heading == "")
			all = append(all, button{b.offer(a), !first})
		}
	}
	return all
}

func (b *builder) offer(a bundle.Action) anchor { return anchor{b.say("page.action." + a.Name), a.URL} }

func (b *builder) configured(name string) (bundle.Action, bool) {
	actions := b.server.Document.Page.Actions
	i := slices.IndexFunc(actions, func(a bundle.Action) bool { return a.Name == name && a.Type == actionLink && isWebPage(a.URL) })
	if i < 0 {
		return bundle.Action{}, false
	}
	return actions[i], true
}

// inTime reports whether the order has not gone past the last phase for which the merchant offers an action.
func (b *builder) inTime(a bundle.Action) bool {
	last := tracking.Phase(a.LastPhase)
	if last == "" {
		return true
	}
	phase := b.order.Phase
	if phase == "" {
		phase = tracking.OrderReceived
	}
	if b.hasLeft() && slices.Index(tracking.Phases(), phase) < slices.Index(tracking.Phases(), tracking.Shipped) {
		phase = tracking.Shipped
	}
	return slices.Index(tracking.Phases(), phase) <= slices.Index(tracking.Phases(), last)
}

// helps reports whether an action is of use in the state of the order.
func (b *builder) helps(name string) bool {
	switch name {
	case cancelOrder:
		return b.notSentYet()
	case changeAddress:
		return b.notSentYet() || b.addressWrong()
	case startReturn:
		return b.journey.Arrived > 0
	case printReturnLabel:
		labelled := func(sh tracking.Shipment) bool { return sh.ReturnLabel != nil }
		return b.journey.Arrived > 0 && !slices.ContainsFunc(b.order.Shipments, labelled)
	case leaveReview:
		back := func(sh tracking.Shipment) bool { return sh.Direction == tracking.Return }
		return b.journey.Outcome == tracking.AllArrived && !slices.ContainsFunc(b.order.Shipments, back)
	default:
		return b.reroutable()
	}
}

// addressWrong reports whether the parcel of the headline is held up by its address.
func (b *builder) addressWrong() bool {
	p := b.leading()
	if p == nil || p.Returning || p.Status.Terminal() {
		return false
	}
	return p.Reason == tracking.ReasonAddressWrong || p.Action != nil && p.Action.Reason == tracking.ReasonAddressWrong
}

// reroutable reports whether a carrier has the parcel of the headline and another day or place would help.
func (b *builder) reroutable() bool {
	p := b.leading()
	if p == nil || p.Returning || p.Withdrawn || p.Late || p.Shared || b.order.Cancelled {
		return false
	}
	switch p.State {
	case tracking.LateWithoutNews, tracking.Stalled, tracking.NoFirstScan:
		return false
	default:
		return slices.Contains([]tracking.Status{tracking.OutForDelivery, tracking.DeliveryAttemptFailed, tracking.Exception, tracking.InTransit}, p.Status)
	}
}

// notSentYet reports whether the order is not cancelled, and nothing of it has left.
func (b *builder) notSentYet() bool {
	return !b.order.Cancelled && !b.order.Emptied && b.journey.Outcome == tracking.Open && !b.hasLeft()
}

// hasLeft reports whether something of the order has left, by the shop's statement or by a scan.
func (b *builder) hasLeft() bool {
	left := []tracking.Phase{tracking.Shipped, tracking.ReadyToCollect, tracking.Collected}
	if slices.Contains(left, b.order.Phase) {
		return true
	}
	for _, sh := range b.order.Shipments {
		if sh.Direction == tracking.Outbound && slices.Contains(left, sh.Phase) {
			return true
		}
	}
	return slices.ContainsFunc(b.journey.Parcels, func(p tracking.ParcelJourney) bool {
		return p.Direction == tracking.Outbound && p.Status.Carried()
	})
}

// act returns what the shopper must do, with one button: to where the carrier wants it done, else to the merchant's page for that.
func (b *builder) act(w message.ActionWords, p *tracking.ParcelJourney) act {
	a := act{Heading: w.Heading, Body: w.Body, Otherwise: w.Otherwise}
	if w.URL != "" {
		a.Button = anchor{w.Button, w.URL}
		return a
	}
	for _, name := range actionsFor(p.Action.Reason) {
		if configured, ok := b.configured(name); ok {
			a.Button = b.offer(configured)
			return a
		}
	}
	return a
}

// actionsFor returns the merchant's actions that do what a reason asks for, the best first.
func actionsFor(r tracking.Reason) []string {
	switch r {
	case tracking.ReasonAddressWrong, tracking.ReasonMoved:
		return []string{changeAddress, contactSupport}
	case tracking.ReasonNotHome, tracking.ReasonNoAccess, tracking.ReasonClosed:
		return []string{reschedule, choosePickupPoint, chooseNeighbour, chooseSafePlace, contactSupport}
	default:
		return []string{contactSupport}
	}
}
