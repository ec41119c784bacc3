package corpus

import "time"

var returnRecipes = []recipe{
	{KindOwnReturn, 32, func(s *builder) { s.ownReturn() }},
	{KindExchange, 14, (*builder).exchange},
}

// ownReturn returns what the shopper sends back after the delivery; the money follows.
func (s *builder) ownReturn() (*purchase, *parcel) {
	o, p := s.one()
	delivered := p.run(o.leave, o.arrive)
	asked := delivered.At.Add(s.minutes(20*60, 8*24*60))
	back := s.newParcel(o, asked, p.Contents[:1])
	back.Direction, back.unlisted, back.Days = Return, false, nil
	back.Origin, back.Zone, back.zone = o.to.code, s.home.zone, s.home.zone
	back.Numbers[0].Number = "RET" + back.Numbers[0].Number
	back.reportedBy(reporterAPI).reportedPromptly()
	if o.Source == SourceAPI && o.shipments {
		back.shopReports(StateLabelCreated, asked, "orders/updated")
		back.Numbers[0].HeardAt = back.scans[0].arrives
		back.ReturnLabel = &ReturnLabel{
			URL: "https://returns.shop.example/" + back.Numbers[0].Number, Until: written(dateOf(asked, o.zone).AddDate(0, 0, 14)),
			HeardAt: back.scans[0].arrives,
		}
	} else {
		back.hide() // only the carrier reports it
	}
	sent := roundDay(dateOf(asked, o.zone).AddDate(0, 0, 1), s.between(0, 4), o.to.code)
	back.scan(Step{State: StateReturning, At: clock(sent, o.zone, s.between(9*60, 19*60)), Place: o.city()})
	home := workday(sent.AddDate(0, 0, 1), s.between(1, 4), s.home.code)
	arrived := back.scan(Step{State: StateReturned, At: clock(home, s.home.zone, s.between(8*60, 16*60))})
	o.refund(o.lineCost(p.Contents[0].Line), arrived.At.Add(s.minutes(3*60, 70*60)))
	return o, p
}

// hide has the shop's system not know the parcel.
func (p *parcel) hide() { p.unlisted = true }

// lineCost returns what a whole line cost.
func (o *purchase) lineCost(id string) int64 {
	for i, line := range o.Lines {
		if line.ID == id {
			return o.prices[i] * int64(line.Quantity)
		}
	}
	return 0
}

// exchange sends another piece of a line when the first one comes back.
func (s *builder) exchange() {
	s.platform = SourceAPI
	o, first := s.ownReturn()
	o.Refunds = nil
	back := s.parcels[len(s.parcels)-1]
	leave := workday(dateOf(back.lastHappened(), s.home.zone).AddDate(0, 0, 1), 0, s.home.code)
	p := s.newParcel(o, clock(leave, s.home.zone, s.between(9*60, 13*60)).Add(time.Minute), first.Contents[:1])
	p.Days = nil
	p.announce(p.packedAt)
	p.run(leave, p.arrival(leave))
}
