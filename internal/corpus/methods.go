package corpus

import "time"

var methodRecipes = []recipe{
	{KindLetter, 26, (*builder).letter},
	{KindDigital, 14, (*builder).digital},
	{KindCollect, 24, (*builder).clickAndCollect},
}

// ownWay makes all lines of an order go another way than as a parcel, and says so where the system has a word for it.
func (o *purchase) ownWay(method Method) *purchase {
	o.shipments, o.promises = true, false
	for i := range o.Lines {
		o.Lines[i].Method = method
	}
	return o
}

// contents returns all pieces of the lines of a method.
func (o *purchase) contents(method Method) []Content {
	var contents []Content
	for _, line := range o.Lines {
		if line.Method == method {
			contents = append(contents, Content{Order: o.Number, Line: line.ID, Quantity: line.Quantity})
		}
	}
	return contents
}

// unscanned returns what goes another way than as a parcel.
func (s *builder) unscanned(o *purchase, method Method, at time.Time) *parcel {
	p := s.newParcel(o, at, o.contents(method))
	p.Method, p.reporter, p.unlisted = method, reporterNone, false
	p.Carrier, p.Alias, p.Numbers, p.Days = "", nil, nil, nil
	return p
}

// shipped notes that a first part of the order left.
func (o *purchase) shipped(at, heard time.Time) {
	o.Steps = append(o.Steps, OrderStep{State: OrderShipped, At: at, HeardAt: heard})
}

// letter goes without a number, so that nothing is heard of it after the shop has sent it.
func (s *builder) letter() {
	o := s.order(s.destination()).ownWay(MethodLetter).place()
	at := o.packTime(o.leave)
	p := s.unscanned(o, MethodLetter, at)
	sent := p.shopReports(StateSentByLetter, at, "fulfillments/create")
	o.shipped(at, sent.arrives)
	s.watchUntil(at.Add(15 * 24 * time.Hour))
}

// digital is a voucher, alone or beside goods that are sent.
func (s *builder) digital() {
	o := s.order(s.destination())
	mixed := s.chance(50)
	if mixed {
		o.shipments = true
	} else {
		o.Lines, o.prices, o.variants, o.TotalMinor = nil, nil, nil, 0
		o.promises = false
	}
	o.addLine(pick(s, "Gift voucher", "Sewing pattern (PDF)"), "", 2500, 1, MethodDigital)
	o.shipments = true
	o.place()
	at := o.PlacedAt.Add(s.minutes(1, 10))
	p := s.unscanned(o, MethodDigital, at)
	sent := p.shopReports(StateSentElectronical, at, "fulfillments/create")
	if mixed {
		s.pack(o, o.packTime(o.leave), o.all()).run(o.leave, o.arrive)
		return
	}
	o.shipped(at, sent.arrives)
}

// clickAndCollect is fetched at the shop's counter.
func (s *builder) clickAndCollect() {
	o := s.order(s.home.code).ownWay(MethodPickup)
	o.billing = o.Destinations[0]
	o.Destinations, o.counter = nil, pick(s, s.home.towns...).street
	o.zone = s.home.zone
	o.place()
	ready := o.packTime(o.leave)
	p := s.unscanned(o, MethodPickup, ready)
	collected := clock(workday(o.leave, s.between(1, 3), s.home.code), s.home.zone, s.between(10*60, 17*60))
	if o.Source == SourceShopify { // its one word comes when it was handed over
		p.scans = append(p.scans, &scan{Step: Step{State: StateReadyToCollect, At: ready}})
		done := p.shopReports(StateDelivered, collected, "fulfillments/create")
		o.Steps = append(o.Steps, OrderStep{State: OrderReadyToCollect, At: ready}, OrderStep{State: OrderCollected, At: collected, HeardAt: done.arrives})
		return
	}
	waits := p.shopReports(StateReadyToCollect, ready, "orders/updated")
	o.Steps = append(o.Steps, OrderStep{State: OrderReadyToCollect, At: ready, HeardAt: waits.arrives})
	done := p.shopReports(StateDelivered, collected, "orders/updated")
	o.Steps = append(o.Steps, OrderStep{State: OrderCollected, At: collected, HeardAt: done.arrives})
}
