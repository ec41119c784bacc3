package decision

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// superseded suppresses news that its own subject has outdated: what its parcel, its shipment or the order has done since. The progress of
// another parcel never makes news stale.
func superseded(q *question) objection {
	if by := q.whyStale(); by != "" {
		return objectionOf(fmt.Sprintf("Newer news has made it stale: %s.", by))
	}
	return objection{}
}

// whyStale returns what has made the news stale; "" = it still holds.
func (q *question) whyStale() string {
	if q.News.Subject.Kind == tracking.SubjectParcel {
		return q.whyParcelNewsIsStale()
	}
	if s := q.shipment(); q.News.Subject.Kind == tracking.SubjectShipment && (s == nil || s.ReplacedBy != "") {
		return "the shop has replaced or withdrawn the shipment"
	}
	if stale, known := staleNews[q.News.Occasion]; known {
		return stale(q)
	}
	return q.whyStaleForAllParcels()
}

// whyParcelNewsIsStale returns why news of one parcel is stale; "" = it still holds.
func (q *question) whyParcelNewsIsStale() string {
	p := q.Journey.Parcel(q.News.Subject)
	if p == nil || p.Withdrawn {
		return "the shop has replaced or withdrawn the parcel"
	}
	return q.whyStaleForParcel(p)
}

// whyStaleForAllParcels returns why news about several parcels is stale: it is so only if it is stale for each of them; "" = it still holds.
func (q *question) whyStaleForAllParcels() string {
	by := ""
	for _, p := range q.parcels {
		if by = q.whyStaleForParcel(p); by == "" {
			return ""
		}
	}
	return by
}

// staleNews has the functions that return what makes news of an order or shipment stale; "" = it is not stale.
var staleNews = map[tracking.Occasion]func(*question) string{
	tracking.Occasion(tracking.OrderReceived):      (*question).whyConfirmationIsStale,
	tracking.Occasion(tracking.AwaitingProcessing): (*question).whyPreparationIsStale,
	tracking.Occasion(tracking.Preparing):          (*question).whyPreparationIsStale,
	tracking.Occasion(tracking.Packed):             (*question).whyPreparationIsStale,
	tracking.Occasion(tracking.ReadyToShip):        (*question).whyPreparationIsStale,
	tracking.Occasion(tracking.ReadyToCollect):     (*question).whyPhaseIsStale,
	tracking.Occasion(tracking.Collected):          neverStale,
	tracking.Occasion(tracking.Cancelled):          (*question).whyCancellationIsStale,
	tracking.Occasion(tracking.OrderCancelled):     (*question).whyOrderCancellationIsStale,
	tracking.Occasion(tracking.ReturnRequested):    (*question).whyPhaseIsStale,
	tracking.Occasion(tracking.ReturnReceived):     (*question).whyPhaseIsStale,
	tracking.Occasion(tracking.ReturnInspected):    (*question).whyPhaseIsStale,
	tracking.Occasion(tracking.Refunded):           neverStale,
	tracking.Occasion(tracking.Delivered):          (*question).whyDeliveryIsStale,
	tracking.SilentOrder:                           (*question).whySilenceIsStale,
	tracking.LateWithoutNews:                       (*question).whyLateOrderIsStale,
}

func neverStale(*question) string { return "" }

// whyConfirmationIsStale returns what of the order has left the shop, which makes its confirmation stale; "" = nothing has left.
func (q *question) whyConfirmationIsStale() string {
	left := []tracking.Phase{tracking.Shipped, tracking.ReadyToCollect, tracking.Collected}
	if q.Order.Method == tracking.MethodDigital {
		return "" // it is the only message about digital goods
	}
	for i := range q.Order.Shipments {
		if s := &q.Order.Shipments[i]; s.Direction != tracking.Return && s.Method != tracking.MethodDigital && slices.Contains(left, s.Phase) {
			return "the order is " + string(s.Phase)
		}
	}
	for _, p := range q.parcels {
		if p.Status.Carried() {
			return fmt.Sprintf("a parcel is %s", p.Status)
		}
	}
	if i := slices.IndexFunc(q.Order.Phases, func(c tracking.PhaseChange) bool { return slices.Contains(left, c.Phase) }); i >= 0 {
		return "the order is " + string(q.Order.Phases[i].Phase)
	}
	return ""
}

// whyPhaseIsStale returns the later phase that the log of the subject has; "" = it has none.
func (q *question) whyPhaseIsStale() string {
	rank := func(p tracking.Phase) int { return slices.Index(tracking.Phases(), p) }
	ended := []tracking.Phase{tracking.Cancelled, tracking.OrderCancelled} // they may have been reinstated since, and have a rule of their own
	for _, c := range q.log() {
		further := rank(c.Phase) > rank(tracking.Phase(q.News.Occasion)) && !slices.Contains(ended, c.Phase)
		if further && !c.At.Before(q.News.At) {
			return "it is " + string(c.Phase)
		}
	}
	return ""
}

// log returns the phases of the subject. Those of an order with one shipment are phases of the shipment, too.
func (q *question) log() []tracking.PhaseChange {
	s := q.shipment()
	switch {
	case s == nil:
		return q.Order.Phases
	case len(q.Order.Shipments) > 1:
		return s.Phases
	}
	return slices.Concat(s.Phases, q.Order.Phases)
}

// whyPreparationIsStale returns why news of what the shop does before a carrier has the goods is stale; "" = it still holds.
func (q *question) whyPreparationIsStale() string {
	if by := q.whyPhaseIsStale(); by != "" {
		return by
	}
	if q.allParcels(func(p *tracking.ParcelJourney) bool { return p.Status.Carried() }) {
		return "a carrier has all its parcels"
	}
	return ""
}

// whyCancellationIsStale returns why the cancellation of a shipment is stale; "" = it still holds.
func (q *question) whyCancellationIsStale() string {
	if s := q.shipment(); s != nil && s.Phase != tracking.Cancelled {
		return "the shop has taken back the cancellation of the shipment"
	}
	return ""
}

// whyOrderCancellationIsStale returns why the cancellation of the order is stale; "" = it still holds.
func (q *question) whyOrderCancellationIsStale() string {
	if !q.Order.Cancelled {
		return "the shop has taken back the cancellation of the order"
	}
	return ""
}

// whyDeliveryIsStale returns why news of a delivery is stale; "" = it still holds.
func (q *question) whyDeliveryIsStale() string {
	if isOrder(q.News.Subject) && q.Journey.Outcome == tracking.Open {
		return "other parts of the order are still to come"
	}
	return q.whyStaleForAllParcels()
}

// whyLateOrderIsStale returns why news that goods in no shipment yet are late is stale; "" = it still holds.
func (q *question) whyLateOrderIsStale() string {
	if !isOrder(q.News.Subject) {
		return q.whyStaleForAllParcels()
	}
	if len(q.Order.Shipments) > 0 && len(q.Journey.Unsent) == 0 {
		return "everything has been sent"
	}
	return ""
}

// whySilenceIsStale returns why news that nothing is heard of the order is stale; "" = it still holds.
func (q *question) whySilenceIsStale() string {
	if q.Journey.Outcome == tracking.Open {
		return ""
	}
	return "no part of the order is still to come"
}

// whyStaleForParcel returns what the parcel has done since that makes the news stale; "" = it still holds.
func (q *question) whyStaleForParcel(p *tracking.ParcelJourney) string {
	occasion, at := q.News.Occasion, q.News.At
	if q.News.Reopens() {
		return q.whyReopeningIsStale(p)
	}
	if stale, known := staleParcelNews[occasion]; known {
		return stale(q, p)
	}
	if p.Direction == tracking.Return {
		return whyReturnIsStale(occasion, p)
	}
	if !isStatus(occasion) || slices.Contains(transitStatuses, tracking.Status(occasion)) {
		return whyProgressIsStale(tracking.Status(occasion), p)
	}
	now := fmt.Sprintf("the parcel is %s", p.Status)
	switch status := tracking.Status(occasion); {
	case status == tracking.DeliveryAttemptFailed:
		return whyAttemptIsStale(p, at)
	case p.Status != status:
		return now
	case p.Since.After(at):
		return now + " again"
	case status == tracking.AvailableForPickup && broughtElsewhere(p, at):
		return "the parcel waits at another pickup point"
	}
	return ""
}

// whyReopeningIsStale returns why the news that a delivery was reported by mistake is stale: the parcel has arrived, or the recipient was not
// told of the delivery; "" = it still holds.
func (q *question) whyReopeningIsStale(p *tracking.ParcelJourney) string {
	if by := q.whyTransitNewsIsStale(p); by != "" && p.Status != tracking.OutForDelivery {
		return by
	}
	told := func(t Told) bool {
		return !t.Accepted.IsZero() && t.Occasion == tracking.Occasion(tracking.Delivered) && q.speaksOf(t) && t.At.Before(q.News.At)
	}
	if !slices.ContainsFunc(q.History, told) {
		return "the recipient was not told that it had been delivered"
	}
	return ""
}

// whyReturnIsStale returns why news of a return of the shopper is stale: that it is under way holds in any status, until the shop has it;
// "" = it still holds.
func whyReturnIsStale(occasion tracking.Occasion, p *tracking.ParcelJourney) string {
	back := p.Status == tracking.Delivered || p.Status == tracking.ReturnedToSender
	if back && occasion == tracking.Occasion(tracking.ReturnInTransit) {
		return "the shop has it back"
	}
	return ""
}

// whyProgressIsStale returns why news such as "sent" is stale, which holds as long as the parcel is in transit; "" = it still holds.
func whyProgressIsStale(status tracking.Status, p *tracking.ParcelJourney) string {
	further := !slices.Contains(transitStatuses, p.Status) || status == tracking.LabelCreated
	if p.Status != "" && p.Status != status && further {
		return fmt.Sprintf("the parcel is %s", p.Status)
	}
	return ""
}

// broughtElsewhere reports whether the parcel was brought to another pickup point after the given time.
func broughtElsewhere(p *tracking.ParcelJourney, at time.Time) bool {
	return slices.ContainsFunc(p.Steps, func(s tracking.Step) bool {
		waits := !s.Future && s.Occasion == tracking.Occasion(tracking.AvailableForPickup) && s.Time.Sub(at) > sameMoment
		return waits && s.Location != "" && p.Place != "" && slices.ContainsFunc(p.Steps, func(first tracking.Step) bool {
			return first.Occasion == s.Occasion && first.Time.Sub(at).Abs() <= sameMoment &&
				first.Location != "" && !strings.EqualFold(first.Location, s.Location)
		})
	})
}

// transitStatuses are the statuses of a parcel before it is out for delivery: they make no news of each other stale.
var transitStatuses = []tracking.Status{tracking.LabelCreated, tracking.HandedToCarrier, tracking.InTransit, tracking.InCustoms}

// whyAttemptIsStale returns why news of a failed attempt is stale: it holds until the next attempt, and while the parcel is back in the depot;
// "" = it still holds.
func whyAttemptIsStale(p *tracking.ParcelJourney, at time.Time) string {
	depot := slices.Contains(transitStatuses, p.Status) || p.Status == tracking.Exception
	if p.Status != tracking.DeliveryAttemptFailed && !depot && changedSince(p, at) {
		return fmt.Sprintf("the parcel is %s", p.Status)
	}
	again := func(s tracking.Step) bool {
		return !s.Future && s.Occasion == tracking.Occasion(tracking.DeliveryAttemptFailed) && s.Time.Sub(at) > sameMoment
	}
	if slices.ContainsFunc(p.Steps, again) {
		return "another delivery attempt has failed since"
	}
	return ""
}

// changedSince reports whether the parcel's present status began after the given time, or is terminal.
func changedSince(p *tracking.ParcelJourney, at time.Time) bool {
	return p.Since.After(at) || p.Status.Terminal()
}

// whyTransitNewsIsStale returns the status that makes news about a parcel in transit stale: it is out for delivery, has arrived, or goes
// back; "" = the news still holds.
func (q *question) whyTransitNewsIsStale(p *tracking.ParcelJourney) string {
	before := p.Status == "" || slices.Contains(transitStatuses, p.Status) || p.Status == tracking.Exception
	if before || !changedSince(p, q.News.At) {
		return ""
	}
	return fmt.Sprintf("the parcel is %s", p.Status)
}

// staleParcelNews has the functions that return what makes derived news of a parcel stale; "" = it is not stale.
var staleParcelNews = map[tracking.Occasion]func(*question, *tracking.ParcelJourney) string{
	tracking.EtaFirstKnown:   (*question).whyTransitNewsIsStale,
	tracking.EtaMoved:        (*question).whyTransitNewsIsStale,
	tracking.ArrivesTomorrow: (*question).whyTomorrowIsStale,
	tracking.Delayed:         (*question).whyDelayIsStale,
	tracking.LateWithoutNews: (*question).whyLateParcelIsStale,
	tracking.NoFirstScan:     (*question).whyNoFirstScanIsStale,
	tracking.Stalled:         (*question).whyNoProgressIsStale,
	tracking.NextLegMissing:  (*question).whyNoProgressIsStale,
	tracking.LastAttempt:     (*question).whyLastAttemptIsStale,
	tracking.PickupExpiring:  (*question).whyPickupExpiringIsStale,
	tracking.LocationChanged: (*question).whyNoProgressIsStale,
	tracking.ActionRequired:  (*question).whyActionIsStale,
}

// whyTomorrowIsStale returns why the news that the parcel arrives tomorrow is stale; "" = it still holds.
func (q *question) whyTomorrowIsStale(p *tracking.ParcelJourney) string {
	tomorrow := locale.DayOf(q.Now, q.Journey.Zone).AddDays(1)
	if p.ETA == nil || p.ETA.LastDay(q.Journey.Zone) != tomorrow {
		return "the parcel is not expected tomorrow"
	}
	return q.whyTransitNewsIsStale(p)
}

// whyDelayIsStale returns why news of a delay is stale; "" = it still holds.
func (q *question) whyDelayIsStale(p *tracking.ParcelJourney) string {
	switch {
	case !p.Delayed:
		return "the delay is over"
	case p.DelayedAt.After(q.News.At):
		return "there is a newer delay"
	}
	return q.whyTransitNewsIsStale(p)
}

// whyLateParcelIsStale returns why the news that the parcel is late is stale, such as a day stated later than the one that it missed;
// "" = it still holds.
func (q *question) whyLateParcelIsStale(p *tracking.ParcelJourney) string {
	if p.ETA != nil && p.ETA.LastDay(q.Journey.Zone).After(q.due(q.News.Instance, q.News.At)) {
		return "the parcel is expected on a later day"
	}
	return q.whyTransitNewsIsStale(p)
}

// whyNoFirstScanIsStale returns why the news that no carrier has scanned the parcel is stale; "" = it still holds.
func (q *question) whyNoFirstScanIsStale(p *tracking.ParcelJourney) string {
	if p.Status.Carried() {
		return fmt.Sprintf("the parcel is %s", p.Status)
	}
	return ""
}

// whyNoProgressIsStale returns why news of a parcel that does not move, or of its last place, is stale; "" = it still holds.
func (q *question) whyNoProgressIsStale(p *tracking.ParcelJourney) string {
	if p.LastScan != nil && p.LastScan.At().After(q.News.At) {
		return "the parcel has been scanned since"
	}
	return q.whyTransitNewsIsStale(p)
}

// whyLastAttemptIsStale returns why the news that the next delivery attempt is the last is stale; "" = it still holds.
func (q *question) whyLastAttemptIsStale(p *tracking.ParcelJourney) string {
	if p.Status == tracking.DeliveryAttemptFailed && !p.LastAttempt {
		return "the parcel is no longer on its last attempt"
	}
	return whyAttemptIsStale(p, q.News.At)
}

// whyPickupExpiringIsStale returns why the news that the time for collecting the parcel ends is stale; "" = it still holds.
func (q *question) whyPickupExpiringIsStale(p *tracking.ParcelJourney) string {
	if p.Status != tracking.AvailableForPickup {
		return "the parcel no longer waits to be collected"
	}
	return ""
}

// whyActionIsStale returns why a demand on the shopper is stale; "" = it still holds.
func (q *question) whyActionIsStale(p *tracking.ParcelJourney) string {
	if p.Action != nil && p.ActionAt.After(q.News.At) {
		return "a newer demand was made of the shopper"
	}
	return ""
}

// actionDone suppresses a demand that the shopper has met, or that is no longer made.
func actionDone(q *question) objection {
	asked := func(p *tracking.ParcelJourney) bool { return p.Action != nil }
	if q.News.Occasion != tracking.ActionRequired || len(q.parcels) == 0 || slices.ContainsFunc(q.parcels, asked) {
		return objection{}
	}
	return objectionOf("The shopper does not need to do it any more.")
}
