package corpus

var deliveryRecipes = []recipe{
	{KindAttempts, 42, (*builder).attempts},
	{KindAttemptsPickup, 26, (*builder).attemptsPickup},
	{KindCollected, 40, (*builder).collected},
	{KindExpired, 22, (*builder).expired},
	{KindRefused, 16, (*builder).refused},
	{KindNeighbour, 22, (*builder).neighbour},
}

// outForDelivery returns a parcel on the morning of its day of delivery.
func (s *builder) outForDelivery(reporters ...reporter) (*purchase, *parcel) {
	o := s.buy()
	p := o.send().reportedBy(reporters...)
	p.handOver(o.leave, o.arrive)
	p.move(o.leave, o.arrive)
	p.out(o.arrive)
	return o, p
}

// fail adds a failed attempt; a wrong address needs the shopper to correct it.
func (p *parcel) fail(day date, reason Reason) *scan {
	sc := p.scan(Step{State: StateAttemptFailed, At: p.at(day, 9*60+30, 17*60), Place: p.order.city(), Reason: reason})
	if reason == ReasonAddressWrong {
		sc.action = &Action{What: reason}
	}
	return sc
}

// attempts fail once or twice, each on a day of its own; then it is delivered.
func (s *builder) attempts() {
	o, p := s.outForDelivery(reporterAPI, reporterEasyPost, reporterHooks, reporterSubscribe, reporterShopify)
	day := o.arrive
	for range s.between(1, 2) {
		failed := p.fail(day, pick(s, ReasonNotHome, ReasonNotHome, ReasonClosed, ReasonNoAccess))
		day = p.later(day, 1)
		if s.chance(50) {
			p.expect(failed, day)
		}
		p.out(day)
	}
	p.deliver(day)
}

// point returns a pick-up point.
func (p *parcel) point(day date) *Pickup {
	point := &Pickup{
		Name: pick(p.s, p.order.to.shops...), Address: pick(p.s, p.order.to.towns...).street + ", " + p.order.city(),
		Until: written(day.AddDate(0, 0, p.s.between(7, 14))), Hours: "Mon-Sat 9-20",
	}
	if p.s.chance(60) {
		point.Code = p.s.digits(6)
	}
	return point
}

// wait brings the parcel to a pick-up point.
func (p *parcel) wait(day date) {
	point := p.point(day)
	sc := p.scan(Step{State: StateAtPickup, At: p.at(day, 12*60, 18*60), Place: point.Name})
	sc.pickup = point
}

// collect has the shopper fetch it within some days.
func (p *parcel) collect(day date) {
	p.scan(Step{State: StateDelivered, At: p.at(p.later(day, p.s.between(1, 4)), 9*60, 19*60), Place: p.order.city()})
}

// attemptsPickup fail, and it waits at a point instead.
func (s *builder) attemptsPickup() {
	o, p := s.outForDelivery(reporterAPI, reporterEasyPost, reporterHooks, reporterSubscribe, reporterShopify)
	p.fail(o.arrive, ReasonNotHome)
	day := p.later(o.arrive, 1)
	p.wait(day)
	p.collect(day)
}

// toPoint brings a parcel to the point that the shopper chose.
func (s *builder) toPoint(reporters ...reporter) (*purchase, *parcel) {
	o := s.buy()
	p := o.send().reportedBy(reporters...)
	p.handOver(o.leave, o.arrive)
	p.move(o.leave, o.arrive)
	p.wait(o.arrive)
	return o, p
}

// collected is fetched, in one of five cases on the last day.
func (s *builder) collected() {
	o, p := s.toPoint(reporterAPI, reporterAPI, reporterEasyPost, reporterHooks, reporterSubscribe, reporterShopify)
	if s.chance(80) {
		p.collect(o.arrive)
		return
	}
	last := parseDay(p.scans[len(p.scans)-1].pickup.Until)
	p.scan(Step{State: StateDelivered, At: p.at(last, 9*60, 19*60), Place: o.city()})
}

// expired is not fetched and goes back.
func (s *builder) expired() {
	o, p := s.toPoint(reporterAPI, reporterSubscribe)
	last := parseDay(p.scans[len(p.scans)-1].pickup.Until)
	p.scan(Step{State: StatePickupExpired, At: p.at(last.AddDate(0, 0, 1), 6*60, 9*60), Reason: ReasonUnclaimed})
	p.scan(Step{State: StateReturning, At: p.at(last.AddDate(0, 0, 1), 10*60, 18*60), Place: o.city()})
	back := workday(last.AddDate(0, 0, 3), s.between(0, 3), s.home.code)
	returned := p.scan(Step{State: StateReturned, At: clock(back, s.home.zone, s.between(9*60, 17*60))})
	if s.chance(50) {
		o.refund(o.TotalMinor, returned.At.Add(s.minutes(20*60, 60*60)))
	}
}

// refused is not taken at the door and goes back.
func (s *builder) refused() {
	o, p := s.outForDelivery(reporterAPI, reporterHooks, reporterSubscribe, reporterEasyPost)
	p.fail(o.arrive, ReasonRefused)
	p.scan(Step{State: StateReturning, At: p.at(p.later(o.arrive, 1), 10*60, 18*60), Place: pick(s, o.to.hubs...), Reason: ReasonRefused})
	back := workday(p.later(o.arrive, 2), s.between(1, 3), s.home.code)
	returned := p.scan(Step{State: StateReturned, At: clock(back, s.home.zone, s.between(9*60, 17*60))})
	if s.chance(60) {
		o.refund(o.TotalMinor, returned.At.Add(s.minutes(20*60, 60*60)))
	}
}

// neighbour takes it in, or it is left where the shopper asked.
func (s *builder) neighbour() {
	o, p := s.outForDelivery(reporterAPI)
	p.reportedPromptly()
	note := pick(s, "Left with the neighbour at number 14", "Left in the garage", "Handed to the front desk")
	delivered := p.deliver(o.arrive)
	delivered.proof = &Proof{Note: note}
	if s.chance(50) {
		delivered.proof.SignedBy = pick(s, o.to.last...)
	}
}
