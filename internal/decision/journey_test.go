package decision_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/decision"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// diary plays an order through tracking and decision, with a channel that accepts everything, and keeps what the buyer got.
type diary struct {
	setting tracking.Setting
	order   tracking.Order
	now     time.Time
	waiting []entry
	told    []decision.Told
	lines   []string // "Mon 17:00 LateWithoutNews A"
}

type entry struct {
	decision.Told
	news      tracking.News
	notBefore time.Time
}

// newDiary opens with an order of Monday, 16 November, 13:00 in Amsterdam, with a shipment for each number.
func newDiary(numbers ...string) *diary {
	p := bundle.BuiltinPolicy()
	d := &diary{
		now:     noon,
		setting: tracking.Setting{Zone: amsterdam, HomeCountry: "NL", Watch: p.Watch},
		order: tracking.Order{
			ID: thisOrder, Number: "1001", PlacedAt: noon, FirstHeard: noon, LastHeard: noon, Phase: tracking.OrderReceived,
			To:    tracking.Address{Country: "NL"},
			Buyer: tracking.Recipient{Email: "noor@example.org"},
		},
	}
	for i, number := range numbers {
		d.order.Shipments = append(d.order.Shipments, tracking.Shipment{
			Subject: tracking.Subject{Kind: tracking.SubjectShipment, Ref: fmt.Sprintf("shop/%d", i+1)}, Direction: tracking.Outbound, CreatedAt: noon,
			Parcels: []tracking.Parcel{{Subject: tracking.Subject{Kind: tracking.SubjectParcel, Ref: number}, Carrier: "postnl", Number: number}},
		})
	}
	d.look()
	return d
}

// at returns a time of this November in Amsterdam.
func at(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, amsterdam)
}

// scan lets a carrier scan the parcel of a shipment, and tell it at once.
func (d *diary) scan(shipment int, t time.Time, s tracking.Scan) {
	d.until(t)
	p := &d.order.Shipments[shipment].Parcels[0]
	s.ID, s.Told, s.Heard = fmt.Sprintf("%s %s", s.Status, t), t, t
	p.Scans = append(p.Scans, s)
	d.look()
}

// states lets the carrier name a day.
func (d *diary) states(shipment int, t time.Time, eta *tracking.ETA) {
	d.until(t)
	p := &d.order.Shipments[shipment].Parcels[0]
	p.Dates = append(p.Dates, tracking.StatedDate{ETA: *eta, At: t, Heard: t})
	d.look()
}

// until lets time pass: the order is looked at when it asks for it, and messages are sent when they are due.
func (d *diary) until(end time.Time) {
	for {
		next := end
		if look := tracking.NextLook(d.order, d.setting, d.now); !look.IsZero() && look.Before(next) {
			next = look
		}
		for _, w := range d.waiting {
			if w.notBefore.Before(next) {
				next = w.notBefore
			}
		}
		if !next.Before(end) {
			d.now = end
			return
		}
		if next.After(d.now) {
			d.now = next
		}
		d.look()
	}
}

func (d *diary) ask(n tracking.News, j tracking.Journey, stage decision.Stage, waiting []entry) decision.Verdict {
	in := decision.Input{
		Policy: bundle.BuiltinPolicy(), Activity: bundle.Live, News: n, Order: d.order, Journey: j, Now: d.now, Stage: stage,
		Recipient: decision.Recipient{HasAddress: d.order.Buyer.Email != "", Zone: amsterdam}, History: slices.Clone(d.told),
	}
	for _, w := range waiting {
		in.History = append(in.History, w.Told)
	}
	return decision.Decide(in)
}

// look finds news and sends what is due.
func (d *diary) look() {
	j := tracking.Project(d.order, d.setting, d.now)
	for _, n := range tracking.NewsOf(d.order, j, d.setting, d.now) {
		v := d.ask(n, j, decision.AtQueue, d.waiting)
		if v.Action == decision.Suppress {
			continue
		}
		d.waiting = append(d.waiting, entry{news: n, notBefore: v.NotBefore, Told: decision.Told{
			OrderID: thisOrder, Occasion: n.Occasion, Subject: n.Subject, Instance: n.Instance, IDs: append(n.Also, n.ID()), Level: v.Level,
			At: n.At, Waiting: true,
		}})
	}
	var kept []entry
	for i, w := range d.waiting {
		if w.notBefore.After(d.now) {
			kept = append(kept, w)
			continue
		}
		switch v := d.ask(w.news, j, decision.AtSend, append(slices.Clone(kept), d.waiting[i+1:]...)); v.Action {
		case decision.Defer:
			w.notBefore = v.NotBefore
			kept = append(kept, w)
		case decision.Send:
			w.Waiting, w.Accepted = false, d.now
			if p := j.Parcel(w.Subject); p != nil && p.ETA != nil {
				w.Day = p.ETA.LastDay(amsterdam)
			}
			d.told = append(d.told, w.Told)
			d.lines = append(d.lines, fmt.Sprintf("%s %s %s", d.now.In(amsterdam).Format("Mon 15:04"), w.Occasion, w.Subject.Ref))
		case decision.Suppress:
		}
	}
	d.waiting = kept
}

func (d *diary) reads(t *testing.T, want ...string) {
	t.Helper()
	d.until(d.now.AddDate(0, 0, 3))
	if !slices.Equal(d.lines, want) {
		t.Errorf("told:\n%q\nexpected:\n%q", d.lines, want)
	}
}

func TestAnOrdinaryJourneyIsFourMessages(t *testing.T) {
	d := newDiary("A")
	d.scan(0, at(16, 20, 0), tracking.Scan{Status: tracking.InTransit})
	d.scan(0, at(17, 5, 0), tracking.Scan{Status: tracking.InTransit})
	d.scan(0, at(17, 8, 30), tracking.Scan{Status: tracking.OutForDelivery})
	d.scan(0, at(17, 11, 0), tracking.Scan{Status: tracking.Delivered})
	d.reads(t, "Mon 13:00 OrderReceived ", "Mon 20:00 Shipped shop/1", "Tue 08:30 OutForDelivery A", "Tue 11:00 Delivered A")
}

func TestTheNightLeavesOnlyWhatIsStillTrueInTheMorning(t *testing.T) {
	d := newDiary("A")
	d.scan(0, at(16, 22, 0), tracking.Scan{Status: tracking.InTransit})
	d.scan(0, at(17, 6, 0), tracking.Scan{Status: tracking.OutForDelivery})
	d.scan(0, at(17, 11, 0), tracking.Scan{Status: tracking.Delivered})
	d.reads(t, "Mon 13:00 OrderReceived ", "Tue 08:00 OutForDelivery A", "Tue 11:00 Delivered A")
}

func TestEachParcelOfASplitOrderIsTold(t *testing.T) {
	d := newDiary("A", "B")
	d.scan(0, at(16, 14, 0), tracking.Scan{Status: tracking.InTransit})
	d.scan(1, at(16, 16, 0), tracking.Scan{Status: tracking.InTransit, Location: "Utrecht"})
	d.scan(0, at(17, 9, 0), tracking.Scan{Status: tracking.AvailableForPickup, Location: "Kiosk Noord"})
	d.scan(0, at(17, 12, 0), tracking.Scan{Status: tracking.Delivered})
	d.scan(1, at(18, 9, 0), tracking.Scan{Status: tracking.AvailableForPickup, Location: "Kiosk Noord"})
	d.scan(1, at(18, 12, 0), tracking.Scan{Status: tracking.Delivered})
	d.reads(t, "Mon 13:00 OrderReceived ", "Mon 14:00 Shipped shop/1", "Mon 16:00 Shipped shop/2",
		"Tue 09:00 AvailableForPickup A", "Tue 12:00 Delivered A", "Wed 09:00 AvailableForPickup B", "Wed 12:00 Delivered B")
}

func TestAParcelThatDoesNotComeOnItsDayIsToldThatEvening(t *testing.T) {
	d := newDiary("A")
	d.scan(0, at(16, 14, 0), tracking.Scan{Status: tracking.InTransit})
	d.states(0, at(16, 14, 5), day(18))
	d.until(at(18, 20, 30))
	if want := "Wed 20:00 LateWithoutNews A"; d.lines[len(d.lines)-1] != want {
		t.Errorf("%q", d.lines)
	}
	d.scan(0, at(19, 8, 30), tracking.Scan{Status: tracking.OutForDelivery})
	d.scan(0, at(19, 11, 0), tracking.Scan{Status: tracking.Delivered})
	d.reads(t, "Mon 13:00 OrderReceived ", "Mon 14:00 Shipped shop/1", "Wed 20:00 LateWithoutNews A",
		"Thu 08:30 OutForDelivery A", "Thu 11:00 Delivered A")
}

func TestADayThatMovesIsToldOnceAndNotAsLateBesides(t *testing.T) {
	d := newDiary("A")
	d.states(0, at(16, 13, 30), day(18))
	d.scan(0, at(16, 14, 0), tracking.Scan{Status: tracking.InTransit})
	d.told[len(d.told)-1].Day = day(18).LastDay(amsterdam) // the mail about the shipment named it
	d.states(0, at(17, 9, 0), day(19))
	d.states(0, at(17, 9, 30), day(19))
	d.scan(0, at(19, 8, 30), tracking.Scan{Status: tracking.OutForDelivery})
	d.scan(0, at(19, 11, 0), tracking.Scan{Status: tracking.Delivered})
	d.reads(t, "Mon 13:00 OrderReceived ", "Mon 14:00 Shipped shop/1", "Tue 09:00 EtaMoved A",
		"Thu 08:30 OutForDelivery A", "Thu 11:00 Delivered A")
}

func TestADelayThatNamesTheNewDayIsOneMessage(t *testing.T) {
	d := newDiary("A")
	d.states(0, at(16, 13, 30), day(17))
	d.scan(0, at(16, 14, 0), tracking.Scan{Status: tracking.InTransit})
	d.told[len(d.told)-1].Day = day(17).LastDay(amsterdam)
	p := &d.order.Shipments[0].Parcels[0]
	d.until(at(17, 9, 0))
	p.Dates = append(p.Dates, tracking.StatedDate{ETA: *day(18), At: d.now, Heard: d.now})
	d.scan(0, at(17, 9, 0), tracking.Scan{Status: tracking.InTransit, Delayed: true})
	d.scan(0, at(18, 9, 0), tracking.Scan{Status: tracking.Delivered})
	d.reads(t, "Mon 13:00 OrderReceived ", "Mon 14:00 Shipped shop/1", "Tue 09:00 Delayed A", "Wed 09:00 Delivered A")
}

func TestTwoAttemptsOnTwoDaysAreTwoMessages(t *testing.T) {
	d := newDiary("A")
	d.setting.Carriers = []bundle.CarrierRules{{Name: "postnl", MaxDeliveryAttempts: 3}}
	d.scan(0, at(16, 14, 0), tracking.Scan{Status: tracking.InTransit})
	d.scan(0, at(17, 14, 0), tracking.Scan{Status: tracking.DeliveryAttemptFailed, Reason: tracking.ReasonNotHome})
	d.scan(0, at(17, 14, 10), tracking.Scan{Status: tracking.DeliveryAttemptFailed, Reason: tracking.ReasonNotHome})
	d.scan(0, at(18, 14, 0), tracking.Scan{Status: tracking.DeliveryAttemptFailed, Reason: tracking.ReasonNotHome})
	d.scan(0, at(19, 14, 0), tracking.Scan{Status: tracking.Delivered})
	d.reads(t, "Mon 13:00 OrderReceived ", "Mon 14:00 Shipped shop/1", "Tue 14:00 DeliveryAttemptFailed A",
		"Wed 14:00 LastAttempt A", "Thu 14:00 Delivered A")
}

func TestAPickupThatEndsIsTold(t *testing.T) {
	d := newDiary("A")
	d.setting.Carriers = []bundle.CarrierRules{{Name: "postnl", PickupHoldDays: 7}}
	d.scan(0, at(16, 14, 0), tracking.Scan{Status: tracking.AvailableForPickup, Location: "Kiosk Noord"})
	d.scan(0, at(24, 9, 0), tracking.Scan{Status: tracking.PickupExpired})
	d.scan(0, at(25, 9, 0), tracking.Scan{Status: tracking.ReturnInTransit})
	d.reads(t, "Mon 13:00 OrderReceived ", "Mon 14:00 AvailableForPickup A", "Sat 10:00 PickupExpiring A", "Tue 09:00 PickupExpired A",
		"Wed 09:00 ReturnInTransit A")
}

func TestAReopenedDeliveryIsToldAgain(t *testing.T) {
	d := newDiary("A")
	d.scan(0, at(16, 14, 0), tracking.Scan{Status: tracking.InTransit})
	d.scan(0, at(17, 11, 0), tracking.Scan{Status: tracking.Delivered})
	d.scan(0, at(18, 7, 0), tracking.Scan{Status: tracking.InTransit})
	d.scan(0, at(18, 11, 0), tracking.Scan{Status: tracking.Delivered})
	d.reads(t, "Mon 13:00 OrderReceived ", "Mon 14:00 Shipped shop/1", "Tue 11:00 Delivered A", "Wed 08:00 Exception A", "Wed 11:00 Delivered A")
}

func TestAnOrderWhoseAddressIsKnownLaterIsConfirmed(t *testing.T) {
	d := newDiary("A")
	d.lines, d.told = nil, nil
	d.order.Buyer.Email = ""
	d.until(at(16, 15, 0))
	d.look()
	d.order.Buyer.Email = "noor@example.org"
	d.look()
	d.reads(t, "Mon 15:00 OrderReceived ")
}
