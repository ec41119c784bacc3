package corpus

import "time"

var lateRecipes = []recipe{
	{KindDelayed, 35, (*builder).delayed},
	{KindLateSilent, 35, (*builder).lateSilent},
	{KindStalled, 25, (*builder).stalled},
	{KindNoFirstScan, 18, (*builder).noFirstScan},
	{KindNeverSent, 15, (*builder).neverSent},
	{KindSilentTold, 20, (*builder).reportedLate},
	{KindPreOrder, 20, (*builder).preOrder},
}

// delayed is called late by the carrier, with a new day at once, later or never.
func (s *builder) delayed() {
	o := s.buy()
	p := o.send().reportedBy(reporterAPI, reporterEasyPost, reporterHooks, reporterShopify)
	sc := p.handOver(o.leave, o.arrive)
	p.mustState(sc, o.arrive)
	p.move(o.leave, o.arrive)
	reason := pick(s, ReasonNone, ReasonWeather, ReasonMissorted)
	at := p.at(o.arrive, 5*60, 9*60)
	note := p.scan(Step{State: StateInTransit, At: at, Place: pick(s, o.to.hubs...), Delayed: true, Reason: reason, Text: "Arrives later"})
	arrive := p.later(o.arrive, s.between(1, 4))
	switch s.rng.IntN(3) {
	case 0:
		p.expect(note, arrive)
	case 1:
		p.expectAt(arrive, at.Add(s.minutes(60, 600)))
	}
	p.out(arrive)
	p.deliver(arrive)
}

// lateSilent misses its day without any scan on it.
func (s *builder) lateSilent() {
	o := s.buy()
	p := o.send().reportedBy(reporterAPI, reporterEasyPost, reporterHooks, reporterShopify).reportedPromptly()
	sc := p.handOver(o.leave, o.arrive)
	p.mustState(sc, o.arrive)
	p.move(o.leave, o.arrive)
	arrive := p.later(o.arrive, s.between(1, 5))
	p.out(arrive)
	p.deliver(arrive)
}

// stalled builds a parcel without a scan for a week, which then moves on.
func (s *builder) stalled() {
	o, p := s.one()
	p.handOver(o.leave, o.arrive)
	p.scan(Step{State: StateInTransit, At: clock(o.leave, s.home.zone, s.between(22*60, 26*60)), Place: pick(s, s.home.hubs...)})
	on := o.leave.AddDate(0, 0, s.between(6, 9))
	p.move(on, on.AddDate(0, 0, 1))
	arrive := p.later(on, s.between(1, 2))
	p.out(arrive)
	p.deliver(arrive)
}

// noFirstScan has a label for days before the carrier gets it.
func (s *builder) noFirstScan() {
	o, p := s.one()
	leave := workday(o.leave, s.between(3, 6), s.home.code)
	p.run(leave, p.arrival(leave))
}

// neverSent builds an order about which the shop sends nothing for one or two weeks.
func (s *builder) neverSent() {
	o := s.order(s.destination()).place()
	o.leave = workday(o.leave, s.between(6, 10), s.home.code)
	p := o.send()
	p.run(o.leave, p.arrival(o.leave))
}

// reportedLate builds a parcel that is delivered in time and reported days later.
func (s *builder) reportedLate() {
	o := s.buy()
	p := o.send().reportedBy(reporterAPI, reporterEasyPost, reporterHooks, reporterSubscribe).reportedPromptly()
	p.run(o.leave, o.arrive)
	stated := clock(o.arrive.AddDate(0, 0, s.between(1, 3)), p.zone, s.between(6*60, 20*60))
	for _, sc := range p.scans {
		if !sc.shop && !sc.arrives.IsZero() && sc.State != StateHandedToCarrier {
			sc.arrives = stated
		}
	}
}

// preOrder waits for a line that comes out weeks later, alone or beside one that is sent at once.
func (s *builder) preOrder() {
	o := s.order(s.destination())
	o.addLines(1)
	i := len(o.Lines) - 1
	from := workday(o.leave.AddDate(0, 0, s.between(14, 45)), 0, s.home.code)
	o.Lines[i].AvailableFrom = written(from)
	o.tags = append(o.tags, "pre-order")
	later := []Content{{Order: o.Number, Line: o.Lines[i].ID, Quantity: o.Lines[i].Quantity}}
	o.promises = false
	o.place()
	if i > 0 {
		s.addKinds(KindSplit)
		now := o.all()[:i]
		s.pack(o, o.packTime(o.leave), now).run(o.leave, o.arrive)
	}
	second := s.pack(o, clock(from, s.home.zone, s.between(9*60, 13*60)).Add(time.Minute), later)
	second.run(from, second.arrival(from))
}
