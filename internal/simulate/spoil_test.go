package simulate_test

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/corpus"
	"github.com/wismo-dev/wismo/internal/simulate"
	"github.com/wismo-dev/wismo/internal/simulate/check"
)

// falsified are the journeys whose pages and mails are falsified.
const falsified = 24

func play(t *testing.T, doc *bundle.Document, spoil simulate.Spoil, change func(*corpus.Journey)) simulate.Result {
	t.Helper()
	r, err := simulate.Run(t.Context(), simulate.Config{Document: doc, Limits: simulate.LimitsOf(doc), Spoil: spoil, Chunk: 10}, func(yield func(corpus.Journey) bool) {
		for j := range corpus.Generate(1, falsified) {
			if change != nil {
				change(&j)
			}
			if !yield(j) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func count(r simulate.Result, kind check.Kind) int {
	n := 0
	for _, f := range r.Findings {
		if f.Kind == kind {
			n++
		}
	}
	return n
}

// says puts a sentence on every page, as the first below the heading.
func says(sentence string) simulate.Spoil {
	return simulate.Spoil{Page: func(_ string, body []byte) []byte {
		return bytes.Replace(body, []byte("</h1>"), []byte("</h1><p>"+sentence+"</p>"), 1)
	}}
}

// mails changes every mail.
func mails(change func(*check.Mail)) simulate.Spoil {
	return simulate.Spoil{Mail: func(m check.Mail) []check.Mail {
		change(&m)
		return []check.Mail{m}
	}}
}

// lie is something untrue that a text, a view or a decision says.
type lie struct {
	name   string
	caught check.Kind
	spoil  simulate.Spoil
	change func(*corpus.Journey) // of what the checker knows, for lies that decisions tell
	texts  map[string]string     // overrides of the Shop
}

func lies() []lie {
	var before []byte
	return []lie{
		{name: "a day that no one stated, in the page", caught: check.UntrueDay, spoil: says("It arrives on Friday 31 December 2027.")},
		{name: "a weekday that the day does not have", caught: check.UntrueDay, spoil: says("It arrives on Friday 31 December 2026.")},
		{name: "a day that no one stated, in the texts of the Shop", caught: check.UntrueDay,
			texts: map[string]string{"mail.Delivered.body": "It was delivered on Friday 1 January."}},
		{name: "another carrier", caught: check.UntrueCarrier, spoil: says("Yanwen has your parcel.")},
		{name: "delivered while it is on its way", caught: check.UntrueState, spoil: says("Your order was delivered.")},
		{name: "on its way while it is delivered, in the texts of the Shop", caught: check.UntrueState,
			texts: map[string]string{"mail.Delivered.heading": "Your parcel is out for delivery"}},
		{name: "a reason that no source gave", caught: check.UntrueState, spoil: says("No one was at home.")},
		{name: "a request that no source makes", caught: check.UntrueAction, spoil: says("Please pay the customs duties.")},
		{name: "a point at which nothing waits", caught: check.UntruePlace, spoil: says("You can collect your parcel at Moon Kiosk.")},
		{name: "news of another parcel", caught: check.WrongSubject, spoil: simulate.Spoil{Mail: anotherParcel()}},
		{name: "the page of another order", caught: check.ToldAnother, spoil: simulate.Spoil{Page: func(_ string, body []byte) []byte {
			if before == nil {
				before = body
			}
			return before
		}}},
		{name: "a mail to another address", caught: check.ToldAnother, spoil: mails(func(m *check.Mail) { m.To = "another@shopper.example" })},
		{name: "a message that is sent twice", caught: check.Double, spoil: simulate.Spoil{Mail: func(m check.Mail) []check.Mail { return []check.Mail{m, m} }}},
		{name: "quiet hours that are ignored", caught: check.QuietHours, spoil: mails(func(m *check.Mail) {
			m.Level, m.At = check.Routine, m.At.Truncate(24*time.Hour).Add(26*time.Hour)
		})},
		{name: "no message at all", caught: check.SilentOrder, spoil: simulate.Spoil{Mail: func(check.Mail) []check.Mail { return nil }}},
		{name: "no notice for what is late", caught: check.LateWithout, spoil: simulate.Spoil{Mail: func(check.Mail) []check.Mail { return nil }}},
		{name: "a page that says nothing", caught: check.KnowableNotSaid, spoil: simulate.Spoil{Page: func(string, []byte) []byte { return []byte("<h1>Hello</h1>") }}},
		{name: "a test order that is told", caught: check.TestOrderTold, change: func(j *corpus.Journey) { j.Truth.Orders[0].Test = true }},
		{name: "an order of a marketplace that is told", caught: check.MarketplaceTold,
			change: func(j *corpus.Journey) { j.Truth.Orders[0].Channel = corpus.ChannelMarketplace }},
		{name: "the contents of another parcel", caught: check.WrongSubject, change: func(j *corpus.Journey) {
			for i := range j.Truth.Parcels {
				j.Truth.Parcels[i].Contents = nil
			}
		}},
		{name: "a step on a day on which nothing happened", caught: check.UntrueDay, spoil: simulate.Spoil{Page: func(_ string, body []byte) []byte {
			return bytes.Replace(body, []byte("</h1>"), []byte("</h1><ol><li>13 Feb Sorted</li></ol>"), 1)
		}}},
		{name: "a line that was taken off", caught: check.UntrueContents, change: func(j *corpus.Journey) {
			l := &j.Truth.Orders[0].Lines[0]
			l.RemovedAt, l.RemovedQuantity = j.Truth.Orders[0].HeardAt, l.Quantity
		}},
	}
}

// anotherParcel passes each mail of an order off as being about the parcel that the mail before was about.
func anotherParcel() func(check.Mail) []check.Mail {
	about := map[string]string{}
	return func(m check.Mail) []check.Mail {
		was := about[m.Order]
		if m.About != "" {
			about[m.Order] = m.About
		}
		if was != "" {
			m.About = was
		}
		return []check.Mail{m}
	}
}

var honest struct {
	once   sync.Once
	result simulate.Result
}

func TestEachLieIsCaughtByName(t *testing.T) {
	honest.once.Do(func() { honest.result = play(t, document(), simulate.Spoil{}, nil) })
	for _, l := range lies() {
		t.Run(l.name, func(t *testing.T) {
			doc := document()
			if l.texts != nil {
				doc.Texts = map[string]bundle.Texts{"en": l.texts}
			}
			r := play(t, doc, oneAtATime(l.spoil), l.change)
			if was, is := count(honest.result, l.caught), count(r, l.caught); is <= was {
				t.Errorf("%d findings of kind %s, and %d without the lie", is, l.caught, was)
			}
		})
	}
}

// oneAtATime lets a lie remember what it has told, though chunks are played side by side.
func oneAtATime(s simulate.Spoil) simulate.Spoil {
	var mu sync.Mutex
	var safe simulate.Spoil
	if s.Page != nil {
		safe.Page = func(order string, body []byte) []byte {
			mu.Lock()
			defer mu.Unlock()
			return s.Page(order, body)
		}
	}
	if s.Mail != nil {
		safe.Mail = func(m check.Mail) []check.Mail {
			mu.Lock()
			defer mu.Unlock()
			return s.Mail(m)
		}
	}
	return safe
}

func TestALieIsToldWithWhereItStandsAndWhatIsTrue(t *testing.T) {
	r := play(t, document(), says("It arrives on Friday 31 December 2027."), nil)
	i := slices.IndexFunc(r.Findings, func(f check.Finding) bool { return strings.Contains(f.Sentence, "31 December 2027") })
	if i < 0 {
		t.Fatal("the lie is not among the findings")
	}
	f := r.Findings[i]
	if f.Journey == "" || f.Order == "" || f.At.IsZero() || f.Where != "page" || f.Truth == "" || f.Times == 0 {
		t.Errorf("%+v", f)
	}
}
