package message

import (
	"slices"
	"sync"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// Sample is a fictional order at the moment at which an occasion is worth telling. It is shared: do not modify it.
type Sample struct {
	News    tracking.News
	Order   tracking.Order
	Journey tracking.Journey
	Now     time.Time
}

// samples holds one sample for each occasion and direction, made once because every Shop is checked on them.
var samples = sync.OnceValue(func() []Sample {
	var all []Sample
	for _, occasion := range tracking.Occasions() {
		for _, direction := range tracking.Directions() {
			all = append(all, SampleOf(occasion, direction))
		}
	}
	return all
})

// The sample's order was placed on a Monday; a carrier announced it for the Friday.
var (
	samplePlaced = time.Date(2026, time.November, 23, 19, 12, 0, 0, time.UTC)
	sampleWindow = tracking.ETA{
		From: time.Date(2026, time.November, 27, 13, 0, 0, 0, time.UTC), To: time.Date(2026, time.November, 27, 15, 0, 0, 0, time.UTC), Source: tracking.ETAFromCarrier,
	}
)

// SampleOf returns the sample for an occasion of what goes to the shopper, or of what the shopper sends back.
func SampleOf(occasion tracking.Occasion, direction tracking.Direction) Sample {
	now := samplePlaced.Add(3 * 24 * time.Hour)
	s := Sample{Order: sampleOrder(), Now: now}
	s.News = tracking.News{Occasion: occasion, At: now.Add(-2 * time.Hour), Heard: now.Add(-2 * time.Hour)}
	back := direction == tracking.Return || isReturnOccasion(occasion)
	switch phase := tracking.Phase(occasion); {
	case back:
		s.sendBack(phase)
	case slices.Contains(tracking.Phases(), phase) && phase != tracking.Shipped:
		s.setPhase(phase)
	default:
		s.send()
	}
	s.Journey = tracking.Project(s.Order, tracking.Setting{Zone: time.UTC, HomeCountry: "NL"}, s.Now)
	return s
}

func sampleOrder() tracking.Order {
	return tracking.Order{
		ID: "sampleordersampleordersamp", Number: "#1001", PlacedAt: samplePlaced, FirstHeard: samplePlaced, LastHeard: samplePlaced,
		Phase:  tracking.OrderReceived,
		Phases: []tracking.PhaseChange{{Phase: tracking.OrderReceived, At: samplePlaced, Heard: samplePlaced}},
		Buyer:  tracking.Recipient{Name: "Robin Sample", Email: "robin@shopper.example"},
		To:     tracking.Address{Street: "Sample Street 1", Postcode: "1017 AB", City: "Amsterdam", Country: "NL"},
		Lines: []tracking.Line{
			{ID: "1", Name: "Linen cushion, sage", Quantity: locale.Units(2), PriceMinor: 2495}, {ID: "2", Name: "Wool throw", Quantity: locale.Units(1), PriceMinor: 7900},
		},
		Money: tracking.Money{Currency: "EUR", TotalMinor: 12890},
	}
}

// setPhase gives the order the phase, one that the shop states, with what belongs to it: a promise, a refund, or a cancelled shipment.
func (s *Sample) setPhase(phase tracking.Phase) {
	o := &s.Order
	o.Phase = phase
	o.Phases = append(o.Phases, tracking.PhaseChange{Phase: phase, At: s.News.At, Heard: s.News.At})
	o.Promise = &tracking.ETA{From: s.Now.AddDate(0, 0, 1).Truncate(24 * time.Hour), To: s.Now.AddDate(0, 0, 3).Truncate(24 * time.Hour), DayOnly: true, Source: tracking.ETAFromOrder}
	switch phase {
	case tracking.ReadyToCollect, tracking.Collected:
		o.Method = tracking.MethodPickup
	case tracking.OrderCancelled:
		o.Cancelled, o.CancelledAt, o.Promise = true, s.News.At, nil
		o.Refunds = []tracking.Refund{{AmountMinor: o.Money.TotalMinor, At: s.News.At}}
	case tracking.Cancelled:
		o.Phase = tracking.OrderReceived
		sh := sampleShipment(tracking.Outbound)
		sh.Phase, sh.Lines = tracking.Cancelled, []tracking.LineShare{{ID: "2", Quantity: locale.Units(1)}}
		o.Shipments = []tracking.Shipment{sh}
		s.News.Subject = sh.Subject
	default:
	}
}

func sampleShipment(direction tracking.Direction) tracking.Shipment {
	return tracking.Shipment{
		Subject: tracking.Subject{Kind: tracking.SubjectShipment, Ref: "api/" + string(direction)}, Source: "api", Ref: string(direction),
		Direction: direction, Phase: tracking.Shipped, CreatedAt: samplePlaced, Heard: samplePlaced,
	}
}

func sampleParcel(number string, scans ...tracking.Scan) tracking.Parcel {
	for i := range scans {
		scans[i].ID, scans[i].Heard, scans[i].Sequence = string(scans[i].Status), scans[i].Told, i
	}
	return tracking.Parcel{Subject: tracking.Subject{Kind: tracking.SubjectParcel, Ref: number}, Carrier: "postnl", Number: number, Heard: samplePlaced, Scans: scans}
}

// send gives the order a parcel in the state that the occasion leaves it in.
func (s *Sample) send() {
	sh := sampleShipment(tracking.Outbound)
	sh.Lines = []tracking.LineShare{{ID: "1", Quantity: locale.Units(2)}, {ID: "2", Quantity: locale.Units(1)}}
	p := sampleParcel("3SWISMO0000001", sampleScans(s.News.Occasion)...)
	last := p.Scans[len(p.Scans)-1]
	p.Dates = []tracking.StatedDate{{ETA: sampleWindow, At: last.Told, Heard: last.Told}}
	switch s.News.Occasion {
	case tracking.EtaMoved:
		first := tracking.ETA{From: sampleWindow.From.AddDate(0, 0, -1), To: sampleWindow.To.AddDate(0, 0, -1), Source: tracking.ETAFromCarrier}
		p.Dates = slices.Insert(p.Dates, 0, tracking.StatedDate{ETA: first, At: samplePlaced.Add(22 * time.Hour), Heard: samplePlaced.Add(22 * time.Hour)})
	case tracking.LateWithoutNews:
		s.Now = sampleWindow.To.Add(4 * time.Hour)
	case tracking.Occasion(tracking.OutForDelivery):
		s.Now = sampleWindow.From.Add(-5 * time.Hour)
	case tracking.Occasion(tracking.Delivered):
		p.Proof = &tracking.Proof{Note: "left with the neighbours at number 9"}
		s.Now = sampleWindow.To
	case tracking.Occasion(tracking.AvailableForPickup), tracking.PickupExpiring:
		p.Pickup = &tracking.PickupPoint{Name: "Kiosk Noord", Address: "Sample Square 2, Amsterdam", Until: locale.DayOf(s.Now.AddDate(0, 0, 7), time.UTC), Code: "4711", Hours: "08:00–22:00"}
	default:
	}
	if at := tracking.Occasion(last.Status); at == s.News.Occasion {
		s.News.At = last.Told
	}
	sh.Parcels = []tracking.Parcel{p}
	s.Order.Phase, s.Order.Shipments = tracking.Shipped, []tracking.Shipment{sh}
	s.News.Subject = p.Subject
	if s.News.Occasion == tracking.Occasion(tracking.Shipped) {
		s.News.Subject = sh.Subject
	}
	if s.News.Occasion == tracking.SilentOrder {
		s.News.Subject = tracking.Subject{}
	}
}

// sendBack gives the order a return.
func (s *Sample) sendBack(phase tracking.Phase) {
	s.send()
	sh := sampleShipment(tracking.Return)
	sh.Phase = tracking.ReturnRequested
	sh.Lines = []tracking.LineShare{{ID: "2", Quantity: locale.Units(1)}}
	p := sampleParcel("3SWISMO0000002", sampleScans(s.News.Occasion)...)
	p.Returning = true
	sh.Parcels = []tracking.Parcel{p}
	s.News.Subject = p.Subject
	if isReturnOccasion(tracking.Occasion(phase)) {
		sh.Phase, sh.Phases = phase, []tracking.PhaseChange{{Phase: phase, At: s.News.At, Heard: s.News.At}}
		s.News.Subject = sh.Subject
		s.Order.Refunds = []tracking.Refund{{AmountMinor: 7900, At: s.News.At}}
	}
	s.Order.Shipments = append(s.Order.Shipments, sh)
}

// sampleScans returns the scans of a carrier up to the occasion.
func sampleScans(occasion tracking.Occasion) []tracking.Scan {
	way := []tracking.Scan{
		{Status: tracking.LabelCreated, Told: samplePlaced.Add(16 * time.Hour)},
		{Status: tracking.HandedToCarrier, Told: samplePlaced.Add(22 * time.Hour), Location: "Utrecht"},
		{Status: tracking.InTransit, Told: samplePlaced.Add(40 * time.Hour), Location: "Amsterdam"},
	}
	if occasion == tracking.NoFirstScan {
		return way[:1]
	}
	if at := slices.IndexFunc(way, func(s tracking.Scan) bool { return tracking.Occasion(s.Status) == occasion }); at >= 0 {
		return way[:at+1]
	}
	last, ok := sampleLast()[occasion]
	if !ok && slices.Contains(tracking.Statuses(), tracking.Status(occasion)) {
		last, ok = tracking.Scan{Status: tracking.Status(occasion)}, true
	}
	if !ok {
		return way
	}
	last.Location = "Amsterdam"
	if last.Told.IsZero() {
		last.Told = samplePlaced.Add(66 * time.Hour)
	}
	return append(way, last)
}

// sampleLast returns the last scans of those occasions that need more than their status.
func sampleLast() map[tracking.Occasion]tracking.Scan {
	morning := sampleWindow.From.Add(-6 * time.Hour)
	failed := tracking.Scan{Status: tracking.DeliveryAttemptFailed, Reason: tracking.ReasonNotHome}
	delayed := tracking.Scan{Status: tracking.InTransit, Delayed: true, Reason: tracking.ReasonWeather}
	return map[tracking.Occasion]tracking.Scan{
		tracking.Occasion(tracking.OutForDelivery):        {Status: tracking.OutForDelivery, Told: morning},
		tracking.Occasion(tracking.Delivered):             {Status: tracking.Delivered, Told: sampleWindow.From.Add(40 * time.Minute)},
		tracking.Occasion(tracking.DeliveryAttemptFailed): failed,
		tracking.LastAttempt:                              failed,
		tracking.PickupExpiring:                           {Status: tracking.AvailableForPickup},
		tracking.Delayed:                                  delayed,
		tracking.EtaMoved:                                 delayed,
		tracking.ActionRequired: {
			Status: tracking.InCustoms, Reason: tracking.ReasonDutiesDue, ActionRequired: true,
			Action: &tracking.RequiredAction{Reason: tracking.ReasonDutiesDue, ByDay: locale.DayOf(sampleWindow.To.AddDate(0, 0, 7), time.UTC), URL: "https://duties.example/pay"},
		},
	}
}
