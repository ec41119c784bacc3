package mapping

import (
	"time"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/tracking"
)

const (
	// staleETA is how old an expected delivery may be when it is told: a carrier that recycles its numbers tells years.
	staleETA = 30 * 24 * time.Hour
	// farFuture is how far ahead a date may lie; what is beyond, such as 9999-12-31, stands for "not known".
	farFuture = 2 * 366 * 24 * time.Hour
)

// eventETA keeps the date that an event states.
func (r *run) eventETA(e *definition.Events, s tracking.Scan, what *told) {
	if eta := r.eta(&e.ETA, tracking.ETAFromCarrier, s.At()); eta != nil {
		what.dates = append(what.dates, tracking.StatedDate{ETA: *eta, At: s.At().UTC(), Heard: r.receipt.Heard})
	}
}

// parcelETA keeps the date that is stated of the parcel as a whole. After its end no date counts.
func (r *run) parcelETA(p *definition.Parcels, what *told, asOf time.Time) {
	if asOf.IsZero() {
		asOf = r.receipt.Heard
	}
	eta := r.eta(&p.ETA, tracking.ETAFromCarrier, asOf)
	if latest := latestState(what.scans); eta == nil || latest != nil && latest.Status.Terminal() {
		return
	}
	what.dates = append(what.dates, tracking.StatedDate{ETA: *eta, At: asOf, Heard: r.receipt.Heard})
}

// eta reads an expected delivery as it was told at asOf; nil is absent, and what cannot be meant.
func (r *run) eta(p *definition.ETA, source tracking.ETASource, asOf time.Time) *tracking.ETA {
	eta := r.window(p)
	if eta == nil || eta.From.After(r.receipt.Heard.Add(farFuture)) {
		return nil
	}
	if !asOf.IsZero() && eta.To.Before(asOf.Add(-staleETA)) {
		return nil
	}
	eta.Source = source
	return eta
}

// endsNight reports whether the end of a window is the midnight after its beginning, written with the day of that.
func (m moment) endsNight(from moment) bool {
	return m.isDay() && !from.isDay() && m.day() == from.day()
}

func (r *run) window(p *definition.ETA) *tracking.ETA {
	if day := r.date(&p.Day); !day.IsZero() {
		return days(day, day)
	}
	from, to := r.date(&p.From), r.date(&p.To)
	if from.IsZero() {
		from = to
	}
	if to.IsZero() {
		to = from
	}
	if from.IsZero() {
		return nil
	}
	if to.endsNight(from) {
		to.Time = to.AddDate(0, 0, 1)
	}
	if to.Before(from.Time) {
		from, to = to, from
	}
	wholeDay := from.isDay() || (from.endsDay() && from.Equal(to.Time))
	if wholeDay && (to.isDay() || to.endsDay()) {
		return days(from, to)
	}
	return &tracking.ETA{From: from.inOwnOffset(), To: to.inOwnOffset(), Guessed: !from.zoned || !to.zoned}
}

// days returns a range of calendar days, as they are written.
func days(from, to moment) *tracking.ETA {
	return &tracking.ETA{From: from.day().In(time.UTC), To: to.day().In(time.UTC), DayOnly: true}
}
