package corpus

import (
	"slices"
	"time"
)

// leaveAt returns the end of the working day on which the carrier comes.
func (p *parcel) leaveAt(leave date) time.Time {
	return clock(leave, countries[p.Origin].zone, p.s.between(15*60+30, 19*60))
}

// packTime returns when the shop packs what leaves on a day.
func (o *purchase) packTime(leave date) time.Time {
	at := clock(leave, o.s.home.zone, o.s.between(8*60+30, 14*60))
	if at.Before(o.PlacedAt.Add(20 * time.Minute)) {
		at = o.PlacedAt.Add(o.s.minutes(20, 40))
	}
	return at
}

// handOver has the carrier take the parcel, and state a day if it does.
func (p *parcel) handOver(leave, arrive date) *scan {
	sc := p.scan(Step{State: StateHandedToCarrier, At: p.leaveAt(leave), Place: pick(p.s, countries[p.Origin].hubs...)})
	if p.s.chance(85) {
		p.expect(sc, arrive)
	}
	return sc
}

// move has the parcel sorted by night on its way from one day to another; the last place is in the country of the
// destination.
func (p *parcel) move(leave, arrive date) {
	nights := int(arrive.Sub(leave).Hours() / 24)
	count := min(nights, 4)
	for i := range count {
		c := countries[p.Origin]
		if 2*i >= count || count == 1 {
			c = p.order.to
		}
		night := leave.AddDate(0, 0, i*nights/count)
		at := clock(night, c.zone, p.s.between(21*60, 27*60+30)) // until half past three of the next morning
		p.scan(Step{State: StateInTransit, At: at, Place: pick(p.s, c.hubs...)})
	}
}

// out has the parcel loaded into the van on the morning of a day.
func (p *parcel) out(day date) *scan {
	return p.scan(Step{State: StateOutForDelivery, At: clock(day, p.zone, p.s.between(6*60+30, 9*60)), Place: p.order.city()})
}

// deliver hands it over in the course of a day.
func (p *parcel) deliver(day date) *scan {
	at := clock(day, p.zone, p.s.between(9*60+30, 18*60+30))
	if n := len(p.scans); n > 0 && !p.scans[n-1].At.Before(at) {
		at = p.scans[n-1].At.Add(p.s.minutes(10, 120))
	}
	return p.scan(Step{State: StateDelivered, At: at, Place: p.order.city()})
}

// run moves the parcel without trouble and delivers it.
func (p *parcel) run(leave, arrive date) *scan {
	p.handOver(leave, arrive)
	return p.end(leave, arrive)
}

// end moves the parcel and delivers it.
func (p *parcel) end(leave, arrive date) *scan {
	p.move(leave, arrive)
	p.out(arrive)
	return p.deliver(arrive)
}

// city returns the last destination of the order.
func (o *purchase) city() string {
	if len(o.Destinations) == 0 {
		return ""
	}
	return o.Destinations[len(o.Destinations)-1].City
}

// buy returns a usual order: placed, perhaps prepared.
func (s *builder) buy() *purchase {
	o := s.order(s.destination())
	o.place()
	o.idle()
	o.prepare()
	return o
}

// send packs everything of an order.
func (o *purchase) send() *parcel {
	return o.s.pack(o, o.packTime(o.leave), o.all())
}

// one returns the order with one parcel that most journeys begin with.
func (s *builder) one() (*purchase, *parcel) {
	o := s.buy()
	return o, o.send()
}

// known makes sure that a day was stated, by the shop or by the carrier, because the journey is about it.
func (p *parcel) mustState(sc *scan, day date) {
	if !slices.ContainsFunc(p.stated, func(d *statedDay) bool { return d.Day == written(day) && !d.arrives.IsZero() }) {
		p.expect(sc, day)
	}
}

// later returns the n-th day of delivery after a day, where the parcel goes.
func (p *parcel) later(day date, n int) date {
	return roundDay(day.AddDate(0, 0, 1), n-1, p.order.to.code)
}

// at returns a local time of the destination.
func (p *parcel) at(day date, from, to int) time.Time {
	return clock(day, p.zone, p.s.between(from, to))
}
