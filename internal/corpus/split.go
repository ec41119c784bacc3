package corpus

import "time"

var splitRecipes = []recipe{
	{KindSplit, 80, func(s *builder) { s.split(2, 0) }},
	{KindSplit, 22, func(s *builder) { s.split(3, 0) }},
	{KindFirstDelivered, 25, func(s *builder) { s.split(2, 5) }},
	{KindTwoWarehouses, 30, (*builder).twoWarehouses},
	{KindTwoOrdersOneBox, 18, (*builder).twoOrders},
	{KindPieces, 8, (*builder).manyPieces},
}

// share deals the lines of an order out to n parcels; an order of too few lines gets more of them.
func (o *purchase) share(n int) [][]Content {
	parts := make([][]Content, n)
	for i, content := range o.all() {
		parts[i%n] = append(parts[i%n], content)
	}
	return parts
}

// several returns an order that has at least n lines.
func (s *builder) several(n int) *purchase {
	o := s.order(s.destination())
	for len(o.Lines) < n {
		o.addLines(1)
	}
	return o
}

// split sends an order in n parcels, each some working days after the one before.
func (s *builder) split(n, gap int) {
	s.addKinds(KindSplit)
	o := s.several(n).place()
	leave := o.leave
	for i, contents := range o.share(n) {
		if i > 0 {
			leave = workday(leave, gap+s.between(0, 2), s.home.code)
		}
		p := s.newParcel(o, o.packTime(leave).Add(time.Duration(i)*time.Minute), contents)
		arrive := p.arrival(leave)
		if i > 0 && o.states() && o.shipments && s.chance(60) {
			p.unlisted = false
			p.own = &StatedDay{Day: written(arrive), By: ByShop, At: p.packedAt}
		}
		p.announce(p.packedAt)
		p.run(leave, arrive)
	}
}

// arrival returns when a parcel that leaves on a day should arrive.
func (p *parcel) arrival(leave date) date {
	low, high := transit(p.Origin, p.order.to.code)
	return roundDay(leave.AddDate(0, 0, 1), p.s.between(low, high)-1, p.order.to.code)
}

// twoWarehouses sends one part from the shop and one from a supplier in another country.
func (s *builder) twoWarehouses() {
	s.addKinds(KindSplit)
	o := s.several(2).place()
	parts := o.share(2)
	first := s.pack(o, o.packTime(o.leave), parts[0])
	first.run(o.leave, o.arrive)
	leave := workday(o.leave, s.between(1, 4), s.home.code)
	second := s.newParcel(o, o.packTime(leave), parts[1])
	second.Origin = pick(s, abroad[s.home.code]...)
	second.announce(second.packedAt)
	second.run(leave, second.arrival(leave))
}

// twoOrders are bought by one person within hours and packed into one box.
func (s *builder) twoOrders() {
	a := s.order(s.home.code)
	b := s.order(s.home.code)
	b.Recipients, b.Destinations, b.zone = append([]Recipient(nil), a.Recipients...), append([]Destination(nil), a.Destinations...), a.zone
	b.PlacedAt = a.PlacedAt.Add(s.minutes(15, 200))
	b.promises = a.promises
	b.leave, b.arrive = a.leave, a.arrive
	b.place() // before a, so that the box is announced after both
	a.place()
	at := maxTime(a.packTime(a.leave), b.PlacedAt.Add(30*time.Minute))
	p := s.newParcel(a, at, append(a.all(), b.all()...))
	p.unlisted = false
	p.Orders = append(p.Orders, b.Number)
	b.parcels = append(b.parcels, p)
	p.announce(at)
	b.Steps = append(b.Steps, OrderStep{State: OrderShipped, At: at, HeardAt: b.notifyParcel(p, at.Add(time.Minute), "fulfillments/create")})
	leave := a.leave
	if p.leaveAt(leave).Before(at) {
		leave = workday(leave.AddDate(0, 0, 1), 0, s.home.code)
	}
	p.run(leave, p.arrival(leave))
}

// manyPieces travel under one number, and one of them comes a day later.
func (s *builder) manyPieces() {
	o := s.several(2).place()
	p := o.send().reportedBy(reporterAPI).reportedPromptly()
	p.Pieces = &Pieces{Total: 2}
	p.handOver(o.leave, o.arrive)
	p.move(o.leave, o.arrive)
	p.out(o.arrive).pieces = 0
	first := p.at(o.arrive, 10*60, 13*60)
	sc := p.scan(Step{State: StateInTransit, At: first, Place: o.city(), Text: "One piece handed over"})
	sc.pieces = 1
	next := p.later(o.arrive, 1)
	p.expect(sc, next)
	p.out(next)
	p.deliver(next).pieces = 2
}
