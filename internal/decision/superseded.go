package decision

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// superseded compares the news with its own subject as that is now: what its parcel, its shipment or the order has done since.
// Another parcel's progress never makes news stale.
func superseded(q *question) objection {
	if by := q.staleBy(); by != "" {
		return object(fmt.Sprintf("Newer news has made it stale: %s.", by))
	}
	return objection{}
}

func (q *question) staleBy() string {
	if q.News.Subject.Kind == tracking.SubjectParcel {
		return q.goneOrStale()
	}
	if s := q.shipment(); q.News.Subject.Kind == tracking.SubjectShipment && (s == nil || s.ReplacedBy != "") {
		return "the shop has replaced or withdrawn the shipment"
	}
	if stale, known := phases[q.News.Occasion]; known {
		return stale(q)
	}
	return q.staleInAll()
}

func (q *question) goneOrStale() string {
	p := q.Journey.Parcel(q.News.Subject)
	if p == nil || p.Withdrawn {
		return "the shop has replaced or withdrawn the parcel"
	}
	return q.parcelStale(p)
}

// staleInAll applies to news of several parcels, which is stale when it is stale for each of them.
func (q *question) staleInAll() string {
	by := ""
	for _, p := range q.parcels {
		if by = q.parcelStale(p); by == "" {
			return ""
		}
	}
	return by
}

// phases says what makes news of an order or shipment stale.
var phases = map[tracking.Occasion]func(*question) string{
	tracking.Occasion(tracking.OrderReceived):      (*question).moved,
	tracking.Occasion(tracking.AwaitingProcessing): (*question).sentSince,
	tracking.Occasion(tracking.Preparing):          (*question).sentSince,
	tracking.Occasion(tracking.Packed):             (*question).sentSince,
	tracking.Occasion(tracking.ReadyToShip):        (*question).sentSince,
	tracking.Occasion(tracking.ReadyToCollect):     (*question).furtherPhase,
	tracking.Occasion(tracking.Collected):          neverStale,
	tracking.Occasion(tracking.Cancelled):          (*question).reinstated,
	tracking.Occasion(tracking.OrderCancelled):     (*question).orderReinstated,
	tracking.Occasion(tracking.ReturnRequested):    (*question).furtherPhase,
	tracking.Occasion(tracking.ReturnReceived):     (*question).furtherPhase,
	tracking.Occasion(tracking.ReturnInspected):    (*question).furtherPhase,
	tracking.Occasion(tracking.Refunded):           neverStale,
	tracking.Occasion(tracking.Delivered):          (*question).moreToCome,
	tracking.SilentOrder:                           (*question).nothingToCome,
	tracking.LateWithoutNews:                       (*question).sentMeanwhile,
}

func neverStale(*question) string { return "" }

// moved keeps the confirmation of an order news until something leaves the shop, however fast the warehouse is.
func (q *question) moved() string {
	left := []tracking.Phase{tracking.Shipped, tracking.ReadyToCollect, tracking.Collected}
	if q.Order.Method == tracking.MethodDigital {
		return "" // nothing else is told of it
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

// furtherPhase looks in the log of the subject for a later step.
func (q *question) furtherPhase() string {
	rank := func(p tracking.Phase) int { return slices.Index(tracking.Phases(), p) }
	ended := []tracking.Phase{tracking.Cancelled, tracking.OrderCancelled} // which may have been taken back; there is a rule of its own
	for _, c := range q.log() {
		further := rank(c.Phase) > rank(tracking.Phase(q.News.Occasion)) && !slices.Contains(ended, c.Phase)
		if further && !c.At.Before(q.News.At) {
			return "it is " + string(c.Phase)
		}
	}
	return ""
}

// log returns the log of the subject. What is said of an order with one shipment is said of the shipment, too.
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

// sentSince applies to what happens before a carrier has the goods.
func (q *question) sentSince() string {
	if by := q.furtherPhase(); by != "" {
		return by
	}
	if q.allParcels(func(p *tracking.ParcelJourney) bool { return p.Status.Carried() }) {
		return "it is on its way"
	}
	return ""
}

func (q *question) reinstated() string {
	if s := q.shipment(); s != nil && s.Phase != tracking.Cancelled {
		return "the shop has reinstated the shipment"
	}
	return ""
}

func (q *question) orderReinstated() string {
	if !q.Order.Cancelled {
		return "the shop has reinstated the order"
	}
	return ""
}

func (q *question) moreToCome() string {
	if whole(q.News.Subject) && q.Journey.Outcome == tracking.Open {
		return "the order has more to come"
	}
	return q.staleInAll()
}

// sentMeanwhile applies to lateness of what is in no shipment yet.
func (q *question) sentMeanwhile() string {
	if !whole(q.News.Subject) {
		return q.staleInAll()
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
	return "nothing more of the order is to come"
}

// parcelStale says what has become of the parcel since; "" = the news still holds.
func (q *question) parcelStale(p *tracking.ParcelJourney) string {
	occasion, at := q.News.Occasion, q.News.At
	if q.News.Reopens() {
		return q.reopenedStale(p)
	}
	if stale, known := derived[occasion]; known {
		return stale(q, p)
	}
	if p.Direction == tracking.Return {
		return returnStale(occasion, p)
	}
	if !isStatus(occasion) || slices.Contains(underWay, tracking.Status(occasion)) {
		return progressStale(tracking.Status(occasion), p)
	}
	now := fmt.Sprintf("the parcel is %s", p.Status)
	switch status := tracking.Status(occasion); {
	case status == tracking.DeliveryAttemptFailed:
		return attemptStale(p, at)
	case p.Status != status:
		return now
	case p.Since.After(at):
		return now + " once more"
	case status == tracking.AvailableForPickup && movedOn(p, at):
		return "the parcel waits at another place"
	}
	return ""
}

// reopenedStale keeps it news that a delivery was taken back until the parcel reaches the end of its way, for a recipient who was told of
// the delivery.
func (q *question) reopenedStale(p *tracking.ParcelJourney) string {
	if by := q.arriving(p); by != "" && p.Status != tracking.OutForDelivery {
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

// returnStale applies to what the shopper sends back: it is on its way in whatever status, until the shop has it.
func returnStale(occasion tracking.Occasion, p *tracking.ParcelJourney) string {
	back := p.Status == tracking.Delivered || p.Status == tracking.ReturnedToSender
	if back && occasion == tracking.Occasion(tracking.ReturnInTransit) {
		return "the shop has it back"
	}
	return ""
}

// progressStale applies to what holds until the parcel leaves the carrier's network, such as that it was sent.
func progressStale(status tracking.Status, p *tracking.ParcelJourney) string {
	further := !slices.Contains(underWay, p.Status) || status == tracking.LabelCreated
	if p.Status != "" && p.Status != status && further {
		return fmt.Sprintf("the parcel is %s", p.Status)
	}
	return ""
}

// movedOn reports whether the parcel was brought to another pick-up place after the given time.
func movedOn(p *tracking.ParcelJourney, at time.Time) bool {
	return slices.ContainsFunc(p.Steps, func(s tracking.Step) bool {
		waits := !s.Future && s.Occasion == tracking.Occasion(tracking.AvailableForPickup) && s.Time.Sub(at) > sameMoment
		return waits && s.Location != "" && p.Place != "" && slices.ContainsFunc(p.Steps, func(first tracking.Step) bool {
			return first.Occasion == s.Occasion && first.Time.Sub(at).Abs() <= sameMoment &&
				first.Location != "" && !strings.EqualFold(first.Location, s.Location)
		})
	})
}

// underWay are the statuses in which nothing has been decided: what was said before still holds.
var underWay = []tracking.Status{tracking.LabelCreated, tracking.HandedToCarrier, tracking.InTransit, tracking.InCustoms}

// attemptStale keeps a failed attempt news while the parcel lies in a depot: the shopper must still know. It ends with the next round.
func attemptStale(p *tracking.ParcelJourney, at time.Time) string {
	depot := slices.Contains(underWay, p.Status) || p.Status == tracking.Exception
	if p.Status != tracking.DeliveryAttemptFailed && !depot && left(p, at) {
		return fmt.Sprintf("the parcel is %s", p.Status)
	}
	again := func(s tracking.Step) bool {
		return !s.Future && s.Occasion == tracking.Occasion(tracking.DeliveryAttemptFailed) && s.Time.Sub(at) > sameMoment
	}
	if slices.ContainsFunc(p.Steps, again) {
		return "another attempt has failed since"
	}
	return ""
}

// left reports whether the parcel's present state began after the given time, or is final.
func left(p *tracking.ParcelJourney, at time.Time) bool {
	return p.Since.After(at) || p.Status.Terminal()
}

// arriving says that the parcel reached the end of its way after the news: the last mile, its addressee, or its way back.
func (q *question) arriving(p *tracking.ParcelJourney) string {
	before := p.Status == "" || slices.Contains(underWay, p.Status) || p.Status == tracking.Exception
	if before || !left(p, q.News.At) {
		return ""
	}
	return fmt.Sprintf("the parcel is %s", p.Status)
}

// derived says what makes news stale that is made of several facts of a parcel.
var derived = map[tracking.Occasion]func(*question, *tracking.ParcelJourney) string{
	tracking.EtaFirstKnown:   (*question).arriving,
	tracking.EtaMoved:        (*question).arriving,
	tracking.ArrivesTomorrow: (*question).notTomorrow,
	tracking.Delayed:         (*question).delayOver,
	tracking.LateWithoutNews: (*question).lateNoMore,
	tracking.NoFirstScan:     (*question).scanned,
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
	return q.arriving(p)
}

func (q *question) delayOver(p *tracking.ParcelJourney) string {
	switch {
	case !p.Delayed:
		return "the delay is over"
	case p.DelayedAt.After(q.News.At):
		return "there is a newer delay"
	}
	return q.arriving(p)
}

// lateNoMore says that the parcel was given a later day than the one that it missed.
func (q *question) lateNoMore(p *tracking.ParcelJourney) string {
	if p.ETA != nil && p.ETA.LastDay(q.Journey.Zone).After(q.due(q.News.Instance, q.News.At)) {
		return "the parcel is expected on a later day"
	}
	return q.arriving(p)
}

func (q *question) scanned(p *tracking.ParcelJourney) string {
	if p.Status.Carried() {
		return fmt.Sprintf("the parcel is %s", p.Status)
	}
	return ""
}

func (q *question) scannedSince(p *tracking.ParcelJourney) string {
	if p.LastScan != nil && p.LastScan.At().After(q.News.At) {
		return "the parcel has been scanned since"
	}
	return q.arriving(p)
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
		return "something newer is asked of the shopper"
	}
	return ""
}

// actionDone ends what the shopper was to do: it has been done, or is no longer needed.
func actionDone(q *question) objection {
	asked := func(p *tracking.ParcelJourney) bool { return p.Action != nil }
	if q.News.Occasion != tracking.ActionRequired || len(q.parcels) == 0 || slices.ContainsFunc(q.parcels, asked) {
		return objection{}
	}
	return object("The shopper has nothing to do any more.")
}
