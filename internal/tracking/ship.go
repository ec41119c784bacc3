package tracking

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// ship makes the shipments with their parcels: those that shops state, then those that only trackers know.
func (a *assembly) ship() {
	slices.SortStableFunc(a.shipments, func(x, y *Record) int {
		return cmp.Or(cmp.Compare(a.calledOff(x), a.calledOff(y)), cmp.Compare(a.sourceRank(x.Key.Source), a.sourceRank(y.Key.Source)),
			x.FirstHeard.Compare(y.FirstHeard))
	})
	w := shipper{assembly: a, numbers: oneParcel(a.trackers)}
	for _, r := range a.shipments {
		a.hear(r)
		if !a.withdrawn(r) {
			w.state(r)
		}
	}
	w.replace()
	for _, t := range a.trackers {
		a.hear(t)
		w.follow(t)
	}
	w.finish()
	slices.SortStableFunc(a.order.Shipments, func(x, y Shipment) int {
		return cmp.Or(cmp.Compare(x.Direction, y.Direction), x.Heard.Compare(y.Heard), cmp.Compare(x.Subject.Ref, y.Subject.Ref))
	})
}

// calledOff returns 1 for a shipment that is cancelled or replaced, and 0 for any other: a number that both name is the other's.
func (a *assembly) calledOff(r *Record) int {
	replaces := func(o *Record) bool {
		return o.Key.Source == r.Key.Source && o.Shipment.Replaces == r.Key.Ref && !a.withdrawn(o)
	}
	if r.Shipment.Phase == Cancelled || slices.ContainsFunc(a.shipments, replaces) {
		return 1
	}
	return 0
}

// oneParcel leads every number of a parcel that has several, one a leg, to one of them. A consignment's number is that of many
// parcels, and leads nowhere.
func oneParcel(trackers []*Record) map[string]string {
	same := map[string]string{}
	root := func(n string) string {
		for same[n] != "" {
			n = same[n]
		}
		return n
	}
	for _, t := range trackers {
		for _, leg := range t.Tracker.Legs {
			a, b := root(NormalNumber(t.Tracker.Number)), root(NormalNumber(leg.Number))
			if a == "" || b == "" || a == b || leg.Role == RoleConsignment {
				continue
			}
			same[max(a, b)] = min(a, b) // the same root whichever is read first
		}
	}
	roots := map[string]string{}
	for n := range same {
		roots[n] = root(n)
	}
	return roots
}

// shipper fills shipments with parcels, and parcels with what trackers say.
type shipper struct {
	*assembly
	numbers map[string]string // see oneParcel
	parcels []*loaded
	named   time.Time // when a shop's newest word was heard that names numbers; zero = none does
}

// loaded is a parcel, the shipment that it is in, and the trackers that speak of it.
type loaded struct {
	parcel   Parcel
	shipment int  // index in the order's
	named    bool // a source better than the shop has named its carrier
	trackers []*Record
}

func (w *shipper) root(number string) string {
	n := NormalNumber(number)
	return cmp.Or(w.numbers[n], n)
}

// state adds a shipment that a shop states. What another source states of parcels that are loaded already is the same shipment.
func (w *shipper) state(r *Record) {
	s := r.Shipment
	shipment := Shipment{
		Subject: shipmentSubject(r.Key.Source, r.Key.Ref), Source: r.Key.Source, Ref: r.Key.Ref,
		Direction: cmp.Or(s.Direction, Outbound), Method: s.Method, MethodTitle: s.MethodTitle,
		Phase: s.Phase, Phases: slices.Clone(r.Phases), CreatedAt: s.CreatedAt, Heard: r.FirstHeard,
		Lines: w.ownLines(s), Origin: s.Origin, Promise: s.Promise, ReturnLabel: s.ReturnLabel,
	}
	if e, ok := r.ended(); ok {
		shipment.CancelledAt = e.At
		shipment.Phases = forgetRepeats(shipment.Phases, e.At)
	}
	fresh := w.fresh(s.Parcels)
	if len(s.Parcels) > 0 && len(fresh) == 0 && !w.sendsBack(shipment.Direction, s.Parcels) {
		at := w.shipmentOf(s.Parcels)
		w.alias(at, shipment.Subject)
		if at >= 0 && w.calledOff(r) == 0 {
			w.order.Shipments[at].pack(shipment)
		}
		return
	}
	at := -1
	if w.sourceRank(r.Key.Source) == len(w.orders) && len(fresh) > 0 {
		at = w.waitingFor(shipment.Direction) // what a carrier's platform packs is what the shop has sent without a number
	}
	if at < 0 {
		w.order.Shipments = append(w.order.Shipments, shipment)
		at = len(w.order.Shipments) - 1
	}
	w.alias(at, shipment.Subject)
	for _, p := range fresh {
		w.named = latest(w.named, r.stampOf("Parcels").Heard)
		w.load(at, p, r, begins(w.order.PlacedAt, s.CreatedAt, r.FirstHeard))
	}
}

// sendsBack reports whether a return is stated under the number that brought what goes back.
func (w *shipper) sendsBack(d Direction, numbers []ParcelSaid) bool {
	at := w.shipmentOf(numbers)
	return d == Return && at >= 0 && w.order.Shipments[at].Direction != Return
}

// ownLines returns the contents of a shipment; of one that carries several orders only those of this one, which are not said where the
// shop has stated it again for another of them.
func (w *shipper) ownLines(s *ShipmentSaid) []LineShare {
	if !slices.ContainsFunc(s.Parcels, func(p ParcelSaid) bool { return len(w.bounds.Together[w.root(p.Number)]) > 0 }) {
		return s.Lines
	}
	var own []LineShare
	for _, share := range s.Lines {
		if slices.ContainsFunc(w.order.Lines, func(line Line) bool { return shares(share, line) }) {
			own = append(own, share)
		}
	}
	return own
}

// pack adds the contents of another shipment of the same shop that travels in the same parcels.
func (s *Shipment) pack(o Shipment) {
	if s.Source != o.Source || s.Direction != o.Direction || s.Lines == nil {
		return
	}
	lines := slices.Clone(s.Lines)
	for _, l := range o.Lines {
		known := func(k LineShare) bool { return k.ID == l.ID && k.SKU == l.SKU && k.Name == l.Name }
		if !slices.ContainsFunc(lines, known) {
			lines = append(lines, l)
		}
	}
	s.Lines = lines
}

// fresh returns the numbers that nothing has loaded yet, each once.
func (w *shipper) fresh(numbers []ParcelSaid) []ParcelSaid {
	var fresh []ParcelSaid
	for _, p := range numbers {
		known := slices.ContainsFunc(w.parcels, func(l *loaded) bool { return w.root(l.parcel.Number) == w.root(p.Number) })
		again := slices.ContainsFunc(fresh, func(f ParcelSaid) bool { return w.root(f.Number) == w.root(p.Number) })
		if !known && !again && NormalNumber(p.Number) != "" {
			fresh = append(fresh, p)
		}
	}
	return fresh
}

func (w *shipper) load(shipment int, said ParcelSaid, r *Record, from time.Time) *loaded {
	number := w.root(said.Number)
	l := &loaded{shipment: shipment, parcel: Parcel{
		Subject: parcelSubject(said.Number, r.Key.Ref), Carrier: said.Carrier, Number: said.Number, URL: said.URL, Lines: said.Lines,
		Begins: from, Ends: w.bounds.Ends[number], Heard: r.namedAt(said.Number), Added: r.Shipment != nil && r.added(said.Number),
		Shared: slices.Contains(w.bounds.Shared, number), Together: w.bounds.Together[number],
	}}
	for _, d := range r.Dates {
		if r.Shipment != nil {
			takeDate(&l.parcel.Dates, d)
		}
	}
	w.parcels = append(w.parcels, l)
	return l
}

// replace closes the shipments that another one replaces.
func (w *shipper) replace() {
	for _, r := range w.shipments {
		if r.Shipment.Replaces == "" || w.withdrawn(r) {
			continue
		}
		for i := range w.order.Shipments {
			if s := &w.order.Shipments[i]; s.Source == r.Key.Source && s.Ref == r.Shipment.Replaces {
				s.ReplacedBy = r.Key.Ref
			}
		}
	}
}

// follow gives a tracker's words to the parcels that it speaks of; one that nothing loads yet becomes a parcel of its own.
func (w *shipper) follow(t *Record) {
	found := false
	for _, l := range w.parcels {
		if w.about(t, l) {
			l.trackers = append(l.trackers, t)
			found = true
		}
	}
	if !found && !w.ofWithdrawn(t) {
		w.imply(t)
	}
}

// ofWithdrawn reports whether a tracker speaks, without a number, of a shipment that is there no more.
func (w *shipper) ofWithdrawn(t *Record) bool {
	return NormalNumber(t.Tracker.Number) == "" && slices.ContainsFunc(w.shipments, func(r *Record) bool {
		return r.Key.Source == t.Key.Source && r.Key.Ref == t.Tracker.Shipment && w.withdrawn(r)
	})
}

// about reports whether a tracker speaks of the parcel: by a number, or of all that its shipment holds.
func (w *shipper) about(t *Record, l *loaded) bool {
	if n := w.root(t.Tracker.Number); n != "" {
		return n == w.root(l.parcel.Number)
	}
	s := w.order.Shipments[l.shipment]
	if t.Tracker.Shipment != "" && s.Source == t.Key.Source && s.Ref == t.Tracker.Shipment {
		return true
	}
	return len(w.parcels) == 1 && !elsewhere(t, s)
}

// elsewhere reports whether a tracker names another shipment of the same source, be that known or not.
func elsewhere(t *Record, s Shipment) bool {
	return t.Tracker.Shipment != "" && s.Source == t.Key.Source && s.Ref != "" && s.Ref != t.Tracker.Shipment
}

// imply makes a parcel that no shop has named: in the shipment that the tracker names, else in the only one that waits for a number,
// else in one of its own.
func (w *shipper) imply(t *Record) {
	direction := t.direction()
	at := slices.IndexFunc(w.order.Shipments, func(s Shipment) bool {
		return t.Tracker.Shipment != "" && s.Source == t.Key.Source && s.Ref == t.Tracker.Shipment
	})
	if at < 0 {
		at = w.waitingFor(direction)
	}
	if at < 0 || elsewhere(t, w.order.Shipments[at]) {
		w.order.Shipments = append(w.order.Shipments, Shipment{
			Subject: impliedShipment(t, w.root(t.Tracker.Number)), Source: t.Key.Source,
			Direction: direction, Heard: t.FirstHeard,
		})
		at = len(w.order.Shipments) - 1
	}
	said := ParcelSaid{Carrier: t.Tracker.Carrier, Number: t.Tracker.Number, URL: t.Tracker.URL}
	from := w.order.PlacedAt.Add(-early)
	l := w.load(at, said, t, from)
	l.trackers = []*Record{t}
}

// impliedShipment returns the name of a shipment that only a tracker knows.
func impliedShipment(t *Record, number string) Subject {
	return shipmentSubject(t.Key.Source, cmp.Or(number, t.Tracker.Shipment))
}

// alias notes a name under which the shipment was known before others spoke of it.
func (w *shipper) alias(shipment int, name Subject) {
	if shipment < 0 {
		return
	}
	if s := &w.order.Shipments[shipment]; s.Subject != name && !slices.Contains(s.Aliases, name) {
		s.Aliases = append(s.Aliases, name)
	}
}

// shipmentOf returns the shipment that holds one of the numbers already; -1 = none does.
func (w *shipper) shipmentOf(numbers []ParcelSaid) int {
	for _, l := range w.parcels {
		if slices.ContainsFunc(numbers, func(p ParcelSaid) bool { return w.root(l.parcel.Number) == w.root(p.Number) }) {
			return l.shipment
		}
	}
	return -1
}

// direction returns which way a parcel goes that no shop has named: one that was first seen on its way back was sent by the shopper.
func (r *Record) direction() Direction {
	if r.Tracker.Returning {
		return Return
	}
	for _, s := range r.Scans {
		if s.Ahead() || !s.Status.Carried() {
			continue
		}
		if s.Returning || s.Status == ReturnInTransit {
			return Return
		}
		return Outbound
	}
	return Outbound
}

// waitingFor returns the only tracked shipment of a direction that is not called off, where it has no parcel; -1 = there is none.
func (w *shipper) waitingFor(d Direction) int {
	found := -1
	for i, s := range w.order.Shipments {
		if s.Direction != d || !s.Method.Tracked() || s.ReplacedBy != "" || s.Phase == Cancelled {
			continue
		}
		if found >= 0 || slices.ContainsFunc(w.parcels, func(l *loaded) bool { return l.shipment == i }) {
			return -1
		}
		found = i
	}
	return found
}

// finish completes the parcels and puts them into their shipments.
func (w *shipper) finish() {
	zone := locale.Zone(w.order.To.Country, w.order.To.Region, w.order.To.Postcode)
	for _, l := range w.parcels {
		s := &w.order.Shipments[l.shipment]
		l.complete(zone)
		for i, d := range l.parcel.Dates {
			l.parcel.Dates[i].ETA = *d.ETA.localised(zone)
		}
		l.parcel.Returning = l.parcel.Returning || s.Direction == Return
		for _, t := range l.trackers {
			w.alias(l.shipment, impliedShipment(t, w.root(t.Tracker.Number)))
			for _, p := range t.Phases {
				takePhase(&s.Phases, p)
			}
		}
		s.Parcels = append(s.Parcels, l.parcel)
	}
	w.turnRound()
	w.closeSentAgain()
	w.order.Promise = w.order.Promise.localised(zone)
	for i := range w.order.Shipments {
		s := &w.order.Shipments[i]
		s.Promise = s.Promise.localised(zone)
		w.finishPhase(s)
	}
	w.order.Shipments = slices.DeleteFunc(w.order.Shipments, w.unused)
}

func (w *shipper) finishPhase(s *Shipment) {
	if s.Phase == "" && len(s.Phases) > 0 {
		s.Phase = furthest(s.Phases)
	}
	if s.Phase == Shipped && len(s.Parcels) == 0 && cmp.Or(s.Method, w.order.Method) == MethodPickup {
		s.Phase = Collected // what never travels was not sent: it was taken at the counter
	}
}

// unused returns a number that no carrier ever had, and that the shop leaves out of numbers named since it was heard of: a label that
// was made and not used.
func (w *shipper) unused(s Shipment) bool {
	return s.Ref == "" && s.Heard.Before(w.named) && len(s.Parcels) > 0 && !slices.ContainsFunc(s.Parcels, func(p Parcel) bool {
		return slices.ContainsFunc(p.Scans, func(scan Scan) bool { return scan.Status.Carried() })
	})
}

// complete fills the parcel from its trackers, the best speaker first; the others fill gaps. What was said while the number was
// another parcel's is not of this one.
func (l *loaded) complete(zone *time.Location) {
	p := &l.parcel
	slices.SortStableFunc(l.trackers, func(a, b *Record) int {
		return cmp.Or(cmp.Compare(a.Speaker, b.Speaker), cmp.Compare(p.unseenBy(a), p.unseenBy(b)))
	})
	for _, t := range l.trackers {
		p.addScans(t, zone, l.handsOver)
		for _, d := range t.Dates {
			if p.within(d.At) && !d.ETA.End(time.UTC).Before(p.Begins) {
				takeDate(&p.Dates, d)
			}
		}
	}
	slices.SortStableFunc(p.Scans, compareScans)
	p.cut()
	returning, others := 0, 0
	for _, t := range l.trackers {
		said := l.described(t)
		l.describe(t, said)
		switch {
		case said.Returning:
			returning++
		case p.within(t.stampOf("Returning").Version):
			others++
		}
	}
	p.Returning = returning > 0 && others == 0
	p.forgetUntil(zone)
	if p.Shared {
		p.conceal()
	}
}

// forgetUntil leaves out a last day at the pick-up point before the parcel came there: it is of another stay, or a slip.
func (p *Parcel) forgetUntil(zone *time.Location) {
	if p.Pickup == nil || p.Pickup.Until.IsZero() {
		return
	}
	for _, s := range slices.Backward(p.Scans) {
		if s.Status != AvailableForPickup || s.Ahead() {
			continue
		}
		if came := locale.DayOf(s.At(), inZone(zone)); p.Pickup.Until.Before(came) {
			point := *p.Pickup
			point.Until = locale.Day{}
			p.Pickup = &point
		}
		return
	}
}

// unseenBy returns 1 for a tracker that has never seen the parcel, such as one that was asked of the wrong carrier, and 0 for any other.
func (p *Parcel) unseenBy(t *Record) int {
	if slices.ContainsFunc(t.Scans, func(s Scan) bool { return s.Status != "" && p.within(s.At()) }) {
		return 0
	}
	return 1
}

// described returns what a tracker said of the parcel within its window.
func (l *loaded) described(t *Record) TrackerSaid {
	p, said := &l.parcel, *t.Tracker
	value := reflect.ValueOf(&said).Elem()
	for _, field := range []string{"URL", "Returning", "Legs", "Pieces", "Pickup", "Proof", "Instructions"} {
		if !p.within(t.stampOf(field).Version) {
			value.FieldByName(field).SetZero()
		}
	}
	p.Followed = p.Followed || p.within(t.LastHeard)
	if !p.within(said.CheckedAt) {
		said.CheckedAt = time.Time{}
	}
	return said
}

func (l *loaded) describe(t *Record, said TrackerSaid) {
	p := &l.parcel
	if !l.named && said.Carrier != "" && t.Speaker != RankShop && NormalNumber(said.Number) == NormalNumber(p.Number) {
		p.Carrier, l.named = said.Carrier, true // who carries it knows its name better than who hands it over
	}
	p.Carrier, p.URL, p.Instructions = cmp.Or(p.Carrier, said.Carrier), cmp.Or(p.URL, said.URL), cmp.Or(p.Instructions, said.Instructions)
	p.Pieces, p.Pickup, p.Proof = cmp.Or(p.Pieces, said.Pieces), cmp.Or(p.Pickup, said.Pickup), cmp.Or(p.Proof, said.Proof)
	p.CheckedAt = latest(p.CheckedAt, said.CheckedAt)
	for _, leg := range said.Legs {
		if !slices.ContainsFunc(p.Legs, func(known Leg) bool { return NormalNumber(known.Number) == NormalNumber(leg.Number) }) {
			p.Legs = append(p.Legs, leg)
		}
	}
}

// conceal takes away what a stranger must not see of a parcel that two recipients' orders name.
func (p *Parcel) conceal() {
	p.Pickup, p.Proof, p.Instructions, p.URL = nil, nil, "", ""
	for i := range p.Scans {
		p.Scans[i].Location, p.Scans[i].Text, p.Scans[i].Action = "", "", nil
	}
}
