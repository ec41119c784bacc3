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

// cards returns a card for each parcel, and for each shipment without a known parcel, in the order of the shipments: outbound first.
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
		for k := range b.journey.Parcels {
			if p := &b.journey.Parcels[k]; p.Shipment == i && !isGone(p) {
				all = append(all, b.parcelCard(k))
			}
		}
	}
	all = slices.DeleteFunc(all, card.isEmpty)
	for i := range all {
		all[i].head(len(all) > 1)
		all[i].ID = fmt.Sprintf("card-%d", i+1)
	}
	b.distinguish(all)
	return all
}

// distinguish adds the parcel's number, or else its place, to a heading that several cards share.
func (b *builder) distinguish(all []card) {
	heads := map[string]int{}
	for _, c := range all {
		heads[c.Title]++
	}
	for i := range all {
		switch c := &all[i]; {
		case heads[c.Title] < 2 || c.Title == "":
		case c.Number != "":
			c.Title = b.localizer.Titled(c.Title, c.Number)
		default:
			c.Title = fmt.Sprintf("%s (%d)", c.Title, i+1)
		}
	}
}

// isGone reports whether a parcel is only mentioned in one line: it was replaced, or never sent.
func isGone(p *tracking.ParcelJourney) bool {
	return p.Withdrawn || p.State == tracking.Occasion(tracking.ParcelCancelled)
}

// isEmpty reports whether the card adds nothing to the answer.
func (c card) isEmpty() bool {
	return c.State == "" && c.Method == "" && c.Number == "" && c.Carrier == "" && c.Link.URL == "" && len(c.Contents.Shown) == 0 && len(c.Steps.Shown) == 0
}

// gone returns the parcels that will not arrive.
func (b *builder) gone() []gone {
	var all []gone
	for i := range b.journey.Parcels {
		p := &b.journey.Parcels[i]
		if !isGone(p) {
			continue
		}
		g := gone{State: b.localizer.Parcel(b.order, b.journey, i, b.clock).State}
		if text := b.say("page.replaced"); p.Withdrawn && text != "" {
			g.State = text
		}
		if b.shows(fieldTrackingNumber) {
			g.Number = p.Number
		}
		if i == b.journey.Lead && b.onlyPart && g.Number == "" {
			continue // it is in the answer
		}
		all = append(all, g)
	}
	return all
}

func (b *builder) parcelCard(i int) card {
	p := &b.journey.Parcels[i]
	sh := &b.order.Shipments[p.Shipment]
	w := b.parcelWords(i)
	leads := i == b.journey.Lead
	c := b.newCard(w, sh, leads && b.onlyPart)
	c.Tone = b.tone(p.State, p)
	b.follow(&c, p, w)
	switch {
	case !leads:
		b.prompt(&c, p, w)
		c.LastScan, c.Checked = b.scanned(p, w)
	case b.journey.Outcome == tracking.Open:
		c.Date, c.Reason, c.Next = date{}, "", "" // they are in the answer
	}
	if leads && !b.journey.Late && c.Tone != toneBad {
		c.LastScan, c.Checked = b.scanned(p, w)
	}
	b.addCarriers(&c, p)
	if c.Steps = b.fold(b.parcelSteps(p, sh)); len(c.Steps.Shown) > 0 {
		c.Timeline = b.say("page.section.timeline")
	}
	return c
}

// follow removes the reason and the next step where they add nothing.
func (b *builder) follow(c *card, p *tracking.ParcelJourney, w message.Words) {
	if c.Reason != "" {
		c.Reason = reasonOf(w, p.State)
	}
	if p.Direction == tracking.Outbound && p.Status == tracking.Delivered {
		c.Next = ""
	}
}

// prompt adds what the shopper must do with a parcel that the answer is not about: collect it, or act.
func (b *builder) prompt(c *card, p *tracking.ParcelJourney, w message.Words) {
	c.Pickup = b.pickup(p, w.Pickup)
	if w.Action.Heading != "" {
		c.Act, c.Reason, c.Next = b.act(w.Action, p), "", ""
	}
}

// parcelWords returns the texts on a parcel. For a return that has arrived they are the shop's, which knows more than the carrier.
func (b *builder) parcelWords(i int) message.Words {
	p := &b.journey.Parcels[i]
	arrived := []tracking.Phase{tracking.ReturnReceived, tracking.ReturnInspected, tracking.Refunded}
	if p.Direction == tracking.Return && slices.Contains(arrived, p.Phase) {
		return b.localizer.Shipment(b.order, b.journey, p.Shipment, b.clock)
	}
	return b.localizer.Parcel(b.order, b.journey, i, b.clock)
}

// newCard fills in what a parcel and a shipment without one have in common. Said = the answer has its state.
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
	if label := sh.ReturnLabel; label != nil && isWebPage(label.URL) && b.usable(label.Until) && toHandIn(sh) {
		c.Label = anchor{b.localizer.ReturnLabel(*label, b.clock), label.URL}
	}
	return c
}

// head gives a card without a title a heading: its carrier, else its contents, or the heading of its list where it is the only card.
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

// title returns a card's heading; "" where there is one card only.
func (b *builder) title(w message.Words, sh *tracking.Shipment) string {
	if sh.Direction == tracking.Outbound {
		return w.Title
	}
	title := b.say("page.return.title")
	if w.Title != "" {
		title = b.localizer.Titled(title, w.Title)
	}
	return title
}

// toHandIn reports whether the shopper still has the goods of a return.
func toHandIn(sh *tracking.Shipment) bool {
	return !sh.Carried() && (sh.Phase == "" || sh.Phase == tracking.ReturnRequested)
}

func (b *builder) usable(until locale.Day) bool {
	return until.IsZero() || !until.Before(locale.DayOf(b.clock.Now, b.clock.Zone))
}

// shipmentCard returns the card of a shipment that no carrier scans, or of which no parcel is known yet.
func (b *builder) shipmentCard(i int) card {
	sh := &b.order.Shipments[i]
	w := b.localizer.Shipment(b.order, b.journey, i, b.clock)
	leads := b.journey.Lead < 0 && b.journey.LeadShipment == i
	c := b.newCard(w, sh, leads && b.onlyPart)
	c.Tone = b.tone(tracking.Occasion(cmp.Or(sh.Phase, b.order.Phase)), nil)
	if leads {
		c.Date, c.Reason, c.Next = date{}, "", ""
	}
	c.Steps, c.Timeline = b.fold(b.shipmentSteps(sh)), b.say("page.section.timeline")
	return c
}

// addCarriers adds the carriers of the parcel and its numbers.
func (b *builder) addCarriers(c *card, p *tracking.ParcelJourney) {
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
	if !isWebPage(link) || !b.shows(fieldCarrierLink) {
		return anchor{}
	}
	d := b.data
	d.Carrier = cmp.Or(message.CarrierName(carrier), d.Carrier)
	return anchor{b.localizer.Say("page.parcel.carrierLink", d), link}
}

// isWebPage reports whether the link is an http or https URL: it comes from a carrier's payload.
func isWebPage(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// unsent lists what is in no shipment yet, once something else is in one or where it becomes available on a later day.
func (b *builder) unsent() unsent {
	entries, from := b.localizer.Unsent(b.order, b.journey, b.clock)
	if len(entries) == 0 || !b.shows(fieldItems) || (b.journey.Total == 0 && from == "") {
		return unsent{}
	}
	return unsent{from, b.listed(entries)}
}

// How many entries of a list are shown; the rest is folded.
const (
	shownItems = 5
	shownSteps = 5
)

func (b *builder) listed(entries []message.Entry) list[item] {
	var all list[item]
	for i, e := range entries {
		one := item{e.Quantity, e.Name, e.Price}
		if i < shownItems || len(entries) == shownItems+1 { // folding one entry saves no space
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
	return cmp.Or(b.localizer.SayCount(key, n, b.data), fmt.Sprintf("+ %d", n))
}

func (b *builder) items() list[item] {
	if !b.shows(fieldItems) {
		return list[item]{}
	}
	return b.listed(b.localizer.Lines(&b.order, b.priced()))
}

func (b *builder) priced() bool { return b.shows(fieldPrice) && b.order.Money.Currency != "" }

// totals returns the current total of the order, and the refunded amount.
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
		d.Refund = b.localizer.Money(back, money.Currency)
		refunded = b.localizer.Say("page.state.Refunded", d)
	}
	if money.TotalMinor > 0 && !b.order.Emptied {
		total = b.localizer.Money(money.TotalMinor, money.Currency)
	}
	return total, refunded
}
