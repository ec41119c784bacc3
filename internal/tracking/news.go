package tracking

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// NewsOf lists everything that a shopper may be told of an order as of now, the oldest first. j is the order's journey at any instant:
// only what is true at all times is read of it. The list depends on facts alone and never on what was told. While the facts stay, it
// only grows as time passes.
func NewsOf(o Order, j Journey, s Setting, now time.Time) []News {
	all := prospects(o, j, s)
	ahead := func(n News) bool { return n.At.After(now) }
	return slices.DeleteFunc(all, ahead)
}

// prospects lists all news, also that which becomes true later if nothing else happens until then.
func prospects(o Order, j Journey, s Setting) []News {
	f := &finder{o: o, j: j, s: s, zone: inZone(j.Zone), names: otherNames(o)}
	f.findOrder()
	for i := range o.Shipments {
		sh := &o.Shipments[i]
		switch {
		case sh.ReplacedBy != "":
		case sh.Direction == Return:
			f.findReturn(sh)
		default:
			f.findShipment(sh)
		}
	}
	f.findSilence()
	return once(f.found)
}

// finder collects the news of one order.
type finder struct {
	o     Order
	j     Journey
	s     Setting
	zone  *time.Location        // the destination's
	names map[Subject][]Subject // other names of a shipment or a parcel
	found []News
}

// add takes news that has a time. What does not say when it could be known is known when it is true.
func (f *finder) add(n News) {
	if n.At.IsZero() {
		return
	}
	if n.Heard.Before(n.At) {
		n.Heard = n.At
	}
	for _, name := range f.names[n.Subject] {
		n.Also = append(n.Also, News{Occasion: n.Occasion, Subject: name, Instance: n.Instance}.ID())
	}
	f.found = append(f.found, n)
}

// otherNames returns the names by which news was told before all sources had spoken: of a shipment by that of another source, of a parcel
// by the number of another leg.
func otherNames(o Order) map[Subject][]Subject {
	names := map[Subject][]Subject{}
	for _, sh := range o.Shipments {
		if len(sh.Aliases) > 0 {
			names[sh.Subject] = sh.Aliases
		}
		for _, p := range sh.Parcels {
			for _, leg := range p.Legs {
				if name := parcelSubject(leg.Number, ""); name.Ref != "" && name != p.Subject {
					names[p.Subject] = append(names[p.Subject], name)
				}
			}
		}
	}
	return names
}

// once sorts news by time, and leaves out what an earlier one tells already.
func once(all []News) []News {
	slices.SortFunc(all, compareNews)
	ids, also := map[string]bool{}, map[string]bool{}
	return slices.DeleteFunc(all, func(n News) bool {
		id := n.ID()
		if ids[id] || also[id] || slices.ContainsFunc(n.Also, func(other string) bool { return ids[other] }) {
			return true
		}
		ids[id] = true
		for _, other := range n.Also {
			also[other] = true
		}
		return false
	})
}

func compareNews(a, b News) int {
	return cmp.Or(
		a.At.Compare(b.At),
		cmp.Compare(occasionStage(a.Occasion), occasionStage(b.Occasion)),
		cmp.Compare(a.Subject.String(), b.Subject.String()),
		cmp.Compare(a.Instance, b.Instance),
		a.Heard.Compare(b.Heard),
	)
}

// stages maps each occasion to its place in the natural order of a journey.
var stages = func() map[Occasion]int {
	places := map[Occasion]int{}
	for i, o := range Occasions() {
		places[o] = i
	}
	return places
}()

func occasionStage(o Occasion) int { return stages[o] }

func (f *finder) day(at time.Time) string { return locale.DayOf(at, f.zone).String() }

// findOrder finds what is news of the order as a whole.
func (f *finder) findOrder() {
	f.add(News{Occasion: Occasion(OrderReceived), At: f.received(), Heard: f.o.FirstHeard})
	alone := len(f.outbound()) == 0
	for _, c := range f.o.Phases {
		if f.ofOrder(c.Phase, alone) {
			f.add(News{Occasion: Occasion(c.Phase), At: c.At, Heard: c.Heard})
		}
	}
	f.findCancelled()
	f.findRefunds()
}

// oneRefund is how far apart the payments of one refund may lie.
const oneRefund = 10 * time.Minute

// findRefunds tells each refund by its day, and a second one of a day by its time as well.
func (f *finder) findRefunds() {
	told := map[string]bool{}
	for _, at := range f.o.refundTimes() {
		n := News{Occasion: Occasion(Refunded), Instance: f.day(at), At: at, Heard: f.o.LastHeard}
		if told[n.Instance] {
			n.Instance = at.In(f.zone).Format("2006-01-02T15:04")
		}
		told[f.day(at)] = true
		f.add(n)
	}
}

// refundTimes returns when the refunds began.
func (o *Order) refundTimes() []time.Time {
	var all []time.Time
	for _, r := range o.Refunds {
		all = append(all, r.At)
	}
	slices.SortFunc(all, time.Time.Compare)
	var begun []time.Time
	for _, at := range all {
		if len(begun) == 0 || at.Sub(begun[len(begun)-1]) >= oneRefund {
			begun = append(begun, at)
		}
	}
	return begun
}

// RefundedAt returns the amount of the refund that began then, in minor units; 0 = none did.
func (o *Order) RefundedAt(begun time.Time) (minor int64) {
	for _, r := range o.Refunds {
		if !r.At.Before(begun) && r.At.Sub(begun) < oneRefund {
			minor += r.AmountMinor
		}
	}
	return minor
}

// received returns when the order was placed, which is never after it was heard of.
func (f *finder) received() time.Time { return earliest(f.o.PlacedAt, f.o.FirstHeard) }

// ofOrder reports whether a phase of the order is told of the order itself: its shipments tell theirs.
func (f *finder) ofOrder(p Phase, alone bool) bool {
	switch p {
	case OrderReceived, OrderCancelled, Cancelled:
		return false
	case Refunded:
		return len(f.o.Refunds) == 0
	case ReturnRequested, ReturnReceived, ReturnInspected:
		return true
	case Shipped:
		return alone && travels(MethodOf(f.o, nil, f.s))
	default:
		return alone
	}
}

// travels reports whether something is on its way to the shopper, who can be told that it was sent.
func travels(m Method) bool { return m != MethodPickup && m != MethodDigital }

func (f *finder) findCancelled() {
	if !f.o.Cancelled {
		return
	}
	n := News{Occasion: Occasion(OrderCancelled), At: f.o.CancelledAt}
	if n.At.IsZero() {
		n.At = f.o.FirstHeard
	}
	n.Heard = heardOf(f.o.Phases, OrderCancelled, n.At)
	day := locale.DayOf(n.At, f.zone)
	n.Instance = day.AddDays(1).String() // another source may have told the same a little later
	n.Also = []string{n.ID()}
	n.Instance = day.String()
	f.add(n)
}

// heardOf returns when it was heard that a phase began at an instant.
func heardOf(log []PhaseChange, p Phase, at time.Time) time.Time {
	for _, c := range log {
		if c.Phase == p && c.At.Equal(at) {
			return c.Heard
		}
	}
	return at
}

func phaseOf(log []PhaseChange, p Phase) (PhaseChange, bool) {
	for _, c := range log {
		if c.Phase == p {
			return c, true
		}
	}
	return PhaseChange{}, false
}

// outbound returns the shipments that go to the shopper and were not replaced.
func (f *finder) outbound() []*Shipment { return f.going(Outbound) }

func (f *finder) going(d Direction) []*Shipment {
	var all []*Shipment
	for i := range f.o.Shipments {
		sh := &f.o.Shipments[i]
		if sh.ReplacedBy == "" && (sh.Direction == Return) == (d == Return) {
			all = append(all, sh)
		}
	}
	return all
}

// findShipment finds what is news of an outbound shipment and of its parcels.
func (f *finder) findShipment(sh *Shipment) {
	single := len(f.outbound()) == 1
	for _, c := range f.phasesOf(sh, single) {
		if slices.Contains([]Phase{OrderReceived, OrderCancelled, Cancelled, Shipped}, c.Phase) || returnPhase(c.Phase) {
			continue
		}
		n := News{Occasion: Occasion(c.Phase), Subject: sh.Subject, At: c.At, Heard: c.Heard}
		if single {
			n.Also = []string{News{Occasion: n.Occasion}.ID()}
		}
		f.add(n)
	}
	f.findShipped(sh, single)
	f.findShipmentCancelled(sh)
	for i := range sh.Parcels {
		f.findParcel(sh, &sh.Parcels[i])
	}
	if len(sh.Parcels) == 0 {
		f.findLate(f.watchShipment(sh))
	}
}

// findShipmentCancelled tells the first cancellation of a shipment as such, and one after it was reinstated by its day.
func (f *finder) findShipmentCancelled(sh *Shipment) {
	if sh.Phase != Cancelled {
		return
	}
	c, ok := phaseOf(sh.Phases, Cancelled)
	if !ok {
		c = PhaseChange{At: sh.Heard, Heard: sh.Heard}
	}
	n := News{Occasion: Occasion(Cancelled), Subject: sh.Subject, At: c.At, Heard: c.Heard}
	if sh.CancelledAt.After(c.At) && f.day(sh.CancelledAt) != f.day(c.At) {
		n.Instance, n.At, n.Heard = f.day(sh.CancelledAt), sh.CancelledAt, heardOf(sh.Phases, Cancelled, sh.CancelledAt)
	}
	f.add(n)
}

// phasesOf returns the phases of a shipment; the only one goes through those of the order too.
func (f *finder) phasesOf(sh *Shipment, single bool) []PhaseChange {
	if !single {
		return sh.Phases
	}
	all := slices.Clone(sh.Phases)
	for _, c := range f.o.Phases {
		if _, ok := phaseOf(sh.Phases, c.Phase); !ok {
			all = append(all, c)
		}
	}
	return all
}

// findShipped tells that a shipment was sent: the shop says so, or a carrier has one of its parcels.
func (f *finder) findShipped(sh *Shipment, single bool) {
	if !travels(MethodOf(f.o, sh, f.s)) {
		return
	}
	sent, ok := shippedAt(f.phasesOf(sh, single), sh.Parcels)
	if !ok {
		return
	}
	n := News{Occasion: Occasion(Shipped), Subject: sh.Subject, At: sent.At, Heard: sent.Heard}
	if f.sentFirst(sh, sent.At, single) {
		n.Also = []string{News{Occasion: n.Occasion}.ID()}
	}
	if len(sh.Parcels) == 1 && len(sh.Parcels[0].Together) > 0 { // the other orders in the box have a shipment of their own each
		n.Also = append(n.Also, n.ID())
		n.Subject = sh.Parcels[0].Subject
	}
	f.add(n)
	for _, p := range sh.Parcels {
		if at, ok := f.addedAt(sh, p, single); ok {
			f.add(News{Occasion: n.Occasion, Subject: p.Subject, At: at.At, Heard: at.Heard, Also: alsoImplied(sh, p)})
		}
	}
}

// addedAt returns when a parcel was sent that its shipment named later than the others: with its name where the shop calls the shipment
// sent, else with the first scan of its own.
func (f *finder) addedAt(sh *Shipment, p Parcel, single bool) (sent PhaseChange, ok bool) {
	if !p.Added || p.Returning {
		return PhaseChange{}, false
	}
	if _, said := phaseOf(f.phasesOf(sh, single), Shipped); said {
		return PhaseChange{At: p.Heard, Heard: p.Heard}, true
	}
	return shippedAt(nil, []Parcel{p})
}

// alsoImplied returns the ids by which it was told that a parcel was sent before its shipment named it.
func alsoImplied(sh *Shipment, p Parcel) (ids []string) {
	for _, alias := range sh.Aliases {
		if strings.HasSuffix(alias.Ref, "/"+NormalNumber(p.Number)) {
			ids = append(ids, News{Occasion: Occasion(Shipped), Subject: alias}.ID())
		}
	}
	return ids
}

// sentFirst reports whether no other shipment was sent before, so that "the order was sent" was said of this one.
func (f *finder) sentFirst(sh *Shipment, at time.Time, single bool) bool {
	for _, other := range f.outbound() {
		if sent, ok := shippedAt(f.phasesOf(other, single), other.Parcels); ok && other != sh && sent.At.Before(at) {
			return false
		}
	}
	return true
}

func shippedAt(phases []PhaseChange, parcels []Parcel) (sent PhaseChange, ok bool) {
	sent, ok = phaseOf(phases, Shipped)
	for _, p := range parcels {
		if first := firstCarrierScan(p); first != nil && !p.Returning && (!ok || first.At().Before(sent.At)) {
			sent, ok = PhaseChange{Phase: Shipped, At: first.At(), Heard: first.Heard}, true
		}
	}
	return sent, ok
}

func returnPhase(p Phase) bool {
	return slices.Contains([]Phase{ReturnRequested, ReturnReceived, ReturnInspected, Refunded}, p)
}

// findReturn finds what is news of what the shopper sends back.
func (f *finder) findReturn(sh *Shipment) {
	single := len(f.going(Return)) == 1
	for _, c := range sh.Phases {
		if !returnPhase(c.Phase) {
			continue
		}
		n := News{Occasion: Occasion(c.Phase), Subject: sh.Subject, At: c.At, Heard: c.Heard}
		if single {
			n.Also = f.alsoOfOrder(sh, n.Occasion)
		}
		f.add(n)
	}
	for i := range sh.Parcels {
		f.findStatuses(f.watchParcel(sh, &sh.Parcels[i]))
	}
}

// alsoOfOrder returns the ids by which the phase of the only return was told of the order.
func (f *finder) alsoOfOrder(sh *Shipment, o Occasion) []string {
	also := []string{News{Occasion: o}.ID()}
	for _, refund := range f.o.Refunds {
		if o == Occasion(Refunded) && !refund.At.Before(sh.CreatedAt) {
			also = append(also, News{Occasion: o, Instance: f.day(refund.At)}.ID())
		}
	}
	return also
}
