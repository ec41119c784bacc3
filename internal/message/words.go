package message

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// Words holds the texts of a page about one part of an order: of a parcel, of a shipment without one, or of the order itself. Each text is of
// that part only; "" = there is no text.
type Words struct {
	Data     Data
	Title    string // "Parcel 1 of 2"; "" where there is one only
	State    string // a sentence: where it is and when it comes
	Next     string // what follows
	Reason   string
	Action   ActionWords
	Eta      EtaWords
	Pickup   PickupWords
	Left     string // where it was left and who signed
	Moved    string // that the day has changed
	LastScan string
	Checked  string
	Together string // which other orders are in the same parcel
	Method   string // how it travels, where no carrier scans it
	Contents []Entry
}

// EtaWords holds the parts of an ETA for display.
type EtaWords struct{ Label, Day, Time, By string }

// PickupWords holds where a parcel waits, and until when.
type PickupWords struct{ Where, Until, Code, Hours string }

// Headline returns the first line of an order's page: what happens next, and what else is to come.
func (l *Localizer) Headline(o tracking.Order, j tracking.Journey, c Clock) string {
	w := l.Lead(o, j, c)
	if w.Action.Heading != "" {
		return l.Titled(w.Title, w.Action.Heading)
	}
	if o.Cancelled && j.State != tracking.Occasion(tracking.OrderCancelled) {
		return l.cancelled(&o, &j, w, c)
	}
	if total(&o, &j) < 2 {
		return w.State
	}
	if j.Lead < 0 && j.State == tracking.Occasion(tracking.Shipped) { // of which no number is known: it says nothing of its own
		if j.Arrived > 0 {
			return l.Say("page.headline.part", w.Data)
		}
		return l.Say("mail.part.Shipped.heading", w.Data) + "."
	}
	return cmp.Or(l.several(j, w.Data, c), l.Titled(w.Title, w.State))
}

// cancelled returns the headline of an order that was cancelled too late: that it is cancelled, and where its parcel is.
func (l *Localizer) cancelled(o *tracking.Order, j *tracking.Journey, w Words, c Clock) string {
	s := subject{setting: &l.setting, order: o, journey: j, occasion: tracking.Occasion(tracking.OrderCancelled), at: o.CancelledAt}
	d := w.Data
	d.Refund = l.refund(s, About{Order: o, Journey: j, Clock: c})
	return l.Say("page.state.OrderCancelled", d) + " " + l.Titled(w.Title, w.State)
}

// Titled puts a title before a sentence, as in "Parcel 1 of 2: it is on its way".
func (l *Localizer) Titled(title, sentence string) string {
	if title == "" {
		return sentence
	}
	return title + l.colon + sentence
}

// several returns when the parcels of an order come, as long as nothing is wrong with one of them; else "".
func (l *Localizer) several(j tracking.Journey, d Data, c Clock) string {
	arrived, parcels := Parcels(&j)
	d.Total, d.Delivered = strconv.Itoa(parcels), strconv.Itoa(arrived)
	switch {
	case parcels < 2 || j.Untracked > 0 && j.Outcome != tracking.AllArrived:
		return ""
	case j.Outcome == tracking.AllArrived:
		return l.Say("page.headline.complete", d)
	}
	coming := l.coming(&j, c)
	switch {
	case len(coming) == 0:
		return ""
	case j.Arrived == 0:
		return l.noneYet(j, coming, d)
	case j.Arrived+1 == j.Total && j.Waiting == 0:
		d.OtherEta = coming[0]
		return l.SayCount("page.headline.other", j.Arrived, d)
	}
	return ""
}

// noneYet returns when the parcels come, while none of them has come.
func (l *Localizer) noneYet(j tracking.Journey, coming []string, d Data) string {
	d.Eta = coming[0]
	switch {
	case len(coming) == j.Total && len(slices.Compact(slices.Clone(coming))) == 1:
		return l.Say("page.headline.all", d)
	case j.Total == 2 && len(coming) == 2:
		d.OtherEta = coming[1]
		return l.Say("page.headline.both", d)
	}
	return l.Say("page.headline.next", d)
}

// coming returns the days of the parcels that are to come, the soonest first; nil where something is wrong with one of them, or where no
// day is known of the one that the journey leads with.
func (l *Localizer) coming(j *tracking.Journey, c Clock) []string {
	if j.Lead < 0 || j.Parcels[j.Lead].ETA == nil {
		return nil
	}
	var etas []tracking.ETA
	for i := range j.Parcels {
		p := &j.Parcels[i]
		if p.Direction != tracking.Outbound || !counts(*p) || p.Status == tracking.Delivered {
			continue
		}
		if !progressing(p.State) {
			return nil
		}
		if p.ETA != nil {
			etas = append(etas, *p.ETA)
		}
	}
	slices.SortStableFunc(etas, func(a, b tracking.ETA) int { return a.End(c.Zone).Compare(b.End(c.Zone)) })
	var days []string
	for _, e := range etas {
		days = append(days, l.Eta(e, c))
	}
	return days
}

// progressing reports whether a parcel is under way and nothing is wrong with it.
func progressing(state tracking.Occasion) bool {
	switch tracking.Status(state) {
	case tracking.LabelCreated, tracking.HandedToCarrier, tracking.InTransit, tracking.OutForDelivery:
		return true
	default:
	}
	switch tracking.Phase(state) {
	case tracking.OrderReceived, tracking.AwaitingProcessing, tracking.Preparing, tracking.Packed, tracking.ReadyToShip, tracking.Shipped:
		return true
	default:
		return false
	}
}

// Lead returns the words about what the headline speaks of.
func (l *Localizer) Lead(o tracking.Order, j tracking.Journey, c Clock) Words {
	switch {
	case j.Lead >= 0:
		return l.Parcel(o, j, j.Lead, c)
	case j.LeadShipment >= 0:
		return l.Shipment(o, j, j.LeadShipment, c)
	}
	s := subject{setting: &l.setting, order: &o, journey: &j, occasion: j.State, at: j.Since}
	return l.words(s, About{Order: &o, Journey: &j, Occasion: j.State, At: j.Since, Clock: c})
}

// Parcel returns the words about j.Parcels[i].
func (l *Localizer) Parcel(o tracking.Order, j tracking.Journey, i int, c Clock) Words {
	p := &j.Parcels[i]
	a := About{Order: &o, Journey: &j, Subject: p.Subject, Occasion: p.State, At: p.Since, Clock: c}
	return l.words(l.subjectOf(&o, &j, p.Subject, p.State, p.Since), a)
}

// Shipment returns the words about o.Shipments[i], of which no parcel is known.
func (l *Localizer) Shipment(o tracking.Order, j tracking.Journey, i int, c Clock) Words {
	sh := &o.Shipments[i]
	state := tracking.Occasion(cmp.Or(sh.Phase, o.Phase, tracking.OrderReceived))
	a := About{Order: &o, Journey: &j, Subject: sh.Subject, Occasion: state, Clock: c}
	for _, phase := range sh.Phases {
		if tracking.Occasion(phase.Phase) == state {
			a.At = phase.At
		}
	}
	s := l.subjectOf(&o, &j, sh.Subject, state, a.At)
	if _, due := s.eta(l.setting); due != nil && progressing(state) {
		s.occasion = tracking.LateWithoutNews
	}
	return l.words(s, a)
}

func (l *Localizer) words(s subject, a About) Words {
	d := l.facts(s, a)
	w := Words{
		Data: d, Title: cmp.Or(Capital(d.Parcel), l.kind(s)), State: l.Say(l.stateKey(s), d), Next: l.Say(l.nextStepKey(s), d),
		Reason: d.Reason, Left: d.Left, Together: d.Together, Contents: s.contents(l),
	}
	if eta, _ := s.eta(l.setting); eta != nil {
		w.Eta = EtaWords{l.Say("page.eta.label", d), Capital(l.EtaDay(*eta, a.Clock)), l.EtaTime(*eta, a.Clock), d.EtaBy}
	}
	if method := s.method(l.setting); !method.Tracked() && !s.isReturn() {
		w.Method = l.Say("page.method."+string(method), d)
	}
	if d.Refunded != "" && !strings.Contains(w.State, d.Refunded) {
		w.Next = d.Refunded + " " + w.Next
	}
	if p := s.parcel; p != nil {
		l.parcelWords(&w, p, s.pickupOver())
	}
	return w
}

// kind returns the title of an untracked part of an order that has other parts; "" for all else.
func (l *Localizer) kind(s subject) string {
	if s.shipment == nil || s.isReturn() || s.scanned(s.shipment) || !s.several() {
		return ""
	}
	return l.Say("page.kind."+string(s.method(l.setting)), Data{})
}

func (l *Localizer) parcelWords(w *Words, p *tracking.ParcelJourney, over bool) {
	d := w.Data
	w.Action = l.Action(p.Action, d)
	if p.Action != nil {
		w.Next = w.Action.Otherwise
	}
	if p.Pickup != nil {
		w.Pickup = PickupWords{Where: d.Pickup, Until: l.untilWords(p, d), Code: d.PickupCode, Hours: d.PickupHours}
		if over {
			w.Pickup.Until = "" // it is in the text of the state
		}
	}
	if d.First != "" {
		w.Moved = l.Say("page.moved", d)
	}
	if d.Checked != "" {
		w.Checked = l.Say("page.checked", d)
	}
	if d.LastScan != "" {
		d.Place = unlinked(p.LastScan.Location)
		w.LastScan = l.Say("page.lastScan", d)
	}
}

// Unsent lists what is in no shipment yet, with the day on which it becomes available; "" where that is not known.
func (l *Localizer) Unsent(o tracking.Order, j tracking.Journey, c Clock) (entries []Entry, from string) {
	if !j.UnsentFrom.IsZero() && j.UnsentFrom.After(c.today()) {
		from = l.Say("page.unsentFrom", Data{When: l.onDay(j.UnsentFrom, c)})
	}
	return l.Contents(&o, j.Unsent), from
}

// ReturnLabel returns the text of the link to a return label, with the last day on which it can be used.
func (l *Localizer) ReturnLabel(label tracking.ReturnLabel, c Clock) string {
	return l.Say("page.return.label", Data{PickupUntil: l.Until(label.Until, c)})
}

// stateKey returns the key of the sentence on the state of a subject.
func (l *Localizer) stateKey(s subject) string {
	if s.isReturn() && !isReturnOccasion(s.occasion) {
		return "page.return.state." + returnWord(s.occasion)
	}
	if s.pickupOver() {
		return "page.pickup.over"
	}
	if s.occasion == tracking.Occasion(tracking.OrderCancelled) && !s.order.Cancelled {
		return "page.emptied"
	}
	if s.occasion == tracking.Occasion(tracking.Refunded) && s.shipment != nil {
		return "page.return.state." + string(tracking.Refunded)
	}
	if key := "page.digital." + string(s.occasion); s.method(l.setting) == tracking.MethodDigital && l.Has(key) {
		return key
	}
	if key := "page.part." + string(s.occasion); s.isPart() && l.Has(key) {
		return key
	}
	return l.known("page.state.", s)
}

// nextStepKey returns the key of the sentence on what happens next to the subject; "" = there is nothing to say.
func (l *Localizer) nextStepKey(s subject) string {
	switch {
	case s.repaid():
		return "page.next." + string(tracking.Refunded)
	case s.isReturn() && !isReturnOccasion(s.occasion):
		return "page.return.next." + returnWord(s.occasion)
	case !s.method(l.setting).Tracked() && !slices.Contains(untrackedNext, s.occasion):
		return ""
	case s.labelled():
		return "page.return.next." + string(tracking.LabelCreated)
	case s.collected():
		return "page.next." + string(tracking.Collected)
	case s.refundedAway():
		return "page.next." + string(tracking.Refunded)
	case s.cancelledOnTheWay():
		return "page.next." + string(tracking.OrderCancelled)
	case s.pickupOver():
		return "page.next." + string(tracking.PickupExpired)
	}
	return l.known("page.next.", s)
}

// untrackedNext are the states whose next step is the same for a parcel and for what no carrier scans.
var untrackedNext = []tracking.Occasion{
	tracking.Occasion(tracking.ReadyToCollect), tracking.Occasion(tracking.Collected), tracking.Occasion(tracking.Cancelled),
	tracking.Occasion(tracking.OrderCancelled), tracking.Occasion(tracking.Refunded), tracking.Occasion(tracking.Delivered),
	tracking.Occasion(tracking.ReturnRequested), tracking.Occasion(tracking.ReturnReceived), tracking.Occasion(tracking.ReturnInspected),
}

// known returns a key for the occasion, or for the parcel's status where the occasion has no sentence.
func (l *Localizer) known(prefix string, s subject) string {
	if key := prefix + string(s.occasion); l.Has(key) || s.parcel == nil {
		return key
	}
	return prefix + string(cmp.Or(tracking.Occasion(s.parcel.Status), tracking.Occasion(s.parcel.Phase)))
}
