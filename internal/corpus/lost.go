package corpus

var lostRecipes = []recipe{
	{KindReplaced, 34, (*builder).replacedParcel},
	{KindLost, 30, func(s *builder) { s.lost() }},
	{KindDamaged, 10, (*builder).damaged},
	{KindLooping, 12, (*builder).looping},
}

// lost builds a parcel without a scan after the first sortings, until the carrier reports it as lost.
func (s *builder) lost() (*purchase, *parcel, date) {
	s.addKinds(KindLost)
	o := s.buy()
	p := o.packListed(o.packTime(o.leave), o.all())
	p.reportedBy(reporterAPI, reporterEasyPost, reporterSubscribe).reportedPromptly()
	p.handOver(o.leave, o.arrive)
	p.move(o.leave, roundDay(o.leave.AddDate(0, 0, 1), 0, o.to.code))
	found := workday(o.arrive, s.between(4, 8), o.to.code)
	if s.chance(40) {
		reason := ReasonSearching
		if p.reporter == reporterEasyPost { // it has no other word
			reason = ReasonHeld
		}
		p.scan(Step{State: StateException, At: p.at(workday(o.arrive, 2, o.to.code), 9*60, 17*60), Reason: reason, Text: "No scan found"})
	}
	p.scan(Step{State: StateLost, At: p.at(found, 9*60, 17*60)})
	if o.Source == SourceAPI && s.chance(30) {
		o.refund(o.TotalMinor, p.at(found.AddDate(0, 0, 1), 9*60, 17*60))
	}
	return o, p, found
}

// replacedParcel sends the goods of a lost parcel again.
func (s *builder) replacedParcel() {
	s.addKinds(KindReplaced)
	o, gone, found := s.lost()
	o.Refunds = nil
	leave := workday(found, 1, s.home.code)
	second := s.newParcel(o, clock(leave, s.home.zone, s.between(9*60, 12*60)), gone.Contents)
	second.unlisted, second.Replaces = false, gone.ID
	if o.Source == SourceShopify {
		gone.cancel(second.packedAt.Add(-s.minutes(1, 3)))
	}
	second.Days = nil // what was promised was promised of the first
	second.announce(second.packedAt)
	if o.shipments && o.Source == SourceAPI {
		second.ReplacedAt = second.Numbers[0].HeardAt
	}
	second.run(leave, second.arrival(leave))
}

// damaged is found broken on its way and never delivered; the money goes back.
func (s *builder) damaged() {
	o := s.buy()
	p := o.send().reportedBy(reporterAPI, reporterEasyPost)
	p.handOver(o.leave, o.arrive)
	p.move(o.leave, o.arrive)
	broken := p.scan(Step{State: StateDamaged, At: p.at(o.arrive, 8*60, 11*60), Place: pick(s, o.to.hubs...)})
	o.refund(o.TotalMinor, broken.At.Add(s.minutes(20*60, 50*60)))
}

// looping goes back and forth between two places for days, and arrives late.
func (s *builder) looping() {
	o, p := s.one()
	p.reportedBy(reporterAPI, reporterEasyPost, reporterShopify)
	p.handOver(o.leave, o.arrive)
	a, b := o.to.hubs[0], o.to.hubs[1]
	day := o.leave
	for i := range s.between(4, 7) {
		place := a
		if i%2 == 1 {
			place = b
		}
		day = day.AddDate(0, 0, 1)
		p.scan(Step{State: StateInTransit, At: p.at(day, 21*60, 23*60), Place: place, Text: "Arrived at the sorting centre"})
	}
	arrive := p.later(maxTime(day, o.arrive), 1)
	p.out(arrive)
	p.deliver(arrive)
}
