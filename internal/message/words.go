package message

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// Words are what a page says of one part of an order: of a parcel, of a shipment without one, or of the order itself. Each text is of
// that part only; "" = there is nothing to say.
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

// EtaWords are a date to look at.
type EtaWords struct{ Label, Day, Time, By string }

// PickupWords say where a parcel waits.
type PickupWords struct{ Where, Until, Code, Hours string }

// Headline is the first line of an order's page: what comes next, and what else is to come.
func (v *Voice) Headline(o tracking.Order, j tracking.Journey, c Clock) string {
	w := v.Lead(o, j, c)
	if w.Action.Heading != "" {
		return v.Titled(w.Title, w.Action.Heading)
	}
	if o.Cancelled && j.State != tracking.Occasion(tracking.OrderCancelled) {
		return v.cancelled(&o, &j, w, c)
	}
	if total(&o, &j) < 2 {
		return w.State
	}
	if j.Lead < 0 && j.State == tracking.Occasion(tracking.Shipped) { // of which no number is known: it says nothing of its own
		if j.Arrived > 0 {
			return v.Say("page.headline.part", w.Data)
		}
		return v.Say("mail.part.Shipped.heading", w.Data) + "."
	}
	return cmp.Or(v.several(j, w.Data, c), v.Titled(w.Title, w.State))
}

// cancelled says of an order that was cancelled too late that it is, and where its parcel is all the same.
func (v *Voice) cancelled(o *tracking.Order, j *tracking.Journey, w Words, c Clock) string {
	s := subject{setting: &v.setting, order: o, journey: j, occasion: tracking.Occasion(tracking.OrderCancelled), at: o.CancelledAt}
	d := w.Data
	d.Refund = v.refund(s, About{Order: o, Journey: j, Clock: c})
	return v.Say("page.state.OrderCancelled", d) + " " + v.Titled(w.Title, w.State)
}

// Titled says what a sentence is about, as in "Parcel 1 of 2: it is on its way".
func (v *Voice) Titled(title, sentence string) string {
	if title == "" {
		return sentence
	}
	return title + v.colon + sentence
}

// several says of an order in several parcels when they come, as far as all goes well; else "".
func (v *Voice) several(j tracking.Journey, d Data, c Clock) string {
	arrived, parcels := Parcels(&j)
	d.Total, d.Delivered = strconv.Itoa(parcels), strconv.Itoa(arrived)
	switch {
	case parcels < 2 || j.Untracked > 0 && j.Outcome != tracking.AllArrived:
		return ""
	case j.Outcome == tracking.AllArrived:
		return v.Say("page.headline.complete", d)
	}
	coming := v.coming(&j, c)
	switch {
	case len(coming) == 0:
		return ""
	case j.Arrived == 0:
		return v.noneYet(j, coming, d)
	case j.Arrived+1 == j.Total && j.Waiting == 0:
		d.OtherEta = coming[0]
		return v.SayCount("page.headline.other", j.Arrived, d)
	}
	return ""
}

// noneYet says when the parcels come of which none has come yet.
func (v *Voice) noneYet(j tracking.Journey, coming []string, d Data) string {
	d.Eta = coming[0]
	switch {
	case len(coming) == j.Total && len(slices.Compact(slices.Clone(coming))) == 1:
		return v.Say("page.headline.all", d)
	case j.Total == 2 && len(coming) == 2:
		d.OtherEta = coming[1]
		return v.Say("page.headline.both", d)
	}
	return v.Say("page.headline.next", d)
}

// coming are the days of the parcels that are to come, the soonest first; none where something is wrong with one of them, or where no
// day is known of the one that the journey leads with.
func (v *Voice) coming(j *tracking.Journey, c Clock) []string {
	if j.Lead < 0 || j.Parcels[j.Lead].ETA == nil {
		return nil
	}
	var etas []tracking.ETA
	for i := range j.Parcels {
		p := &j.Parcels[i]
		if p.Direction != tracking.Outbound || !counts(*p) || p.Status == tracking.Delivered {
			continue
		}
		if !smooth(p.State) {
			return nil
		}
		if p.ETA != nil {
			etas = append(etas, *p.ETA)
		}
	}
	slices.SortStableFunc(etas, func(a, b tracking.ETA) int { return a.End(c.Zone).Compare(b.End(c.Zone)) })
	var days []string
	for _, e := range etas {
		days = append(days, v.Eta(e, c))
	}
	return days
}

// smooth says that a parcel is under way and nothing is wrong with it.
func smooth(state tracking.Occasion) bool {
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

// Lead are the words about what the headline speaks of.
func (v *Voice) Lead(o tracking.Order, j tracking.Journey, c Clock) Words {
	switch {
	case j.Lead >= 0:
		return v.Parcel(o, j, j.Lead, c)
	case j.LeadShipment >= 0:
		return v.Shipment(o, j, j.LeadShipment, c)
	}
	s := subject{setting: &v.setting, order: &o, journey: &j, occasion: j.State, at: j.Since}
	return v.words(s, About{Order: &o, Journey: &j, Occasion: j.State, At: j.Since, Clock: c})
}

// Parcel are the words about j.Parcels[i].
func (v *Voice) Parcel(o tracking.Order, j tracking.Journey, i int, c Clock) Words {
	p := &j.Parcels[i]
	a := About{Order: &o, Journey: &j, Subject: p.Subject, Occasion: p.State, At: p.Since, Clock: c}
	return v.words(v.subjectOf(&o, &j, p.Subject, p.State, p.Since), a)
}

// Shipment are the words about o.Shipments[i], of which no parcel is known.
func (v *Voice) Shipment(o tracking.Order, j tracking.Journey, i int, c Clock) Words {
	sh := &o.Shipments[i]
	state := tracking.Occasion(cmp.Or(sh.Phase, o.Phase, tracking.OrderReceived))
	a := About{Order: &o, Journey: &j, Subject: sh.Subject, Occasion: state, Clock: c}
	for _, phase := range sh.Phases {
		if tracking.Occasion(phase.Phase) == state {
			a.At = phase.At
		}
	}
	s := v.subjectOf(&o, &j, sh.Subject, state, a.At)
	if _, due := s.eta(v.setting); due != nil && smooth(state) {
		s.occasion = tracking.LateWithoutNews
	}
	return v.words(s, a)
}

func (v *Voice) words(s subject, a About) Words {
	d := v.facts(s, a)
	w := Words{
		Data: d, Title: cmp.Or(Capital(d.Parcel), v.kind(s)), State: v.Say(v.stateKey(s), d), Next: v.Say(v.nextKey(s), d),
		Reason: d.Reason, Left: d.Left, Together: d.Together, Contents: s.contents(v),
	}
	if eta, _ := s.eta(v.setting); eta != nil {
		w.Eta = EtaWords{v.Say("page.eta.label", d), Capital(v.EtaDay(*eta, a.Clock)), v.EtaTime(*eta, a.Clock), d.EtaBy}
	}
	if method := s.method(v.setting); !method.Tracked() && !s.back() {
		w.Method = v.Say("page.method."+string(method), d)
	}
	if d.Refunded != "" && !strings.Contains(w.State, d.Refunded) {
		w.Next = d.Refunded + " " + w.Next
	}
	if p := s.parcel; p != nil {
		v.parcelWords(&w, p, s.pickupOver())
	}
	return w
}

// kind heads what no carrier scans and comes beside something else; "" for all else.
func (v *Voice) kind(s subject) string {
	if s.shipment == nil || s.back() || s.scanned(s.shipment) || !s.several() {
		return ""
	}
	return v.Say("page.kind."+string(s.method(v.setting)), Data{})
}

func (v *Voice) parcelWords(w *Words, p *tracking.ParcelJourney, over bool) {
	d := w.Data
	w.Action = v.Action(p.Action, d)
	if p.Action != nil {
		w.Next = w.Action.Otherwise
	}
	if p.Pickup != nil {
		w.Pickup = PickupWords{Where: d.Pickup, Until: v.untilWords(p, d), Code: d.PickupCode, Hours: d.PickupHours}
		if over {
			w.Pickup.Until = "" // the state says it
		}
	}
	if d.First != "" {
		w.Moved = v.Say("page.moved", d)
	}
	if d.Checked != "" {
		w.Checked = v.Say("page.checked", d)
	}
	if d.LastScan != "" {
		d.Place = unlinked(p.LastScan.Location)
		w.LastScan = v.Say("page.lastScan", d)
	}
}

// Unsent lists what surely is in no shipment yet, with the day on which it is available; "" where that is not said.
func (v *Voice) Unsent(o tracking.Order, j tracking.Journey, c Clock) (entries []Entry, from string) {
	if !j.UnsentFrom.IsZero() && j.UnsentFrom.After(c.today()) {
		from = v.Say("page.unsentFrom", Data{When: v.onDay(j.UnsentFrom, c)})
	}
	return v.Contents(&o, j.Unsent), from
}

// ReturnLabel is the text of the link to a return label, with until when it can be used.
func (v *Voice) ReturnLabel(label tracking.ReturnLabel, c Clock) string {
	return v.Say("page.return.label", Data{PickupUntil: v.Until(label.Until, c)})
}

// stateKey is the key of the sentence that says where a subject stands.
func (v *Voice) stateKey(s subject) string {
	if s.back() && !ofReturn(s.occasion) {
		return "page.return.state." + returnWord(s.occasion)
	}
	if s.pickupOver() {
		return "page.pickup.over"
	}
	if s.occasion == tracking.Occasion(tracking.Refunded) && s.shipment != nil {
		return "page.return.state." + string(tracking.Refunded)
	}
	if key := "page.digital." + string(s.occasion); s.method(v.setting) == tracking.MethodDigital && v.Has(key) {
		return key
	}
	if key := "page.part." + string(s.occasion); s.part() && v.Has(key) {
		return key
	}
	return v.known("page.state.", s)
}

// nextKey is the key of what follows. What follows for a parcel does not for what no carrier scans.
func (v *Voice) nextKey(s subject) string {
	switch {
	case s.repaid():
		return "page.next." + string(tracking.Refunded)
	case s.back() && !ofReturn(s.occasion):
		return "page.return.next." + returnWord(s.occasion)
	case !s.method(v.setting).Tracked() && !slices.Contains(untrackedNext, s.occasion):
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
	return v.known("page.next.", s)
}

// untrackedNext are the states whose next step is the same for a parcel and for what no carrier scans.
var untrackedNext = []tracking.Occasion{
	tracking.Occasion(tracking.ReadyToCollect), tracking.Occasion(tracking.Collected), tracking.Occasion(tracking.Cancelled),
	tracking.Occasion(tracking.OrderCancelled), tracking.Occasion(tracking.Refunded), tracking.Occasion(tracking.Delivered),
	tracking.Occasion(tracking.ReturnRequested), tracking.Occasion(tracking.ReturnReceived), tracking.Occasion(tracking.ReturnInspected),
}

// known is a key for the occasion, or for the parcel's status where the occasion has no sentence.
func (v *Voice) known(prefix string, s subject) string {
	if key := prefix + string(s.occasion); v.Has(key) || s.parcel == nil {
		return key
	}
	return prefix + string(cmp.Or(tracking.Occasion(s.parcel.Status), tracking.Occasion(s.parcel.Phase)))
}
