package tracking

import (
	"cmp"
	"slices"
)

// timeline lists what happened and, above it, what is still to come on the ordinary way.
func timeline(o Order, j Journey) []Step {
	var steps []Step
	for phase, reached := range j.Phases {
		steps = append(steps, Step{Occasion: Occasion(phase), Time: reached, Parcel: -1})
	}
	for i, parcel := range o.Parcels {
		for _, e := range parcel.Events {
			if !e.scanned() {
				continue
			}
			steps = append(steps, Step{
				Occasion: Occasion(e.Status), Reason: e.Reason, Delayed: e.Delayed, ActionRequired: e.ActionRequired,
				Time: e.Time, Location: e.Location, Text: e.Text, Parcel: i,
			})
		}
	}
	slices.SortFunc(steps, newestFirst)
	return append(comingSteps(j), steps...)
}

// newestFirst breaks ties by how far the step is on the way, and then by all that is seen of it, so that equal histories
// read equally.
func newestFirst(a, b Step) int {
	return cmp.Or(
		b.Time.Compare(a.Time),
		cmp.Compare(stage(b.Occasion), stage(a.Occasion)),
		cmp.Compare(b.Parcel, a.Parcel),
		cmp.Compare(a.Location, b.Location),
		cmp.Compare(a.Text, b.Text),
		cmp.Compare(a.Reason, b.Reason),
		worseFirst(a.Delayed, b.Delayed),
		worseFirst(a.ActionRequired, b.ActionRequired),
	)
}

// worseFirst puts what is true of one of two steps above the other.
func worseFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	default:
		return 1
	}
}

func stage(o Occasion) int {
	if at := slices.Index(Phases(), Phase(o)); at >= 0 {
		return at - len(Phases())
	}
	return progress(Status(o))
}

// comingSteps are the steps of the ordinary way that lie ahead, the farthest first; none when the way has ended or gone wrong.
func comingSteps(j Journey) []Step {
	way := []Occasion{Occasion(Delivered), Occasion(OutForDelivery), Occasion(Shipped)}
	ahead := slices.Index([]Occasion{
		Occasion(DeliveryAttemptFailed), Occasion(AvailableForPickup), Occasion(OutForDelivery),
	}, j.State)
	switch {
	case j.State == Occasion(OrderCancelled) || Status(j.State).Terminal() || j.Returning || trouble(j.State):
		way = nil
	case ahead >= 0:
		way = way[:1]
	case carriedAny(j) || j.State == Occasion(Shipped):
		way = way[:2]
	}
	steps := make([]Step, 0, len(way))
	for _, o := range way {
		steps = append(steps, Step{Occasion: o, Parcel: -1, Future: true})
	}
	return steps
}

func carriedAny(j Journey) bool {
	return slices.ContainsFunc(j.Parcels, func(p ParcelJourney) bool { return carried(p.Status) })
}

func trouble(o Occasion) bool {
	return slices.Contains([]Status{Lost, Damaged, PickupExpired, ReturnInTransit, Exception}, Status(o))
}
