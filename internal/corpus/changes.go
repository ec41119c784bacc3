package corpus

import (
	"slices"
	"time"
)

var changeRecipes = []recipe{
	{KindCorrected, 70, (*builder).corrected},
	{KindCorrected, 25, (*builder).repacked},
	{KindEdited, 30, (*builder).edited},
	{KindRefundedPart, 25, (*builder).refundedPart},
	{KindRefundedFull, 22, (*builder).refundedFull},
	{KindCancelled, 28, (*builder).cancelled},
	{KindReinstated, 12, (*builder).reinstated},
	{KindStaleUpdate, 12, (*builder).staleUpdate},
	{KindFulfilmentFirst, 12, (*builder).fulfilmentFirst},
}

// packListed packs a parcel whose number the shop itself sends.
func (o *purchase) packListed(at time.Time, contents []Content) *parcel {
	p := o.s.newParcel(o, at, contents)
	p.unlisted = false
	p.announce(at)
	return p
}

// corrected replaces a mistyped number, before the carrier comes or when the parcel is sent already.
func (s *builder) corrected() {
	o := s.buy()
	p := o.packListed(o.packTime(o.leave), o.all())
	at := p.packedAt.Add(s.minutes(10, 55))
	if s.chance(35) {
		at = clock(o.leave.AddDate(0, 0, 1), s.home.zone, s.between(9*60, 11*60))
		if p.vocabulary().byOrder { // until the correction, the order would have two numbers, and shoppers would be told both
			p.reportedBy(reporterEasyPost)
		}
	}
	p.correct(at)
	p.run(o.leave, o.arrive)
}

// repacked cancels a parcel with a wrong label and packs its contents again under another number.
func (s *builder) repacked() {
	o := s.buy()
	wrong := o.packListed(o.packTime(o.leave), o.all())
	at := wrong.packedAt.Add(s.minutes(10, 45))
	wrong.cancel(at)
	right := o.packListed(at.Add(s.minutes(1, 9)), o.all())
	right.reporter, right.carrierHabit = wrong.reporter, habitPrompt
	right.run(o.leave, o.arrive)
}

// edited takes a line off the order before the rest is packed, and gives its money back.
func (s *builder) edited() {
	o := s.several(2).place()
	at := o.PlacedAt.Add(s.minutes(5, 15))
	cost := o.remove(s.rng.IntN(len(o.Lines)), at)
	o.refund(cost, at.Add(s.minutes(1, 4)))
	o.send().run(o.leave, o.arrive)
}

// refundedPart gives some money back for a fault, after the delivery.
func (s *builder) refundedPart() {
	o, p := s.one()
	delivered := p.run(o.leave, o.arrive)
	o.refund(max(150, o.TotalMinor/int64(s.between(4, 9))), delivered.At.Add(s.minutes(12*60, 90*60)))
}

// refundedFull gives all money back: of an order that is never sent, without calling it cancelled, or after the delivery.
func (s *builder) refundedFull() {
	if s.chance(50) {
		o, p := s.one()
		delivered := p.run(o.leave, o.arrive)
		o.refund(o.TotalMinor, delivered.At.Add(s.minutes(12*60, 120*60)))
		return
	}
	o := s.buy()
	at := o.PlacedAt.Add(s.minutes(100, 400))
	total := o.TotalMinor
	for i := range o.Lines {
		o.remove(i, at)
	}
	o.refund(total, at.Add(time.Second))
	o.restocked = true
	s.watchUntil(EndOf(written(o.arrive), o.zone))
}

// cancelled ends an order before anything is packed, or with a parcel that the carrier never gets.
func (s *builder) cancelled() {
	o := s.buy()
	at := o.PlacedAt.Add(s.minutes(95, 600))
	if s.chance(45) {
		p := o.packListed(o.packTime(o.leave), o.all())
		p.reporter = reporterNone
		at = p.packedAt.Add(s.minutes(10, 50))
		p.cancel(at)
	}
	o.become(OrderCancelled, at.Add(time.Minute))
	if s.chance(80) {
		o.refund(o.TotalMinor, at.Add(s.minutes(2, 60)))
	}
	s.watchUntil(EndOf(written(o.arrive), o.zone))
}

// reinstated cancels an order by mistake, and takes that back.
func (s *builder) reinstated() {
	s.platform = SourceAPI
	o := s.buy()
	at := o.PlacedAt.Add(s.minutes(95, 300))
	o.become(OrderCancelled, at)
	back := at.Add(s.minutes(20, 180))
	o.become(OrderReinstated, back)
	o.leave = workday(dateOf(back, s.home.zone).AddDate(0, 0, 1), 0, s.home.code)
	arrive := roundDay(o.leave.AddDate(0, 0, 1), 1, o.to.code)
	o.send().run(o.leave, maxTime(arrive, o.arrive))
}

// staleUpdate has an old webhook of the order arrive after a newer one: the platform tries again what failed.
func (s *builder) staleUpdate() {
	o := s.several(2).place()
	at := o.PlacedAt.Add(s.minutes(5, 15))
	old := o.notify(at, "orders/updated") // as it was before the line went
	at = at.Add(time.Minute)
	cost := o.remove(0, at)
	o.refund(cost, at.Add(s.seconds(10, 60)))
	again := o.revisions[len(o.revisions)-1]
	for i := range o.revisions {
		if o.revisions[i].arrives.Equal(old) {
			o.revisions[i].arrives = again.arrives.Add(s.minutes(2, 30))
		}
	}
	o.send().run(o.leave, o.arrive)
}

// fulfilmentFirst has the parcel's webhooks overtake those of the order.
func (s *builder) fulfilmentFirst() {
	o := s.order(s.destination())
	o.partial = false
	o.place()
	p := o.packListed(o.packTime(o.leave), o.all())
	p.reportedBy(reporterEasyPost, reporterHooks, reporterSubscribe, reporterAPI).reportedPromptly()
	p.run(o.leave, o.arrive)
	o.revisions = slices.DeleteFunc(o.revisions, func(r revision) bool { return r.topic == "orders/updated" })
	o.revisions[0].arrives = p.packedAt.Add(s.minutes(5, 30))
	heard := o.revisions[0].arrives
	for _, r := range o.revisions {
		if r.parcel == nil {
			heard = earliest(heard, r.arrives)
		}
	}
	o.delayHeard(heard)
}
