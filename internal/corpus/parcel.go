package corpus

import (
	"slices"
	"time"
)

// parcel is a parcel of a journey that is being built: the truth, and how and when a source reports it.
type parcel struct {
	Parcel
	s            *builder
	n            int
	order        *purchase // the first of its orders
	alias        string    // the carrier's name in the webhooks of the reporter
	shopAlias    string    // what the shop calls it, where that is no name of a carrier
	reporter     reporter  // the source that reports its scans
	carrierHabit habit
	fulfillment  int64
	packedAt     time.Time
	announced    time.Time // when the shop sent that it packed the parcel
	zone         string    // of the destination
	scans        []*scan
	stated       []*statedDay
	c            carrier    // its carrier
	unlisted     bool       // api: the shop names no number, the carrier's events name the order
	own          *StatedDay // the day that the shop promises for this shipment alone
	before       []object   // easypost: events of an earlier use of the number
}

// scan is a step with the time at which its reporter sends it; zero = never.
type scan struct {
	Step
	arrives time.Time
	shop    bool   // the shop reports it, with the number
	code    string // the sender's own word, where it is another than usual
	clock   string // the time as the reporter writes it, where it has no true zone
	pickup  *Pickup
	action  *Action
	proof   *Proof
	pieces  int  // how many pieces have been delivered with it
	leg     *Leg // the next leg, which it announces
	under   *Leg // the leg under whose number it is reported
}

// statedDay is a day that the reporter states, with the time at which it sends it.
type statedDay struct {
	StatedDay
	arrives time.Time
	wild    bool // a placeholder of the carrier and not a real day
}

// habit is how a carrier reports scans.
type habit int

// Habits of carriers.
const (
	habitPrompt    habit = iota // within minutes
	habitSlow                   // once a day, hours later
	habitTwice                  // everything two times
	habitLocalTime              // in local time without a zone
	habitUnordered              // as it comes
)

var habitKinds = map[habit]Kind{habitSlow: KindToldLate, habitTwice: KindToldTwice, habitLocalTime: KindLocalTime, habitUnordered: KindOutOfOrder}

// drawHabit returns the habit of a parcel's carrier, mostly prompt.
func (s *builder) drawHabit() habit {
	switch draw := s.rng.IntN(100); {
	case draw < 5:
		return habitSlow
	case draw < 11:
		return habitTwice
	case draw < 15:
		return habitLocalTime
	case draw < 20:
		return habitUnordered
	default:
		return habitPrompt
	}
}

// pack makes a parcel of some lines and has the shop tell its number.
func (s *builder) pack(o *purchase, at time.Time, contents []Content) *parcel {
	p := s.newParcel(o, at, contents)
	p.announce(at)
	return p
}

// newParcel makes a parcel that the shop has not announced yet.
func (s *builder) newParcel(o *purchase, at time.Time, contents []Content) *parcel {
	n := len(s.parcels)
	c := pick(s, o.carriers()...)
	p := &parcel{
		s: s, n: n, order: o, zone: o.zone, fulfillment: s.id(idFulfillment, n), packedAt: at, alias: pick(s, c.aliases...),
		Parcel: Parcel{
			ID: "p" + string(rune('1'+n)), Orders: []string{o.Number}, Direction: Outbound, Method: MethodParcel,
			Carrier: c.name, Alias: c.aliases, Contents: contents, Origin: s.home.code, Zone: o.zone,
		},
	}
	p.reporter = s.drawReporter(o)
	p.carrierHabit = s.drawHabit()
	p.c = c
	p.unlisted = p.reporter == reporterAPI && o.Source == SourceAPI && s.chance(15)
	p.Numbers = []Number{{Number: s.trackingNumber(c)}}
	p.Days = slices.Clone(o.Days)
	o.parcels = append(o.parcels, p)
	s.parcels = append(s.parcels, p)
	return p
}

// carriers returns the carriers of the destination for a parcel within the customs union, and global ones otherwise.
func (o *purchase) carriers() []carrier {
	if o.s.home.code == o.to.code {
		return o.to.carriers
	}
	return o.s.home.carriers
}

// drawReporter returns the reporter of a parcel; about one in five has none.
func (s *builder) drawReporter(o *purchase) reporter {
	switch {
	case s.chance(21):
		return reporterNone
	case o.Source == SourceShopify && s.home.code == "US":
		return pick(s, reporterEasyPost, reporterEasyPost, reporterShopify)
	case o.Source == SourceShopify:
		return pick(s, reporterEasyPost, reporterHooks, reporterHooks, reporterSubscribe, reporterShopify, reporterAPI)
	case s.home.code == "US":
		return pick(s, reporterAPI, reporterEasyPost)
	}
	return pick(s, reporterAPI, reporterAPI, reporterAPI, reporterEasyPost, reporterHooks, reporterSubscribe)
}

// reportedBy makes sure that one of the reporters reports the parcel, because the journey needs their vocabulary. Shopify reports only its
// own fulfillments.
func (p *parcel) reportedBy(reporters ...reporter) *parcel {
	reporters = slices.DeleteFunc(slices.Clone(reporters), func(t reporter) bool { return t == reporterShopify && p.order.Source != SourceShopify })
	if slices.Contains(reporters, p.reporter) {
		return p
	}
	p.reporter = pick(p.s, reporters...)
	if p.unlisted { // only the API's events name the order
		p.unlisted = false
		for _, label := range p.scans[:min(1, len(p.scans))] {
			p.announceNumber(label)
		}
	}
	return p
}

// reportedPromptly makes the carrier report promptly, because the journey is about something else.
func (p *parcel) reportedPromptly() *parcel {
	p.carrierHabit = habitPrompt
	return p
}

// trackingNumber fills a carrier's form. The last seven digits are the journey's own, so that no two journeys of a seed
// share a number.
func (s *builder) trackingNumber(c carrier) string {
	s.numbers++
	own := s.index*20 + s.numbers
	out := []byte(c.form)
	for i, filled := len(out)-1, 0; i >= 0; i-- {
		if out[i] != '9' {
			continue
		}
		out[i] = byte('0' + s.rng.IntN(10))
		if filled++; filled <= 7 {
			out[i] = byte('0' + own%10)
			own /= 10
		}
	}
	return string(out)
}

// announce has the shop tell the parcel's number, carrier and, where it has a word for them, contents.
func (p *parcel) announce(at time.Time) {
	heard := p.order.notifyParcel(p, at, "fulfillments/create")
	p.announced = heard
	if p.own != nil {
		p.own.HeardAt = heard
		p.Days = append(p.Days, *p.own)
	}
	label := &scan{Step: Step{State: StateLabelCreated, At: at}}
	if p.unlisted {
		label.arrives = p.reportTime(at)
	} else {
		p.announceNumber(label)
	}
	p.scans = append(p.scans, label)
	if !slices.ContainsFunc(p.order.Steps, func(s OrderStep) bool { return s.State == OrderShipped }) {
		p.order.Steps = append(p.order.Steps, OrderStep{State: OrderShipped, At: at, HeardAt: heard})
	}
}

// announceNumber has the shop name the number, the carrier and, where it has a word for them, the contents when it announces the parcel.
func (p *parcel) announceNumber(label *scan) {
	label.shop, label.arrives = true, p.announced
	p.Numbers[len(p.Numbers)-1].HeardAt = p.announced
	if p.order.namesContents() {
		p.ContentsHeardAt = p.announced
	}
}

// correct has the shop replace the number by another one.
func (p *parcel) correct(at time.Time) {
	heard := p.order.notifyParcel(p, at, "fulfillments/update")
	p.Numbers[len(p.Numbers)-1].WithdrawnAt = heard
	p.Numbers = append(p.Numbers, Number{Number: p.s.trackingNumber(p.c), HeardAt: heard})
}

// cancel has the shop take the parcel back before it is sent.
func (p *parcel) cancel(at time.Time) {
	heard := p.order.notifyParcel(p, at, "fulfillments/update")
	p.CancelledAt = heard
	p.scans = append(p.scans, &scan{Step: Step{State: StateCancelled, At: at}, shop: true, arrives: heard})
}

// shopReports has the shop itself report a state: of a letter, goods at the counter, a download.
func (p *parcel) shopReports(state State, at time.Time, topic string) *scan {
	heard := p.order.notifyParcel(p, at, topic)
	if p.ContentsHeardAt.IsZero() && p.order.namesContents() {
		p.ContentsHeardAt = heard
	}
	sc := &scan{Step: Step{State: state, At: at}, shop: true, arrives: heard}
	p.scans = append(p.scans, sc)
	return sc
}

// namesContents reports whether the shop's system sends which lines are in which parcel.
func (o *purchase) namesContents() bool { return o.Source == SourceShopify || o.shipments }

// reportTime returns when the reporter sends what happens at a time, after earlier scans unless its habit is another; zero
// if it sends nothing.
func (p *parcel) reportTime(at time.Time) time.Time {
	var arrives time.Time
	switch {
	case p.reporter == reporterNone:
		return time.Time{}
	case p.carrierHabit == habitSlow:
		arrives = at.Truncate(24 * time.Hour).Add(5 * time.Hour)
		for arrives.Before(at.Add(2 * time.Hour)) {
			arrives = arrives.Add(24 * time.Hour)
		}
	case p.carrierHabit == habitUnordered:
		return at.Add(p.s.minutes(1, 180))
	default:
		arrives = at.Add(p.s.seconds(20, 700))
	}
	for _, sc := range p.scans {
		if !sc.shop && !sc.At.After(at) {
			arrives = maxTime(arrives, sc.arrives)
		}
	}
	for _, stated := range p.stated {
		if !stated.At.After(at) {
			arrives = maxTime(arrives, stated.arrives)
		}
	}
	return arrives
}

// scan adds a step to the parcel, which its reporter sends if its vocabulary has it.
func (p *parcel) scan(step Step) *scan {
	sc := &scan{Step: step}
	if sc.Text == "" {
		sc.Text = texts[step.State]
	}
	if p.vocabulary().states[step.State] {
		sc.arrives = p.reportTime(step.At)
		p.misread(sc)
	}
	p.scans = append(p.scans, sc)
	return sc
}

// misread writes the time of a scan as local time where that is the carrier's habit.
func (p *parcel) misread(sc *scan) {
	zone := p.s.home.zone
	if slices.Contains([]State{StateOutForDelivery, StateDelivered, StateAttemptFailed, StateAtPickup}, sc.State) {
		zone = p.zone
	}
	wall := sc.At.In(Location(zone)).Format("2006-01-02T15:04:05")
	switch {
	case p.carrierHabit != habitLocalTime:
	case p.reporter == reporterAPI:
		sc.clock = wall
		stated, _ := time.ParseInLocation("2006-01-02T15:04:05", wall, Location(p.s.shop.Zone))
		sc.Told = stated.UTC()
	case p.reporter == reporterEasyPost: // a local time that calls itself UTC
		sc.clock = wall + "Z"
		sc.Told, _ = time.Parse(time.RFC3339, sc.clock)
	}
}

// expect has the carrier state a day together with a scan.
func (p *parcel) expect(sc *scan, day date) *statedDay {
	stated := &statedDay{StatedDay: StatedDay{Day: written(day), By: ByCarrier, At: sc.At}}
	if p.vocabulary().dates && !sc.shop {
		stated.arrives = sc.arrives
	}
	p.stated = append(p.stated, stated)
	return stated
}

// expectAt has the carrier state another day without a scan.
func (p *parcel) expectAt(day date, at time.Time) *statedDay {
	stated := &statedDay{StatedDay: StatedDay{Day: written(day), By: ByCarrier, At: at}}
	var first []time.Time // a day comes with a scan, or after one
	for _, sc := range p.scans {
		if !sc.shop {
			first = append(first, sc.arrives)
		}
	}
	if scanned := earliest(first...); p.vocabulary().dates && !scanned.IsZero() {
		stated.arrives = maxTime(p.reportTime(at), scanned)
	}
	p.stated = append(p.stated, stated)
	return stated
}
