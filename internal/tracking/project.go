package tracking

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Project computes what a shopper is shown of the order at the instant now. Promises are reckoned in zone, the Shop's.
// It reads the events in the order of the carriers' clocks, whatever the order in which they arrived.
func Project(o Order, p Promise, zone *time.Location, now time.Time) Journey {
	j := Journey{Phases: phaseTimes(o), Parcels: make([]ParcelJourney, 0, len(o.Parcels))}
	promise := promised(o, p, zone)
	for _, parcel := range o.Parcels {
		j.Parcels = append(j.Parcels, projectParcel(parcel, promise))
	}
	j.headline(o.Phase)
	for _, parcel := range j.Parcels {
		j.count(parcel, zone)
	}
	if len(o.Parcels) == 0 && j.State != Occasion(OrderCancelled) {
		j.ETA = promise
	}
	j.Late = j.ETA != nil && now.After(j.ETA.End(zone))
	j.Timeline = timeline(o, j)
	return j
}

// phaseTimes adds what an order tells implicitly: that it was received when it was placed.
func phaseTimes(o Order) map[Phase]time.Time {
	times := maps.Clone(o.PhaseTimes)
	if times == nil {
		times = map[Phase]time.Time{}
	}
	if received := earliest(times[OrderReceived], o.PlacedAt); !received.IsZero() {
		times[OrderReceived] = received
	}
	return times
}

// projectParcel folds the parcel's events, oldest first.
func projectParcel(parcel Parcel, promise *ETA) ParcelJourney {
	p := ParcelJourney{Carrier: parcel.Carrier, Number: parcel.Number, URL: parcel.URL, ETA: promise, Reached: map[Status]time.Time{}}
	events := slices.SortedFunc(slices.Values(parcel.Events), compareEvents)
	for _, e := range events {
		p.take(e)
	}
	if p.Status.Terminal() || p.Returning {
		p.ETA = nil
	}
	return p
}

// scanned says that somebody saw the parcel: an event that only moves the ETA does not.
func (e Event) scanned() bool {
	return e.Status != "" || e.Text != "" || e.Location != ""
}

func (p *ParcelJourney) take(e Event) {
	if e.scanned() {
		p.LastScan = &Scan{Time: e.Time, Location: e.Location}
	}
	if e.ETA != nil {
		eta := *e.ETA
		p.ETA = &eta
	}
	if e.Delayed && p.DelayedAt.IsZero() {
		p.DelayedAt = e.Time
	}
	if e.Status == "" {
		p.Delayed = p.Delayed || e.Delayed
		p.ActionRequired = p.ActionRequired || e.ActionRequired
		return
	}
	p.reach(e)
}

// reach takes an event that tells a status. A delay lasts until the parcel is on its last leg; that the shopper
// must act and the reason last until the next status. A terminal status is left only by a later carrier time: at one
// instant compareEvents puts it last.
func (p *ParcelJourney) reach(e Event) {
	if p.Reached[e.Status].IsZero() {
		p.Reached[e.Status] = e.Time
	}
	if e.Status == DeliveryAttemptFailed {
		p.Attempts++
	}
	if p.Status != e.Status {
		p.Since = e.Time
	}
	p.Status, p.Reason, p.ActionRequired = e.Status, e.Reason, e.ActionRequired
	p.Returning = e.Returning || e.Status == ReturnInTransit || e.Status == ReturnedToSender
	p.Delayed = e.Delayed || (p.Delayed && underWay(e.Status))
}

// underWay says that a delay told earlier still means something.
func underWay(s Status) bool {
	return slices.Contains([]Status{LabelCreated, HandedToCarrier, InTransit, InCustoms, Exception}, s)
}

// carried says that a parcel of this status has been in a carrier's hands.
func carried(s Status) bool {
	return s != "" && s != LabelCreated && s != ParcelCancelled
}

// prominence orders parcels for the headline: trouble first, then the least advanced, what has arrived last.
// A parcel of which no carrier has spoken yields to those on their way, but not to those that have arrived.
var prominence = []Status{
	Lost, Damaged, Exception, PickupExpired, DeliveryAttemptFailed, ReturnInTransit,
	LabelCreated, HandedToCarrier, InTransit, InCustoms, OutForDelivery, AvailableForPickup,
	"", ReturnedToSender, Disposed, Delivered, ParcelCancelled,
}

func (j *Journey) headline(phase Phase) {
	j.State = Occasion(cmp.Or(phase, OrderReceived))
	j.Since = j.Phases[Phase(j.State)]
	if len(j.Parcels) == 0 {
		return
	}
	lead := slices.MinFunc(j.Parcels, func(a, b ParcelJourney) int {
		return cmp.Or(cmp.Compare(slices.Index(prominence, a.Status), slices.Index(prominence, b.Status)), a.Since.Compare(b.Since))
	})
	moved := slices.ContainsFunc(j.Parcels, func(p ParcelJourney) bool { return carried(p.Status) })
	if lead.Status == "" || lead.Status == ParcelCancelled || (phase == OrderCancelled && !moved) {
		return
	}
	j.State, j.Since, j.Reason = Occasion(lead.Status), lead.Since, lead.Reason
	j.ActionRequired, j.Returning = lead.ActionRequired, lead.Returning
}

// count adds one parcel to what is said of the whole order.
func (j *Journey) count(p ParcelJourney, zone *time.Location) {
	j.sawLast(p.LastScan)
	if p.Status == ParcelCancelled || j.State == Occasion(OrderCancelled) {
		return
	}
	j.Total++
	if p.Status == Delivered && !p.Returning {
		j.Delivered++
	}
	j.Delayed = j.Delayed || p.Delayed
	if p.ETA != nil && (j.ETA == nil || p.ETA.End(zone).After(j.ETA.End(zone))) {
		eta := *p.ETA
		j.ETA = &eta
	}
}

func (j *Journey) sawLast(scan *Scan) {
	if scan != nil && (j.LastScan == nil || scan.Time.After(j.LastScan.Time)) {
		seen := *scan
		j.LastScan = &seen
	}
}
