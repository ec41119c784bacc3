package corpus

import "time"

var happyRecipes = []recipe{
	{KindHappy, 190, func(s *builder) {
		o, p := s.one()
		p.run(o.leave, o.arrive)
	}},
	{KindEtaMoved, 35, func(s *builder) { s.moved(1) }},
	{KindEtaMovedTwice, 18, func(s *builder) { s.moved(2) }},
	{KindEtaWithinDay, 20, (*builder).narrowed},
}

// moved states another day once or several times, mostly a later one, each time before the old one is over.
func (s *builder) moved(times int) {
	o := s.buy()
	p := o.send().reportedBy(reporterAPI, reporterEasyPost, reporterHooks)
	day := o.arrive
	sc := p.handOver(o.leave, day)
	p.mustState(sc, day)
	earlier := times == 1 && s.chance(20) && day.Sub(o.leave) > 48*time.Hour
	for range times {
		next := p.later(day, s.between(1, 2))
		if earlier {
			next = roundDay(o.leave.AddDate(0, 0, 1), 0, o.to.code)
		}
		if !next.After(o.leave) {
			next = p.later(o.leave, 1)
		}
		at := p.at(day.AddDate(0, 0, -1), 12*60, 20*60)
		if earlier || at.Before(p.lastHappened()) {
			at = p.lastHappened().Add(s.minutes(30, 90))
		}
		p.expectAt(next, at)
		day = next
	}
	p.move(o.leave, day)
	p.out(day)
	p.deliver(day)
}

// lastHappened returns when the last thing so far happened or was stated.
func (p *parcel) lastHappened() time.Time {
	var last time.Time
	for _, sc := range p.scans {
		last = maxTime(last, sc.At)
	}
	for _, stated := range p.stated {
		last = maxTime(last, stated.At)
	}
	return last
}

// narrowed states hours on the morning of the day, and moves them within the day.
func (s *builder) narrowed() {
	o := s.buy()
	p := o.send().reportedBy(reporterAPI).reportedPromptly()
	sc := p.handOver(o.leave, o.arrive)
	p.mustState(sc, o.arrive)
	p.move(o.leave, o.arrive)
	round := p.out(o.arrive)
	from := s.between(10, 14)
	first := p.expect(round, o.arrive)
	first.From, first.To = clock(o.arrive, p.zone, from*60), clock(o.arrive, p.zone, (from+2)*60)
	moved := p.expectAt(o.arrive, clock(o.arrive, p.zone, from*60-20))
	moved.From, moved.To = first.From.Add(2*time.Hour), first.To.Add(2*time.Hour)
	p.scan(Step{State: StateDelivered, At: moved.From.Add(s.minutes(5, 110)), Place: o.city()})
}
