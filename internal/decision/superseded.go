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
	if by := q.staleBy(); by != "" {
		return objectionOf(fmt.Sprintf("Newer news has made it stale: %s.", by))
	}
	return objection{}
}

func (q *question) staleBy() string {
	if q.News.Subject.Kind == tracking.SubjectParcel {
		return q.parcelGoneOrStale()
	}
	if s := q.shipment(); q.News.Subject.Kind == tracking.SubjectShipment && (s == nil || s.ReplacedBy != "") {
		return "the shop has replaced or withdrawn the shipment"
	}
	if stale, known := staleNews[q.News.Occasion]; known {
		return stale(q)
	}
	return q.staleForAllParcels()
}

func (q *question) parcelGoneOrStale() string {
	p := q.Journey.Parcel(q.News.Subject)
	if p == nil || p.Withdrawn {
		return "the shop has replaced or withdrawn the parcel"
	}
	return q.parcelStale(p)
}

// staleForAllParcels applies to news about several parcels, which is stale only if it is stale for each of them.
func (q *question) staleForAllParcels() string {
	by := ""
	for _, p := range q.parcels {
		if by = q.parcelStale(p); by == "" {
			return ""
		}
	}
	return by
}

// staleNews has the functions that return what makes news of an order or shipment stale; "" = it is not stale.
var staleNews = map[tracking.Occasion]func(*question) string{
	tracking.Occasion(tracking.OrderReceived):      (*question).leftShop,
	tracking.Occasion(tracking.AwaitingProcessing): (*question).sentMeanwhile,
	tracking.Occasion(tracking.Preparing):          (*question).sentMeanwhile,
	tracking.Occasion(tracking.Packed):             (*question).sentMeanwhile,
	tracking.Occasion(tracking.ReadyToShip):        (*question).sentMeanwhile,
	tracking.Occasion(tracking.ReadyToCollect):     (*question).laterPhase,
	tracking.Occasion(tracking.Collected):          neverStale,
	tracking.Occasion(tracking.Cancelled):          (*question).reinstated,
	tracking.Occasion(tracking.OrderCancelled):     (*question).orderReinstated,
	tracking.Occasion(tracking.ReturnRequested):    (*question).laterPhase,
	tracking.Occasion(tracking.ReturnReceived):     (*question).laterPhase,
	tracking.Occasion(tracking.ReturnInspected):    (*question).laterPhase,
	tracking.Occasion(tracking.Refunded):           neverStale,
	tracking.Occasion(tracking.Delivered):          (*question).partsToCome,
	tracking.SilentOrder:                           (*question).nothingToCome,
	tracking.LateWithoutNews:                       (*question).allSentMeanwhile,
}

func neverStale(*question) string { return "" }

// leftShop makes the confirmation of an order stale once something has left the shop, and not before.
func (q *question) leftShop() string {
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

// laterPhase makes a phase stale once the log of the subject has a later one.
func (q *question) laterPhase() string {
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

// sentMeanwhile applies to what happens before a carrier has the goods.
func (q *question) sentMeanwhile() string {
	if by := q.laterPhase(); by != "" {
		return by
	}
	if q.allParcels(func(p *tracking.ParcelJourney) bool { return p.Status.Carried() }) {
		return "a carrier has all its parcels"
	}
	return ""
}

func (q *question) reinstated() string {
	if s := q.shipment(); s != nil && s.Phase != tracking.Cancelled {
		return "the shop has taken back the cancellation of the shipment"
	}
	return ""
}

func (q *question) orderReinstated() string {
	if !q.Order.Cancelled {
		return "the shop has taken back the cancellation of the order"
	}
	return ""
}

func (q *question) partsToCome() string {
	if isOrder(q.News.Subject) && q.Journey.Outcome == tracking.Open {
		return "other parts of the order are still to come"
	}
	return q.staleForAllParcels()
}

// allSentMeanwhile applies to lateness of what is in no shipment yet.
func (q *question) allSentMeanwhile() string {
	if !isOrder(q.News.Subject) {
		return q.staleForAllParcels()
	}
	if len(q.Order.Shipments) > 0 && len(q.Journey.Unsent) == 0 {
		return "everything has been sent"
	}
	return ""
}

func (q *question) nothingToCome() string {
	if q.Journey.Outcome == tracking.Open {
		return ""
	}
	return "no part of the order is still to come"
}

// parcelStale returns what the parcel has done since that makes the news stale; "" = it is not stale.
func (q *question) parcelStale(p *tracking.ParcelJourney) string {
	occasion, at := q.News.Occasion, q.News.At
	if q.News.Reopens() {
		return q.reopenedStale(p)
	}
	if stale, known := staleParcelNews[occasion]; known {
		return stale(q, p)
	}
	if p.Direction == tracking.Return {
		return returnStale(occasion, p)
	}
	if !isStatus(occasion) || slices.Contains(transitStatuses, tracking.Status(occasion)) {
		return progressStale(tracking.Status(occasion), p)
	}
	now := fmt.Sprintf("the parcel is %s", p.Status)
	switch status := tracking.Status(occasion); {
	case status == tracking.DeliveryAttemptFailed:
		return attemptStale(p, at)
	case p.Status != status:
		return now
	case p.Since.After(at):
		return now + " again"
	case status == tracking.AvailableForPickup && broughtElsewhere(p, at):
		return "the parcel waits at another pickup point"
	}
	return ""
}

// reopenedStale makes the news that a delivery was reported by mistake stale once the parcel has arrived. It is no news for a recipient who
// was not told of the delivery.
func (q *question) reopenedStale(p *tracking.ParcelJourney) string {
	if by := q.leftTransit(p); by != "" && p.Status != tracking.OutForDelivery {
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

// returnStale applies to returns of the shopper: the news that they are under way holds in any status, until the shop has them.
func returnStale(occasion tracking.Occasion, p *tracking.ParcelJourney) string {
	back := p.Status == tracking.Delivered || p.Status == tracking.ReturnedToSender
	if back && occasion == tracking.Occasion(tracking.ReturnInTransit) {
		return "the shop has it back"
	}
	return ""
}

// progressStale applies to news such as "sent", which holds as long as the parcel is in transit.
func progressStale(status tracking.Status, p *tracking.ParcelJourney) string {
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

// attemptStale makes a failed attempt stale at the next delivery attempt, and not while the parcel is back in the depot.
func attemptStale(p *tracking.ParcelJourney, at time.Time) string {
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

// leftTransit makes news stale once the parcel is out for delivery, has arrived, or goes back.
func (q *question) leftTransit(p *tracking.ParcelJourney) string {
	before := p.Status == "" || slices.Contains(transitStatuses, p.Status) || p.Status == tracking.Exception
	if before || !changedSince(p, q.News.At) {
		return ""
	}
	return fmt.Sprintf("the parcel is %s", p.Status)
}

// staleParcelNews has the functions that return what makes derived news of a parcel stale; "" = it is not stale.
var staleParcelNews = map[tracking.Occasion]func(*question, *tracking.ParcelJourney) string{
	tracking.EtaFirstKnown:   (*question).leftTransit,
	tracking.EtaMoved:        (*question).leftTransit,
	tracking.ArrivesTomorrow: (*question).notTomorrow,
	tracking.Delayed:         (*question).delayOver,
	tracking.LateWithoutNews: (*question).lateNoMore,
	tracking.NoFirstScan:     (*question).firstScanned,
	tracking.Stalled:         (*question).scannedSince,
	tracking.NextLegMissing:  (*question).scannedSince,
	tracking.LastAttempt:     (*question).attemptsOver,
	tracking.PickupExpiring:  (*question).notWaiting,
	tracking.LocationChanged: (*question).scannedSince,
	tracking.ActionRequired:  (*question).newAction,
}

func (q *question) notTomorrow(p *tracking.ParcelJourney) string {
	tomorrow := locale.DayOf(q.Now, q.Journey.Zone).AddDays(1)
	if p.ETA == nil || p.ETA.LastDay(q.Journey.Zone) != tomorrow {
		return "the parcel is not expected tomorrow"
	}
	return q.leftTransit(p)
}

func (q *question) delayOver(p *tracking.ParcelJourney) string {
	switch {
	case !p.Delayed:
		return "the delay is over"
	case p.DelayedAt.After(q.News.At):
		return "there is a newer delay"
	}
	return q.leftTransit(p)
}

// lateNoMore makes lateness stale once a later day was stated than the one that the parcel missed.
func (q *question) lateNoMore(p *tracking.ParcelJourney) string {
	if p.ETA != nil && p.ETA.LastDay(q.Journey.Zone).After(q.due(q.News.Instance, q.News.At)) {
		return "the parcel is expected on a later day"
	}
	return q.leftTransit(p)
}

func (q *question) firstScanned(p *tracking.ParcelJourney) string {
	if p.Status.Carried() {
		return fmt.Sprintf("the parcel is %s", p.Status)
	}
	return ""
}

func (q *question) scannedSince(p *tracking.ParcelJourney) string {
	if p.LastScan != nil && p.LastScan.At().After(q.News.At) {
		return "the parcel has been scanned since"
	}
	return q.leftTransit(p)
}

func (q *question) attemptsOver(p *tracking.ParcelJourney) string {
	if p.Status == tracking.DeliveryAttemptFailed && !p.LastAttempt {
		return "the parcel is no longer on its last attempt"
	}
	return attemptStale(p, q.News.At)
}

func (q *question) notWaiting(p *tracking.ParcelJourney) string {
	if p.Status != tracking.AvailableForPickup {
		return "the parcel no longer waits to be collected"
	}
	return ""
}

func (q *question) newAction(p *tracking.ParcelJourney) string {
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
