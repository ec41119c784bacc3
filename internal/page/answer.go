package page

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// answer returns the first section of the page. Apart from the headline it is about one parcel only, and names it where there are several.
func (b *builder) answer() answer {
	w, p := b.lead, b.leading()
	a := answer{
		Tone: b.tone(b.journey.State, p), Headline: b.headline(), Date: dateOf(w), Pickup: b.pickup(p, w.Pickup),
		Reason: reasonOf(w, b.journey.State), Next: w.Next, Method: b.method(), Buttons: b.offers(),
	}
	a.Also = b.outstanding(a.Headline)
	if b.onlyPart {
		a.Left, a.Progress = w.Left, b.progress()
	} else if b.journey.Outcome == tracking.Open {
		a.Part = w.Title
	}
	if w.Action.Heading != "" {
		a.Act = b.act(w.Action, p)
		a.Reason, a.Next = "", ""
	}
	if a.Date == (date{}) && b.dayWillCome() {
		a.Later = b.say("page.eta.later")
	}
	if b.journey.Late || a.Tone == toneBad {
		a.LastScan, a.Checked = b.scanned(p, w)
	}
	return a
}

// method returns how the order travels, while it is to come and no card shows it.
func (b *builder) method() string {
	ofOrder := b.journey.Lead < 0 && b.journey.LeadShipment < 0
	if !ofOrder || b.journey.Outcome != tracking.Open || b.journey.State == tracking.Occasion(tracking.ReadyToCollect) {
		return ""
	}
	return b.lead.Method
}

// headline returns the first line. The end of one part is not presented as that of the whole order.
func (b *builder) headline() string {
	line := b.localizer.Headline(b.order, b.journey, b.clock)
	if come := []tracking.Occasion{tracking.Occasion(tracking.Delivered), tracking.Occasion(tracking.Collected)}; line == b.lead.State &&
		b.journey.Waiting > 0 && slices.Contains(come, b.journey.State) {
		return b.localizer.Say("page.headline.part", b.lead.Data)
	}
	return line
}

// The tones of an answer and of a card. Bad news never has the shop's colour.
const (
	toneCalm = "calm"
	toneGood = "good"
	toneBad  = "bad"
	toneAct  = "act"
)

func (b *builder) tone(state tracking.Occasion, p *tracking.ParcelJourney) string {
	switch {
	case p != nil && p.Action != nil:
		return toneAct
	case p != nil && p.Direction == tracking.Return:
		return toneOfReturn(p)
	}
	switch state {
	case tracking.Delayed, tracking.LateWithoutNews, tracking.Stalled, tracking.NoFirstScan:
		return toneBad
	default:
	}
	switch tracking.Phase(state) {
	case tracking.ReadyToCollect, tracking.Collected:
		return toneGood
	case tracking.OrderCancelled, tracking.Cancelled:
		return toneBad
	default:
		return toneOf(tracking.Status(state))
	}
}

// toneOfReturn returns the tone of a return: travelling back to the shop is the normal case.
func toneOfReturn(p *tracking.ParcelJourney) string {
	switch p.Phase {
	case tracking.ReturnReceived, tracking.ReturnInspected, tracking.Refunded:
		return toneGood
	default:
	}
	switch p.Status {
	case tracking.Delivered, tracking.ReturnedToSender:
		return toneGood
	case tracking.Lost, tracking.Damaged, tracking.Disposed:
		return toneBad
	default:
		return toneCalm
	}
}

func toneOf(status tracking.Status) string {
	switch status {
	case tracking.Delivered, tracking.AvailableForPickup:
		return toneGood
	case tracking.DeliveryAttemptFailed, tracking.PickupExpired, tracking.Lost, tracking.Damaged, tracking.Disposed, tracking.Exception,
		tracking.ReturnInTransit, tracking.ReturnedToSender, tracking.ParcelCancelled:
		return toneBad
	default:
		return toneCalm
	}
}

// outstanding returns sentences on what else is to come that the headline does not cover: it names either one parcel or all.
func (b *builder) outstanding(headline string) []string {
	var all []string
	w := b.lead
	if arrived, parcels := message.Parcels(&b.journey); parcels > 1 && arrived > 0 && arrived < parcels {
		all = append(all, b.say("page.partial"))
	}
	if p := b.leading(); b.onlyPart && p != nil && p.Pieces != nil && p.Pieces.Delivered > 0 && p.Pieces.Delivered < p.Pieces.Total {
		d := b.data
		d.Delivered, d.Total = strconv.Itoa(p.Pieces.Delivered), strconv.Itoa(p.Pieces.Total)
		all = append(all, b.localizer.Say("page.partial", d))
	}
	ofOne := slices.Contains([]string{w.State, b.localizer.Titled(w.Title, w.State), w.Action.Heading, b.localizer.Titled(w.Title, w.Action.Heading)}, headline)
	switch {
	case w.Data.Rest != "" && strings.Contains(headline, w.Data.Rest):
	case ofOne && w.Data.Rest != "":
		all = append(all, w.Data.Rest)
	case len(b.journey.Unsent) > 0 && !b.onlyPart:
		all = append(all, b.say("rest.unsent"))
	}
	return all
}

func dateOf(w message.Words) date {
	if w.Eta.Day == "" {
		return date{}
	}
	return date{w.Eta.Label, w.Eta.Day, w.Eta.Time, w.Eta.By, w.Moved}
}

// reasonOf returns the reason of the state; "" once the parcel travels again.
func reasonOf(w message.Words, state tracking.Occasion) string {
	switch tracking.Status(state) {
	case tracking.LabelCreated, tracking.HandedToCarrier, tracking.InTransit, tracking.OutForDelivery:
		return ""
	default:
		return w.Reason
	}
}

// dayWillCome reports whether the delivery day of a parcel is not known yet but will be.
func (b *builder) dayWillCome() bool {
	if b.journey.Outcome != tracking.Open || b.journey.Late || b.lead.Method != "" || b.order.Cancelled {
		return false
	}
	onTheWay := []tracking.Occasion{
		tracking.Occasion(tracking.OrderReceived), tracking.Occasion(tracking.AwaitingProcessing), tracking.Occasion(tracking.Preparing),
		tracking.Occasion(tracking.Packed), tracking.Occasion(tracking.ReadyToShip), tracking.Occasion(tracking.Shipped),
		tracking.Occasion(tracking.LabelCreated), tracking.Occasion(tracking.HandedToCarrier), tracking.Occasion(tracking.InTransit), tracking.Delayed,
	}
	p := b.leading()
	return slices.Contains(onTheWay, b.journey.State) && (p == nil || !p.Returning && p.Action == nil)
}

// pickup returns where a parcel waits, with a link to the place: the carrier's page of it, else a geo: URL for the reader's own maps.
func (b *builder) pickup(p *tracking.ParcelJourney, w message.PickupWords) pickup {
	if p == nil || p.Pickup == nil {
		return pickup{}
	}
	out := pickup{Where: w.Where, Until: w.Until, Code: w.Code, Hours: w.Hours}
	text := b.say("page.pickup.map")
	switch {
	case text == "":
	case isWebPage(p.Pickup.URL):
		out.Map = place{text, template.URL(p.Pickup.URL)}
	case p.Pickup.Address != "":
		out.Map = place{text, template.URL("geo:0,0?q=" + url.QueryEscape(p.Pickup.Address))}
	}
	return out
}

// scanned returns when the parcel was last seen, and when its carrier was last asked; "" in a final state.
func (b *builder) scanned(p *tracking.ParcelJourney, w message.Words) (scan, checked string) {
	if p == nil || p.Status.Terminal() || p.Withdrawn {
		return "", ""
	}
	if last := p.LastScan; last != nil && last.Status != tracking.LabelCreated { // an announcement is no scan
		scan = w.LastScan
	}
	return scan, w.Checked
}

// progress returns the five steps of the only parcel; nil when something is wrong with it.
func (b *builder) progress() []step {
	at, ok := stepOf()[b.journey.State]
	p := b.leading()
	if !ok || b.lead.Method != "" || b.order.Cancelled || (p != nil && (p.Returning || p.Action != nil)) {
		return nil
	}
	labels := []string{"received", "packed", "onTheWay", "outForDelivery", "delivered"}
	if b.journey.State == tracking.Occasion(tracking.AvailableForPickup) {
		labels[3] = "pickup"
	}
	if at == len(labels)-1 {
		at++ // the last step is done, too
	}
	steps := make([]step, 0, len(labels))
	for i, label := range labels {
		state, mark := progressState(i, at)
		steps = append(steps, step{Label: b.say("page.step." + label), State: state, Mark: b.say("page.step." + mark)})
	}
	return steps
}

// progressState returns the style and the name of step i when the parcel has reached the step at.
func progressState(i, at int) (state, mark string) {
	switch {
	case i < at:
		return "done", "done"
	case i == at:
		return "now", "now"
	default:
		return "todo", "toCome"
	}
}

// stepOf maps each state to one of the five steps.
func stepOf() map[tracking.Occasion]int {
	at := map[tracking.Occasion]int{}
	for i, phases := range [][]tracking.Phase{
		{tracking.OrderReceived, tracking.AwaitingProcessing, tracking.Preparing}, {tracking.Packed, tracking.ReadyToShip}, {tracking.Shipped},
	} {
		for _, p := range phases {
			at[tracking.Occasion(p)] = i
		}
	}
	for i, statuses := range [][]tracking.Status{
		{}, {tracking.LabelCreated}, {tracking.HandedToCarrier, tracking.InTransit, tracking.InCustoms},
		{tracking.OutForDelivery, tracking.AvailableForPickup}, {tracking.Delivered},
	} {
		for _, s := range statuses {
			at[tracking.Occasion(s)] = i
		}
	}
	return at
}
