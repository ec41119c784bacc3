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

// Facts returns the fields for texts about one subject, and only what is known of that one.
func (l *Localizer) Facts(a About) Data {
	s := l.subjectOf(a.Order, a.Journey, a.Subject, a.Occasion, a.At)
	return l.facts(s, a)
}

func (l *Localizer) facts(s subject, a About) Data {
	d := l.OrderData(*a.Order, *a.Journey, a.To)
	if a.Mail {
		d.ReplyTo = l.doc.Email.ReplyTo
		d.Contact = l.contact(d)
	}
	d.Carrier = cmp.Or(CarrierName(s.carrier()), d.Carrier)
	if place, count := s.placeAndCount(); place > 0 && count > 1 {
		d.Index, d.Total = strconv.Itoa(place), strconv.Itoa(count)
		d.Parcel = l.Say("parcel", d)
	}
	d.Place = unlinked(s.place())
	d.When = l.occurred(s, a.Clock)
	if reason := s.reason(); reason != "" {
		d.Reason = l.Say("page.reason."+string(reason), d)
	}
	l.dates(&d, s, a.Clock, a.Mail)
	l.parcelFacts(&d, s, a.Clock)
	d.Contents = l.summary(s.contents(l))
	d.Rest = l.rest(s, d)
	if s.occasion == tracking.LateWithoutNews {
		d.Came = l.arrivedSoFar(s, d)
	}
	d.Refund = l.refund(s, a)
	if s.repaid() || s.refundedAway() && s.moneyBack() {
		d.Refunded = l.refunded(s, a, d)
	}
	d.Together = l.together(s, a)
	return d
}

// OrderData returns the fields that are of the order as a whole, for texts about no part of it.
func (l *Localizer) OrderData(o tracking.Order, j tracking.Journey, to tracking.Recipient) Data {
	d := l.ShopData()
	d.Number, d.City = unlinked(o.Number), unlinked(o.To.City)
	d.FirstName = greetable(locale.FirstName(to.Name, to.FirstName, cmp.Or(o.Locale, l.Locale)))
	arrived, parcels := Parcels(&j)
	d.Delivered, d.Total = strconv.Itoa(arrived), strconv.Itoa(parcels)
	return d
}

// greetable returns "" for a name that a mail program would turn into a link: one with a dot within a word. A name in capitals is
// returned with only its initials in capitals.
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

// occurred returns when the occasion came, in words; for a scan by the carrier's own clock.
func (l *Localizer) occurred(s subject, c Clock) string {
	if s.parcel != nil && slices.Contains(tracking.Statuses(), tracking.Status(s.occasion)) {
		return l.Scanned(s.at, c)
	}
	return l.When(s.at, c)
}

func (l *Localizer) dates(d *Data, s subject, c Clock, mail bool) {
	eta, due := s.eta(l.setting)
	if eta != nil {
		d.Eta, d.EtaBy = l.Eta(*eta, c), l.etaBy(*eta, *d)
		d.First = l.firstDay(s, *eta, c)
	}
	if due != nil {
		c.dated = c.dated || mail // a mail about it is read on another day
		d.Due = l.Eta(*due, c)
	}
}

// firstDay returns the day that was first stated for the parcel, where another one is valid now.
func (l *Localizer) firstDay(s subject, eta tracking.ETA, c Clock) string {
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
	return l.Eta(first, c)
}

// etaBy returns who named a date. An estimate of wismo's own is called an estimate.
func (l *Localizer) etaBy(e tracking.ETA, d Data) string {
	switch e.Source {
	case tracking.ETAFromCarrier:
		return l.Say("page.eta.byCarrier", d)
	case tracking.ETAFromOrder:
		return l.Say("page.eta.byShop", d)
	case tracking.ETAFromPromise, tracking.ETAFromEstimate:
		return l.Say("page.eta.byPromise", d)
	default:
		return ""
	}
}

// parcelFacts are those that only a parcel has.
func (l *Localizer) parcelFacts(d *Data, s subject, c Clock) {
	p := s.parcel
	if p == nil {
		return
	}
	d.TrackingNumber = unlinked(p.Number)
	d.Checked = l.When(p.CheckedAt, c)
	if p.LastScan != nil && p.LastScan.Status != tracking.LabelCreated { // an announcement is no scan
		at := p.LastScan.At()
		if at.Equal(p.LastScan.Told) {
			at = p.LastScan.Told // in the carrier's own offset
		}
		d.LastScan = l.Scanned(at, c)
	}
	if a := p.Action; a != nil {
		d.ActionBy, d.ActionURL = l.actionBy(*a, c), webPage(a.URL)
		words := l.Action(a, *d)
		d.Action, d.ActionBody, d.Otherwise = words.Heading, words.Body, words.Otherwise
	}
	if at := p.Pickup; at != nil {
		d.Pickup = strings.Join(slices.DeleteFunc([]string{unlinked(at.Name), unlinked(at.Address)}, func(s string) bool { return s == "" }), ", ")
		d.PickupUntil, d.PickupCode, d.PickupHours = l.Until(at.Until, c), unlinked(at.Code), unlinked(at.Hours)
	}
	d.Left = l.proofText(p.Proof, *d)
}

// proofText returns where a parcel was left and who signed for it, in the carrier's words.
func (l *Localizer) proofText(proof *tracking.Proof, d Data) string {
	if proof == nil {
		return ""
	}
	var all []string
	if d.Left = strings.TrimRight(unlinked(proof.Note), ". "); d.Left != "" {
		all = append(all, l.Say("page.left.note", d))
	}
	if d.Left = unlinked(proof.SignedBy); d.Left != "" {
		all = append(all, l.Say("page.left.signed", d))
	}
	return strings.Join(all, " ")
}

// sharedTrouble maps an occasion to the key of the text on other parcels in the same trouble: one message covers all of them.
var sharedTrouble = map[tracking.Occasion]string{tracking.LateWithoutNews: "rest.late", tracking.NoFirstScan: "rest.unscanned"}

// alike reports whether a parcel is in the same trouble as the one that the text is about. Late is what was due by the same day, that day
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

// rest returns a sentence on what else of the order is to come, without facts of any part of it.
func (l *Localizer) rest(s subject, d Data) string {
	switch {
	case s.occasion == tracking.Occasion(tracking.OrderCancelled):
		return l.stillTravels(s, d)
	case s.isReturn() || s.order.Cancelled:
		return ""
	}
	coming, alike := 0, 0
	for i := range s.journey.Parcels {
		switch p := &s.journey.Parcels[i]; {
		case !s.alsoComing(p):
		case s.alike(p):
			alike++
		default:
			coming++
		}
	}
	var all []string
	if alike > 0 {
		all = append(all, l.SayCount(sharedTrouble[s.occasion], alike, d))
	}
	if coming > 0 {
		all = append(all, l.SayCount("rest.parcels", coming, d))
	}
	switch unsent := len(s.journey.Unsent) > 0; {
	case !s.isPart():
	case unsent && s.journey.Total == 0:
		all = append(all, l.Say("rest.whole", d))
	case s.occasion == tracking.Occasion(tracking.Cancelled):
	case unsent || s.waitsBeside(l.setting):
		all = append(all, l.Say("rest.unsent", d))
	}
	return strings.Join(all, " ")
}

// arrivedSoFar returns a sentence on how much of an order of several parcels, or of several pieces under one number, has come already.
func (l *Localizer) arrivedSoFar(s subject, d Data) string {
	if p := s.parcel; p != nil && p.Pieces != nil && p.Pieces.Delivered > 0 && p.Pieces.Delivered < p.Pieces.Total {
		d.Delivered, d.Total = strconv.Itoa(p.Pieces.Delivered), strconv.Itoa(p.Pieces.Total)
		return l.Say("came.pieces", d)
	}
	arrived, parcels := Parcels(s.journey)
	if arrived == 0 || parcels < 2 {
		return ""
	}
	d.Delivered, d.Total = strconv.Itoa(arrived), strconv.Itoa(parcels)
	return l.Say("came.parcels", d)
}

// stillTravels returns the sentence that a part of a cancelled order is on its way all the same.
func (l *Localizer) stillTravels(s subject, d Data) string {
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
	return l.SayCount("rest.underWay", n, d)
}

// together names the other orders that are in the same box, but not to the recipient of a gift.
func (l *Localizer) together(s subject, a About) string {
	if s.parcel == nil || a.To.Role == tracking.RoleGift {
		return ""
	}
	numbers := slices.DeleteFunc(slices.Clone(s.parcel.Together), func(n string) bool { return unlinked(n) == "" })
	if len(numbers) == 0 {
		return ""
	}
	return l.SayCount("together", len(numbers), Data{Item: clip(strings.Join(numbers, ", "))})
}

// alsoComing reports whether a parcel is still to come and is not the subject of the text.
func (s subject) alsoComing(p *tracking.ParcelJourney) bool {
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

// holds reports whether a parcel is in the shipment that the text is about, or in the order that it is about as a whole.
func (s subject) holds(p *tracking.ParcelJourney) bool {
	return s.shipment == nil || s.shipment.Subject == s.order.Shipments[p.Shipment].Subject
}

// refund returns the refunded amount that the shop stated: of the refund in the news, else of its day, else in all. A gift's recipient gets "".
func (l *Localizer) refund(s subject, a About) string {
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
	return l.Money(minor, s.order.Money.Currency)
}

// refunded returns a sentence with the amount of a full refund, where it is known and the reader may see it.
func (l *Localizer) refunded(s subject, a About, d Data) string {
	d.Refund = ""
	if minor := s.order.Money.RefundedMinor; minor > 0 && s.order.Money.Currency != "" && a.To.Role != tracking.RoleGift {
		d.Refund = l.Money(minor, s.order.Money.Currency)
	}
	if s.isReturn() {
		return l.Say("page.return.state."+string(tracking.Refunded), d)
	}
	return l.Say("page.state."+string(tracking.Refunded), d)
}

// refundedOn returns the amount refunded on the day of the news; for a cancellation, the whole refunded amount.
func refundedOn(s subject, a About) (minor int64) {
	for _, r := range s.order.Refunds {
		if s.occasion == tracking.Occasion(tracking.OrderCancelled) || locale.DayOf(r.At, a.Clock.Zone) == locale.DayOf(s.at, a.Clock.Zone) {
			minor += r.AmountMinor
		}
	}
	return minor
}

// contact returns how to reach a person of the shop, in a sentence; "" where the shop named no way.
func (l *Localizer) contact(d Data) string {
	switch {
	case d.ReplyTo != "":
		return l.Say("contact.reply", d)
	case d.Support != "":
		return l.Say("contact.write", d)
	case d.SupportURL != "":
		return l.Say("contact.visit", d)
	case d.Phone != "":
		return l.Say("contact.call", d)
	}
	return ""
}
