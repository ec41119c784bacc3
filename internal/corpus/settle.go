package corpus

import (
	"slices"
	"time"
)

// settle makes the truth of what was written.
func (p *parcel) settle() {
	sortSteps(p.scans)
	p.knowOrder()
	joinable := p.joinable()
	for _, sc := range p.scans {
		step := p.heard(sc, joinable)
		p.Steps = append(p.Steps, step)
		p.settleDetails(sc, step.HeardAt)
	}
	for _, stated := range p.stated {
		if stated.wild {
			continue
		}
		day := stated.StatedDay
		if p.states(stated) {
			day.HeardAt = maxTime(stated.arrives, joinable)
		}
		p.Days = append(p.Days, day)
	}
	slices.SortStableFunc(p.Days, func(a, b StatedDay) int { return a.At.Compare(b.At) })
	p.NeverPushed = p.reporter == reporterNone && p.Method == MethodParcel
	p.settleNumber()
}

// settleNumber is since when the first number and the carrier are known.
func (p *parcel) settleNumber() {
	if p.Method != MethodParcel {
		return
	}
	first := earliest(p.arrivals()...)
	if !first.IsZero() {
		first = maxTime(first, p.joinable())
	}
	if p.Numbers[0].HeardAt.IsZero() {
		p.Numbers[0].HeardAt = first
	}
	if p.shopAlias == "" {
		first = earliest(first, p.Numbers[0].HeardAt)
	}
	p.CarrierHeardAt = first
}

// heard returns the step of a scan as its source reports it.
func (p *parcel) heard(sc *scan, joinable time.Time) Step {
	step := sc.Step
	step.HeardAt = sc.arrives
	if step.Told.Equal(step.At) {
		step.Told = time.Time{}
	}
	if sc.arrives.IsZero() || sc.shop {
		return step
	}
	step.HeardAt = maxTime(sc.arrives, joinable)
	if !p.vocabulary().places {
		step.Place = ""
	}
	if !p.vocabulary().reason(step) {
		step.Reason = ReasonNone
	}
	return step
}

// knowOrder takes care that nothing is known of the parcel before its order is.
func (p *parcel) knowOrder() {
	later := func(heard *time.Time) {
		if !heard.IsZero() {
			*heard = maxTime(*heard, p.order.HeardAt)
		}
	}
	for i := range p.Numbers {
		later(&p.Numbers[i].HeardAt)
		later(&p.Numbers[i].WithdrawnAt)
	}
	later(&p.ContentsHeardAt)
	for _, sc := range p.scans {
		if sc.shop {
			later(&sc.arrives)
		}
	}
}

// joinable returns since when the statements of the reporter can be joined to the order.
func (p *parcel) joinable() time.Time {
	if p.vocabulary().byOrder || len(p.Numbers) == 0 {
		return p.order.HeardAt
	}
	return maxTime(p.order.HeardAt, p.Numbers[len(p.Numbers)-1].HeardAt)
}

// settleDetails adds what few scans have, if the reporter can report it.
func (p *parcel) settleDetails(sc *scan, heard time.Time) {
	detail := heard
	if !p.vocabulary().details && !sc.shop {
		detail = time.Time{}
	}
	if sc.pickup != nil {
		sc.pickup.At, sc.pickup.HeardAt = sc.At, detail
		p.Pickups = append(p.Pickups, *sc.pickup)
	}
	if sc.proof != nil {
		sc.proof.HeardAt = detail
		p.Proof = sc.proof
	}
	if sc.leg != nil {
		sc.leg.HeardAt = detail
		p.Legs = append(p.Legs, *sc.leg)
	}
	if sc.pieces > 0 && !detail.IsZero() {
		p.Pieces.Delivered = append(p.Pieces.Delivered, detail)
	}
	if sc.action != nil {
		sc.action.At = sc.At
		if p.vocabulary().action[sc.Reason] {
			sc.action.HeardAt = heard
		}
		p.Actions = append(p.Actions, *sc.action)
	}
	p.settleDone(sc.State, heard)
}

// settleDone closes what a state ends: nothing waits at a point that was left, and nothing is to be done for what moves.
func (p *parcel) settleDone(state State, heard time.Time) {
	ends := []State{StateDelivered, StateReturning, StateReturned, StatePickupExpired, StateLost, StateCancelled, StateDisposed}
	moves := append([]State{StateInTransit, StateOutForDelivery, StateAtPickup}, ends...)
	for i := range p.Pickups {
		if point := &p.Pickups[i]; slices.Contains(ends, state) && point.DoneAt.IsZero() {
			point.DoneAt = heard
		}
	}
	for i := range p.Actions {
		if action := &p.Actions[i]; slices.Contains(moves, state) && action.DoneAt.IsZero() && heard.After(action.HeardAt) {
			action.DoneAt = heard
		}
	}
}

// arrivals returns when the reporter sends something, in order.
func (p *parcel) arrivals() []time.Time {
	var at []time.Time
	for _, sc := range p.scans {
		if !sc.arrives.IsZero() && !sc.shop {
			at = append(at, sc.arrives)
		}
	}
	for _, stated := range p.stated {
		if !stated.arrives.IsZero() {
			at = append(at, stated.arrives)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	return slices.CompactFunc(at, time.Time.Equal)
}

// day returns the day that the reporter states at an arrival: the last one that it has sent by then.
func (p *parcel) day(arrival time.Time) (last *statedDay) {
	for _, stated := range p.stated {
		if said(stated.arrives, arrival) && (last == nil || !stated.At.Before(last.At)) {
			last = stated
		}
	}
	return last
}

// states reports whether the reporter ever says a day: one that it has replaced in the meantime it does not, nor an event of the API
// one that is older than its scan.
func (p *parcel) states(stated *statedDay) bool {
	if stated.arrives.IsZero() || p.day(stated.arrives) != stated {
		return false
	}
	return p.reporter != reporterAPI || slices.ContainsFunc(p.scansToReport(stated.arrives), func(sc *scan) bool { return p.statesDay(sc, stated) })
}

// scansAt returns the scans that arrive at an instant, in the order in which they happened.
func (p *parcel) scansAt(arrival time.Time) []*scan {
	var found []*scan
	for _, sc := range p.scans {
		if !sc.shop && sc.arrives.Equal(arrival) {
			found = append(found, sc)
		}
	}
	return found
}

// heardBy returns the scans that have arrived by a time.
func (p *parcel) heardBy(arrival time.Time) []*scan {
	var found []*scan
	for _, sc := range p.scans {
		if !sc.shop && said(sc.arrives, arrival) {
			found = append(found, sc)
		}
	}
	return found
}
