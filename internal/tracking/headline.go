package tracking

import (
	"cmp"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/locale"
)

// rulesOf returns the rules of one carrier, as the integrations say; zero where none does.
func (s Setting) rulesOf(carrier string) bundle.CarrierRules {
	for _, r := range s.Carriers {
		if r.Name == carrier {
			return r
		}
	}
	return bundle.CarrierRules{}
}

// active reports whether a shipment counts: it goes out, and the shop has not taken it back.
func (s Shipment) active() bool { return s.Direction == Outbound && !s.Dropped() }

// Dropped reports whether the shop has taken a shipment back: it was replaced, or cancelled before a carrier had anything of it. What
// travels already is no longer the shop's to cancel.
func (s Shipment) Dropped() bool {
	return s.ReplacedBy != "" || s.Phase == Cancelled && !s.Carried()
}

// Carried reports whether a carrier has, or had, something of the shipment.
func (s Shipment) Carried() bool {
	return slices.ContainsFunc(s.Parcels, func(p Parcel) bool { return firstCarrierScan(p) != nil })
}

// unsent finds the lines that are surely in no shipment. Where a shipment does not say what it holds, or names what no line matches,
// nothing is claimed.
func (j *Journey) unsent(o Order, s Setting) {
	if o.Cancelled || o.Emptied || len(o.Lines) == 0 || o.sentWhole() {
		return
	}
	left := toSend(o, s)
	for _, sh := range o.Shipments {
		if sh.active() && !subtract(left, o.Lines, sh) {
			return
		}
	}
	for i, l := range o.Lines {
		if left[i].Sign() > 0 {
			j.keepBack(l, left[i])
		}
	}
}

// keepBack notes what is still to be sent of a line.
func (j *Journey) keepBack(l Line, left locale.Quantity) {
	j.Unsent = append(j.Unsent, LineShare{ID: l.ID, SKU: l.SKU, Name: l.Name, Quantity: left})
	if !l.AvailableFrom.IsZero() && (j.UnsentFrom.IsZero() || l.AvailableFrom.Before(j.UnsentFrom)) {
		j.UnsentFrom = l.AvailableFrom
	}
}

// sentWhole reports whether the shop calls the order sent and states no shipments.
func (o Order) sentWhole() bool {
	return len(o.Shipments) == 0 && o.Phase != OrderReceived && slices.Index(Phases(), o.Phase) >= slices.Index(Phases(), Shipped)
}

// toSend returns the quantity of each line that is to be sent at all.
func toSend(o Order, s Setting) []locale.Quantity {
	left := make([]locale.Quantity, len(o.Lines))
	for i, l := range o.Lines {
		digital := l.Method == MethodDigital || MethodOf(o, nil, s) == MethodDigital
		if l.State != LineCancelled && l.State != LineRefunded && !digital {
			left[i] = l.Quantity
		}
	}
	return left
}

// subtract takes a shipment's contents off what is left of each line. It says no where that cannot be known.
func subtract(left []locale.Quantity, lines []Line, sh Shipment) bool {
	contents := sh.Lines
	if contents == nil {
		for _, p := range sh.Parcels {
			contents = append(contents, p.Lines...)
		}
	}
	if len(contents) == 0 {
		return false
	}
	for _, share := range contents {
		i := slices.IndexFunc(lines, func(l Line) bool { return shares(share, l) })
		if i < 0 {
			return false
		}
		left[i] = left[i].Sub(share.Quantity)
	}
	return true
}

// count says how much of the order has come, and how it stands as a whole.
func (j *Journey) count(o Order, s Setting) {
	lost := 0
	for i, sh := range o.Shipments {
		switch {
		case !sh.active():
		case len(sh.Parcels) == 0:
			j.countShipment(sh, MethodOf(o, &sh, s))
		default:
			lost += j.countParcels(i)
		}
	}
	if len(j.Unsent) > 0 {
		j.Waiting++
	}
	j.Outcome = j.outcome(o, lost)
}

// countShipment counts a shipment without parcels.
func (j *Journey) countShipment(sh Shipment, method Method) {
	j.Total++
	if !method.Tracked() {
		j.Untracked++
	}
	switch {
	case sh.Phase == Collected, method == MethodDigital && sh.Phase == Shipped:
		j.Arrived++
		if !method.Tracked() {
			j.Handed++
		}
	case sh.Phase != Shipped && sh.Phase != ReadyToCollect:
		j.Waiting++
	}
}

// countParcels counts the parcels of a shipment, and says how many of them will never come.
func (j *Journey) countParcels(shipment int) (lost int) {
	for _, p := range j.Parcels {
		if p.Shipment != shipment || p.State == Occasion(ParcelCancelled) {
			continue
		}
		j.Total++
		switch p.Status {
		case Delivered:
			j.Arrived++
		case Lost, Disposed, ReturnedToSender:
			lost++
		default:
		}
	}
	return lost
}

func (j *Journey) outcome(o Order, lost int) Outcome {
	stated := len(o.Shipments) > 0
	switch {
	case !stated && o.Phase == Collected:
		return AllArrived
	case j.Total == 0 && (o.Cancelled || o.Emptied):
		return NothingToCome
	case !stated || !j.settled(lost):
		return Open
	case j.Arrived > 0 && lost == 0:
		return AllArrived
	}
	return NothingToCome
}

// settled reports whether nothing is to be sent any more and that each parcel has come to its end.
func (j *Journey) settled(lost int) bool { return j.Waiting == 0 && j.Arrived+lost == j.Total }

// prominence orders states for the headline: what the shopper must act on, what comes next, trouble, then the nearest to come, and at
// the end what is over.
var prominence = []Occasion{
	Occasion(DeliveryAttemptFailed), Occasion(OutForDelivery), Occasion(AvailableForPickup), Occasion(ReadyToCollect),
	Occasion(PickupExpired), Occasion(Lost), Occasion(Damaged), Occasion(Exception), Occasion(ReturnInTransit),
	LateWithoutNews, Stalled, NoFirstScan, Delayed, Occasion(InCustoms), Occasion(InTransit), Occasion(HandedToCarrier), Occasion(LabelCreated),
	Occasion(Shipped), Occasion(ReadyToShip), Occasion(Packed), Occasion(Preparing), Occasion(AwaitingProcessing), Occasion(OrderReceived),
	Occasion(ReturnedToSender), Occasion(Disposed), Occasion(Delivered), Occasion(Collected), Occasion(ParcelCancelled), Occasion(Cancelled),
}

// candidate is one thing that the headline could speak of.
type candidate struct {
	state            Occasion
	parcel, shipment int
	acts             bool
	eta, due         *ETA
	since            time.Time
}

// headline chooses what the first line speaks of.
func (j *Journey) headline(o Order, s Setting) {
	all := j.candidates(o, s)
	j.State, j.Since = Occasion(cmp.Or(o.Phase, OrderReceived)), phaseAt(o.Phases, o.Phase)
	if o.Emptied && o.Phase != OrderCancelled && len(all) == 0 {
		if j.State = Occasion(Refunded); !o.Repaid {
			j.State = Occasion(OrderCancelled) // in all but name: nothing is left to send, and no source speaks of money
		}
		return
	}
	carried := slices.ContainsFunc(j.Parcels, func(p ParcelJourney) bool { return p.Direction == Outbound && p.Status.Carried() })
	if o.Cancelled && !carried {
		j.State, j.Since = Occasion(OrderCancelled), o.CancelledAt
		return
	}
	if len(all) == 0 {
		if j.LeadShipment = lastCancelled(o); j.LeadShipment >= 0 {
			j.State, j.Since = Occasion(Cancelled), phaseAt(o.Shipments[j.LeadShipment].Phases, Cancelled)
			return
		}
		j.await(o, s)
		return
	}
	lead := slices.MinFunc(all, func(a, b candidate) int {
		return cmp.Or(falseFirst(!a.acts, !b.acts), cmp.Compare(slices.Index(prominence, a.state), slices.Index(prominence, b.state)),
			soonest(a.eta, b.eta, j.Zone), b.since.Compare(a.since), cmp.Compare(a.parcel, b.parcel))
	})
	j.State, j.Lead, j.LeadShipment, j.Since, j.ETA = lead.state, lead.parcel, lead.shipment, lead.since, lead.eta
	j.Due, j.Late = lead.due, lead.due != nil
}

// lastCancelled returns the outbound shipment that was cancelled last, of an order that has no other; -1 = there is none.
func lastCancelled(o Order) int {
	last := -1
	for i, sh := range o.Shipments {
		if sh.Direction != Outbound || sh.Phase != Cancelled || sh.ReplacedBy != "" {
			continue
		}
		if last < 0 || !phaseAt(sh.Phases, Cancelled).Before(phaseAt(o.Shipments[last].Phases, Cancelled)) {
			last = i
		}
	}
	return last
}

// await says when an order without a shipment should come.
func (j *Journey) await(o Order, s Setting) {
	if j.Outcome != Open || o.Phase == Collected {
		return
	}
	e := Promised(o, nil, s)
	switch {
	case e == nil:
	case !j.Now.After(e.End(j.Zone)):
		j.ETA = e
	case MethodOf(o, nil, s).Tracked() && o.Phase != ReadyToCollect:
		j.Due, j.Late, j.State = e, true, overdue(o.Phase)
	}
}

func (j *Journey) candidates(o Order, s Setting) []candidate {
	var all []candidate
	for i, p := range j.Parcels {
		if p.Direction == Outbound && !p.Withdrawn {
			all = append(all, candidate{p.State, i, p.Shipment, p.Action != nil, p.ETA, p.Due, p.Since})
		}
	}
	for i, sh := range o.Shipments {
		if len(sh.Parcels) == 0 && sh.active() {
			all = append(all, j.candidate(o, i, s))
		}
	}
	return all
}

// candidate returns what the headline could say of a shipment without parcels.
func (j *Journey) candidate(o Order, shipment int, s Setting) candidate {
	sh := o.Shipments[shipment]
	phase := cmp.Or(sh.Phase, o.Phase, OrderReceived)
	c := candidate{state: Occasion(phase), parcel: -1, shipment: shipment, since: phaseAt(sh.Phases, sh.Phase)}
	e := Promised(o, &sh, s)
	switch {
	case e == nil || sh.Phase == Collected:
	case !j.Now.After(e.End(j.Zone)):
		c.eta = e
	case MethodOf(o, &sh, s).Tracked():
		c.due, c.state = e, overdue(phase)
	}
	return c
}

// overdue returns the state of what has no parcel, after its day: of what was sent nothing more is known, and it may well have come.
func overdue(p Phase) Occasion {
	if p == Shipped {
		return NoFirstScan
	}
	return LateWithoutNews
}

func phaseAt(log []PhaseChange, phase Phase) time.Time {
	for _, p := range log {
		if p.Phase == phase {
			return p.At
		}
	}
	return time.Time{}
}

func falseFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// soonest puts the parcel first that comes first; one without a day comes last.
func soonest(a, b *ETA, zone *time.Location) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return a.End(zone).Compare(b.End(zone))
}
