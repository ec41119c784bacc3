package corpus

import (
	"cmp"
	"slices"
	"sync"
	"time"
	_ "time/tzdata" // bare machines have no zone files
)

// said reports whether a source had sent something by t; the zero time is never.
func said(heardAt, t time.Time) bool { return !heardAt.IsZero() && !heardAt.After(t) }

// Order returns the order with that number.
func (t Truth) Order(number string) (Order, bool) {
	i := slices.IndexFunc(t.Orders, func(o Order) bool { return o.Number == number })
	if i < 0 {
		return Order{}, false
	}
	return t.Orders[i], true
}

// Parcel returns the parcel with that ID.
func (t Truth) Parcel(id string) (Parcel, bool) {
	i := slices.IndexFunc(t.Parcels, func(p Parcel) bool { return p.ID == id })
	if i < 0 {
		return Parcel{}, false
	}
	return t.Parcels[i], true
}

// ParcelsOf returns the parcels of an order, returns included.
func (t Truth) ParcelsOf(order string) []Parcel {
	var found []Parcel
	for _, parcel := range t.Parcels {
		if slices.Contains(parcel.Orders, order) {
			found = append(found, parcel)
		}
	}
	return found
}

// DestinationAt returns where the order goes, as far as it was known at t.
func (o Order) DestinationAt(t time.Time) (Destination, bool) {
	return lastSaid(o.Destinations, t, func(d Destination) time.Time { return d.HeardAt })
}

// StateAt returns the true state of the order at t.
func (o Order) StateAt(t time.Time) (OrderStep, bool) {
	return lastSaid(o.Steps, t, func(s OrderStep) time.Time { return s.At })
}

// KnownStateAt returns the last step of the order that a source had said at t.
func (o Order) KnownStateAt(t time.Time) (OrderStep, bool) {
	return lastSaid(o.Steps, t, func(s OrderStep) time.Time { return s.HeardAt })
}

// LinesKnownAt returns the lines with the quantities that were not removed, as far as it was known at t.
func (o Order) LinesKnownAt(t time.Time) []Line {
	var left []Line
	for _, line := range o.Lines {
		if said(line.RemovedAt, t) {
			line.Quantity -= line.RemovedQuantity
		}
		if line.Quantity > 0 {
			left = append(left, line)
		}
	}
	return left
}

// lastSaid returns the last element whose instant is set and not after t.
func lastSaid[E any](elements []E, t time.Time, heardAt func(E) time.Time) (last E, found bool) {
	for _, element := range elements {
		if said(heardAt(element), t) {
			last, found = element, true
		}
	}
	return last, found
}

// StateAt returns the true state of the parcel at t.
func (p Parcel) StateAt(t time.Time) (Step, bool) {
	steps := slices.DeleteFunc(slices.Clone(p.Steps), func(s Step) bool { return s.Planned || s.NoChange })
	return lastSaid(steps, t, func(s Step) time.Time { return s.At })
}

// KnownStepsAt returns the steps that sources had said at t, in the order in which they happen; planned ones included.
func (p Parcel) KnownStepsAt(t time.Time) []Step {
	var known []Step
	for _, step := range p.Steps {
		if said(step.HeardAt, t) {
			known = append(known, step)
		}
	}
	slices.SortStableFunc(known, func(a, b Step) int { return a.At.Compare(b.At) })
	return known
}

// KnownStateAt returns the last step of the parcel that had happened and that a source had said at t.
func (p Parcel) KnownStateAt(t time.Time) (Step, bool) {
	known := slices.DeleteFunc(p.KnownStepsAt(t), func(s Step) bool { return s.Unmapped || s.Planned || s.NoChange || s.At.After(t) })
	if len(known) == 0 {
		return Step{}, false
	}
	return known[len(known)-1], true
}

// PlacesKnownAt returns the places that sources had sent about this parcel by t: those of its scans, and the names of its pick-up points.
func (p Parcel) PlacesKnownAt(t time.Time) []string {
	var places []string
	for _, step := range p.KnownStepsAt(t) {
		if step.Place != "" {
			places = append(places, step.Place)
		}
	}
	for _, point := range p.Pickups {
		if said(point.HeardAt, t) {
			places = append(places, point.Name)
		}
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// CarriersKnownAt returns the usual names of the carriers that sources had named by t: the parcel's own, and those of its
// legs.
func (p Parcel) CarriersKnownAt(t time.Time) []string {
	var names []string
	if said(p.CarrierHeardAt, t) {
		names = append(names, p.Carrier)
	}
	for _, leg := range p.Legs {
		if said(leg.HeardAt, t) {
			names = append(names, leg.Carrier)
		}
	}
	return names
}

// DaysKnownAt returns all days that had been stated for this parcel at t, superseded ones included, in order of hearing.
func (p Parcel) DaysKnownAt(t time.Time) []StatedDay {
	var days []StatedDay
	for _, day := range p.Days {
		if said(day.HeardAt, t) {
			days = append(days, day)
		}
	}
	slices.SortStableFunc(days, func(a, b StatedDay) int { return a.HeardAt.Compare(b.HeardAt) })
	return days
}

// DayKnownAt returns the stated day that is valid at t: the carrier's latest before the shop's. A day that was stated before an
// attempt failed, before customs, a hold or the word "delayed" does not stand after it, and none stands when it is over.
func (p Parcel) DayKnownAt(t time.Time) (day StatedDay, found bool) {
	broken := p.daysBrokenAt(t)
	for _, stated := range p.DaysKnownAt(t) {
		if !stated.At.Before(broken) && (!found || stated.replaces(day)) {
			day, found = stated, true
		}
	}
	if found && day.Day < DayOf(t, p.Zone) {
		return StatedDay{}, false
	}
	return day, found
}

// replaces reports whether a later day replaces an earlier one.
func (d StatedDay) replaces(earlier StatedDay) bool {
	if d.By == earlier.By {
		return !d.At.Before(earlier.At)
	}
	return d.By == ByCarrier
}

// holds are the reasons that stop a parcel until something is done.
var holds = []Reason{ReasonDocuments, ReasonDutiesDue, ReasonPaymentDue, ReasonAddressWrong, ReasonHeld}

// daysBrokenAt returns when the last step that makes earlier days void happened, as far as known at t.
func (p Parcel) daysBrokenAt(t time.Time) (broken time.Time) {
	for _, step := range p.KnownStepsAt(t) {
		if step.Delayed || slices.Contains(holds, step.Reason) {
			broken = step.At
		}
		switch step.State {
		case StateAttemptFailed, StateInCustoms, StateException, StateLost, StateReturning, StateAtPickup:
			broken = step.At
		default:
		}
	}
	return broken
}

// NumberAt returns the valid tracking number at t.
func (p Parcel) NumberAt(t time.Time) (string, bool) {
	number, found := lastSaid(p.Numbers, t, func(n Number) time.Time { return n.HeardAt })
	return number.Number, found && !said(number.WithdrawnAt, t)
}

// WithdrawnAt returns the numbers of which a source had said by t that they were wrong.
func (p Parcel) WithdrawnAt(t time.Time) []string {
	var numbers []string
	for _, number := range p.Numbers {
		if said(number.WithdrawnAt, t) {
			numbers = append(numbers, number.Number)
		}
	}
	return numbers
}

// PickupKnownAt returns the point at which the parcel waits, as far as it was known at t.
func (p Parcel) PickupKnownAt(t time.Time) (Pickup, bool) {
	point, found := lastSaid(p.Pickups, t, func(p Pickup) time.Time { return p.HeardAt })
	if said(point.DoneAt, t) {
		return Pickup{}, false
	}
	return point, found
}

// ActionsOpenAt returns the actions that were known and not done at t.
func (p Parcel) ActionsOpenAt(t time.Time) []Action {
	var open []Action
	for _, action := range p.Actions {
		if said(action.HeardAt, t) && !said(action.DoneAt, t) {
			open = append(open, action)
		}
	}
	return open
}

// Promised returns the first day that was stated for the parcel, and by whom.
func (p Parcel) Promised() (StatedDay, bool) {
	days := slices.DeleteFunc(slices.Clone(p.Days), func(d StatedDay) bool { return d.HeardAt.IsZero() })
	if len(days) == 0 {
		return StatedDay{}, false
	}
	return slices.MinFunc(days, func(a, b StatedDay) int { return a.HeardAt.Compare(b.HeardAt) }), true
}

// ArrivedAt returns when the parcel first reached the shopper or the point at which it waits; zero if it never did.
func (p Parcel) ArrivedAt() time.Time {
	for _, step := range p.Steps {
		switch step.State {
		case StateDelivered, StateAtPickup, StateReadyToCollect, StateSentElectronical:
			if !step.Planned {
				return step.At
			}
		default:
		}
	}
	return time.Time{}
}

// Late returns the promised day (the first stated one) that a parcel under way to the shopper really missed. It is not late
// if the day was only heard when it was over, or if it was cancelled or replaced before the day ended.
func (p Parcel) Late(until time.Time) (Day, bool) {
	promised, found := p.Promised()
	if !found || p.Direction != Outbound || !p.Method.Tracked() {
		return "", false
	}
	end := EndOf(promised.Day, p.Zone)
	switch {
	case !promised.HeardAt.Before(end), !end.Before(until), said(p.CancelledAt, end):
		return "", false
	}
	if arrived := p.ArrivedAt(); !arrived.IsZero() && arrived.Before(end) {
		return "", false
	}
	return promised.Day, true
}

// KnownLate returns Late as far as the sources tell: true as well of a parcel that did arrive when no source had said so by
// the end of the day.
func (p Parcel) KnownLate(until time.Time) (Day, bool) {
	heard := p
	heard.Steps = nil
	for _, step := range p.Steps {
		if step.HeardAt.IsZero() {
			continue
		}
		step.At = maxTime(step.At, step.HeardAt)
		heard.Steps = append(heard.Steps, step)
	}
	slices.SortStableFunc(heard.Steps, func(a, b Step) int { return a.At.Compare(b.At) })
	return heard.Late(until)
}

// Over reports whether a source had reported by t that the parcel is finished.
func (p Parcel) Over(t time.Time) bool {
	if said(p.CancelledAt, t) {
		return true
	}
	step, found := p.KnownStateAt(t)
	if !found {
		return false
	}
	switch step.State {
	case StateDelivered, StateReturned, StateDisposed, StateLost, StateCancelled, StateSentByLetter, StateSentElectronical:
		return true
	default:
		return false
	}
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// FactKind is the kind of data that a fact is.
type FactKind string

// Kinds of facts.
const (
	FactState       FactKind = "State"
	FactDeliveryDay FactKind = "Day"
	FactPlace       FactKind = "Place"
	FactCarrier     FactKind = "Carrier"
	FactNumber      FactKind = "Number"
	FactPickupPoint FactKind = "Pickup"
	FactPickupUntil FactKind = "PickupUntil"
	FactPickupCode  FactKind = "PickupCode"
	FactAction      FactKind = "Action"
	FactNote        FactKind = "DeliveryNote"
	FactCancelled   FactKind = "Cancelled"
	FactRefund      FactKind = "Refund"
)

// Fact is one thing that is known from HeardAt on. Parcel is empty for a fact about the whole order.
type Fact struct {
	Kind    FactKind
	Orders  []string
	Parcel  string
	Value   string
	HeardAt time.Time
}

// KnownAt returns the facts that are valid at t and that a source had sent, in the order in which they were sent. What
// was corrected, withdrawn or done by then is not among them.
func (t Truth) KnownAt(at time.Time) []Fact {
	var facts []Fact
	for _, order := range t.Orders {
		facts = append(facts, order.factsAt(at)...)
	}
	for _, parcel := range t.Parcels {
		facts = append(facts, parcel.factsAt(at)...)
	}
	slices.SortStableFunc(facts, func(a, b Fact) int { return cmp.Or(a.HeardAt.Compare(b.HeardAt), cmp.Compare(a.Kind, b.Kind)) })
	return facts
}

func (o Order) factsAt(at time.Time) []Fact {
	var facts []Fact
	if step, found := o.KnownStateAt(at); found {
		kind := FactState
		if step.State == OrderCancelled {
			kind = FactCancelled
		}
		facts = append(facts, Fact{Kind: kind, Orders: []string{o.Number}, Value: string(step.State), HeardAt: step.HeardAt})
	}
	for _, refund := range o.Refunds {
		if said(refund.HeardAt, at) {
			facts = append(facts, Fact{
				Kind: FactRefund, Orders: []string{o.Number}, Value: decimal(refund.AmountMinor, o.Currency), HeardAt: refund.HeardAt,
			})
		}
	}
	return facts
}

func (p Parcel) factsAt(at time.Time) []Fact {
	var facts []Fact
	add := func(kind FactKind, value string, heardAt time.Time) {
		if value != "" && said(heardAt, at) {
			facts = append(facts, Fact{Kind: kind, Orders: p.Orders, Parcel: p.ID, Value: value, HeardAt: heardAt})
		}
	}
	add(FactCancelled, p.ID, p.CancelledAt)
	if number, found := p.NumberAt(at); found {
		heardAt := p.Numbers[slices.IndexFunc(p.Numbers, func(n Number) bool { return n.Number == number })].HeardAt
		add(FactNumber, number, heardAt)
	}
	add(FactCarrier, p.Carrier, p.CarrierHeardAt)
	if step, found := p.KnownStateAt(at); found {
		add(FactState, string(step.State), step.HeardAt)
		add(FactPlace, step.Place, step.HeardAt)
	}
	if day, found := p.DayKnownAt(at); found && !p.Over(at) {
		add(FactDeliveryDay, string(day.Day), day.HeardAt)
	}
	if point, found := p.PickupKnownAt(at); found {
		add(FactPickupPoint, point.Name, point.HeardAt)
		add(FactPickupUntil, string(point.Until), point.HeardAt)
		add(FactPickupCode, point.Code, point.HeardAt)
	}
	for _, action := range p.ActionsOpenAt(at) {
		add(FactAction, string(action.What), action.HeardAt)
	}
	if p.Proof != nil {
		add(FactNote, p.Proof.Note, p.Proof.HeardAt)
	}
	return facts
}

// zones caches locations, because a generator asks for the same few many times.
var zones sync.Map

// Location returns the IANA zone; UTC for one that does not exist, which Check reports.
func Location(name string) *time.Location {
	if cached, found := zones.Load(name); found {
		return cached.(*time.Location)
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		location = time.UTC
	}
	zones.Store(name, location)
	return location
}

// DayOf returns the calendar day of an instant in a zone.
func DayOf(t time.Time, zone string) Day { return Day(t.In(Location(zone)).Format(time.DateOnly)) }

// StartOf returns the instant at which a day begins in a zone; zero for what is no day.
func StartOf(day Day, zone string) time.Time {
	start, err := time.ParseInLocation(time.DateOnly, string(day), Location(zone))
	if err != nil {
		return time.Time{}
	}
	return start.UTC()
}

// EndOf returns the instant at which a day is over in a zone; zero for what is no day.
func EndOf(day Day, zone string) time.Time {
	start, err := time.ParseInLocation(time.DateOnly, string(day), Location(zone))
	if err != nil {
		return time.Time{}
	}
	return start.AddDate(0, 0, 1).UTC()
}
