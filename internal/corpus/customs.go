package corpus

var customsRecipes = []recipe{
	{KindDuties, 26, (*builder).duties},
	{KindCustoms, 16, (*builder).customs},
	{KindFarZone, 14, (*builder).farZone},
}

// overseas returns an order that passes customs.
func (s *builder) overseas(source Source) *purchase {
	s.setCountry(pick(s, "NL", "DE", "FR", "SE"))
	s.platform = source
	to := pick(s, "GB", "US", "US")
	return s.order(to)
}

// duties are due at customs: the shopper pays in time, late, or never, and then it goes back.
func (s *builder) duties() {
	o := s.overseas(pick(s, SourceAPI, SourceShopify)).place()
	p := o.send().reportedBy(reporterAPI)
	p.handOver(o.leave, o.arrive)
	border := p.later(o.leave, 2)
	p.move(o.leave, border)
	due := written(border.AddDate(0, 0, 10))
	held := p.scan(Step{
		State: StateInCustoms, At: p.at(border, 8*60, 16*60), Place: pick(s, o.to.hubs...), Reason: ReasonDutiesDue, Text: "Import charges are due",
	})
	held.action = &Action{What: ReasonDutiesDue, By: due, URL: "https://pay.carrier.example/" + p.Numbers[0].Number}
	if s.chance(15) { // never paid
		p.scan(Step{State: StateReturning, At: p.at(border.AddDate(0, 0, 11), 8*60, 16*60), Place: held.Place, Reason: ReasonUnclaimed})
		p.scan(Step{State: StateReturned, At: clock(workday(border.AddDate(0, 0, 18), 0, s.home.code), s.home.zone, s.between(9*60, 16*60))})
		return
	}
	paid := p.later(border, s.between(1, 5))
	cleared := p.scan(Step{State: StateInTransit, At: p.at(paid, 9*60, 17*60), Place: held.Place, Text: "Released by customs"})
	arrive := p.later(paid, s.between(1, 3))
	p.expect(cleared, arrive)
	p.out(arrive)
	p.deliver(arrive)
}

// customs holds it for a day or two, without anything for the shopper to do.
func (s *builder) customs() {
	o := s.overseas(pick(s, SourceAPI, SourceShopify)).place()
	p := o.send().reportedBy(reporterAPI, reporterSubscribe)
	p.handOver(o.leave, o.arrive)
	border := p.later(o.leave, 1)
	p.move(o.leave, border)
	p.scan(Step{State: StateInCustoms, At: p.at(border, 8*60, 16*60), Place: pick(s, o.to.hubs...)})
	out := p.later(border, s.between(1, 2))
	p.scan(Step{State: StateInTransit, At: p.at(out, 20*60, 23*60), Place: pick(s, o.to.hubs...), Text: "Released by customs"})
	arrive := maxTime(p.later(out, s.between(1, 2)), o.arrive)
	p.out(arrive)
	p.deliver(arrive)
}

// farZone goes from the Netherlands to Oregon, where it is delivered when the shop's next day has begun.
func (s *builder) farZone() {
	s.setCountry("NL")
	s.platform = pick(s, SourceAPI, SourceShopify)
	o := s.order("US")
	town := countries["US"].towns[pick(s, 1, 5)]
	o.zone = town.zone
	d := &o.Destinations[0]
	d.Street, d.Postcode, d.City, d.Region, d.Zone = town.street, town.postcode, town.city, town.region, town.zone
	o.place()
	p := o.send().reportedBy(reporterAPI, reporterEasyPost).reportedPromptly()
	sc := p.handOver(o.leave, o.arrive)
	p.mustState(sc, o.arrive)
	p.move(o.leave, o.arrive)
	round := p.out(o.arrive)
	if p.reporter == reporterAPI {
		window := p.expect(round, o.arrive)
		window.From, window.To = clock(o.arrive, p.zone, 15*60), clock(o.arrive, p.zone, 18*60)
	}
	p.scan(Step{State: StateDelivered, At: clock(o.arrive, p.zone, s.between(15*60, 18*60)), Place: o.city()})
}
