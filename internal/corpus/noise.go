package corpus

import (
	"fmt"
	"time"
)

var noiseRecipes = []recipe{
	{KindClockSkew, 14, (*builder).clockSkew},
	{KindScanAfter, 14, (*builder).scanAfter},
	{KindPlanned, 14, (*builder).planned},
	{KindRecycled, 22, (*builder).recycled},
	{KindUnmapped, 14, (*builder).unmapped},
	{KindReopened, 14, (*builder).reopened},
	{KindImported, 10, (*builder).imported},
}

// clockSkew books the round after the delivery: the driver's device and the depot's clock differ.
func (s *builder) clockSkew() {
	o := s.buy()
	p := o.send().reportedBy(reporterAPI, reporterEasyPost).reportedPromptly()
	p.handOver(o.leave, o.arrive)
	p.move(o.leave, o.arrive)
	round := p.out(o.arrive)
	delivered := p.deliver(o.arrive)
	round.arrives = delivered.arrives
	round.Told = delivered.At.Add(5 * time.Minute)
	if wait := round.Told.Add(time.Minute); delivered.arrives.Before(wait) {
		round.arrives, delivered.arrives = wait, wait
	}
	round.clock = utc(round.Told)
}

// scanAfter has the depot book something about a parcel that was delivered.
func (s *builder) scanAfter() {
	o, p := s.one()
	p.reportedBy(reporterAPI, reporterEasyPost, reporterShopify).reportedPromptly()
	delivered := p.run(o.leave, o.arrive)
	p.scan(Step{
		State: StateInTransit, At: delivered.At.Add(s.minutes(90, 400)), Place: pick(s, o.to.hubs...), Text: "Depot scan", NoChange: true,
	})
}

// planned steps stand in the history before they happen, and do not happen as planned.
func (s *builder) planned() {
	o := s.buy()
	p := o.send().reportedBy(reporterAPI, reporterEasyPost).reportedPromptly()
	p.handOver(o.leave, o.arrive)
	p.move(o.leave, o.arrive)
	last := p.scans[len(p.scans)-1]
	ahead := &scan{
		Step:    Step{State: StateOutForDelivery, At: clock(o.arrive, p.zone, 8*60), Place: o.city(), Text: "Planned for delivery", Planned: true},
		arrives: last.arrives,
	}
	if ahead.At.After(last.arrives) && !last.arrives.IsZero() {
		p.scans = append(p.scans, ahead)
	}
	day := p.later(o.arrive, 1)
	p.expectAt(day, clock(o.arrive, p.zone, 9*60))
	p.out(day)
	p.deliver(day)
}

// elsewhere are places that no journey of this corpus passes.
var elsewhere = []string{"Delft", "Almelo", "Goes", "Sneek", "Tiel"}

// recycled is a number that the carrier gave to another parcel a year ago, whose history its events still have.
func (s *builder) recycled() {
	o := s.buy()
	p := o.packListed(o.packTime(o.leave), o.all())
	p.reportedBy(reporterEasyPost).reportedPromptly()
	year := p.packedAt.AddDate(-1, 0, -s.between(5, 40))
	foreign := Foreign{Number: p.Numbers[0].Number}
	for i, state := range []State{StateInTransit, StateOutForDelivery, StateDelivered} {
		old := &scan{Step: Step{State: state, At: year.Add(time.Duration(i*14) * time.Hour), Place: pick(s, elsewhere...), Text: texts[state]}}
		p.before = append(p.before, p.easypostDetail(old))
		foreign.Places = append(foreign.Places, old.Place)
		foreign.Days = append(foreign.Days, DayOf(old.At, p.zone))
	}
	s.foreign = append(s.foreign, foreign)
	p.run(o.leave, o.arrive)
}

// unmapped has the carrier use a word that no definition knows.
func (s *builder) unmapped() {
	o := s.buy()
	p := o.send().reportedBy(reporterAPI, reporterEasyPost, reporterShopify, reporterHooks, reporterSubscribe).reportedPromptly()
	p.handOver(o.leave, o.arrive)
	p.move(o.leave, o.arrive)
	odd := p.scan(Step{State: StateInTransit, At: p.lastHappened().Add(s.minutes(30, 90)), Place: pick(s, o.to.hubs...), Text: "Cross-dock", Unmapped: true})
	odd.code = pick(s, "CrossDock", "relay_hop", "zone_skip")
	p.out(o.arrive)
	p.deliver(o.arrive)
}

// reopened is called delivered by mistake, and delivered on the next day.
func (s *builder) reopened() {
	o, p := s.one()
	p.reportedBy(reporterAPI, reporterEasyPost, reporterHooks, reporterSubscribe, reporterShopify).reportedPromptly()
	p.run(o.leave, o.arrive)
	day := p.later(o.arrive, 1)
	p.scan(Step{State: StateInTransit, At: p.at(o.arrive, 19*60+30, 22*60), Place: pick(s, o.to.hubs...), Text: "Back at the depot"})
	p.out(day)
	p.deliver(day)
}

// imported builds an order whose webhooks all arrive at once, weeks later.
func (s *builder) imported() {
	o, p := s.one()
	p.reportedBy(reporterAPI, reporterEasyPost).reportedPromptly()
	p.handOver(o.leave, o.arrive)
	p.move(o.leave, o.arrive)
	if s.chance(70) {
		p.out(o.arrive)
		p.deliver(o.arrive)
	}
	o.Imported = true
	at := p.lastHappened().Add(s.minutes(30*24*60, 90*24*60))
	last := o.revisions[len(o.revisions)-1]
	last.topic, last.parcel, last.arrives = "orders/updated", nil, at
	o.revisions = []revision{last}
	for _, sc := range p.scans {
		if !sc.shop && !sc.arrives.IsZero() {
			sc.arrives = at.Add(time.Minute)
		}
	}
	for _, stated := range p.stated {
		if !stated.arrives.IsZero() {
			stated.arrives = at.Add(time.Minute)
		}
	}
	o.delayHeard(at)
}

// delayHeard changes when all that the shop sent was received to one time at least, after its webhooks were made.
func (o *purchase) delayHeard(at time.Time) {
	o.fixup = func() {
		later := func(heard *time.Time) {
			if !heard.IsZero() {
				*heard = maxTime(*heard, at)
			}
		}
		later(&o.HeardAt)
		later(&o.AddressHeardAt)
		for i := range o.Destinations {
			later(&o.Destinations[i].HeardAt)
		}
		for i := range o.Steps {
			later(&o.Steps[i].HeardAt)
		}
		for i := range o.Days {
			later(&o.Days[i].HeardAt)
		}
		for _, p := range o.parcels {
			for i := range p.Days {
				later(&p.Days[i].HeardAt)
			}
		}
	}
}

// sameNumberOtherShop adds a webhook, a year later, about a parcel of another shop's order that has the same number: both use one account at
// the aggregator.
func (s *builder) sameNumberOtherShop() {
	o, p := s.one()
	p.run(o.leave, o.arrive)
	number := s.trackingNumber(p.c)
	at := p.lastHappened().Add(s.minutes(380*24*60, 420*24*60))
	s.extra = append(s.extra, Delivery{At: at, Source: SourceSendcloud, Body: encode(object{
		"action": "parcel_status_changed", "timestamp": at.UnixMilli(), "carrier_status_change_timestamp": at.Add(-time.Minute).Unix(),
		"parcel": object{
			"id": s.id(idTracker, 99), "tracking_number": number, "order_number": o.Number, "external_order_id": fmt.Sprintf("mp-%d", s.index),
			"name": "Pat Elsewhere", "carrier": object{"code": sendcloudCarrierCode(p.Carrier)}, "status": object{"id": 11, "message": "Delivered"},
		},
	})})
	s.foreign = append(s.foreign, Foreign{Number: number, Names: []string{"Pat Elsewhere"}, Days: []Day{DayOf(at, p.zone)}})
}
