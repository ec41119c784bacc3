package corpus

import (
	"fmt"
	"time"
)

var oddRecipes = []recipe{
	{KindCarrierOther, 14, (*builder).carrierOther},
	{KindLegs, 14, (*builder).handedOn},
	{KindEditedLater, 8, (*builder).editedLater},
	{KindManyLines, 5, (*builder).manyLines},
	{KindOddName, 12, (*builder).oddName},
	{KindOddMoney, 10, (*builder).oddMoney},
	{KindWildDate, 8, (*builder).wildDate},
}

// carrierOther is a parcel for which the shop names no carrier or one of its own making.
func (s *builder) carrierOther() {
	o := s.buy()
	p := s.newParcel(o, o.packTime(o.leave), o.all())
	p.unlisted, p.shopAlias = false, pick(s, "Other", "Other", "Our courier", "Standard shipping")
	p.reportedBy(reporterEasyPost, reporterHooks, reporterAPI)
	p.announce(p.packedAt)
	p.run(o.leave, o.arrive)
}

// handedOn crosses the border with one carrier and is delivered by another one under another number.
func (s *builder) handedOn() {
	s.setCountry(pick(s, "NL", "DE", "SE"))
	o := s.order(pick(s, abroad[s.home.code]...)).place()
	p := o.packListed(o.packTime(o.leave), o.all())
	p.reportedBy(reporterAPI).reportedPromptly()
	p.handOver(o.leave, o.arrive)
	p.move(o.leave, o.arrive)
	last := pick(s, o.to.carriers...)
	leg := &Leg{Number: s.trackingNumber(last), Carrier: last.name, Role: "LastMile"}
	sc := p.scan(Step{
		State: StateInTransit, At: p.at(o.arrive, 4*60, 6*60), Place: pick(s, o.to.hubs...), Text: "Handed on to the delivering carrier",
	})
	sc.leg = leg
	for _, sc := range []*scan{p.out(o.arrive), p.deliver(o.arrive)} {
		sc.under = leg // reported under the second number only
	}
}

// editedLater is an order in which the shop changes a note half a year after the delivery.
func (s *builder) editedLater() {
	o, p := s.one()
	delivered := p.run(o.leave, o.arrive)
	o.notify(delivered.At.Add(s.minutes(150*24*60, 300*24*60)), "orders/updated")
}

// manyLines is an order as companies send them.
func (s *builder) manyLines() {
	o := s.order(s.home.code)
	for i := range s.between(60, 300) {
		o.addLine(fmt.Sprintf("Refill pouch %d, unscented, 500 ml, box of 12", i+1), "", 450, 1+i%3, MethodParcel)
	}
	o.place().finish()
}

// oddName has something else than first and last name where the name belongs.
func (s *builder) oddName() {
	o := s.order(s.destination())
	last := pick(s, o.to.last...)
	name := pick(s, last+", Noor", "Mr "+last, last+" GmbH", "https://win.example/prize CLICK", "noor@shopper.example")
	o.Recipients[0].Name, o.Recipients[0].FirstName, o.Destinations[0].Name = name, "", name
	if name == "https://win.example/prize CLICK" {
		s.foreign = append(s.foreign, Foreign{Names: []string{"https://win.example/prize"}})
	}
	o.place().finish()
}

// oddMoney is paid in a currency that has no cents, or three digits of them.
func (s *builder) oddMoney() {
	o := s.order(s.destination())
	o.Currency = pick(s, "JPY", "KWD", "HUF", "KRW", "BHD")
	o.place().finish()
}

// wildDate has the carrier state a day that cannot be one, as its way of having none.
func (s *builder) wildDate() {
	o := s.buy()
	p := o.send().reportedBy(reporterAPI, reporterEasyPost, reporterHooks).reportedPromptly()
	p.handOver(o.leave, o.arrive)
	p.stated = nil
	day := pick(s, on(9999, time.December, 31), on(2099, time.January, 1))
	p.expect(p.scans[len(p.scans)-1], day).wild = true
	s.foreign = append(s.foreign, Foreign{Days: []Day{written(day)}})
	p.move(o.leave, o.arrive)
	p.out(o.arrive)
	p.deliver(o.arrive)
}
