package message

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// maxSubjectRunes keeps a subject whole in a list of mails.
const maxSubjectRunes = 150

// Check renders every text of mails and of the page in each of the Shop's languages on sample orders, and says everything
// that is wrong; none means that a workload can serve the Document completely.
func Check(doc *bundle.Document) []Problem {
	r, problems := prepare(doc)
	if len(problems) > 0 {
		return problems
	}
	for _, v := range r.voices {
		problems = append(problems, v.check(r)...)
	}
	for name := range r.blocks {
		for _, d := range sampleData(r.voices[0], r) {
			if _, err := execute(r.blocks[name], d); err != nil {
				problems = append(problems, Problem{Source: name + BlockSuffix, Key: name, Message: reasonOf(err)})
				break
			}
		}
	}
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.Source+a.Key, b.Source+b.Key) })
	return problems
}

func (v *Voice) check(r *Renderer) []Problem {
	var problems []Problem
	complain := func(key, format string, args ...any) {
		problems = append(problems, Problem{Source: v.Locale + TextsSuffix, Key: key, Message: fmt.Sprintf(format, args...)})
	}
	data := sampleData(v, r)
	for key, t := range v.templates {
		if strings.HasPrefix(key, "date.") {
			if _, err := execute(t, dateData{Relative: "a", Day: "b", Date: "c", LastDate: "d", LastDay: "e", Weekday: "f", WeekdayOn: "g", From: "h", To: "i"}); err != nil {
				complain(key, "%s", reasonOf(err))
			}
			continue
		}
		if message := checkText(key, t, data); message != "" {
			complain(key, "%s", message)
		}
	}
	for _, s := range samples() {
		if _, err := v.news(s.occasion, s.order, s.journey, r.Zone(s.order), s.now); err != nil {
			complain(mailKey(s.occasion, "body"), "%s", reasonOf(err))
		}
	}
	return problems
}

// checkText renders one text on every sample. What may be absent in life may not leave it empty.
func checkText(key string, t executor, samples []Data) string {
	for _, d := range samples {
		text, err := execute(t, d)
		switch {
		case err != nil:
			return reasonOf(err)
		case strings.TrimSpace(text) == "" && !optional(key):
			return "the text is empty when some fields are; keep words outside of {{if}}"
		case strings.HasSuffix(key, ".subject") && len([]rune(text)) > maxSubjectRunes:
			return fmt.Sprintf("the subject has up to %d characters; at most %d are readable", len([]rune(text)), maxSubjectRunes)
		}
	}
	return ""
}

// reasonOf leaves out where in Go a template failed.
func reasonOf(err error) string {
	if inner := errors.Unwrap(err); inner != nil && strings.HasPrefix(err.Error(), "template: ") {
		return inner.Error()
	}
	if fault := (*templateError)(nil); errors.As(syntaxError(err), &fault) {
		return fault.message
	}
	return err.Error()
}

// sampleData are the fields with everything known, with little known, and for a parcel that is late.
func sampleData(v *Voice, r *Renderer) []Data {
	full, j, now := SampleOrder(tracking.Occasion(tracking.OutForDelivery))
	rich := v.Data(full, j, j.State, r.zone, now)
	rich.Reason = v.Say("page.reason.NotHome", rich)
	late := rich
	late.Eta, late.Due = "", rich.Eta
	return []Data{rich, v.ShopData(), late}
}

// sample is an order at the moment at which an occasion is worth telling. Nobody changes it.
type sample struct {
	occasion tracking.Occasion
	order    tracking.Order
	journey  tracking.Journey
	now      time.Time
}

// samples are one for each occasion, made once: a thousand Shops are checked on them.
var samples = sync.OnceValue(func() []sample {
	var all []sample
	for _, occasion := range tracking.Occasions() {
		order, journey, now := SampleOrder(occasion)
		all = append(all, sample{occasion, order, journey, now})
	}
	return all
})

// SampleOrder is a fictional order at the moment at which the occasion is worth telling.
func SampleOrder(occasion tracking.Occasion) (tracking.Order, tracking.Journey, time.Time) {
	placed := time.Date(2026, time.November, 23, 19, 12, 0, 0, time.UTC)
	now := placed.Add(3 * 24 * time.Hour)
	window := &tracking.ETA{From: now.Truncate(time.Hour).Add(18 * time.Hour), To: now.Truncate(time.Hour).Add(20 * time.Hour), Source: tracking.ETAFromCarrier}
	o := tracking.Order{
		ID: "sampleordersampleordersamp", Number: "#1001", PlacedAt: placed, Phase: tracking.Shipped,
		PhaseTimes: map[tracking.Phase]time.Time{tracking.OrderReceived: placed, tracking.Packed: placed.Add(15 * time.Hour), tracking.Shipped: placed.Add(18 * time.Hour)},
		Customer:   tracking.Customer{Name: "Robin Sample", Email: "robin@shopper.example"},
		To:         tracking.Address{Street: "Sample Street 1", Postcode: "1017 AB", City: "Amsterdam", Country: "NL"},
		Items:      []tracking.Item{{Name: "Linen cushion, sage", Quantity: 2, PriceMinor: 2495}, {Name: "Wool throw", Quantity: 1, PriceMinor: 7900}},
		Currency:   "EUR", TotalMinor: 12890,
	}
	if slices.Contains(tracking.Phases(), tracking.Phase(occasion)) {
		o.Phase = tracking.Phase(occasion)
		o.PhaseTimes[o.Phase] = placed.Add(time.Hour)
		o.Promise = &tracking.ETA{From: now.AddDate(0, 0, 1).Truncate(24 * time.Hour), To: now.AddDate(0, 0, 3).Truncate(24 * time.Hour), DayOnly: true, Source: tracking.ETAFromOrder}
		return o, tracking.Project(o, bundle.Promise{}, time.UTC, now), now
	}
	o.Parcels = []tracking.Parcel{{Carrier: "postnl", Number: "3SWISMO0000001", Events: sampleEvents(occasion, placed, window)}}
	if at, ok := sampleNow(window)[occasion]; ok {
		now = at
	}
	return o, tracking.Project(o, bundle.Promise{}, time.UTC, now), now
}

// sampleNow are the instants of those occasions that belong to the day of delivery.
func sampleNow(window *tracking.ETA) map[tracking.Occasion]time.Time {
	return map[tracking.Occasion]time.Time{
		tracking.Occasion(tracking.OutForDelivery): window.From.Add(-5 * time.Hour),
		tracking.LastAttempt:                       window.From.Add(-5 * time.Hour),
		tracking.Occasion(tracking.Delivered):      window.To,
		tracking.LateWithoutNews:                   window.To.Add(4 * time.Hour),
	}
}

// sampleEvents are what a carrier said up to the occasion.
func sampleEvents(occasion tracking.Occasion, placed time.Time, window *tracking.ETA) []tracking.Event {
	way := []tracking.Event{
		{Key: "1", Status: tracking.LabelCreated, Time: placed.Add(16 * time.Hour)},
		{Key: "2", Status: tracking.HandedToCarrier, Time: placed.Add(22 * time.Hour), Location: "Utrecht"},
		{Key: "3", Status: tracking.InTransit, Time: placed.Add(40 * time.Hour), Location: "Amsterdam", ETA: window},
	}
	if at := slices.IndexFunc(way, func(e tracking.Event) bool { return tracking.Occasion(e.Status) == occasion }); at >= 0 {
		return way[:at+1]
	}
	last, ok := sampleLast(window)[occasion]
	if !ok && slices.Contains(tracking.Statuses(), tracking.Status(occasion)) {
		last, ok = tracking.Event{Status: tracking.Status(occasion)}, true
	}
	if !ok {
		return way
	}
	last.Key, last.Location = "4", "Amsterdam"
	if last.Time.IsZero() {
		last.Time = placed.Add(66 * time.Hour)
	}
	return append(way, last)
}

// sampleLast are the last events of those occasions that need more than their status.
func sampleLast(window *tracking.ETA) map[tracking.Occasion]tracking.Event {
	morning := window.From.Add(-6 * time.Hour)
	delayed := tracking.Event{Status: tracking.InTransit, Delayed: true, Reason: tracking.Weather}
	return map[tracking.Occasion]tracking.Event{
		tracking.Occasion(tracking.OutForDelivery):        {Status: tracking.OutForDelivery, Time: morning},
		tracking.LastAttempt:                              {Status: tracking.OutForDelivery, Time: morning},
		tracking.Occasion(tracking.Delivered):             {Status: tracking.Delivered, Time: window.From.Add(40 * time.Minute)},
		tracking.Occasion(tracking.DeliveryAttemptFailed): {Status: tracking.DeliveryAttemptFailed, Reason: tracking.NotHome},
		tracking.PickupExpiring:                           {Status: tracking.AvailableForPickup},
		tracking.Delayed:                                  delayed,
		tracking.EtaMoved:                                 delayed,
	}
}
