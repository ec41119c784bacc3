package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/corpus"
)

// Limits are the limits of a run that come from the policy.
type Limits struct {
	QuietStart, QuietEnd string        // times of day between which no routine message may be sent, in the recipient's zone; "" = none
	Silent               time.Duration // how long an order may be silent; 0 = not checked
	Zone                 string        // of the Shop, for orders without a destination
	OwnPromise           bool          // the Shop promises days of its own, which the journeys do not have
}

// DefaultLimits returns the limits of a policy that sets none.
func DefaultLimits() Limits {
	return Limits{QuietStart: "22:00", QuietEnd: "08:00", Silent: 7 * 24 * time.Hour}
}

// Mail is a message as it was sent to the relay.
type Mail struct {
	At            time.Time
	Order         string // the number of the order
	About         string // the tracking number of the parcel that it is about; "" = the order as a whole
	To            string
	Subject, Text string
	Level         string // of the policy
}

// Routine is the level that budget and quiet hours apply to.
const Routine = "Routine"

// Checker compares what is read of one journey with the journey's truth. It is not safe for concurrent use.
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

// New returns a Checker for the journey. Others holds the journeys that share a database with it; nil = none.
func New(j corpus.Journey, l Limits, others *Others) *Checker {
	return &Checker{journey: j, limits: l, others: others, index: map[string]int{}, mails: map[string][]readMail{}, seen: map[string]bool{}, shown: map[string]span{}}
}

// Findings returns the findings, each once.
func (c *Checker) Findings() []Finding { return c.found }

// Tally returns what was checked.
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
	origin *time.Location // of the shop, which sends the parcels
}

// Orders returns the orders of the journey.
func (c *Checker) Orders() []corpus.Order { return c.journey.Truth.Orders }

// known returns what can be known of an order at a time.
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

// Page checks the page of an order at a time. Body is nil if there is none.
func (c *Checker) Page(at time.Time, number string, body []byte) error {
	o, ok := c.order(number, at)
	if !ok {
		return fmt.Errorf("checking the page: journey %s has no order %s", c.journey.Name, number)
	}
	r := &reading{at: at, where: "page", order: o, origin: zoneOf(c.journey.Shop.Zone)}
	if body == nil {
		if heard(o.HeardAt, at) {
			c.find(r, PageNotRendered, "", "a source sent the order at "+o.HeardAt.Format(time.DateTime))
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

// allNumbers returns every number that a shopper may have read, withdrawn ones included.
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

// only returns the number of an order with one parcel; "" if it has more, or none.
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

// Mail checks a message.
func (c *Checker) Mail(m Mail) error {
	o, ok := c.order(m.Order, m.At)
	if !ok {
		return fmt.Errorf("checking the page: journey %s has no order %s", c.journey.Name, m.Order)
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

// recipient reports a message that its recipient should not get.
func (c *Checker) recipient(r *reading, m Mail) {
	o := r.order
	switch {
	case o.Test:
		c.find(r, TestOrderTold, m.Subject, "it is a test order")
	case o.Channel == corpus.ChannelMarketplace:
		c.find(r, MarketplaceTold, m.Subject, "the order was placed on a marketplace")
	case o.Imported:
		c.find(r, ImportedTold, m.Subject, "the order was completed before the shop began")
	}
	if !slices.Contains(o.emails(), strings.ToLower(m.To)) {
		c.find(r, ToldAnother, m.Subject, "the message was sent to an address that is not in the order")
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

// double reports a message that repeats another one to the same address.
func (c *Checker) double(r *reading, m Mail) {
	var b strings.Builder
	b.WriteString(strings.ToLower(m.To) + "\n" + m.Order + "\n" + m.About + "\n")
	for _, l := range r.text {
		if greetings.MatchString(l.Words) {
			continue
		}
		words := l.Words
		if daily.MatchString(words) {
			words += " " + r.order.today.Format(time.DateOnly) // out for delivery is news on each day
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
			c.find(r, Double, m.Subject, "an earlier message said the same")
			return
		}
	}
	for _, key := range keys {
		c.seen[key] = true
	}
}

var daily = regexp.MustCompile(`(?i)\bout for delivery\b`)

var relativeWords = regexp.MustCompile(`(?i)\b(?:today|tomorrow|yesterday)\b,?`)

// lateNotice counts the messages that report a parcel as late, and the needless ones among them: a source reports by the end of that
// day that it was delivered.
func (c *Checker) lateNotice(r *reading, about string) {
	if !r.text.Has("", calledLate) {
		return
	}
	c.tally.LateNotices++
	if about == "" && len(r.order.unsent()) > 0 {
		return // it is about lines that were not sent yet
	}
	for _, p := range r.order.outbound() {
		if about != "" && !p.hasNumber(about) || about == "" && !p.outstanding() {
			continue
		}
		for _, s := range p.Steps {
			known := !s.HeardAt.IsZero() && !DayOf(s.HeardAt, p.zone).After(p.today)
			if s.State == corpus.StateDelivered && known && (p.Pieces == nil || len(p.Pieces.Delivered) >= p.Pieces.Total) {
				c.tally.Needless++
				c.find(r, NeedlessLate, r.text[0].Words, p.ID+" was delivered on "+s.At.In(p.zone).Format("Mon 2006-01-02 15:04")+", and a source reported it that day")
				return
			}
		}
	}
}

// calledLate matches a sentence that reports a parcel as late.
var calledLate = regexp.MustCompile(`(?i)\blater than (?:planned|expected|promised)\b|\b(?:was|were) (?:due|expected)\b|\bis late\b`)
