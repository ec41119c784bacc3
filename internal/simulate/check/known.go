package check

import (
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/corpus"
)

// What the sources had told wismo of an order and its parcels by an instant, derived from the truth of a journey. The checker compares
// pages and mails with it.

// parcel is what sources had told of one parcel by an instant.
type parcel struct {
	corpus.Parcel
	at    time.Time      // the instant
	zone  *time.Location // of the destination
	today Day            // of the instant, in that zone

	steps  []corpus.Step // past steps that sources have sent, in the order in which they happened
	state  corpus.State  // "" = no source has sent one
	since  time.Time     // when the state was reached
	reason corpus.Reason // of the state
	gone   bool          // cancelled, or replaced by another
	known  bool          // a source has sent something about it
}

// heard reports whether something that a source sent at one time, or never if that is zero, was known at another.
func heard(said, at time.Time) bool { return !said.IsZero() && !said.After(at) }

// reportedTime returns the time of a step as sources report it, which is never later than when they sent it.
func reportedTime(s corpus.Step) time.Time {
	at := s.At
	if !s.Told.IsZero() {
		at = s.Told
	}
	if !s.HeardAt.IsZero() && s.HeardAt.Before(at) && !s.Planned {
		at = s.HeardAt
	}
	return at
}

// parcelAt returns what sources had told of the parcel by the instant.
func parcelAt(p corpus.Parcel, at time.Time) parcel {
	k := parcel{Parcel: p, at: at, zone: zoneOf(p.Zone)}
	k.today = DayOf(at, k.zone)
	k.readSteps()
	numbered := slices.ContainsFunc(p.Numbers, func(n corpus.Number) bool { return heard(n.HeardAt, at) })
	k.known = len(k.steps) > 0 || numbered || heard(p.ContentsHeardAt, at)
	if heard(p.CancelledAt, at) {
		k.state, k.since, k.reason, k.gone = corpus.StateCancelled, p.CancelledAt, "", true
	}
	if k.state == corpus.StateDelivered && p.Pieces != nil && k.pieces() < p.Pieces.Total {
		k.state = corpus.StateOutForDelivery
	}
	return k
}

// readSteps sets the known steps, without planned ones of the future, and the state that follows from them.
func (p *parcel) readSteps() {
	for _, s := range p.Steps {
		if !heard(s.HeardAt, p.at) || s.At.After(p.at) && s.Planned {
			continue
		}
		p.steps = append(p.steps, s)
		if !s.Unmapped {
			p.state, p.since, p.reason = s.State, reportedTime(s), s.Reason
		}
	}
}

// zoneOf returns the zone of a name; UTC if this machine does not know the name.
func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// pieces counts the pieces that sources have reported as delivered.
func (p parcel) pieces() int {
	n := 0
	for _, at := range p.Pieces.Delivered {
		if heard(at, p.at) {
			n++
		}
	}
	return n
}

// outstanding reports whether the parcel is still to be delivered to the shopper.
func (p parcel) outstanding() bool {
	return p.Direction == corpus.Outbound && !p.gone && !slices.Contains(notOutstanding, p.state)
}

// notOutstanding are the states in which a parcel will not be delivered any more, or has been.
var notOutstanding = []corpus.State{
	corpus.StateDelivered, corpus.StateReturned, corpus.StateReturning, corpus.StatePickupExpired, corpus.StateLost, corpus.StateDisposed,
	corpus.StateDamaged, corpus.StateCancelled, corpus.StateSentByLetter, corpus.StateSentElectronical,
}

// arrived reports whether the parcel is delivered or can be collected.
func (p parcel) arrived() bool {
	return p.state == corpus.StateDelivered || p.state == corpus.StateAtPickup || p.state == corpus.StateReadyToCollect
}

// hasNumber reports whether a source ever gives the number to this parcel.
func (p parcel) hasNumber(number string) bool {
	return slices.ContainsFunc(p.Numbers, func(n corpus.Number) bool { return squeeze(n.Number) == squeeze(number) })
}

// numbers returns the parcel's known numbers that no source has withdrawn.
func (p parcel) numbers() []string {
	var all []string
	for _, n := range p.Numbers {
		if heard(n.HeardAt, p.at) && !heard(n.WithdrawnAt, p.at) {
			all = append(all, n.Number)
		}
	}
	return all
}

// span is a range of days.
type span struct{ from, to Day }

// spanOf returns the days of a statement.
func spanOf(d corpus.StatedDay) span {
	s := span{parseDay(d.Day), parseDay(d.Day)}
	if d.FirstDay != "" {
		s.from = parseDay(d.FirstDay)
	}
	return s
}

// has reports whether the mentioned days are all in the span.
func (s span) has(m Mention) bool { return !m.From.Before(s.from) && !m.To.After(s.to) }

// parseDay returns the day; zero if d is not one.
func parseDay(d corpus.Day) Day {
	day, _ := time.Parse(time.DateOnly, string(d))
	return day
}

// stated returns those of the days that sources had stated by the instant, the oldest first.
func stated(days []corpus.StatedDay, at time.Time) []corpus.StatedDay {
	var all []corpus.StatedDay
	for _, d := range days {
		if heard(d.HeardAt, at) {
			all = append(all, d)
		}
	}
	slices.SortStableFunc(all, func(a, b corpus.StatedDay) int { return a.At.Compare(b.At) })
	return all
}

// expectedDay returns the day on which the parcel is expected: a carrier's statement wins over the shop's, a later over an earlier one.
// False = no source has stated one.
func (p parcel) expectedDay(order orderKnown) (corpus.StatedDay, bool) {
	if p.Direction != corpus.Outbound {
		return corpus.StatedDay{}, false
	}
	var last corpus.StatedDay
	found := false
	for _, d := range stated(p.Days, p.at) {
		if !found || d.By == corpus.ByCarrier || last.By == corpus.ByShop {
			last, found = d, true
		}
	}
	if !found {
		if days := stated(order.Days, p.at); len(days) > 0 {
			last, found = days[len(days)-1], true
		}
	}
	return last, found
}

// pickupPoint returns the point at which the parcel can be collected; nil = none.
func (p parcel) pickupPoint() *corpus.Pickup {
	if p.state != corpus.StateAtPickup && p.state != corpus.StateReadyToCollect {
		return nil
	}
	for i := len(p.Pickups) - 1; i >= 0; i-- {
		if k := &p.Pickups[i]; heard(k.HeardAt, p.at) && !heard(k.DoneAt, p.at) {
			return k
		}
	}
	return nil
}

// actions returns what the shopper must do now.
func (p parcel) actions() []corpus.Action {
	var all []corpus.Action
	for _, a := range p.Actions {
		if heard(a.HeardAt, p.at) && !heard(a.DoneAt, p.at) {
			all = append(all, a)
		}
	}
	return all
}

// orderKnown is what sources had told of an order by an instant.
type orderKnown struct {
	corpus.Order
	at        time.Time      // the instant
	zone      *time.Location // of the destination
	today     Day            // of the instant, in that zone
	parcels   []parcel       // with something of the order, outbound and returned
	cancelled bool
	state     corpus.OrderState
}

// orderAt returns what sources had told of the order by the instant; zone is used if the order has no destination.
func orderAt(t corpus.Truth, o corpus.Order, at time.Time, zone *time.Location) orderKnown {
	k := orderKnown{Order: o, at: at, zone: zone}
	for i, d := range o.Destinations {
		if i == 0 || heard(d.HeardAt, at) {
			k.zone = zoneOf(d.Zone)
		}
	}
	k.today = DayOf(at, k.zone)
	for _, s := range o.Steps {
		if heard(s.HeardAt, at) {
			k.state = s.State
			k.cancelled = s.State == corpus.OrderCancelled
		}
	}
	for _, p := range t.ParcelsOf(o.Number) {
		k.parcels = append(k.parcels, parcelAt(p, at))
	}
	for i := range k.parcels {
		replaced := func(other parcel) bool { return other.Replaces == k.parcels[i].ID && heard(other.ReplacedAt, at) }
		k.parcels[i].gone = k.parcels[i].gone || slices.ContainsFunc(k.parcels, replaced)
	}
	return k
}

// outbound returns the known parcels that go to the shopper.
func (o orderKnown) outbound() []parcel {
	var all []parcel
	for _, p := range o.parcels {
		if p.Direction == corpus.Outbound && p.known {
			all = append(all, p)
		}
	}
	return all
}

// find returns the parcel of a number.
func (o orderKnown) find(number string) (parcel, bool) {
	for _, p := range o.parcels {
		if p.hasNumber(number) {
			return p, true
		}
	}
	return parcel{}, false
}

// complete reports whether every parcel of the order was delivered and every line is in one.
func (o orderKnown) complete() bool {
	some := false
	for _, p := range o.outbound() {
		if p.gone {
			continue
		}
		if p.state != corpus.StateDelivered && p.Method.Tracked() {
			return false
		}
		some = true
	}
	return some && len(o.unsent()) == 0
}

// unsent returns the lines that were not sent completely; none while the contents of a parcel are not known.
func (o orderKnown) unsent() []corpus.Line {
	return o.linesWithRemainder(func(p parcel) bool { return len(p.numbers()) > 0 || len(p.steps) > 0 })
}

// unpacked returns the lines of which a part is in no parcel; none while the contents of a parcel are not known.
func (o orderKnown) unpacked() []corpus.Line {
	return o.linesWithRemainder(func(parcel) bool { return true })
}

// linesWithRemainder returns the lines of which fewer pieces are in the counted parcels than were ordered; nil while the contents of a parcel
// are not known.
func (o orderKnown) linesWithRemainder(isCounted func(parcel) bool) []corpus.Line {
	sent := map[string]int{}
	for _, p := range o.outbound() {
		if p.gone {
			continue
		}
		if !heard(p.ContentsHeardAt, o.at) {
			return nil
		}
		for _, c := range p.Contents {
			if c.Order == o.Number && isCounted(p) {
				sent[c.Line] += c.Quantity
			}
		}
	}
	return slices.DeleteFunc(o.LinesKnownAt(o.at), func(l corpus.Line) bool { return l.Method != corpus.MethodParcel || sent[l.ID] >= l.Quantity })
}

// refunded reports whether the order was refunded completely.
func (o orderKnown) refunded() bool {
	return slices.ContainsFunc(o.Refunds, func(r corpus.Refund) bool { return r.Full && heard(r.HeardAt, o.at) })
}

// tellable reports whether shoppers get messages about the order.
func (o orderKnown) tellable() bool {
	return !o.Test && !o.Imported && o.Channel != corpus.ChannelMarketplace
}

// tracked reports whether scans can be expected for the order.
func (o orderKnown) tracked() bool {
	return slices.ContainsFunc(o.Lines, func(l corpus.Line) bool { return l.Method.Tracked() })
}

// emails returns the mail addresses of the order's recipients, in lower case.
func (o orderKnown) emails() []string {
	var all []string
	for _, r := range o.Recipients {
		if r.Email != "" {
			all = append(all, strings.ToLower(r.Email))
		}
	}
	return all
}
