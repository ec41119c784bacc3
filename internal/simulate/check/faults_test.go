package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/corpus"
)

// on is an instant of December 2026 in Amsterdam, whose first is a Tuesday.
func on(day, hour int) time.Time {
	return time.Date(2026, 12, day, hour, 0, 0, 0, corpus.Location("Europe/Amsterdam")).UTC()
}

func step(state corpus.State, day, hour int, place string) corpus.Step {
	return corpus.Step{State: state, At: on(day, hour), HeardAt: on(day, hour), Place: place}
}

// box is a parcel of order #1001 with one line.
func box(id, carrier, number string, steps ...corpus.Step) corpus.Parcel {
	return corpus.Parcel{
		ID: id, Orders: []string{"#1001"}, Direction: corpus.Outbound, Method: corpus.MethodParcel, Carrier: carrier, Zone: "Europe/Amsterdam",
		Numbers: []corpus.Number{{Number: number, HeardAt: on(1, 9)}}, ContentsHeardAt: on(1, 9),
		Contents: []corpus.Content{{Order: "#1001", Line: id, Quantity: 1}}, Steps: steps,
	}
}

func promised(p corpus.Parcel, day int, by corpus.By) corpus.Parcel {
	d := corpus.Day(fmt.Sprintf("2026-12-%02d", day))
	p.Days = append(p.Days, corpus.StatedDay{Day: d, By: by, At: on(1, 9), HeardAt: on(1, 9)})
	return p
}

func journey(parcels ...corpus.Parcel) corpus.Journey {
	o := corpus.Order{
		Number: "#1001", PlacedAt: on(1, 8), HeardAt: on(1, 8), AddressHeardAt: on(1, 8), Channel: corpus.ChannelWebshop,
		Recipients:   []corpus.Recipient{{Role: corpus.RoleBuyer, Name: "Noor Jansen", Email: "noor@shopper.example"}},
		Destinations: []corpus.Destination{{City: "Utrecht", Country: "NL", Zone: "Europe/Amsterdam", HeardAt: on(1, 8)}},
		Steps:        []corpus.OrderStep{{State: corpus.OrderShipped, At: on(1, 9), HeardAt: on(1, 9)}},
	}
	for _, p := range parcels {
		o.Lines = append(o.Lines, corpus.Line{ID: p.ID, Name: "Line " + p.ID, Quantity: 1, Method: corpus.MethodParcel})
	}
	return corpus.Journey{Name: "story", Shop: corpus.Shop{Zone: "Europe/Amsterdam"}, Truth: corpus.Truth{
		Orders: []corpus.Order{o}, Parcels: parcels, Until: on(20, 12),
	}}
}

// read is what a shopper reads in a story.
type read struct {
	day, hour int
	about     string   // of a mail: the tracking number
	mail      []string // subject, then sentences
	page      string   // the first line
}

// faults are what shoppers were told before; each has the kind by which it is found.
var faults = []struct {
	name    string
	journey corpus.Journey
	reads   []read
	want    Kind
	part    string // of the sentence, or of what is true
}{
	{"a mail about one parcel has another's day",
		journey(promised(box("p1", "PostNL", "3SAAA001", step(corpus.StateInTransit, 2, 8, "Zwolle")), 3, corpus.ByCarrier),
			promised(box("p2", "DHL", "JD000002", step(corpus.StateInTransit, 2, 8, "Venlo")), 5, corpus.ByCarrier)),
		[]read{{day: 2, hour: 9, about: "3SAAA001", mail: []string{"Your order #1001", "Your parcel arrives on Saturday 5 December."}}}, WrongSubject, "Saturday 5"},
	{"a mail about one parcel has another's carrier",
		journey(box("p1", "PostNL", "3SAAA001", step(corpus.StateAttemptFailed, 2, 8, "")), box("p2", "DHL", "JD000002", step(corpus.StateAttemptFailed, 2, 9, ""))),
		[]read{{day: 2, hour: 10, about: "JD000002", mail: []string{"Could not deliver", "PostNL tried to deliver it today at 08:00."}}}, WrongSubject, "PostNL"},
	{"the second pick-up point is never told",
		journey(waiting(box("p1", "PostNL", "3SAAA001", step(corpus.StateAtPickup, 2, 8, "Kiosk Noord")), "Kiosk Noord", 2),
			waiting(box("p2", "DHL", "JD000002", step(corpus.StateAtPickup, 3, 8, "Kiosk Zuid")), "Kiosk Zuid", 3)),
		[]read{{day: 2, hour: 9, about: "3SAAA001", mail: []string{"Ready to collect", "You can collect your parcel now at Kiosk Noord."}}}, KnowableNotSaid, "Kiosk Zuid"},
	{"out for delivery outlasts the delivery",
		journey(box("p1", "PostNL", "3SAAA001", step(corpus.StateOutForDelivery, 2, 8, ""), step(corpus.StateDelivered, 2, 13, ""))),
		[]read{{day: 4, hour: 9, page: "Your parcel is out for delivery."}}, UntrueState, "out for delivery"},
	{"out for delivery for eleven days",
		journey(box("p1", "PostNL", "3SAAA001", step(corpus.StateOutForDelivery, 2, 8, ""))),
		[]read{{day: 13, hour: 9, page: "Your parcel is out for delivery."}}, UntrueState, "out for delivery"},
	{"the confirmation is never sent because the address came later",
		journey(box("p1", "PostNL", "3SAAA001", step(corpus.StateInTransit, 2, 8, ""))), nil, KnowableNotSaid, "confirms"},
	{"the first parcel's day is told of the whole order",
		journey(promised(box("p1", "PostNL", "3SAAA001", step(corpus.StateInTransit, 2, 8, "")), 3, corpus.ByCarrier),
			promised(box("p2", "DHL", "JD000002", step(corpus.StateInTransit, 2, 8, "")), 5, corpus.ByCarrier)),
		[]read{{day: 2, hour: 9, page: "Your order should reach you tomorrow, Thursday 3 December."}}, UntrueDay, "3 December"},
	{"the order is called delivered while a parcel is on its way",
		journey(box("p1", "PostNL", "3SAAA001", step(corpus.StateDelivered, 2, 8, "")), box("p2", "DHL", "JD000002", step(corpus.StateInTransit, 2, 8, ""))),
		[]read{{day: 2, hour: 9, page: "Your order has been delivered."}}, UntrueState, "delivered"},
	{"a scan overwrites the place of the pick-up",
		journey(waiting(box("p1", "PostNL", "3SAAA001", step(corpus.StateAtPickup, 2, 8, "Kiosk Noord"),
			corpus.Step{State: corpus.StateInTransit, Unmapped: true, At: on(3, 8), HeardAt: on(3, 8), Place: "Utrecht sorting centre"}), "Kiosk Noord", 2)),
		[]read{{day: 3, hour: 9, page: "Your parcel is ready for you to collect at Utrecht sorting centre."}}, UntruePlace, "sorting centre"},
	{"the promised day ends without a notice",
		journey(promised(box("p1", "PostNL", "3SAAA001", step(corpus.StateInTransit, 2, 8, "")), 4, corpus.ByShop)),
		[]read{{day: 1, hour: 10, mail: []string{"Your order #1001 is on its way"}}}, LateWithout, "2026-12-04"},
	{"a cancelled order is called on its way to be prepared",
		cancelledOn(journey(), 2), []read{{day: 3, hour: 9, page: "We are preparing your order."}}, UntrueState, "preparing"},
}

func waiting(p corpus.Parcel, name string, day int) corpus.Parcel {
	p.Pickups = []corpus.Pickup{{Name: name, At: on(day, 8), HeardAt: on(day, 8)}}
	return p
}

func cancelledOn(j corpus.Journey, day int) corpus.Journey {
	o := &j.Truth.Orders[0]
	o.Lines = []corpus.Line{{ID: "1", Name: "Oak stool", Quantity: 1, Method: corpus.MethodParcel}}
	o.Steps = []corpus.OrderStep{{State: corpus.OrderCancelled, At: on(day, 8), HeardAt: on(day, 8)}}
	return j
}

func TestWhatShoppersWereToldBeforeIsFound(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			c := New(f.journey, DefaultLimits(), nil)
			for _, r := range f.reads {
				r.by(t, c)
			}
			c.Finish()
			found := slices.ContainsFunc(c.Findings(), func(g Finding) bool { return g.Kind == f.want && strings.Contains(g.Sentence+g.Truth, f.part) })
			if !found {
				t.Errorf("no %s about %q among %v", f.want, f.part, c.Findings())
			}
		})
	}
}

func (r read) by(t *testing.T, c *Checker) {
	t.Helper()
	var err error
	if r.mail == nil {
		err = c.Page(on(r.day, r.hour), "#1001", []byte("<main><h1>"+r.page+"</h1></main>"))
	} else {
		err = c.Mail(Mail{
			At: on(r.day, r.hour), Order: "#1001", About: r.about, To: "noor@shopper.example", Subject: r.mail[0], Text: strings.Join(r.mail[1:], "\n"),
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// True sentences must not be reported, or a checker that reports everything would pass.
func TestTrueWordsAreNotFound(t *testing.T) {
	two := journey(promised(box("p1", "PostNL", "3SAAA001", step(corpus.StateInTransit, 2, 8, "Zwolle"), step(corpus.StateDelivered, 3, 13, "Utrecht")), 3, corpus.ByCarrier),
		promised(box("p2", "DHL", "JD000002", step(corpus.StateInTransit, 2, 8, "Venlo"), step(corpus.StateOutForDelivery, 5, 8, "")), 5, corpus.ByCarrier))
	for _, r := range []read{
		{day: 2, hour: 9, page: "1 of 2 parcels is expected on Thursday 3 December, the other on Saturday 5 December."},
		{day: 2, hour: 9, page: "Your order is on its way."},
		{day: 3, hour: 14, page: "One of 2 parcels has been delivered. The other is expected on Saturday 5 December."},
		{day: 3, hour: 14, about: "3SAAA001", mail: []string{"Part of your order #1001 has been delivered", "One of 2 parcels was delivered today at 13:00.", "One more parcel is still to come."}},
		{day: 5, hour: 9, about: "JD000002", mail: []string{"Your order #1001 is out for delivery", "DHL is bringing your parcel. It should reach you today.", "Make sure that someone can take it in."}},
		{day: 6, hour: 9, about: "JD000002", mail: []string{"Your order #1001 is later than planned", "Your parcel was due yesterday and has not arrived."}},
	} {
		c := New(two, DefaultLimits(), nil)
		r.by(t, c)
		for _, f := range c.Findings() {
			if f.Kind != KnowableNotSaid {
				t.Errorf("%v", f)
			}
		}
	}
}
