package tracking

import (
	"slices"
	"time"
)

// orderSteps lists what happened to the order itself, newest first.
func orderSteps(o Order) []Step {
	var steps []Step
	for _, p := range o.Phases {
		steps = append(steps, Step{Occasion: Occasion(p.Phase), Time: p.At})
	}
	slices.Reverse(steps)
	return steps
}

// parcelSteps lists what happened to a parcel, newest first, and above it what is planned or still to come on the ordinary way.
func parcelSteps(p ParcelJourney, parcel Parcel, now time.Time) []Step {
	var steps, ahead []Step
	returning := parcel.Returning
	for _, s := range parcel.Scans {
		step := stepOf(s, returning)
		switch {
		case s.Ahead():
			if p.plans(s, now) {
				step.Future, step.Time = true, s.Told
				ahead = append(ahead, step)
			}
		case s.Status != "" || s.Text != "" || s.Location != "":
			if p.ofPieces(s) {
				step.Occasion = ""
			}
			returning = returning || s.turnsBack()
			steps = append(steps, step)
		}
	}
	slices.Reverse(steps)
	slices.Reverse(ahead)
	return append(append(coming(p, ahead), ahead...), steps...)
}

// plans reports whether a step that was planned still lies ahead.
func (p *ParcelJourney) plans(s Scan, now time.Time) bool {
	return !p.Status.Terminal() && s.Told.After(s.Heard) && s.Told.After(now)
}

// ofPieces reports whether a scan tells the delivery of some pieces under the number, and not of the last.
func (p *ParcelJourney) ofPieces(s Scan) bool {
	return s.Status == Delivered && p.Pieces != nil && (p.Status != Delivered || s.At().Before(p.Since))
}

// stepOf returns one scan as a step, at the time that its carrier's clock showed.
func stepOf(s Scan, returning bool) Step {
	step := Step{
		Reason: s.Reason, Delayed: s.Delayed, ActionRequired: s.ActionRequired, Time: s.At(),
		Location: s.Location, Text: s.Text, Language: s.Language,
	}
	if s.Status != "" {
		step.Occasion = Occasion(heading(s.Status, returning))
	}
	if !s.Told.IsZero() && s.At().Equal(s.Told) {
		step.Time = s.Told // in the carrier's own offset
	}
	return step
}

// coming returns the steps of the ordinary way that lie ahead, the farthest first; none when the way has ended or gone wrong.
func coming(p ParcelJourney, planned []Step) []Step {
	if p.Status.Terminal() || p.Returning || p.Withdrawn || p.State == Occasion(ParcelCancelled) {
		return nil
	}
	way := []Occasion{Occasion(Delivered), Occasion(OutForDelivery), Occasion(InTransit)}
	switch p.Status {
	case Lost, Damaged, PickupExpired, Exception:
		return nil
	case OutForDelivery, DeliveryAttemptFailed, AvailableForPickup:
		way = way[:1]
	case "", LabelCreated, ParcelCancelled:
	default:
		way = way[:2]
	}
	var steps []Step
	for _, o := range way {
		if !slices.ContainsFunc(planned, func(s Step) bool { return s.Occasion == o }) {
			steps = append(steps, Step{Occasion: o, Future: true})
		}
	}
	return steps
}
