package message

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// About is what a text is about, and who reads it when.
type About struct {
	Order    *tracking.Order
	Journey  *tracking.Journey
	Subject  tracking.Subject
	Occasion tracking.Occasion // of the news, or the state of the subject
	At       time.Time         // when it came; zero = not said
	To       tracking.Recipient
	Clock    Clock
	Mail     bool // the reader can reply to the text, where replies are read
}

// Facts are the fields for texts about one subject, and only what is known of that one.
func (v *Voice) Facts(a About) Data {
	s := v.subjectOf(a.Order, a.Journey, a.Subject, a.Occasion, a.At)
	return v.facts(s, a)
}

func (v *Voice) facts(s subject, a About) Data {
	d := v.OrderData(*a.Order, *a.Journey, a.To)
	if a.Mail {
		d.ReplyTo = v.doc.Email.ReplyTo
		d.Contact = v.contact(d)
	}
	d.Carrier = cmp.Or(CarrierName(s.carrier()), d.Carrier)
	if place, count := s.number(); place > 0 && count > 1 {
		d.Index, d.Total = strconv.Itoa(place), strconv.Itoa(count)
		d.Parcel = v.Say("parcel", d)
	}
	d.Place = unlinked(s.place())
	d.When = v.occurred(s, a.Clock)
	if reason := s.reason(); reason != "" {
		d.Reason = v.Say("page.reason."+string(reason), d)
	}
	v.dates(&d, s, a.Clock, a.Mail)
	v.parcelFacts(&d, s, a.Clock)
	d.Contents = v.summary(s.contents(v))
	d.Rest = v.rest(s, d)
	if s.occasion == tracking.LateWithoutNews {
		d.Came = v.came(s, d)
	}
	d.Refund = v.refund(s, a)
	if s.repaid() || s.refundedAway() && s.moneyBack() {
		d.Refunded = v.refunded(s, a, d)
	}
	d.Together = v.together(s, a)
	return d
}

// OrderData are the fields that are of the order as a whole, for texts about no part of it.
func (v *Voice) OrderData(o tracking.Order, j tracking.Journey, to tracking.Recipient) Data {
	d := v.ShopData()
	d.Number, d.City = unlinked(o.Number), unlinked(o.To.City)
	d.FirstName = greetable(locale.FirstName(to.Name, to.FirstName, cmp.Or(o.Locale, v.Locale)))
	arrived, parcels := Parcels(&j)
	d.Delivered, d.Total = strconv.Itoa(arrived), strconv.Itoa(parcels)
	return d
}

// greetable refuses a name that a mail program would make a link of: one with a point within a word. One that was typed in capitals is
// written as names are.
func greetable(name string) string {
	if before, after, found := strings.Cut(name, "."); found && before != "" && after != "" && after[0] != ' ' {
		return ""
	}
	if utf8.RuneCountInString(name) <= shortName || name != strings.ToUpper(name) {
		return name
	}
	return cases.Title(language.Und).String(name)
}

// shortName is the number of letters up to which a name in capitals may be initials that someone goes by: "JP".
const shortName = 2

// occurred says when the occasion came; of a scan by the carrier's own clock.
func (v *Voice) occurred(s subject, c Clock) string {
	if s.parcel != nil && slices.Contains(tracking.Statuses(), tracking.Status(s.occasion)) {
		return v.Scanned(s.at, c)
	}
	return v.When(s.at, c)
}

func (v *Voice) dates(d *Data, s subject, c Clock, mail bool) {
	eta, due := s.eta(v.setting)
	if eta != nil {
		d.Eta, d.EtaBy = v.Eta(*eta, c), v.etaBy(*eta, *d)
		d.First = v.firstDay(s, *eta, c)
	}
	if due != nil {
		c.dated = c.dated || mail // a mail about it is read on another day
		d.Due = v.Eta(*due, c)
	}
}

// firstDay is the day that was told first for the parcel, where it is another than the one that holds.
func (v *Voice) firstDay(s subject, eta tracking.ETA, c Clock) string {
	if s.parcel == nil || len(s.parcel.Stated) < 2 {
		return ""
	}
	first := s.parcel.Stated[0].ETA
	if first.LastDay(c.Zone) == eta.LastDay(c.Zone) {
		return ""
	}
	from, to := locale.DayOf(first.Start(c.Zone), c.Zone), first.LastDay(c.Zone)
	first.From, first.To, first.DayOnly = from.In(time.UTC), to.In(time.UTC), true
	c.dated = true
	return v.Eta(first, c)
}

// etaBy says who stands behind a date. An estimate is ours and called so.
func (v *Voice) etaBy(e tracking.ETA, d Data) string {
	switch e.Source {
	case tracking.ETAFromCarrier:
		return v.Say("page.eta.byCarrier", d)
	case tracking.ETAFromOrder:
		return v.Say("page.eta.byShop", d)
	case tracking.ETAFromPromise, tracking.ETAFromEstimate:
		return v.Say("page.eta.byPromise", d)
	default:
		return ""
	}
}

// parcelFacts are those that only a parcel has.
func (v *Voice) parcelFacts(d *Data, s subject, c Clock) {
	p := s.parcel
	if p == nil {
		return
	}
	d.TrackingNumber = unlinked(p.Number)
	d.Checked = v.When(p.CheckedAt, c)
	if p.LastScan != nil && p.LastScan.Status != tracking.LabelCreated { // an announcement is no scan
		at := p.LastScan.At()
		if at.Equal(p.LastScan.Told) {
			at = p.LastScan.Told // in the carrier's own offset
		}
		d.LastScan = v.Scanned(at, c)
	}
	if a := p.Action; a != nil {
		d.ActionBy, d.ActionURL = v.actionBy(*a, c), webPage(a.URL)
		words := v.Action(a, *d)
		d.Action, d.ActionBody, d.Otherwise = words.Heading, words.Body, words.Otherwise
	}
	if at := p.Pickup; at != nil {
		d.Pickup = strings.Join(slices.DeleteFunc([]string{unlinked(at.Name), unlinked(at.Address)}, func(s string) bool { return s == "" }), ", ")
		d.PickupUntil, d.PickupCode, d.PickupHours = v.Until(at.Until, c), unlinked(at.Code), unlinked(at.Hours)
	}
	d.Left = v.left(p.Proof, *d)
}

// left says where a parcel was left and who signed for it, in the carrier's words.
func (v *Voice) left(proof *tracking.Proof, d Data) string {
	if proof == nil {
		return ""
	}
	var all []string
	if d.Left = strings.TrimRight(unlinked(proof.Note), ". "); d.Left != "" {
		all = append(all, v.Say("page.left.note", d))
	}
	if d.Left = unlinked(proof.SignedBy); d.Left != "" {
		all = append(all, v.Say("page.left.signed", d))
	}
	return strings.Join(all, " ")
}

// sharedTrouble is how parcels are told of that are in the same trouble as the one that the text is about: one message is for all of them.
var sharedTrouble = map[tracking.Occasion]string{tracking.LateWithoutNews: "rest.late", tracking.NoFirstScan: "rest.unscanned"}

// alike says that a parcel is in the same trouble as the one that the text is about. Late is what was due by the same day, that day
// included: the message is sent before it ends.
func (s subject) alike(p *tracking.ParcelJourney) bool {
	switch {
	case s.parcel == nil:
		return false
	case s.occasion == tracking.NoFirstScan:
		return p.State == tracking.NoFirstScan
	case s.occasion == tracking.LateWithoutNews && p.LastScan != nil:
		mine, other := cmp.Or(s.parcel.Due, s.parcel.ETA), cmp.Or(p.Due, p.ETA)
		return mine != nil && other != nil && !other.LastDay(s.journey.Zone).After(mine.LastDay(s.journey.Zone))
	default:
		return false
	}
}

// rest says what else of the order is to come, without a fact of any of it.
func (v *Voice) rest(s subject, d Data) string {
	switch {
	case s.occasion == tracking.Occasion(tracking.OrderCancelled):
		return v.stillTravels(s, d)
	case s.back() || s.order.Cancelled:
		return ""
	}
	coming, alike := 0, 0
	for i := range s.journey.Parcels {
		switch p := &s.journey.Parcels[i]; {
		case !s.beside(p):
		case s.alike(p):
			alike++
		default:
			coming++
		}
	}
	var all []string
	if alike > 0 {
		all = append(all, v.SayCount(sharedTrouble[s.occasion], alike, d))
	}
	if coming > 0 {
		all = append(all, v.SayCount("rest.parcels", coming, d))
	}
	switch unsent := len(s.journey.Unsent) > 0; {
	case !s.part():
	case unsent && s.journey.Total == 0:
		all = append(all, v.Say("rest.whole", d))
	case s.occasion == tracking.Occasion(tracking.Cancelled):
	case unsent || s.waitsBeside(v.setting):
		all = append(all, v.Say("rest.unsent", d))
	}
	return strings.Join(all, " ")
}

// came says how much has come already of an order of several parcels, or of several pieces under one number; no fact of any of them.
func (v *Voice) came(s subject, d Data) string {
	if p := s.parcel; p != nil && p.Pieces != nil && p.Pieces.Delivered > 0 && p.Pieces.Delivered < p.Pieces.Total {
		d.Delivered, d.Total = strconv.Itoa(p.Pieces.Delivered), strconv.Itoa(p.Pieces.Total)
		return v.Say("came.pieces", d)
	}
	arrived, parcels := Parcels(s.journey)
	if arrived == 0 || parcels < 2 {
		return ""
	}
	d.Delivered, d.Total = strconv.Itoa(arrived), strconv.Itoa(parcels)
	return v.Say("came.parcels", d)
}

// stillTravels says of an order that was cancelled that something of it is on its way all the same.
func (v *Voice) stillTravels(s subject, d Data) string {
	n := 0
	for i := range s.journey.Parcels {
		p := &s.journey.Parcels[i]
		travels := p.Status.Carried() && !p.Status.Terminal() && p.Status != tracking.AvailableForPickup
		if p.Direction == tracking.Outbound && counts(*p) && travels && !p.Returning {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return v.SayCount("rest.underWay", n, d)
}

// together names the other orders that are in the same box; not to who was sent a gift.
func (v *Voice) together(s subject, a About) string {
	if s.parcel == nil || a.To.Role == tracking.RoleGift {
		return ""
	}
	numbers := slices.DeleteFunc(slices.Clone(s.parcel.Together), func(n string) bool { return unlinked(n) == "" })
	if len(numbers) == 0 {
		return ""
	}
	return v.SayCount("together", len(numbers), Data{Item: clip(strings.Join(numbers, ", "))})
}

// beside says that a parcel is still to come and is not what the text is about.
func (s subject) beside(p *tracking.ParcelJourney) bool {
	over := slices.Contains([]tracking.Status{
		tracking.Delivered, tracking.Lost, tracking.Damaged, tracking.Disposed, tracking.ReturnInTransit, tracking.ReturnedToSender,
	}, p.Status)
	if p.Direction != tracking.Outbound || !counts(*p) || over {
		return false
	}
	if s.parcel != nil {
		return p != s.parcel
	}
	return !s.holds(p)
}

// holds says that a parcel is in the shipment that the text is about, or in the order that it is about as a whole.
func (s subject) holds(p *tracking.ParcelJourney) bool {
	return s.shipment == nil || s.shipment.Subject == s.order.Shipments[p.Shipment].Subject
}

// refund is the amount that the shop says went back: with the refund that the news is about, else on its day, else in all. Who was sent a gift sees none.
func (v *Voice) refund(s subject, a About) string {
	told := []tracking.Occasion{tracking.Occasion(tracking.Refunded), tracking.Occasion(tracking.OrderCancelled)}
	if !slices.Contains(told, s.occasion) || a.To.Role == tracking.RoleGift || s.order.Money.Currency == "" {
		return ""
	}
	var minor int64
	if s.occasion == tracking.Occasion(tracking.Refunded) {
		minor = s.order.RefundedAt(s.at)
	}
	if minor == 0 {
		minor = refundedOn(s, a)
	}
	unknown := func(r tracking.Refund) bool { return r.AmountMinor == 0 }
	if minor == 0 && !slices.ContainsFunc(s.order.Refunds, unknown) {
		minor = s.order.Money.RefundedMinor
	}
	if minor <= 0 {
		return ""
	}
	return v.Money(minor, s.order.Money.Currency)
}

// refunded says of an order of which everything was refunded how much that is, where it is known and the reader may know.
func (v *Voice) refunded(s subject, a About, d Data) string {
	d.Refund = ""
	if minor := s.order.Money.RefundedMinor; minor > 0 && s.order.Money.Currency != "" && a.To.Role != tracking.RoleGift {
		d.Refund = v.Money(minor, s.order.Money.Currency)
	}
	if s.back() {
		return v.Say("page.return.state."+string(tracking.Refunded), d)
	}
	return v.Say("page.state."+string(tracking.Refunded), d)
}

// refundedOn is what went back on the day of the news; with a cancellation all of it did.
func refundedOn(s subject, a About) (minor int64) {
	for _, r := range s.order.Refunds {
		if s.occasion == tracking.Occasion(tracking.OrderCancelled) || locale.DayOf(r.At, a.Clock.Zone) == locale.DayOf(s.at, a.Clock.Zone) {
			minor += r.AmountMinor
		}
	}
	return minor
}

// contact is how to reach a person of the shop, in a sentence; "" where the shop named no way.
func (v *Voice) contact(d Data) string {
	switch {
	case d.ReplyTo != "":
		return v.Say("contact.reply", d)
	case d.Support != "":
		return v.Say("contact.write", d)
	case d.SupportURL != "":
		return v.Say("contact.visit", d)
	case d.Phone != "":
		return v.Say("contact.call", d)
	}
	return ""
}
