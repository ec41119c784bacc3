package decision

import (
	"fmt"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// Stages of the way, for telling which news is newer. Within one stage nothing supersedes anything, but for endings,
// where the later one counts: what was lost and then delivered is delivered.
const (
	awaiting = iota + 1
	preparing
	packed
	ready
	labelled
	moving
	troubled
	onTheRound
	attempted
	collectable
	expired
	ended
	closed
)

var stages = map[tracking.Occasion]int{
	tracking.Occasion(tracking.AwaitingProcessing): awaiting,
	tracking.Occasion(tracking.Preparing):          preparing,
	tracking.Occasion(tracking.Packed):             packed,
	tracking.Occasion(tracking.ReadyToShip):        ready,
	tracking.Occasion(tracking.LabelCreated):       labelled,
	// The confirmation of an order stays news until something moves, however fast the warehouse is.
	tracking.Occasion(tracking.OrderReceived): labelled,

	tracking.Occasion(tracking.Shipped):         moving,
	tracking.Occasion(tracking.HandedToCarrier): moving,
	tracking.Occasion(tracking.InTransit):       moving,
	tracking.Occasion(tracking.InCustoms):       moving,
	tracking.EtaFirstKnown:                      moving,
	tracking.EtaMoved:                           moving,
	tracking.ArrivesTomorrow:                    moving,
	tracking.LocationChanged:                    moving,
	tracking.Stalled:                            moving,
	tracking.Delayed:                            troubled,
	tracking.LateWithoutNews:                    troubled,
	tracking.Occasion(tracking.Exception):       troubled,

	tracking.Occasion(tracking.OutForDelivery):        onTheRound,
	tracking.Occasion(tracking.DeliveryAttemptFailed): attempted,
	tracking.LastAttempt:                              attempted,
	tracking.Occasion(tracking.AvailableForPickup):    collectable,
	tracking.PickupExpiring:                           collectable,
	tracking.Occasion(tracking.PickupExpired):         expired,

	tracking.Occasion(tracking.Delivered):        ended,
	tracking.Occasion(tracking.ReturnInTransit):  ended,
	tracking.Occasion(tracking.Lost):             ended,
	tracking.Occasion(tracking.Damaged):          ended,
	tracking.Occasion(tracking.ReturnedToSender): closed,
	tracking.Occasion(tracking.Disposed):         closed,
	tracking.Occasion(tracking.ParcelCancelled):  closed,
}

// supersededBy names what has made the occurrence stale; "" = it still is news.
func supersededBy(o tracking.Occurrence, j tracking.Journey) string {
	if o.Occasion == tracking.Occasion(tracking.OrderCancelled) {
		return ""
	}
	if o.Occasion == tracking.Occasion(tracking.Delivered) {
		return reopened(j)
	}
	if by := phaseSupersedes(o, j); by != "" {
		return by
	}
	for _, p := range j.Parcels {
		if o.Parcel != "" && o.Parcel != tracking.ParcelKey(p.Carrier, p.Number) {
			continue
		}
		if by := parcelSupersedes(o, p); by != "" {
			return by
		}
	}
	return ""
}

func reopened(j tracking.Journey) string {
	if j.State != tracking.Occasion(tracking.Delivered) {
		return "the order has more to come"
	}
	return ""
}

// phaseSupersedes looks at what the shop says, which concerns news of the whole order only.
func phaseSupersedes(o tracking.Occurrence, j tracking.Journey) string {
	if o.Parcel != "" {
		return ""
	}
	for _, phase := range tracking.Phases() {
		if !j.Phases[phase].IsZero() && stages[tracking.Occasion(phase)] > stages[o.Occasion] {
			return "the order is " + string(phase)
		}
	}
	return ""
}

func parcelSupersedes(o tracking.Occurrence, p tracking.ParcelJourney) string {
	current := tracking.Occasion(p.Status)
	old, now := stages[o.Occasion], stages[current]
	later := old == now && now >= ended && current != o.Occasion && p.Since.After(o.At)
	switch {
	case now > old || later:
		return fmt.Sprintf("the parcel is %s", p.Status)
	case o.Occasion == tracking.Delayed && o.Parcel != "" && !p.Delayed:
		return "the delay is over"
	}
	return ""
}
