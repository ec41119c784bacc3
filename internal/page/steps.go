package page

import (
	"slices"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// parcelSteps lists what happened to a parcel and to its shipment, newest first, below what is to come.
func (b *builder) parcelSteps(p *tracking.ParcelJourney, sh *tracking.Shipment) []event {
	var ahead, past []tracking.Step
	for _, s := range p.Steps {
		switch {
		case !s.Future:
			past = append(past, s)
		case p.Status != tracking.DeliveryAttemptFailed || !s.Time.IsZero(): // only the carrier knows the next step after an attempt
			ahead = append(ahead, s)
		}
	}
	past = append(past, phaseSteps(sh)...)
	slices.SortStableFunc(past, func(x, y tracking.Step) int { return y.Time.Compare(x.Time) })
	return b.events(append(ahead, past...))
}

func (b *builder) shipmentSteps(sh *tracking.Shipment) []event { return b.events(phaseSteps(sh)) }

// phaseSteps returns what the shop did with a shipment, newest first.
func phaseSteps(sh *tracking.Shipment) []tracking.Step {
	var steps []tracking.Step
	for _, c := range sh.Phases {
		if c.Phase != tracking.OrderReceived && c.Phase != tracking.OrderCancelled {
			steps = append(steps, tracking.Step{Occasion: tracking.Occasion(c.Phase), Time: c.At})
		}
	}
	slices.Reverse(steps)
	return steps
}

// orderSteps lists what happened to the order itself; the steps of a shipment are in its card.
func (b *builder) orderSteps() list[event] {
	ofShipment := func(s tracking.Step) bool {
		return slices.ContainsFunc(b.order.Shipments, func(sh tracking.Shipment) bool {
			return slices.ContainsFunc(phaseSteps(&sh), func(other tracking.Step) bool { return other.Occasion == s.Occasion && other.Time.Equal(s.Time) })
		})
	}
	steps := b.events(slices.DeleteFunc(slices.Clone(b.journey.Steps), ofShipment))
	for i := range steps {
		steps[i].Current = steps[i].Current && len(b.order.Shipments) == 0 // its cards show the present state
	}
	return b.fold(steps)
}

func (b *builder) events(steps []tracking.Step) []event {
	var all []event
	current := true
	for _, s := range steps {
		e := event{Title: b.stepTitle(s), Future: s.Future, Place: s.Location}
		if !s.Time.IsZero() {
			e.Day, e.Time = b.localizer.ScanDay(s.Time, b.clock), b.localizer.ScanTime(s.Time, b.clock)
		}
		if !s.Future {
			e.Current, current = current, false
		}
		if s.Reason != "" {
			e.Reason = b.say("page.reason." + string(s.Reason))
		}
		if b.shows(fieldCarrierText) && s.Text != e.Title {
			e.Text, e.Language = s.Text, s.Language
		}
		all = append(all, e)
	}
	return all
}

// stepTitle returns what happened, in the Shop's texts. A step is titled as a delay only while the parcel travels.
func (b *builder) stepTitle(s tracking.Step) string {
	travels := []tracking.Occasion{
		"", tracking.Occasion(tracking.LabelCreated), tracking.Occasion(tracking.HandedToCarrier), tracking.Occasion(tracking.InTransit),
		tracking.Occasion(tracking.InCustoms), tracking.Occasion(tracking.Exception),
	}
	switch {
	case s.Delayed && slices.Contains(travels, s.Occasion):
		return b.say("page.event.Delayed")
	case s.Occasion == "" && s.ActionRequired:
		return b.say("page.event.ActionRequired")
	case s.Occasion == "":
		return b.say("page.event.scan")
	default:
		return b.say("page.event." + string(s.Occasion))
	}
}
