package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/corpus"
)

// Limits are what the checker holds a run to, as far as a policy decides it.
type Limits struct {
	QuietStart, QuietEnd string        // times of day between which nothing routine may go, in the recipient's zone; "" = none
	Silent               time.Duration // how long an order may be silent; 0 = it is not looked at
	Zone                 string        // of the Shop, for orders that go nowhere
	OwnPromise           bool          // the Shop promises days of its own making, which the journeys do not know
}

// DefaultLimits are those of a policy that says nothing of them.
func DefaultLimits() Limits {
	return Limits{QuietStart: "22:00", QuietEnd: "08:00", Silent: 7 * 24 * time.Hour}
}

// Mail is a message as it was handed to the relay.
type Mail struct {
	At            time.Time
	Order         string // the number of the order
	About         string // the tracking number of the parcel that it is about; "" = the order as a whole
	To            string
	Subject, Text string
	Level         string // as the policy rates it
}

// Routine is the level that budget and quiet hours hold for.
const Routine = "Routine"

// Checker holds what is read of one journey against the journey's truth. It is not safe for concurrent use.
type Checker struct {
	journey corpus.Journey
	limits  Limits
	others  *Others
	tally   Tally
	index   map[string]int // of a finding that was made already
	found   []Finding
	mails   map[string][]readMail // by order
	seen    map[string]bool       // fingerprints of mails
	shown   map[string]span       // estimates of our own, by parcel
}

type readMail struct {
	Mail
	text Text
}

// New returns a Checker for the journey. Others knows the journeys that share a database with it; nil = none does.
func New(j corpus.Journey, l Limits, others *Others) *Checker {
	return &Checker{journey: j, limits: l, others: others, index: map[string]int{}, mails: map[string][]readMail{}, seen: map[string]bool{}, shown: map[string]span{}}
}

// Findings are what was found, each once.
func (c *Checker) Findings() []Finding { return c.found }

// Tally is what was looked at.
func (c *Checker) Tally() Tally { return c.tally }

func (c *Checker) find(r *reading, kind Kind, sentence, truth string) {
	key := strings.Join([]string{string(kind), r.order.Number, r.where, sentence, truth}, "\x00")
	if at, ok := c.index[key]; ok {
		c.found[at].Times++
		return
	}
	c.index[key] = len(c.found)
	c.found = append(c.found, Finding{
		Kind: kind, Journey: c.journey.Name, Order: r.order.Number, At: r.at, Where: r.where, Sentence: sentence, Truth: truth, Times: 1,
	})
}

// reading is one text at one instant.
type reading struct {
	at     time.Time
	where  string
	order  orderKnown
	text   Text
	origin *time.Location // of the shop, from where parcels leave
}

// Orders are the orders of the journey.
func (c *Checker) Orders() []corpus.Order { return c.journey.Truth.Orders }

// known is what can be known of an order at an instant.
func (c *Checker) known(o corpus.Order, at time.Time) orderKnown {
	return orderAt(c.journey.Truth, o, at, zoneOf(c.limits.Zone))
}

func (c *Checker) order(number string, at time.Time) (orderKnown, bool) {
	for _, o := range c.journey.Truth.Orders {
		if o.Number == number {
			return c.known(o, at), true
		}
	}
	return orderKnown{}, false
}

// Page reads the page of an order as it is at an instant. Body is nil when there is none.
func (c *Checker) Page(at time.Time, number string, body []byte) error {
	o, ok := c.order(number, at)
	if !ok {
		return fmt.Errorf("journey %s has no order %s", c.journey.Name, number)
	}
	r := &reading{at: at, where: "page", order: o, origin: zoneOf(c.journey.Shop.Zone)}
	if body == nil {
		if heard(o.HeardAt, at) {
			c.find(r, PageNotRendered, "", "the order is known since "+o.HeardAt.Format(time.DateTime))
		}
		return nil
	}
	text, err := ReadPage(body, o.allNumbers(), o.only())
	if err != nil {
		return err
	}
	r.text = text
	c.tally.Pages++
	c.judge(r)
	c.unsaid(r)
	return nil
}

// allNumbers are those that a reader can meet: of every parcel, withdrawn ones included.
func (o orderKnown) allNumbers() []string {
	var all []string
	for _, p := range o.parcels {
		for _, n := range p.Numbers {
			if heard(n.HeardAt, o.at) && !slices.Contains(all, n.Number) {
				all = append(all, n.Number)
			}
		}
	}
	return all
}

// only is the number of an order that is one parcel; "" when it is more, or none.
func (o orderKnown) only() string {
	known := 0
	for _, p := range o.parcels {
		if p.known {
			known++
		}
	}
	if numbers := o.allNumbers(); known == 1 && len(numbers) == 1 {
		return numbers[0]
	}
	return ""
}

// Mail reads a message.
func (c *Checker) Mail(m Mail) error {
	o, ok := c.order(m.Order, m.At)
	if !ok {
		return fmt.Errorf("journey %s has no order %s", c.journey.Name, m.Order)
	}
	about := m.About
	if about == "" {
		about = o.only()
	}
	r := &reading{at: m.At, where: "mail", order: o, origin: zoneOf(c.journey.Shop.Zone), text: ReadMail(m.Subject, m.Text, about, o.allNumbers())}
	c.tally.Mails++
	c.judge(r)
	c.recipient(r, m)
	c.quiet(r, m)
	c.double(r, m)
	c.lateNotice(r, m.About)
	c.mails[m.Order] = append(c.mails[m.Order], readMail{m, r.text})
	return nil
}

// recipient reports who should not have been told.
func (c *Checker) recipient(r *reading, m Mail) {
	o := r.order
	switch {
	case o.Test:
		c.find(r, TestOrderTold, m.Subject, "it is a test order")
	case o.Channel == corpus.ChannelMarketplace:
		c.find(r, MarketplaceTold, m.Subject, "the order was placed on a marketplace")
	case o.Imported:
		c.find(r, ImportedTold, m.Subject, "the order was over before the shop began")
	}
	if !slices.Contains(o.emails(), strings.ToLower(m.To)) {
		c.find(r, ToldAnother, m.Subject, "the message went to an address that is none of the order's")
	}
}

func (c *Checker) quiet(r *reading, m Mail) {
	if m.Level != Routine || c.limits.QuietStart == "" {
		return
	}
	clock := m.At.In(r.order.zone).Format("15:04")
	night := clock >= c.limits.QuietStart || clock < c.limits.QuietEnd
	if c.limits.QuietStart <= c.limits.QuietEnd {
		night = clock >= c.limits.QuietStart && clock < c.limits.QuietEnd
	}
	if night {
		c.find(r, QuietHours, m.Subject, fmt.Sprintf("it is %s where the recipient lives, and the message is routine", clock))
	}
}

var (
	greetings    = regexp.MustCompile(`^(?:Hi|Hello|Dear)\b`)
	confirmation = regexp.MustCompile(`(?i)\b(?:received your order|thank you for your order|order confirmed)\b`)
)

// double reports a message that says what another has said to the same person.
func (c *Checker) double(r *reading, m Mail) {
	var b strings.Builder
	b.WriteString(strings.ToLower(m.To) + "\n" + m.Order + "\n" + m.About + "\n")
	for _, l := range r.text {
		if greetings.MatchString(l.Words) {
			continue
		}
		words := l.Words
		if daily.MatchString(words) {
			words += " " + r.order.today.Format(time.DateOnly) // each day's round is news of its own
		}
		for _, d := range Days(words, r.order.today) {
			words += " " + d.From.Format(time.DateOnly)
		}
		b.WriteString(relativeWords.ReplaceAllString(words, "") + "\n")
	}
	keys := []string{b.String()}
	if confirmation.MatchString(m.Subject) {
		keys = append(keys, "confirmation\n"+strings.ToLower(m.To)+"\n"+m.Order)
	}
	for _, key := range keys {
		if c.seen[key] {
			c.find(r, Double, m.Subject, "the same was told before")
			return
		}
	}
	for _, key := range keys {
		c.seen[key] = true
	}
}

var daily = regexp.MustCompile(`(?i)\bout for delivery\b`)

var relativeWords = regexp.MustCompile(`(?i)\b(?:today|tomorrow|yesterday)\b,?`)

// lateNotice counts the messages that call a parcel late, and those of them that were needless: a source says by the end of that
// day that it was delivered. What no source says until later, no program can know.
func (c *Checker) lateNotice(r *reading, about string) {
	if !r.text.Has("", calledLate) {
		return
	}
	c.tally.LateNotices++
	if about == "" && len(r.order.unsent()) > 0 {
		return // it is about what has not left
	}
	for _, p := range r.order.outbound() {
		if about != "" && !p.is(about) || about == "" && !p.outstanding() {
			continue
		}
		for _, s := range p.Steps {
			known := !s.HeardAt.IsZero() && !DayOf(s.HeardAt, p.zone).After(p.today)
			if s.State == corpus.StateDelivered && known && (p.Pieces == nil || len(p.Pieces.Delivered) >= p.Pieces.Total) {
				c.tally.Needless++
				c.find(r, NeedlessLate, r.text[0].Words, p.ID+" was delivered on "+s.At.In(p.zone).Format("Mon 2006-01-02 15:04")+", as a source says that day")
				return
			}
		}
	}
}

// calledLate says that a day has passed, or is about to, without the parcel.
var calledLate = regexp.MustCompile(`(?i)\blater than (?:planned|expected|promised)\b|\b(?:was|were) (?:due|expected)\b|\bis late\b`)
