package page

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// cards are one for each parcel, and for each shipment of which no parcel is known, in the order of the shipments: outbound first.
func (b *builder) cards() []card {
	var all []card
	for i := range b.order.Shipments {
		sh := &b.order.Shipments[i]
		if len(sh.Parcels) == 0 {
			if sh.ReplacedBy == "" {
				all = append(all, b.shipmentCard(i))
			}
			continue
		}
		for k := range b.trip.Parcels {
			if p := &b.trip.Parcels[k]; p.Shipment == i && !isGone(p) {
				all = append(all, b.parcelCard(k))
			}
		}
	}
	all = slices.DeleteFunc(all, card.isEmpty)
	for i := range all {
		all[i].head(len(all) > 1)
		all[i].ID = fmt.Sprintf("card-%d", i+1)
	}
	b.tellApart(all)
	return all
}

// tellApart adds its number to the heading of a card that another one has too, or else its place.
func (b *builder) tellApart(all []card) {
	heads := map[string]int{}
	for _, c := range all {
		heads[c.Title]++
	}
	for i := range all {
		switch c := &all[i]; {
		case heads[c.Title] < 2 || c.Title == "":
		case c.Number != "":
			c.Title = b.voice.Titled(c.Title, c.Number)
		default:
			c.Title = fmt.Sprintf("%s (%d)", c.Title, i+1)
		}
	}
}

// isGone says that a parcel is told of in one line: it was replaced, or never sent.
func isGone(p *tracking.ParcelJourney) bool {
	return p.Withdrawn || p.State == tracking.Occasion(tracking.ParcelCancelled)
}

// isEmpty says that the answer says all that the card would.
func (c card) isEmpty() bool {
	return c.State == "" && c.Method == "" && c.Number == "" && c.Carrier == "" && c.Link.URL == "" && len(c.Contents.Shown) == 0 && len(c.Steps.Shown) == 0
}

// gone are the parcels that do not come any more.
func (b *builder) gone() []gone {
	var all []gone
	for i := range b.trip.Parcels {
		p := &b.trip.Parcels[i]
		if !isGone(p) {
			continue
		}
		g := gone{State: b.voice.Parcel(b.order, b.trip, i, b.clock).State}
		if text := b.say("page.replaced"); p.Withdrawn && text != "" {
			g.State = text
		}
		if b.shows(fieldTrackingNumber) {
			g.Number = p.Number
		}
		if i == b.trip.Lead && b.alone && g.Number == "" {
			continue // the answer says it
		}
		all = append(all, g)
	}
	return all
}

func (b *builder) parcelCard(i int) card {
	p := &b.trip.Parcels[i]
	sh := &b.order.Shipments[p.Shipment]
	w := b.parcelWords(i)
	leads := i == b.trip.Lead
	c := b.newCard(w, sh, leads && b.alone)
	c.Tone = b.tone(p.State, p)
	b.follow(&c, p, w)
	switch {
	case !leads:
		b.prompt(&c, p, w)
		c.LastScan, c.Checked = b.scanned(p, w)
	case b.trip.Outcome == tracking.Open:
		c.Date, c.Reason, c.Next = date{}, "", "" // the answer says it
	}
	if leads && !b.trip.Late && c.Tone != toneBad {
		c.LastScan, c.Checked = b.scanned(p, w)
	}
	b.carry(&c, p)
	if c.Steps = b.fold(b.parcelSteps(p, sh)); len(c.Steps.Shown) > 0 {
		c.Timeline = b.say("page.section.timeline")
	}
	return c
}

// follow leaves out why the parcel stands where it does, and what follows, where that says nothing.
func (b *builder) follow(c *card, p *tracking.ParcelJourney, w message.Words) {
	if c.Reason != "" {
		c.Reason = reasonOf(w, p.State)
	}
	if p.Direction == tracking.Outbound && p.Status == tracking.Delivered {
		c.Next = ""
	}
}

// prompt says what the shopper must do with a parcel of which the answer does not speak: go and collect it, or act.
func (b *builder) prompt(c *card, p *tracking.ParcelJourney, w message.Words) {
	c.Pickup = b.pickup(p, w.Pickup)
	if w.Action.Heading != "" {
		c.Act, c.Reason, c.Next = b.act(w.Action, p), "", ""
	}
}

// parcelWords are those about a parcel. Of a return that has arrived the shop knows more than its carrier.
func (b *builder) parcelWords(i int) message.Words {
	p := &b.trip.Parcels[i]
	arrived := []tracking.Phase{tracking.ReturnReceived, tracking.ReturnInspected, tracking.Refunded}
	if p.Direction == tracking.Return && slices.Contains(arrived, p.Phase) {
		return b.voice.Shipment(b.order, b.trip, p.Shipment, b.clock)
	}
	return b.voice.Parcel(b.order, b.trip, i, b.clock)
}

// newCard fills in what a parcel and a shipment without one have in common. Said = the answer has said how it stands.
func (b *builder) newCard(w message.Words, sh *tracking.Shipment, said bool) card {
	c := card{Title: b.title(w, sh), Method: w.Method, Together: w.Together}
	if c.Stage = b.say("page.event." + string(cmp.Or(sh.Phase, b.order.Phase, tracking.OrderReceived))); b.shows(fieldItems) {
		c.Holds = w.Data.Contents
	}
	if !said {
		c.State, c.Date, c.Left, c.Reason, c.Next = w.State, dateOf(w), w.Left, w.Reason, w.Next
	}
	if b.shows(fieldItems) {
		c.Contents = b.listed(w.Contents)
	}
	if label := sh.ReturnLabel; label != nil && web(label.URL) && b.usable(label.Until) && toHandIn(sh) {
		c.Label = anchor{b.voice.ReturnLabel(*label, b.clock), label.URL}
	}
	return c
}

// head gives a card without a title a heading: who carries it, else what it holds, or what it lists where it is the only one.
func (c *card) head(several bool) {
	if c.Title == "" {
		c.Title, c.Carrier = c.Carrier, ""
	}
	if c.Title == "" && several {
		c.Title = cmp.Or(c.Holds, c.Stage)
	}
	if c.Title == "" {
		c.Title, c.Timeline = c.Timeline, ""
	}
}

// title is a card's heading; "" where there is one card only.
func (b *builder) title(w message.Words, sh *tracking.Shipment) string {
	if sh.Direction == tracking.Outbound {
		return w.Title
	}
	title := b.say("page.return.title")
	if w.Title != "" {
		title = b.voice.Titled(title, w.Title)
	}
	return title
}

// toHandIn says that what the shopper sends back is still with the shopper.
func toHandIn(sh *tracking.Shipment) bool {
	return !sh.Carried() && (sh.Phase == "" || sh.Phase == tracking.ReturnRequested)
}

func (b *builder) usable(until locale.Day) bool {
	return until.IsZero() || !until.Before(locale.DayOf(b.clock.Now, b.clock.Zone))
}

// shipmentCard is that of a shipment which no carrier scans, or of which no parcel is known yet.
func (b *builder) shipmentCard(i int) card {
	sh := &b.order.Shipments[i]
	w := b.voice.Shipment(b.order, b.trip, i, b.clock)
	leads := b.trip.Lead < 0 && b.trip.LeadShipment == i
	c := b.newCard(w, sh, leads && b.alone)
	c.Tone = b.tone(tracking.Occasion(cmp.Or(sh.Phase, b.order.Phase)), nil)
	if leads {
		c.Date, c.Reason, c.Next = date{}, "", ""
	}
	c.Steps, c.Timeline = b.fold(b.shipmentSteps(sh)), b.say("page.section.timeline")
	return c
}

// carry says who carries the parcel and under which numbers.
func (b *builder) carry(c *card, p *tracking.ParcelJourney) {
	if p.Carrier != "" {
		c.Carrier = message.CarrierName(p.Carrier)
	}
	if b.shows(fieldTrackingNumber) {
		c.Number = p.Number
	}
	c.Link = b.carrierLink(p.Carrier, p.URL)
	for _, l := range p.Legs {
		if l.Number == "" || tracking.NormalNumber(l.Number) == tracking.NormalNumber(p.Number) || !b.shows(fieldTrackingNumber) {
			continue
		}
		c.Legs = append(c.Legs, leg{message.CarrierName(l.Carrier), l.Number, b.carrierLink(l.Carrier, l.URL)})
	}
}

func (b *builder) carrierLink(carrier, link string) anchor {
	if !web(link) || !b.shows(fieldCarrierLink) {
		return anchor{}
	}
	d := b.data
	d.Carrier = cmp.Or(message.CarrierName(carrier), d.Carrier)
	return anchor{b.voice.Say("page.parcel.carrierLink", d), link}
}

// web refuses what a carrier's payload might bring instead of a page.
func web(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// unsent lists what surely is in no shipment yet, once something is, or where it is available on a later day.
func (b *builder) unsent() unsent {
	entries, from := b.voice.Unsent(b.order, b.trip, b.clock)
	if len(entries) == 0 || !b.shows(fieldItems) || (b.trip.Total == 0 && from == "") {
		return unsent{}
	}
	return unsent{from, b.listed(entries)}
}

// Of a list this many entries are shown at once; the rest is folded.
const (
	shownItems = 5
	shownSteps = 5
)

func (b *builder) listed(entries []message.Entry) list[item] {
	var all list[item]
	for i, e := range entries {
		one := item{e.Quantity, e.Name, e.Price}
		if i < shownItems || len(entries) == shownItems+1 { // a fold for one entry saves nothing
			all.Shown = append(all.Shown, one)
		} else {
			all.Folded = append(all.Folded, one)
		}
	}
	all.More = b.more("page.fold.items", len(all.Folded))
	return all
}

// fold shows what is to come and the newest steps.
func (b *builder) fold(steps []event) list[event] {
	ahead := slices.IndexFunc(steps, func(e event) bool { return !e.Future })
	if ahead < 0 {
		ahead = len(steps)
	}
	all := list[event]{Shown: steps}
	if cut := ahead + shownSteps; len(steps) > cut+1 {
		all.Shown, all.Folded = steps[:cut], steps[cut:]
	}
	all.More = b.more("page.fold.steps", len(all.Folded))
	return all
}

func (b *builder) more(key string, n int) string {
	if n == 0 {
		return ""
	}
	return cmp.Or(b.voice.SayCount(key, n, b.data), fmt.Sprintf("+ %d", n))
}

func (b *builder) items() list[item] {
	if !b.shows(fieldItems) {
		return list[item]{}
	}
	return b.listed(b.voice.Lines(&b.order, b.priced()))
}

func (b *builder) priced() bool { return b.shows(fieldPrice) && b.order.Money.Currency != "" }

// totals are what the order costs now, and what of it went back.
func (b *builder) totals() (total, refunded string) {
	money := b.order.Money
	if !b.priced() || !b.shows(fieldItems) {
		return "", ""
	}
	back := money.RefundedMinor
	if back == 0 {
		for _, r := range b.order.Refunds {
			back += r.AmountMinor
		}
	}
	if back > 0 {
		d := b.data
		d.Refund = b.voice.Money(back, money.Currency)
		refunded = b.voice.Say("page.state.Refunded", d)
	}
	if money.TotalMinor > 0 && !b.order.Emptied {
		total = b.voice.Money(money.TotalMinor, money.Currency)
	}
	return total, refunded
}
