package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/internal/corpus"
)

// fact is what a page must show because a source has sent it.
type fact struct {
	what string // for findings
	said bool   // the page shows it
}

// unsaid reports known facts that the page does not show.
func (c *Checker) unsaid(r *reading) {
	var facts []fact
	for _, p := range r.order.parcels {
		if p.known && !p.gone {
			facts = append(facts, r.factsOf(p)...)
		}
	}
	if len(r.order.outbound()) == 0 {
		facts = append(facts, r.factsOfOrder()...)
	} else if left := r.order.unpacked(); len(left) > 0 && !r.order.cancelled && !r.order.refunded() {
		facts = append(facts, fact{left[0].Name + " is in no parcel yet", r.text.Has("", unsentWords)})
	}
	if r.order.cancelled {
		facts = append(facts, fact{"the order is cancelled", r.text.Has("", regexp.MustCompile(`(?i)\bcancelled\b`))})
	}
	c.count(r, facts)
}

func (c *Checker) count(r *reading, facts []fact) {
	for _, f := range facts {
		c.tally.Knowable++
		if f.said {
			c.tally.Said++
			continue
		}
		c.find(r, KnowableNotSaid, "", f.what)
	}
}

// factsOfOrder returns the facts of an order without parcels.
func (r *reading) factsOfOrder() []fact {
	days := stated(r.order.Days, r.at)
	if len(days) == 0 || r.order.cancelled || !r.order.tracked() {
		return nil
	}
	d := days[len(days)-1]
	return []fact{{fmt.Sprintf("the order is expected on %s, stated by the shop", d.Day), r.saysDay("", spanOf(d))}}
}

// facts collects the facts of one parcel.
type facts struct {
	r     *reading
	p     parcel
	about string
	all   []fact
}

func (f *facts) add(said bool, format string, args ...any) {
	f.all = append(f.all, fact{f.p.ID + ": " + fmt.Sprintf(format, args...), said})
}

// factsOf returns the facts about one parcel.
func (r *reading) factsOf(p parcel) []fact {
	f := &facts{r: r, p: p, about: r.scopeOf(p)}
	f.carrier()
	for _, a := range p.actions() {
		f.add(r.saysAction(f.about, a.What), "the shopper must act: %s", a.What)
		if a.By != "" {
			f.add(r.saysDay(f.about, span{parseDay(a.By), parseDay(a.By)}), "the shopper must act by %s", a.By)
		}
	}
	if p.Method.Tracked() && p.Direction == corpus.Outbound {
		f.day()
		f.pickup()
		f.state()
		f.delivered()
	}
	return f.all
}

func (f *facts) carrier() {
	numbers := f.p.numbers()
	if len(numbers) == 0 {
		return
	}
	f.add(f.r.saysAll(numbers[len(numbers)-1]), "its number is %s", numbers[len(numbers)-1])
	if f.p.Carrier != "" {
		f.add(f.r.saysCarrier(f.about, f.p), "it is with %s", f.p.Carrier)
	}
}

func (f *facts) day() {
	d, ok := f.p.DayKnownAt(f.r.at)
	if ok && f.p.outstanding() && !f.p.arrived() && !f.r.order.cancelled {
		f.add(f.r.saysDay(f.about, spanOf(d)), "it is expected on %s, as the %s stated", d.Day, strings.ToLower(string(d.By)))
	}
}

func (f *facts) pickup() {
	k := f.p.pickupPoint()
	if k == nil {
		return
	}
	if k.Name != "" {
		f.add(f.r.says(f.about, k.Name), "it can be collected at %s", k.Name)
	}
	if k.Until != "" {
		f.add(f.r.saysDay(f.about, span{parseDay(k.Until), parseDay(k.Until)}), "it can be collected until %s", k.Until)
	}
	if k.Code != "" {
		f.add(f.r.says(f.about, k.Code), "its pick-up code is %s", k.Code)
	}
}

func (f *facts) state() {
	if words := stateWords[f.p.state]; words != nil {
		f.add(f.r.text.Has(f.about, words), "it is %s since %s", f.p.state, f.p.since.In(f.p.zone).Format("Mon 2006-01-02 15:04"))
	}
}

func (f *facts) delivered() {
	if f.p.state != corpus.StateDelivered {
		return
	}
	day := DayOf(f.p.since, f.p.zone)
	f.add(f.r.saysDay(f.about, span{day, day}), "it was delivered on %s", day.Format("Mon 2006-01-02"))
	if proof := f.p.Proof; proof != nil && heard(proof.HeardAt, f.r.at) && proof.Note != "" {
		f.add(f.r.says(f.about, proof.Note), "the proof of delivery says: %s", proof.Note)
	}
}

// stateWords match the words for each state that a shopper needs to know.
var stateWords = map[corpus.State]*regexp.Regexp{
	corpus.StateOutForDelivery: regexp.MustCompile(`(?i)\bout for delivery\b|\bdriver\b|\blater than\b|\bdelayed\b|\bwas (?:due|expected)\b`),
	corpus.StateAttemptFailed:  regexp.MustCompile(`(?i)\b(?:could not|cannot) (?:be delivered|deliver)\b|\bdelivery was not possible\b|\btried to deliver\b|\bdelivery failed\b|\bmissed\b`),
	corpus.StateAtPickup:       regexp.MustCompile(`(?i)\bready (?:for you|to collect|for)\b|\bcollect\b|\bwait(?:s|ing)\b`),
	corpus.StatePickupExpired:  regexp.MustCompile(`(?i)\bnot collected\b|\bgoing back\b`),
	corpus.StateDelivered:      regexp.MustCompile(`(?i)\bdelivered\b|\barrived\b`),
	corpus.StateReturning:      regexp.MustCompile(`(?i)\bback\b|\breturn`),
	corpus.StateReturned:       regexp.MustCompile(`(?i)\bback\b|\breturn`),
	corpus.StateLost:           regexp.MustCompile(`(?i)\blost\b|\bcannot find\b`),
	corpus.StateDamaged:        regexp.MustCompile(`(?i)\bdamaged\b`),
	corpus.StateInCustoms:      regexp.MustCompile(`(?i)\bcustoms\b`),
}

// scopeOf returns the number that lines about the parcel have; "" = any line may be about it.
func (r *reading) scopeOf(p parcel) string {
	for _, n := range p.numbers() {
		if slices.ContainsFunc(r.text, func(l Line) bool { return l.About == n }) {
			return n
		}
	}
	return ""
}

func (r *reading) inScope(about string) []Line {
	var all []Line
	for _, l := range r.text {
		if about == "" || l.About == "" || l.About == about {
			all = append(all, l)
		}
	}
	return all
}

func (r *reading) saysAll(words string) bool {
	return slices.ContainsFunc(r.text, func(l Line) bool { return strings.Contains(squeeze(l.Words), squeeze(words)) })
}

func (r *reading) says(about, words string) bool {
	return slices.ContainsFunc(r.inScope(about), func(l Line) bool { return strings.Contains(squeeze(l.Words), squeeze(words)) })
}

func (r *reading) saysDay(about string, day span) bool {
	for _, l := range r.inScope(about) {
		for _, m := range Days(l.Words, r.order.today) {
			if !m.From.After(day.to) && !m.To.Before(day.from) {
				return true
			}
		}
	}
	return false
}

func (r *reading) saysCarrier(about string, p parcel) bool {
	for _, l := range r.inScope(about) {
		for _, name := range append([]string{p.Carrier}, p.Alias...) {
			if name != "" && strings.Contains(strings.ToLower(squeeze(l.Words)), strings.ToLower(squeeze(name))) {
				return true
			}
		}
	}
	return false
}

func (r *reading) saysAction(about string, reason corpus.Reason) bool {
	words, ok := actionWords[reason]
	if !ok {
		words = regexp.MustCompile(`(?i)` + regexp.QuoteMeta(string(reason)))
	}
	return r.text.Has(about, words)
}

// actionWords match the words by which a text demands an action of the shopper.
var actionWords = map[corpus.Reason]*regexp.Regexp{
	corpus.ReasonDutiesDue:    regexp.MustCompile(`(?i)\bduties\b|\bcustoms charges?\b`),
	corpus.ReasonAddressWrong: regexp.MustCompile(`(?i)\baddress\b`),
	corpus.ReasonDocuments:    regexp.MustCompile(`(?i)\bdocuments?\b`),
	corpus.ReasonPaymentDue:   regexp.MustCompile(`(?i)\bpay(?:ment)?\b`),
	corpus.ReasonNotHome:      regexp.MustCompile(`(?i)\bat home\b|\bchoose\b|\banother day\b|\bnew day\b`),
	corpus.ReasonClosed:       regexp.MustCompile(`(?i)\bclosed\b`),
	corpus.ReasonNoAccess:     regexp.MustCompile(`(?i)\baccess\b|\bdoor\b`),
	corpus.ReasonUnclaimed:    regexp.MustCompile(`(?i)\bcollect`),
	corpus.ReasonHeld:         regexp.MustCompile(`(?i)\bdepot\b|\bheld\b|\bcollect\b`),
}
