package tracking

import (
	"cmp"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/locale"
)

// rulesOf are the rules of one carrier, as the integrations say; zero where none does.
func (s Setting) rulesOf(carrier string) bundle.CarrierRules {
	for _, r := range s.Carriers {
		if r.Name == carrier {
			return r
		}
	}
	return bundle.CarrierRules{}
}

// active says that a shipment counts: it goes out, and was neither cancelled nor replaced.
func (s Shipment) active() bool {
	return s.Direction == Outbound && s.Phase != Cancelled && s.ReplacedBy == ""
}

// unsent finds the lines that are surely in no shipment. Where a shipment does not say what it holds, or names what no line matches,
// nothing is claimed.
func (j *Journey) unsent(o Order, s Setting) {
	if o.Cancelled || o.Emptied || len(o.Lines) == 0 {
		return
	}
	left := make([]locale.Quantity, len(o.Lines))
	for i, l := range o.Lines {
		if l.State != LineCancelled && l.State != LineRefunded && MethodOf(o, nil, s) != MethodDigital {
			left[i] = l.Quantity
		}
	}
	for _, sh := range o.Shipments {
		if sh.active() && !subtract(left, o.Lines, sh) {
			return
		}
	}
	if len(o.Shipments) == 0 && o.Phase != OrderReceived && slices.Index(Phases(), o.Phase) >= slices.Index(Phases(), Shipped) {
		return
	}
	for i, l := range o.Lines {
		if left[i].Sign() <= 0 {
			continue
		}
		j.Unsent = append(j.Unsent, LineShare{ID: l.ID, SKU: l.SKU, Name: l.Name, Quantity: left[i]})
		if !l.AvailableFrom.IsZero() && (j.UnsentFrom.IsZero() || l.AvailableFrom.Before(j.UnsentFrom)) {
			j.UnsentFrom = l.AvailableFrom
		}
	}
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
		if !sh.active() {
			continue
		}
		if len(sh.Parcels) == 0 {
			j.Total++
			switch method := MethodOf(o, &sh, s); {
			case sh.Phase == Collected, method == MethodDigital && sh.Phase == Shipped:
				j.Arrived++
			case sh.Phase != Shipped && sh.Phase != ReadyToCollect:
				j.Waiting++
			}
			continue
		}
		for _, p := range j.Parcels {
			if p.Shipment != i || p.Status == ParcelCancelled {
				continue
			}
			j.Total++
			switch p.Status {
			case Delivered:
				j.Arrived++
			case Lost, Disposed, ReturnedToSender:
				lost++
			}
		}
	}
	if len(j.Unsent) > 0 {
		j.Waiting++
	}
	j.Outcome = j.outcome(o, lost)
}

func (j *Journey) outcome(o Order, lost int) Outcome {
	known := len(o.Shipments) > 0
	switch {
	case o.Cancelled && j.Total == 0, o.Emptied && j.Total == 0, !known && o.Phase == OrderCancelled:
		return NothingToCome
	case known && j.Total > 0 && j.Arrived == j.Total && j.Waiting == 0:
		return AllArrived
	case known && j.Arrived+lost == j.Total && j.Waiting == 0:
		return NothingToCome
	case !known && o.Phase == Collected:
		return AllArrived
	}
	return Open
}

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
		j.State = Occasion(Refunded)
		return
	}
	carried := slices.ContainsFunc(j.Parcels, func(p ParcelJourney) bool { return p.Direction == Outbound && p.Status.Carried() })
	if o.Cancelled && !carried {
		j.State, j.Since = Occasion(OrderCancelled), o.CancelledAt
		return
	}
	if len(all) == 0 {
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
		j.Due, j.Late, j.State = e, true, LateWithoutNews
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
		if len(sh.Parcels) > 0 || !sh.active() {
			continue
		}
		c := candidate{state: Occasion(cmp.Or(sh.Phase, o.Phase, OrderReceived)), parcel: -1, shipment: i, since: phaseAt(sh.Phases, sh.Phase)}
		if e := Promised(o, &sh, s); e != nil && sh.Phase != Collected {
			if !j.Now.After(e.End(j.Zone)) {
				c.eta = e
			} else if MethodOf(o, &sh, s).Tracked() {
				c.due, c.state = e, LateWithoutNews
			}
		}
		all = append(all, c)
	}
	return all
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
