package page

import (
	"fmt"
	"hash/fnv"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// orderView is everything the order's page shows, in words.
type orderView struct {
	frame
	Answer   string // the h1: where it is and when it comes
	Tone     string // calm, good or bad
	Hero     hero
	Steps    []step
	Next     string
	Reason   string
	Partial  string
	LastScan string
	Timeline []event
	Parcels  []parcel
	Items    []item
	Total    string
	Place    []string // destination, lines
	Help     help
	Actions  []anchor
	Calendar string
	Updated  string
	Version  string // changes when the page says something new
}

// hero is the big date.
type hero struct{ Label, Day, Time, Note string }

type step struct {
	Label, Mark string // Mark is said to screen readers: done, now, to come
	State       string // done, now, todo
}

type event struct {
	Day, Time, Title, Place, Text, Parcel string
	Future, Current                       bool
}

type parcel struct{ Title, Status, Carrier, Number, LinkText, URL string }

type item struct{ Quantity, Name, Price string }

type help struct {
	Cases []anchor
	Phone phone
	Hours string
}

type phone struct {
	Text string
	URL  template.URL
}

func (b *builder) view() orderView {
	v := orderView{
		Answer: b.say("page.state." + string(b.state)), Tone: b.tone(), Hero: b.hero(), Steps: b.steps(),
		Next: b.say("page.next." + string(b.state)), Timeline: b.timeline(), Parcels: b.parcels(), Place: b.destination(),
		Help: b.help(), Actions: b.actions(),
	}
	if b.data.Reason != "" {
		v.Reason = b.data.Reason
	}
	if b.trip.Total > 1 && b.trip.Delivered > 0 && b.trip.Delivered < b.trip.Total {
		v.Partial = b.say("page.partial")
	}
	if b.data.LastScan != "" && !tracking.Status(b.trip.State).Terminal() {
		v.LastScan = b.say("page.lastScan")
	}
	v.Items, v.Total = b.items()
	now := b.data
	now.When = b.voice.When(b.now, b.zone, b.now)
	v.Updated = b.voice.Say("page.updated", now)
	return v
}

// tone colours the answer: bad news is never dressed in the shop's colour.
func (b *builder) tone() string {
	switch b.state {
	case "Delivered", "AvailableForPickup":
		return "good"
	case "DeliveryAttemptFailed", "PickupExpired", "Lost", "Damaged", "Disposed", "Exception", "Delayed", "LateWithoutNews",
		"ReturnInTransit", "ReturnedToSender", "OrderCancelled", "ParcelCancelled":
		return "bad"
	default:
		return "calm"
	}
}

// hero is the day to look at: when it comes, else when it was delivered, else how the day will be known.
func (b *builder) hero() hero {
	switch {
	case b.eta != nil:
		h := hero{Label: b.say("page.eta.label"), Day: message.Capital(b.voice.EtaDay(*b.eta, b.zone)), Time: b.voice.EtaTime(*b.eta, b.zone), Note: b.say("page.eta.byPromise")}
		if b.eta.Source == tracking.ETAFromCarrier {
			h.Note = b.say("page.eta.byCarrier")
		}
		return h
	case b.trip.State == tracking.Occasion(tracking.Delivered):
		return hero{Label: b.say("page.eta.delivered"), Day: message.Capital(b.voice.Day(b.trip.Since, b.zone)), Time: b.voice.Clock(b.trip.Since, b.zone)}
	case b.state == tracking.LateWithoutNews && b.trip.ETA != nil:
		return hero{Label: b.say("page.eta.due"), Day: message.Capital(b.voice.EtaDay(*b.trip.ETA, b.zone)), Time: b.voice.EtaTime(*b.trip.ETA, b.zone)}
	case b.underWay():
		return hero{Note: b.say("page.eta.later")}
	default:
		return hero{}
	}
}

func (b *builder) underWay() bool {
	return !tracking.Status(b.trip.State).Terminal() && !b.trip.Returning && !slices.Contains([]tracking.Occasion{
		"OrderCancelled", "AvailableForPickup", "PickupExpired", "ReturnInTransit", "Damaged", "Exception", "DeliveryAttemptFailed",
	}, b.state)
}

// way is which of the five steps each state stands on.
var way = map[tracking.Occasion]int{
	"OrderReceived": 0, "AwaitingProcessing": 0, "Preparing": 0, "Packed": 1, "ReadyToShip": 1, "LabelCreated": 1,
	"Shipped": 2, "HandedToCarrier": 2, "InTransit": 2, "InCustoms": 2, "Exception": 2,
	"OutForDelivery": 3, "DeliveryAttemptFailed": 3, "AvailableForPickup": 3, "Delivered": 4,
}

// steps is the progress line; none for an order that will not arrive.
func (b *builder) steps() []step {
	at, ok := way[b.trip.State]
	if !ok || b.trip.Returning {
		return nil
	}
	labels := []string{"received", "packed", "onTheWay", "outForDelivery", "delivered"}
	if b.trip.State == tracking.Occasion(tracking.AvailableForPickup) {
		labels[3] = "pickup"
	}
	steps := make([]step, 0, len(labels))
	for i, label := range labels {
		s := step{Label: b.say("page.step." + label), State: "todo", Mark: b.say("page.step.toCome")}
		switch {
		case i < at || at == len(labels)-1:
			s.State, s.Mark = "done", b.say("page.step.done")
		case i == at:
			s.State, s.Mark = "now", b.say("page.step.now")
		}
		steps = append(steps, s)
	}
	return steps
}

func (b *builder) timeline() []event {
	var events []event
	current := true
	for _, s := range b.trip.Timeline {
		e := event{Title: b.eventTitle(s), Future: s.Future}
		if !s.Future {
			e.Day, e.Time = b.voice.ShortDay(s.Time, b.zone), b.voice.Clock(s.Time, b.zone)
			e.Current, current = current, false
		}
		if b.shows(fieldEventPlace) {
			e.Place = s.Location
		}
		if b.shows(fieldCarrierText) && s.Text != e.Title {
			e.Text = s.Text
		}
		if s.Parcel >= 0 && len(b.trip.Parcels) > 1 {
			e.Parcel = b.parcelTitle(s.Parcel)
		}
		events = append(events, e)
	}
	return events
}

func (b *builder) eventTitle(s tracking.Step) string {
	switch {
	case s.Future && s.Occasion == tracking.Occasion(tracking.Shipped):
		return b.say("page.step.onTheWay")
	case s.Delayed:
		return b.say("page.event.Delayed")
	case s.Occasion == "":
		return b.say("page.event.scan")
	default:
		return b.say("page.event." + string(s.Occasion))
	}
}

func (b *builder) parcelTitle(index int) string {
	d := b.data
	d.Index, d.Total = strconv.Itoa(index+1), strconv.Itoa(len(b.trip.Parcels))
	return b.voice.Say("page.parcel.title", d)
}

func (b *builder) parcels() []parcel {
	var all []parcel
	for i, p := range b.trip.Parcels {
		var view parcel
		d := b.data
		if p.Carrier != "" && b.shows(fieldCarrierName) {
			view.Carrier = message.CarrierName(p.Carrier)
			d.Carrier = view.Carrier
		}
		if len(b.trip.Parcels) > 1 {
			view.Title = b.parcelTitle(i)
			if p.Status != "" {
				view.Status = b.say("page.event." + string(p.Status))
			}
		}
		if b.shows(fieldTrackingNumber) {
			view.Number = p.Number
		}
		if web(p.URL) && b.shows(fieldCarrierLink) {
			view.LinkText, view.URL = b.voice.Say("page.parcel.carrierLink", d), p.URL
		}
		if view != (parcel{}) {
			all = append(all, view)
		}
	}
	return all
}

// web refuses what a carrier's payload might bring instead of a page.
func web(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

func (b *builder) items() ([]item, string) {
	if !b.shows(fieldItems) {
		return nil, ""
	}
	priced := b.shows(fieldPrice) && b.order.Currency != ""
	var items []item
	for _, i := range b.order.Items {
		view := item{Quantity: fmt.Sprintf("%d ×", max(i.Quantity, 1)), Name: i.Name}
		if priced && i.PriceMinor > 0 {
			view.Price = b.voice.Money(i.PriceMinor*int64(max(i.Quantity, 1)), b.order.Currency)
		}
		items = append(items, view)
	}
	if !priced || b.order.TotalMinor <= 0 {
		return items, ""
	}
	return items, b.voice.Money(b.order.TotalMinor, b.order.Currency)
}

// destination is the town and the first part of the postcode: enough to recognise, too little to visit.
func (b *builder) destination() []string {
	if !b.shows(fieldAddress) {
		return nil
	}
	var lines []string
	if town := strings.TrimSpace(shortPostcode(b.order.To.Postcode) + " " + b.order.To.City); town != "" {
		lines = append(lines, town)
	}
	return lines
}

// shortPostcode keeps the part that names a district: 1017 of "1017 AB", SW1A of "SW1A 1AA", 114 of "114 55", 00 of "00-950".
func shortPostcode(postcode string) string {
	first, _, split := strings.Cut(strings.ReplaceAll(strings.TrimSpace(postcode), "-", " "), " ")
	if !split && len(first) > 4 {
		return first[:len(first)-3] + "…"
	}
	return first
}

func (b *builder) help() help {
	var h help
	support := b.server.Document.Support
	for _, name := range []string{"whereIs", "damaged", "lost"} {
		text := b.say("page.support." + name)
		switch {
		case support.Email != "":
			subject := url.PathEscape(text + " (" + b.order.Number + ")")
			h.Cases = append(h.Cases, anchor{text, "mailto:" + support.Email + "?subject=" + subject})
		case support.URL != "":
			h.Cases = append(h.Cases, anchor{text, support.URL})
		}
	}
	if support.Phone != "" {
		h.Phone = phone{b.say("page.support.phone") + ": " + support.Phone, dial(support.Phone)}
	}
	h.Hours = support.Hours
	return h
}

// dial keeps what a telephone can dial, so that the number is a safe URL of a scheme that templates do not know.
func dial(number string) template.URL {
	return template.URL("tel:" + strings.Map(func(r rune) rune {
		if r == '+' || (r >= '0' && r <= '9') {
			return r
		}
		return -1
	}, number))
}

// fingerprint is equal for pages that say the same; the time of the page itself does not count.
func (v orderView) fingerprint() string {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, v.Answer, v.Hero, v.Steps, v.Timeline, v.Parcels) // a hash never fails
	return strconv.FormatUint(h.Sum64(), 36)
}
