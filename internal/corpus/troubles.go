package corpus

import "time"

var troubleRecipes = []recipe{
	{KindSplitTrouble, 34, (*builder).splitTrouble},
	{KindRoundWithoutEnd, 18, (*builder).roundWithoutEnd},
	{KindLocalTime, 12, (*builder).roundAhead},
	{KindAddressWrong, 18, (*builder).addressWrong},
	{KindUnmapped, 8, (*builder).unmappedAtPoint},
	{KindDocuments, 10, (*builder).documents},
}

// splitTrouble sends an order in two parcels with two carriers, and each of them has a trouble of its own.
func (s *builder) splitTrouble() {
	s.addKinds(KindSplit)
	o := s.several(2).place()
	leave := o.leave
	for i, contents := range o.share(2) {
		if i > 0 {
			leave = workday(leave, s.between(0, 2), s.home.code)
		}
		p := s.pack(o, o.packTime(leave).Add(time.Duration(i)*time.Minute), contents)
		p.reportedBy(reporterAPI, reporterEasyPost, reporterHooks, reporterSubscribe, reporterShopify).reportedPromptly()
		arrive := p.arrival(leave)
		p.handOver(leave, arrive)
		p.move(leave, arrive)
		p.trouble(arrive)
	}
}

// trouble adds a failed delivery to one of several parcels.
func (p *parcel) trouble(arrive date) {
	next := p.later(arrive, 1)
	switch p.s.rng.IntN(5) {
	case 0: // nothing
		p.out(arrive)
		p.deliver(arrive)
	case 1, 2:
		p.out(arrive)
		p.fail(arrive, pick(p.s, ReasonNotHome, ReasonAddressWrong, ReasonNoAccess))
		p.out(next)
		p.deliver(next)
	case 3:
		p.wait(arrive)
		p.collect(arrive)
	default:
		p.scan(Step{State: StateInTransit, At: p.at(arrive, 6*60, 9*60), Place: pick(p.s, p.order.to.hubs...), Delayed: true, Text: "Arrives later"})
		p.out(next)
		p.deliver(next)
	}
}

// roundWithoutEnd builds a parcel that is out for delivery and then not scanned for days: it is delivered late, or lost.
func (s *builder) roundWithoutEnd() {
	o, p := s.outForDelivery(reporterAPI, reporterEasyPost, reporterSubscribe)
	p.reportedPromptly()
	day := workday(o.arrive, s.between(3, 8), o.to.code)
	if s.chance(25) {
		s.addKinds(KindLost)
		p.scan(Step{State: StateLost, At: p.at(day, 9*60, 17*60)})
		return
	}
	p.out(day)
	p.deliver(day)
}

// roundAhead has the driver's device write the round in local time without a zone, so that it seems to lie behind the
// delivery, whose time is right.
func (s *builder) roundAhead() {
	o := s.buy()
	p := o.send().reportedBy(reporterEasyPost).reportedPromptly()
	p.handOver(o.leave, o.arrive)
	p.move(o.leave, o.arrive)
	round := p.out(o.arrive)
	round.clock = round.At.In(Location(p.zone)).Format("2006-01-02T15:04:05") + "Z"
	round.Told, _ = time.Parse(time.RFC3339, round.clock)
	p.scan(Step{State: StateDelivered, At: round.At.Add(s.minutes(30, 55)), Place: o.city()})
}

// addressWrong builds a parcel that cannot be delivered until the shopper has corrected the address, which the shop then sends.
func (s *builder) addressWrong() {
	o := s.buy()
	p := o.send().reportedBy(reporterAPI, reporterSubscribe).reportedPromptly()
	p.handOver(o.leave, o.arrive)
	p.move(o.leave, o.arrive)
	p.out(o.arrive)
	failed := p.fail(o.arrive, ReasonAddressWrong)
	if p.reporter == reporterAPI {
		failed.action.By = written(o.arrive.AddDate(0, 0, 7))
	}
	fixed := o.Destinations[0]
	fixed.Street += " b"
	fixed.HeardAt = o.notify(failed.At.Add(s.minutes(3*60, 30*60)), "orders/updated")
	o.Destinations = append(o.Destinations, fixed)
	day := roundDay(dateOf(fixed.HeardAt, p.zone).AddDate(0, 0, 1), 0, o.to.code)
	p.out(day)
	p.deliver(day)
}

// unmappedAtPoint has the carrier book something elsewhere, in a word that no definition knows, while the parcel waits at
// its point.
func (s *builder) unmappedAtPoint() {
	o, p := s.toPoint(reporterAPI, reporterEasyPost)
	p.reportedPromptly()
	odd := p.scan(Step{
		State: StateInTransit, At: p.lastHappened().Add(s.minutes(60, 300)), Place: pick(s, o.to.hubs...), Text: "Data received", Unmapped: true,
		NoChange: true,
	})
	odd.code = pick(s, "DataReceived", "manifest_sync")
	p.collect(o.arrive)
}

// documents are missing, and the shopper has to send them.
func (s *builder) documents() {
	o := s.overseas(pick(s, SourceAPI, SourceShopify)).place()
	p := o.send().reportedBy(reporterAPI, reporterEasyPost).reportedPromptly()
	p.handOver(o.leave, o.arrive)
	border := p.later(o.leave, 2)
	p.move(o.leave, border)
	held := p.scan(Step{State: StateInTransit, At: p.at(border, 9*60, 16*60), Place: pick(s, o.to.hubs...), Reason: ReasonDocuments, Text: "Papers are missing"})
	held.action = &Action{What: ReasonDocuments, By: written(border.AddDate(0, 0, 14))}
	sent := p.later(border, s.between(1, 4))
	p.scan(Step{State: StateInTransit, At: p.at(sent, 20*60, 23*60), Place: held.Place, Text: "Released"})
	arrive := maxTime(p.later(sent, s.between(1, 3)), o.arrive)
	p.out(arrive)
	p.deliver(arrive)
}
