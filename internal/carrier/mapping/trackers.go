package mapping

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/tracking"
)

const (
	maxLegs   = 10
	maxPieces = 10_000
)

var (
	errNoParcel = errors.New("the parcel has neither a number nor a shipment id")
	errNoEvent  = errors.New("none of its events can be read")
)

// told is what the events of one tracker tell.
type told struct {
	scans   []tracking.Scan
	phases  []tracking.PhaseChange
	dates   []tracking.StatedDate
	failed  int
	special bool // the order of the list counts, not that of the clocks
}

// tracker reads one number with what happened to it.
func (r *run) tracker(p *definition.Parcels) error {
	said := &tracking.TrackerSaid{}
	f := r.fieldSetter(said, varParcel, p.Partial)
	if err := r.trackerIdentity(f, p, said); err != nil {
		return err
	}
	r.trackerFields(f, p, said)
	what := r.events(p, said)
	if r.fatal != nil {
		return r.fatal
	}
	at := r.past(&p.At)
	if at.IsZero() {
		at = newest(what.scans)
	}
	r.current(p, said, &what, at)
	r.parcelETA(p, &what, at)
	if what.failed > 0 && len(what.scans)+len(what.phases)+len(what.dates) == 0 && !f.tells() {
		return errNoEvent
	}
	// A code may speak of what the shop does before the carrier has the parcel: its phases are those of the parcel's shipment.
	r.state(tracking.Statement{
		Key: tracking.Key{Kind: tracking.KindTracker}, Tracker: said, Fields: f.given(), Scans: what.scans, Phases: what.phases, Dates: what.dates,
	}, r.trackerRef(p, said), at)
	return nil
}

// tells reports whether a partial statement gives more than what its tracker is recognised by.
func (f *fieldSetter) tells() bool {
	return f.partial && slices.ContainsFunc(f.names, func(name string) bool {
		return !slices.Contains([]string{"Number", "Shipment", "Carrier", "Instance"}, name)
	})
}

// trackerIdentity reads what a tracker is recognised by.
func (r *run) trackerIdentity(f *fieldSetter, p *definition.Parcels, said *tracking.TrackerSaid) error {
	number, err := r.must(&p.Number)
	if err != nil {
		return err
	}
	said.Number, said.Shipment = parcelNumber(number), r.text(&p.ShipmentID, maxRef)
	if said.Number == "" && said.Shipment == "" {
		return errNoParcel
	}
	said.Carrier = r.carrier(r.raw(&p.Carrier), said.Number)
	said.Instance = r.word(&p.Instance)
	for name, value := range map[string]string{"Number": said.Number, "Shipment": said.Shipment, "Carrier": said.Carrier, "Instance": said.Instance} {
		if value != "" {
			f.add(name)
		}
	}
	slices.Sort(f.names)
	return nil
}

// trackerRef returns what the source calls the tracker.
func (r *run) trackerRef(p *definition.Parcels, said *tracking.TrackerSaid) string {
	if id := r.text(&p.ID, maxRef); id != "" {
		return id
	}
	if said.Number == "" {
		return "shipment/" + said.Shipment
	}
	ref := said.Number
	if said.Carrier != "" {
		ref = said.Carrier + "/" + ref
	}
	if said.Instance != "" {
		ref += "/" + said.Instance
	}
	return ref
}

func (r *run) trackerFields(f *fieldSetter, p *definition.Parcels, said *tracking.TrackerSaid) {
	f.set("URL", func() {
		if said.URL = r.url(&p.URL); said.URL == "" {
			said.URL = r.link(said.Carrier, said.Number)
		}
	}, &p.URL)
	hint := []*definition.Expr{&p.ExternalID, &p.OrderNumber, &p.Email, &p.Postcode, &p.Country}
	f.set("Order", func() { said.Order = r.orderHint(hint[0], hint[1], hint[2], hint[3], hint[4]) }, hint...)
	f.set("Returning", func() { said.Returning = r.flag(&p.Returning) }, &p.Returning)
	f.set("Legs", func() { said.Legs = r.legs(&p.Legs) }, &p.Legs.List)
	f.set("Pieces", func() { said.Pieces = r.pieces(&p.Pieces) }, &p.Pieces.Total, &p.Pieces.Delivered)
	k := &p.Pickup
	f.set("Pickup", func() { said.Pickup = r.pickup(k) }, &k.Name, &k.Address, &k.Until, &k.Code, &k.Hours, &k.URL)
	f.set("Proof", func() { said.Proof = r.proof(&p.Proof) }, &p.Proof.SignedBy, &p.Proof.Note, &p.Proof.PhotoURL)
	f.set("Instructions", func() { said.Instructions = r.text(&p.Instructions, maxText) }, &p.Instructions)
	f.set("CheckedAt", func() { said.CheckedAt = r.past(&p.CheckedAt) }, &p.CheckedAt)
}

func (r *run) legs(p *definition.Legs) []tracking.Leg {
	var all []tracking.Leg
	r.eachOptional(&p.List, varLeg, maxLegs, func() {
		one := tracking.Leg{Number: parcelNumber(r.raw(&p.Number)), URL: r.url(&p.URL), Role: oneOf(r, &p.Role, tracking.LegRoles())}
		one.Carrier = r.carrier(r.raw(&p.Carrier), one.Number)
		if one.Carrier+one.Number != "" {
			all = append(all, one)
		}
	})
	return all
}

func (r *run) pieces(p *definition.Pieces) *tracking.Pieces {
	total, delivered := r.integer(&p.Total), r.integer(&p.Delivered)
	if total < 1 || total > maxPieces {
		return nil
	}
	return &tracking.Pieces{Total: int(total), Delivered: int(min(max(delivered, 0), total))}
}

func (r *run) pickup(p *definition.Pickup) *tracking.PickupPoint {
	point := tracking.PickupPoint{
		Name:    r.text(&p.Name, maxName),
		Address: r.joined(&p.Address, maxName),
		Until:   r.day(&p.Until),
		Code:    r.word(&p.Code),
		Hours:   r.joined(&p.Hours, maxText),
		URL:     r.url(&p.URL),
	}
	if point == (tracking.PickupPoint{}) {
		return nil
	}
	return &point
}

func (r *run) proof(p *definition.Proof) *tracking.Proof {
	proof := tracking.Proof{SignedBy: r.text(&p.SignedBy, maxName), Note: r.text(&p.Note, maxText), PhotoURL: r.url(&p.PhotoURL)}
	if proof == (tracking.Proof{}) {
		return nil
	}
	return &proof
}

// events reads the events of a tracker, oldest first. An event without a code is quarantined alone, and so is a list that is none.
func (r *run) events(p *definition.Parcels, of *tracking.TrackerSaid) told {
	what := told{special: p.Events.Order != ""}
	path := r.programs[&p.Events.List].path
	list, err := r.list(&p.Events.List)
	if err != nil {
		what.failed++
		r.quarantine(path, err)
	}
	places := kept(len(list), p.Events.Order)
	if len(places) < len(list) {
		r.quarantine(path, fmt.Errorf("has %d elements, of which only %d are read; set events.order in the definition so that these are the newest", len(list), len(places)))
	}
	defer delete(r.vars, varEvent)
	for _, i := range places {
		if r.fatal != nil {
			return what
		}
		r.vars[varEvent] = list[i]
		err := r.takes(varEvent, MaxEvents)
		if err == nil {
			err = r.event(p, of, &what)
		}
		if err != nil {
			what.failed++
			r.quarantine(fmt.Sprintf("%s[%d]", path, i), err)
		}
	}
	what.sort(p.Events.Order)
	return what
}

// kept returns the places of a list of n events that are read: of one that is too long both ends, as either may be the newest.
func kept(n int, order definition.ListOrder) []int {
	from, to := 0, n // left out are the places from skipFrom to skipTo
	skipFrom, skipTo := n, n
	if n > MaxScans {
		switch order {
		case definition.OldestFirst:
			from = n - MaxScans
		case definition.NewestFirst:
			to = MaxScans
		default:
			skipFrom, skipTo = MaxScans/2, n-MaxScans/2
		}
	}
	var places []int
	for i := from; i < to; i++ {
		if i < skipFrom || i >= skipTo {
			places = append(places, i)
		}
	}
	return places
}

// sort puts the scans in order, oldest first, and numbers them. Where the list's own order is known it counts; else the clocks do,
// and the list breaks ties, be it sorted this way or that.
func (t *told) sort(order definition.ListOrder) {
	n := len(t.scans)
	descending := n > 1 && order == "" && t.scans[0].At().After(t.scans[n-1].At())
	if order == definition.NewestFirst || descending {
		slices.Reverse(t.scans)
	}
	if order == "" {
		slices.SortStableFunc(t.scans, func(a, b tracking.Scan) int { return a.At().Compare(b.At()) })
	}
	for i := range t.scans {
		t.scans[i].Sequence = i
	}
	t.turnBack()
}

// turnBack makes what follows the turn of a parcel its way back: it is not delivered to the shopper any more.
func (t *told) turnBack() {
	back := false
	for i := range t.scans {
		s := &t.scans[i]
		if s.Planned {
			continue
		}
		if back && !s.Returning {
			*s = returned(*s)
		}
		back = back || s.Returning && (s.Status == tracking.ReturnInTransit || s.Status == tracking.ReturnedToSender)
	}
}

// returned returns a scan of a parcel that goes back, in the words of the way back.
func returned(s tracking.Scan) tracking.Scan {
	s.Returning = true
	switch s.Status {
	case tracking.Delivered, tracking.ReturnedToSender:
		s.Status = tracking.ReturnedToSender
	case tracking.HandedToCarrier, tracking.InTransit, tracking.OutForDelivery, tracking.DeliveryAttemptFailed, tracking.AvailableForPickup,
		tracking.PickupExpired, tracking.ReturnInTransit:
		s.Status = tracking.ReturnInTransit
	default:
	}
	return s
}

// newest returns the latest time at which one of the scans counts; zero where none has a time of its own.
func newest(scans []tracking.Scan) time.Time {
	var latest time.Time
	for _, s := range scans {
		if !s.Planned && !s.Told.IsZero() && s.At().After(latest) {
			latest = s.At()
		}
	}
	return latest.UTC()
}
