package tracking

import (
	"math"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// Estimate returns when a parcel comes by the history of its lane: between the 10th and the 90th percentile of the business days that
// parcels took from their first scan, on day. Nil where the history is too short to conclude anything.
func Estimate(lanes Lanes, lane Lane, day locale.Day, calendar locale.Calendar) *ETA {
	history, known := lanes[lane]
	if !known || history.Parcels < MinLaneParcels || day.IsZero() {
		return nil
	}
	return daysETA(
		calendar.AddBusinessDays(day, int(math.Floor(history.P10))),
		calendar.AddBusinessDays(day, int(math.Ceil(history.P90))),
		ETAFromEstimate,
	)
}

// NarrowerThan reports whether e leaves fewer days open than other does; everything is narrower than nothing.
func (e ETA) NarrowerThan(other *ETA, zone *time.Location) bool {
	return other == nil || e.End(zone).Sub(e.Start(zone)) < other.End(zone).Sub(other.Start(zone))
}

// estimated returns the estimate of a parcel, where it says more than the promise does.
func estimated(o Order, sh *Shipment, p Parcel, s Setting, zone *time.Location) *ETA {
	first := firstCarrierScan(p)
	if first == nil {
		return nil
	}
	e := Estimate(s.Lanes, laneOf(o, sh, p, s), locale.DayOf(first.At(), zone), roadCalendar(o, sh, s))
	if e == nil || !e.NarrowerThan(Promised(o, sh, s), zone) {
		return nil
	}
	return e
}

// laneOf returns the way that a parcel takes.
func laneOf(o Order, sh *Shipment, p Parcel, s Setting) Lane {
	return Lane{From: originOf(sh, s), To: o.To.Country, Carrier: p.Carrier}
}

// LaneSamples is the history from which Lanes are made, as counts, so that its size depends on the number of lanes alone. It can be
// stored as JSON, keyed by Lane.String.
type LaneSamples map[string]*LaneSample

// LaneSample counts what the parcels of one lane took.
type LaneSample struct {
	Lane    Lane
	Parcels int
	Days    []int // Days[n] parcels took n business days; the last one stands for more
	Gaps    []int // Gaps[n] pauses between two scans were n to n+1 times gapStep long; the last one stands for more
}

const (
	maxLaneDays = 60
	maxLaneGaps = 96
	gapStep     = 4 * time.Hour
	// maxLaneParcels bounds how far back the history reaches: then every count is halved, so that what is old fades.
	maxLaneParcels = 4000
)

// String returns the lane as one text, such as "NL>DE postnl".
func (l Lane) String() string { return l.From + ">" + l.To + " " + l.Carrier }

// Delivery is what one delivered parcel adds to the history of its lane.
type Delivery struct {
	Lane Lane
	Days int             // business days from the first scan to the delivery
	Gaps []time.Duration // business time between one scan and the next
}

// DeliveryOf returns what a parcel that was delivered to the shopper adds to the history; ok is false for every other parcel.
func DeliveryOf(o Order, sh Shipment, p Parcel, s Setting) (d Delivery, ok bool) {
	all, first := stays(p), firstCarrierScan(p)
	if len(all) == 0 || all[len(all)-1].Status != Delivered || first == nil || !typical(o, sh, p, s) {
		return Delivery{}, false
	}
	zone, calendar := locale.ZoneIn(o.To.Country, o.To.Region, o.To.Postcode, inZone(s.Zone)), roadCalendar(o, &sh, s)
	start, end := first.At(), all[len(all)-1].From.At()
	d = Delivery{
		Lane: laneOf(o, &sh, p, s),
		Days: businessDays(calendar, locale.DayOf(start, zone), locale.DayOf(end, zone)),
	}
	for _, scan := range pastScans(p) {
		if at := scan.At(); at.After(start) && !at.After(end) {
			d.Gaps = append(d.Gaps, businessTime(calendar, start, at, zone))
			start = at
		}
	}
	return d, true
}

// typical reports whether other parcels of the lane may take as long as this one did.
func typical(o Order, sh Shipment, p Parcel, s Setting) bool {
	outbound := sh.Direction != Return && !p.Returning
	return outbound && !p.Shared && !o.Test && p.Carrier != "" && MethodOf(o, &sh, s).Tracked()
}

// AddDelivery counts one more parcel. Each parcel is to be added once.
func (l LaneSamples) AddDelivery(d Delivery) {
	sample := l[d.Lane.String()]
	if sample == nil {
		sample = &LaneSample{Lane: d.Lane, Days: make([]int, maxLaneDays+1), Gaps: make([]int, maxLaneGaps+1)}
		l[d.Lane.String()] = sample
	}
	if sample.Parcels >= maxLaneParcels {
		sample.fade()
	}
	sample.Parcels++
	sample.Days[min(max(d.Days, 0), maxLaneDays)]++
	for _, gap := range d.Gaps {
		sample.Gaps[min(int(max(gap, 0)/gapStep), maxLaneGaps)]++
	}
}

func (s *LaneSample) fade() {
	s.Parcels = 0
	for i := range s.Days {
		s.Days[i] /= 2
		s.Parcels += s.Days[i]
	}
	for i := range s.Gaps {
		s.Gaps[i] /= 2
	}
}

// Lanes returns what the history says of each lane; lanes of fewer than MinLaneParcels are left out.
func (l LaneSamples) Lanes() Lanes {
	lanes := Lanes{}
	for _, sample := range l {
		if sample.Parcels < MinLaneParcels {
			continue
		}
		lanes[sample.Lane] = LaneHistory{
			Parcels:     sample.Parcels,
			P10:         float64(percentile(sample.Days, 10)),
			P50:         float64(percentile(sample.Days, 50)),
			P90:         float64(percentile(sample.Days, 90)),
			GapHoursP95: gapStep.Hours() * float64(percentile(sample.Gaps, 95)+1),
		}
	}
	return lanes
}

// percentile returns the least value that percent of 100 counted ones do not exceed.
func percentile(counts []int, percent int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	need := (total*percent + 99) / 100
	for value, n := range counts {
		if need -= n; need <= 0 {
			return value
		}
	}
	return len(counts) - 1
}

// Prediction is an expectation, and when the parcel came.
type Prediction struct {
	ETA       ETA
	Delivered time.Time
	Zone      *time.Location // the destination's
}

// Coverage counts the deliveries that came inside their expectation, of all.
func Coverage(predictions []Prediction) (inside, all int) {
	for _, p := range predictions {
		if !p.Delivered.Before(p.ETA.Start(inZone(p.Zone))) && !p.Delivered.After(p.ETA.End(inZone(p.Zone))) {
			inside++
		}
	}
	return inside, len(predictions)
}
