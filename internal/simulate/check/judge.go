package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/corpus"
)

// judge compares every line with the truth.
func (c *Checker) judge(r *reading) {
	under := ""
	for i, l := range r.text {
		if l.Title {
			under = l.Words
		}
		if other := c.others.foreign(l.Words, c.journey.Name); other != "" {
			c.find(r, ToldAnother, l.Words, other+" belongs to an order of another shopper")
		}
		c.judgeForeign(r, l)
		c.judgeContents(r, l)
		s := r.scope(l)
		c.judgeParts(r, s, l, under)
		if l.Listed {
			if s.one {
				c.judgeStep(r, s, l)
			}
			continue
		}
		c.judgeCarrier(r, s, l)
		for _, sentence := range l.Sentences() {
			before := ""
			if i > 0 && len(r.text[i-1].Words) < 40 {
				before = r.text[i-1].Words
			}
			c.judgeDays(r, s, sentence, before, r.estimated(i))
			c.judgeStates(r, s, sentence)
			c.judgeReasons(r, s, sentence)
			c.judgePickup(r, s, sentence)
		}
	}
}

// estimated reports whether the line, or one of the two below it, marks the day as wismo's own estimate.
func (r *reading) estimated(i int) bool {
	for _, l := range r.text[i:min(i+3, len(r.text))] {
		if estimate.MatchString(l.Words) {
			return true
		}
	}
	return false
}

var estimate = regexp.MustCompile(`(?i)\b(?:our (?:own )?estimate|we estimate|usually|estimated)\b`)

// scope is the parcels that a sentence can be about.
type scope struct {
	one   bool
	about parcel // if one
	all   []parcel
}

func (r *reading) scope(l Line) scope {
	if p, ok := r.order.find(l.About); ok {
		return scope{one: true, about: p, all: []parcel{p}}
	}
	return scope{all: r.order.parcels}
}

// others returns the parcels of the order that the sentence is not about.
func (r *reading) others(s scope) []parcel {
	if !s.one {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.order.parcels), func(p parcel) bool { return p.ID == s.about.ID })
}

// judgeForeign reports data that a source has sent although it is of another shopper.
func (c *Checker) judgeForeign(r *reading, l Line) {
	for _, f := range c.journey.Truth.Foreign {
		for _, word := range append(slices.Clone(f.Names), f.Places...) {
			if word != "" && strings.Contains(l.Words, word) && !r.order.mentions(word) {
				c.find(r, ToldAnother, l.Words, "it is of another shopper, although a source sent it for this order")
			}
		}
	}
}

// mentions reports whether the word is part of the order itself.
func (o orderKnown) mentions(word string) bool {
	for _, p := range o.parcels {
		for _, s := range p.steps {
			if s.Place == word {
				return true
			}
		}
	}
	return slices.ContainsFunc(o.Recipients, func(r corpus.Recipient) bool { return r.Name == word }) ||
		slices.ContainsFunc(o.Destinations, func(d corpus.Destination) bool { return d.City == word || d.Street == word })
}

var takenOff = regexp.MustCompile(`(?i)\b(?:removed|cancelled|refunded|taken off|no longer)\b`)

// judgeContents reports lines and numbers that the shop has withdrawn.
func (c *Checker) judgeContents(r *reading, l Line) {
	for _, line := range r.order.Lines {
		if r.order.off(line) && line.Name != "" && strings.Contains(l.Words, line.Name) && !takenOff.MatchString(l.Words) && r.order.unique(line.Name) {
			c.find(r, UntrueContents, l.Words, "the shop removed that line from the order")
		}
	}
	for _, p := range r.order.parcels {
		for _, number := range p.WithdrawnAt(r.at) {
			if !slices.Contains(p.numbers(), number) && strings.Contains(squeeze(l.Words), squeeze(number)) {
				c.find(r, UntrueContents, l.Words, "the shop withdrew that number")
			}
		}
	}
}

// off reports whether nothing of the line is left.
func (o orderKnown) off(line corpus.Line) bool {
	left := line.Quantity - line.RemovedQuantity
	return heard(line.RemovedAt, o.at) && (line.RemovedQuantity == 0 || left <= 0)
}

func (o orderKnown) unique(name string) bool {
	n := 0
	for _, l := range o.Lines {
		if l.Name == name {
			n++
		}
	}
	return n == 1
}

// judgeDays reports days that are not true.
func (c *Checker) judgeDays(r *reading, s scope, sentence, before string, estimated bool) {
	if !understand(sentence).day {
		return
	}
	for _, m := range Days(sentence, r.order.today) {
		if m.Wrong != "" {
			c.find(r, UntrueDay, sentence, m.Wrong+" is not a day of the calendar, or not on that weekday")
			continue
		}
		if startsWithDay.MatchString(sentence) && before != "" {
			m.Means = meaning(strings.ToLower(before)+" ", "", m, r.order.today)
		}
		if estimated && m.Means == Expected {
			c.note(s, m)
			continue
		}
		if why := r.untrue(s, m, sentence, c.limits); why != "" {
			c.find(r, r.kindOfDay(s, m, sentence, c.limits), sentence, why)
		}
	}
}

var startsWithDay = regexp.MustCompile(`(?i)^(?:(?:on )?(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?\d{1,2} [a-z]|^(?:today|tomorrow|yesterday)\b`)

// kindOfDay is WrongSubject for a day that is true of another parcel.
func (r *reading) kindOfDay(s scope, m Mention, sentence string, l Limits) Kind {
	for _, p := range r.others(s) {
		if r.untrue(scope{one: true, about: p, all: []parcel{p}}, m, sentence, l) == "" {
			return WrongSubject
		}
	}
	return UntrueDay
}

// note stores an estimate of wismo's own, to check later whether the parcel arrived within it.
func (c *Checker) note(s scope, m Mention) {
	if !s.one {
		return
	}
	if _, ok := c.shown[s.about.ID]; !ok {
		c.shown[s.about.ID] = span{m.From, m.To}
	}
}

// untrue returns why a day is not true; "" = it is true.
func (r *reading) untrue(s scope, m Mention, sentence string, l Limits) string {
	switch m.Means {
	case Expected:
		return r.untrueExpected(s, m, sentence, l)
	case Due:
		return anyDay(append(r.statedSpans(s), roundSpans(s)...), m, "no source stated that day")
	case Until:
		if reckoned.MatchString(sentence) {
			return ""
		}
		return anyDay(append(r.untilSpans(s), r.statedSpans(s)...), m, "nothing ends on that day")
	case Arrived:
		return r.untrueArrived(s, m, sentence)
	default:
		return anyDay(append(r.happenedSpans(s), r.statedSpans(s)...), m, "nothing happened on that day")
	}
}

// reckoned matches a last day that is only usual.
var reckoned = regexp.MustCompile(`(?i)\busually\b`)

func anyDay(spans []span, m Mention, why string) string {
	if slices.ContainsFunc(spans, func(s span) bool { return s.has(m) }) {
		return ""
	}
	return why
}

// statedSpans returns all days that were stated so far.
func (r *reading) statedSpans(s scope) []span {
	var all []span
	for _, p := range s.all {
		for _, d := range stated(p.Days, r.at) {
			all = append(all, spanOf(d))
		}
	}
	for _, d := range stated(r.order.Days, r.at) {
		all = append(all, spanOf(d))
	}
	return all
}

// roundSpans returns the days on which it was out for delivery, and so due.
func roundSpans(s scope) []span {
	var all days
	for _, p := range s.all {
		for _, step := range p.steps {
			if step.State == corpus.StateOutForDelivery {
				all.add(reportedTime(step), p.zone)
			}
		}
	}
	return all
}

// untilSpans returns the last days of pick-ups, actions and return labels.
func (r *reading) untilSpans(s scope) []span {
	var days []corpus.Day
	for _, p := range s.all {
		for _, k := range p.Pickups {
			if heard(k.HeardAt, r.at) {
				days = append(days, k.Until)
			}
		}
		for _, a := range p.Actions {
			if heard(a.HeardAt, r.at) {
				days = append(days, a.By)
			}
		}
	}
	for _, p := range r.order.parcels {
		if l := p.ReturnLabel; l != nil && heard(l.HeardAt, r.at) {
			days = append(days, l.Until)
		}
	}
	var all []span
	for _, d := range days {
		all = append(all, span{parseDay(d), parseDay(d)})
	}
	return all
}

// atTheDoor are the states of scans that are made at the destination.
var atTheDoor = []corpus.State{corpus.StateOutForDelivery, corpus.StateAttemptFailed, corpus.StateAtPickup, corpus.StateDelivered}

// farthest is how much the clocks of a large country differ.
const farthest = 4 * time.Hour

// days gathers days on which something happened.
type days []span

func (d *days) add(at time.Time, zone *time.Location) {
	if !at.IsZero() {
		*d = append(*d, span{DayOf(at, zone), DayOf(at, zone)})
	}
}

// happenedSpans returns the days on which anything happened.
func (r *reading) happenedSpans(s scope) []span {
	all := days{{r.order.today, r.order.today}}
	for _, p := range s.all {
		for _, step := range p.steps {
			all.step(step, p.zone, r.origin)
			if p.Direction == corpus.Return { // the shopper, who sends it, reads local time
				all.step(step, r.order.zone, r.origin)
			}
		}
		for _, d := range stated(p.Days, r.at) {
			all.add(d.HeardAt, p.zone)
		}
		for _, n := range p.Numbers {
			all.add(n.HeardAt, p.zone)
		}
		all.add(p.ContentsHeardAt, p.zone)
		all.add(p.ReplacedAt, p.zone)
	}
	for _, step := range r.order.Steps {
		if heard(step.HeardAt, r.at) {
			all.add(step.At, r.order.zone)
			all.add(step.HeardAt, r.order.zone)
		}
	}
	all.add(r.order.PlacedAt, r.order.zone)
	for _, f := range r.order.Refunds {
		if heard(f.HeardAt, r.at) {
			all.add(f.At, r.order.zone)
		}
	}
	return all
}

// step adds the days of a scan. A scan that is not made at the destination is in the carrier's own time, which may differ by hours.
func (d *days) step(step corpus.Step, zone, origin *time.Location) {
	for _, at := range []time.Time{step.At, step.Told, step.HeardAt, reportedTime(step)} {
		d.add(at, zone)
		if at.IsZero() || slices.Contains(atTheDoor, step.State) {
			continue
		}
		d.add(at, origin)
		d.add(at.Add(-farthest), zone)
		d.add(at.Add(farthest), zone)
	}
}

var ofOrder = regexp.MustCompile(`(?i)\byour order\b`)

var (
	ofAll  = regexp.MustCompile(`(?i)\byour order\b|\ball (?:\d+|the|your) parcels\b|\bthe last of\b`)
	ofPart = regexp.MustCompile(`(?i)\bpart of\b|\b(?:one|\d+) of\b`)
)

// untrueExpected checks a day on which a delivery is expected.
func (r *reading) untrueExpected(s scope, m Mention, sentence string, l Limits) string {
	if m.To.Before(r.order.today) {
		return "that day has passed"
	}
	if r.preOrdered(m) || r.onItsRound(s, m) {
		return ""
	}
	due := r.due(s)
	if len(due) == 0 {
		if l.OwnPromise && len(r.statedSpans(s)) == 0 {
			return ""
		}
		return "no source stated a day that is still to come"
	}
	last := slices.MaxFunc(due, func(a, b expectation) int { return a.to.Compare(b.to) })
	if !s.one && ofOrder.MatchString(sentence) && len(due) > 1 {
		due = []expectation{last}
	}
	if slices.ContainsFunc(due, func(d expectation) bool { return d.has(m) && d.at(m) }) {
		return ""
	}
	return "it is expected " + last.String()
}

// preOrdered reports whether a line is available from that day.
func (r *reading) preOrdered(m Mention) bool {
	return slices.ContainsFunc(r.order.Lines, func(l corpus.Line) bool {
		day := parseDay(l.AvailableFrom)
		return !day.IsZero() && day.Equal(m.From)
	})
}

// onItsRound reports whether the day is today and a parcel is out for delivery.
func (r *reading) onItsRound(s scope, m Mention) bool {
	today := m.From.Equal(r.order.today) && m.To.Equal(r.order.today) && m.Start == ""
	return today && slices.ContainsFunc(s.all, func(p parcel) bool { return p.state == corpus.StateOutForDelivery && p.isOf(r.order.today) })
}

// expectation is a day on which a parcel is expected.
type expectation struct {
	span
	stated corpus.StatedDay
	zone   *time.Location
}

// at reports whether the mentioned times of day, if there are any, are those that were stated.
func (e expectation) at(m Mention) bool {
	if m.Start == "" {
		return true
	}
	if e.stated.From.IsZero() && e.stated.To.IsZero() {
		return false
	}
	clocks := []string{e.stated.From.In(e.zone).Format("15:04"), e.stated.To.In(e.zone).Format("15:04")}
	return slices.Contains(clocks, m.Start) && (m.End == "" || slices.Contains(clocks, m.End))
}

// String returns the stated day or days in words, for a finding.
func (e expectation) String() string {
	s := "on " + e.to.Format("Mon 2006-01-02")
	if !e.from.Equal(e.to) {
		s = "between " + e.from.Format("Mon 2006-01-02") + " and " + e.to.Format("Mon 2006-01-02")
	}
	if !e.stated.From.IsZero() {
		s += fmt.Sprintf(", from %s to %s", e.stated.From.In(e.zone).Format("15:04"), e.stated.To.In(e.zone).Format("15:04"))
	}
	return s + ", stated by the " + strings.ToLower(string(e.stated.By))
}

// due returns the days on which outstanding parcels are expected, as far as sources have stated them.
func (r *reading) due(s scope) []expectation {
	var all []expectation
	some := false
	for _, p := range s.all {
		if p.Direction != corpus.Outbound || !p.known {
			continue
		}
		some = true
		if d, ok := p.expectedDay(r.order); ok && p.outstanding() {
			all = append(all, expectation{spanOf(d), d, p.zone})
		}
	}
	days := stated(r.order.Days, r.at)
	if (!some || len(r.order.unsent()) > 0) && len(days) > 0 && !r.order.cancelled {
		d := days[len(days)-1]
		all = append(all, expectation{spanOf(d), d, r.order.zone})
	}
	return all
}

// untrueArrived checks a day of a delivery.
func (r *reading) untrueArrived(s scope, m Mention, sentence string) string {
	var days []Day
	for _, p := range s.all {
		for _, step := range p.steps {
			if step.State == corpus.StateDelivered && !step.Unmapped {
				days = append(days, DayOf(reportedTime(step), p.zone), DayOf(step.At, p.zone))
			}
		}
	}
	if len(days) == 0 {
		return anyDay(r.happenedSpans(s), m, "nothing was delivered")
	}
	if !s.one && ofOrder.MatchString(sentence) {
		last := slices.MaxFunc(days, time.Time.Compare)
		days = []Day{last, last}
	}
	if slices.ContainsFunc(days, m.From.Equal) {
		return ""
	}
	return "it was delivered on " + days[len(days)-1].Format("Mon 2006-01-02")
}

// judgeStates reports states that are not true.
func (c *Checker) judgeStates(r *reading, s scope, sentence string) {
	for _, i := range understand(sentence).claims {
		claim := claims[i]
		if r.holds(claim, s, sentence) {
			continue
		}
		kind := UntrueState
		for _, p := range r.others(s) {
			if claim.parcel(p, r.order) {
				kind = WrongSubject
			}
		}
		c.find(r, kind, sentence, "it is not "+claim.name+": "+r.states(s))
	}
}

func (r *reading) holds(cl claim, s scope, sentence string) bool {
	ofTheOrder := !s.one || ofOrder.MatchString(sentence)
	if cl.order != nil && ofTheOrder && cl.order(r.order) {
		return true
	}
	if cl.whole && ofAll.MatchString(sentence) && !ofPart.MatchString(sentence) {
		return r.order.complete() || len(r.order.outbound()) > 0 && !r.order.tracked()
	}
	return slices.ContainsFunc(s.all, func(p parcel) bool { return p.known && (cl.parcel(p, r.order) || cl.parcel(really(p), r.order)) })
}

// really returns the parcel as it is, with steps that no source has sent yet: a true sentence is no fault.
func really(p parcel) parcel {
	steps := slices.Clone(p.Steps)
	for i := range steps {
		steps[i].HeardAt = steps[i].At
	}
	p.Steps = steps
	return parcelAt(p.Parcel, p.at)
}

// states returns the states of the parcels for a finding.
func (r *reading) states(s scope) string {
	var all []string
	for _, p := range s.all {
		if p.known {
			state := string(p.state)
			if state == "" {
				state = "announced"
			}
			all = append(all, fmt.Sprintf("%s is %s", p.ID, state))
			if !p.since.IsZero() {
				all[len(all)-1] += " since " + p.since.In(p.zone).Format("Mon 2006-01-02 15:04")
			}
		}
	}
	if len(all) == 0 {
		return "the order is " + string(r.order.state)
	}
	if len(r.order.unsent()) > 0 {
		all = append(all, "a part of the order is not sent yet")
	}
	return strings.Join(all, ", ")
}

// judgeReasons reports reasons that no source gave, and requests that no source makes.
func (c *Checker) judgeReasons(r *reading, s scope, sentence string) {
	for _, i := range understand(sentence).whys {
		why := reasonClaims[i]
		if slices.ContainsFunc(s.all, func(p parcel) bool { return p.gave(why.reason) }) {
			continue
		}
		kind := UntrueState
		if why.ask {
			kind = UntrueAction
		}
		if slices.ContainsFunc(r.others(s), func(p parcel) bool { return p.gave(why.reason) }) {
			kind = WrongSubject
		}
		c.find(r, kind, sentence, "no source gives "+string(why.reason)+" as a reason: "+r.states(s))
	}
}

// judgePickup reports a pick-up point at which the parcel is not.
func (c *Checker) judgePickup(r *reading, s scope, sentence string) {
	if !understand(sentence).collect {
		return
	}
	if slices.ContainsFunc(s.all, func(p parcel) bool { return p.waitsAt(sentence) }) || r.order.state == corpus.OrderReadyToCollect {
		return
	}
	kind := UntruePlace
	if slices.ContainsFunc(r.others(s), func(p parcel) bool { return p.waitsAt(sentence) }) {
		kind = WrongSubject
	}
	var truth []string
	for _, p := range s.all {
		if k := p.pickupPoint(); k != nil {
			truth = append(truth, p.ID+" can be collected at "+k.Name)
		}
	}
	if len(truth) == 0 {
		truth = append(truth, r.states(s))
	}
	c.find(r, kind, sentence, strings.Join(truth, ", "))
}

// waitsAt reports whether the sentence names the point at which the parcel waits.
func (p parcel) waitsAt(sentence string) bool {
	k := p.pickupPoint()
	return k != nil && (k.Name == "" && k.Address == "" || saysPlace(sentence, *k)) || k == nil && p.state == corpus.StateAtPickup && p.lastPlaceIn(sentence)
}

func (p parcel) lastPlaceIn(sentence string) bool {
	for i := len(p.steps) - 1; i >= 0; i-- {
		if p.steps[i].State == corpus.StateAtPickup {
			return p.steps[i].Place == "" || strings.Contains(sentence, p.steps[i].Place)
		}
	}
	return false
}

func saysPlace(words string, k corpus.Pickup) bool {
	return k.Name != "" && strings.Contains(words, k.Name) || k.Name == "" && k.Address != "" && strings.Contains(words, k.Address)
}

// carrierNames are the carriers that a text may name.
var carrierNames = []string{
	"PostNL", "DHL", "DPD", "GLS", "UPS", "FedEx", "bpost", "PostNord", "Royal Mail", "Evri", "USPS", "Hermes", "Colissimo", "Chronopost",
	"Mondial Relay", "InPost", "Correos", "Poste Italiane", "Budbee", "Instabee", "Airmee", "Posti", "Swiss Post", "Yodel", "TNT",
	"Aramex", "Canada Post", "Australia Post", "SEUR", "MRW", "BRT", "Packeta", "Cainiao", "Yanwen", "4PX",
}

// judgeCarrier reports a carrier that does not have the parcel.
func (c *Checker) judgeCarrier(r *reading, s scope, l Line) {
	words := r.without(l.Words)
	for _, name := range carrierNames {
		if !saysName(words, name) {
			continue
		}
		if slices.ContainsFunc(s.all, func(p parcel) bool { return p.by(name) }) {
			continue
		}
		kind, truth := UntrueCarrier, "no parcel of the order is with that carrier"
		for _, p := range r.others(s) {
			if p.by(name) {
				kind, truth = WrongSubject, "that parcel is with "+s.about.Carrier
			}
		}
		if s.one && kind == UntrueCarrier {
			truth = "it is with " + s.about.Carrier
		}
		c.find(r, kind, l.Words, truth)
	}
}

// without removes texts that may hold the name of a carrier without meaning it: places, lines and the carrier's own words.
func (r *reading) without(words string) string {
	cut := func(s string) {
		if s != "" {
			words = strings.ReplaceAll(words, s, "")
		}
	}
	for _, p := range r.order.parcels {
		for _, k := range p.Pickups {
			cut(k.Name)
			cut(k.Address)
		}
		for _, s := range p.Steps {
			cut(s.Text)
			cut(s.Place)
		}
	}
	for _, l := range r.order.Lines {
		cut(l.Name)
	}
	return words
}

func saysName(words, name string) bool {
	at := strings.Index(words, name)
	if at < 0 {
		return false
	}
	end := at + len(name)
	letter := func(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' }
	return (at == 0 || !letter(words[at-1])) && (end >= len(words) || !letter(words[end]))
}

// by reports whether the parcel travels with the carrier, by any name.
func (p parcel) by(name string) bool {
	norm := func(s string) string { return strings.ToLower(squeeze(s)) }
	for _, own := range slices.Concat([]string{p.Carrier}, p.Alias, p.CarriersKnownAt(p.at)) {
		if own != "" && (strings.Contains(norm(own), norm(name)) || strings.Contains(norm(name), norm(own))) {
			return true
		}
	}
	return false
}
