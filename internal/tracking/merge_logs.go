package tracking

import (
	"cmp"
	"reflect"
	"slices"
	"time"
)

// The part of Record.Take that merges logs: scans, phases, dates and the numbers of parcels. A later statement takes no entry back, and
// an entry counts from when it was first heard.

// takeScan adds a scan to the log, or merges it with the one that is known, and reports whether the log changed. A scan counts from when it
// was first heard, and has the words in which it was told last, so that a corrected definition changes its meaning and never its time. A
// planned step that is told again once it has happened counts from then.
func takeScan(log *[]Scan, scan Scan) bool {
	i := slices.IndexFunc(*log, func(known Scan) bool { return known.ID == scan.ID })
	if i < 0 {
		*log = append(*log, scan)
		slices.SortStableFunc(*log, compareScans)
		return true
	}
	known := (*log)[i]
	if known.Ahead() != scan.Ahead() {
		if scan.Ahead() {
			return false
		}
		(*log)[i] = scan
		slices.SortStableFunc(*log, compareScans)
		return true
	}
	kept := known
	if retold := scan.told(); retold.After(known.told()) || (retold.Equal(known.told()) && saysMore(scan, known)) {
		kept = scan
	}
	words := kept.told()
	kept.Heard = earliest(known.Heard, scan.Heard)
	kept.Retold = time.Time{}
	if words.After(kept.Heard) {
		kept.Retold = words
	}
	if reflect.DeepEqual(kept, known) {
		return false
	}
	(*log)[i] = kept
	slices.SortStableFunc(*log, compareScans)
	return true
}

// told returns when the receipt that the words of the scan are from was committed.
func (s Scan) told() time.Time { return latest(s.Heard, s.Retold) }

// saysMore reports whether the words of a replace those of b, which were committed at the same time: a replay of the same receipt with a
// corrected definition says more than nothing. The choice does not depend on the order in which they come.
func saysMore(a, b Scan) bool {
	return cmp.Or(cmp.Compare(len(a.Status), len(b.Status)), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Reason, b.Reason),
		cmp.Compare(a.Text, b.Text), cmp.Compare(a.Location, b.Location)) > 0
}

// compareScans compares scans by Scan.At; those of one instant by their place in the source's list, then by how far the parcel got.
func compareScans(a, b Scan) int {
	return cmp.Or(a.At().Compare(b.At()), cmp.Compare(a.Sequence, b.Sequence), a.Told.Compare(b.Told),
		cmp.Compare(progress(a.Status), progress(b.Status)), cmp.Compare(a.ID, b.ID))
}

// progress returns how far a parcel with the status has come: a number that grows with each status, and is highest for the terminal ones.
func progress(s Status) int {
	at := slices.Index(Statuses(), s)
	if s.Terminal() {
		return at + len(Statuses())
	}
	return at
}

// takePhase adds a phase to the log, or the earlier times of one that is known, and reports whether the log changed. A cancellation on
// another day is another entry.
func takePhase(log *[]PhaseChange, p PhaseChange) bool {
	same := func(known PhaseChange) bool {
		again := p.Phase == OrderCancelled || p.Phase == Cancelled
		return known.Phase == p.Phase && (!again || known.At.UTC().Truncate(24*time.Hour).Equal(p.At.UTC().Truncate(24*time.Hour)))
	}
	i := slices.IndexFunc(*log, same)
	if i < 0 {
		*log = append(*log, p)
		slices.SortFunc(*log, comparePhases)
		return true
	}
	known := (*log)[i]
	kept := PhaseChange{Phase: p.Phase, At: earliest(known.At, p.At), Heard: earliest(known.Heard, p.Heard)}
	if kept == known {
		return false
	}
	(*log)[i] = kept
	slices.SortFunc(*log, comparePhases)
	return true
}

// comparePhases compares phases by their time, then by their order.
func comparePhases(a, b PhaseChange) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(slices.Index(Phases(), a.Phase), slices.Index(Phases(), b.Phase)), a.Heard.Compare(b.Heard))
}

// maxDates bounds the log of the days that were stated for a resource; the first and the newest are kept.
const maxDates = 64

// takeDate adds a stated day to the log, or the earlier time of one that is known, and reports whether the log changed.
func takeDate(log *[]StatedDate, d StatedDate) bool {
	for i, known := range *log {
		if !known.ETA.equal(d.ETA) || !known.At.Equal(d.At) {
			continue
		}
		if !d.Heard.Before(known.Heard) {
			return false
		}
		(*log)[i].Heard = d.Heard
		return true
	}
	*log = append(*log, d)
	slices.SortFunc(*log, compareDates)
	if len(*log) > maxDates {
		*log = slices.Delete(*log, 1, 2)
	}
	return true
}

// compareDates compares stated days by the time of their statement.
func compareDates(a, b StatedDate) int {
	return cmp.Or(a.At.Compare(b.At), a.Heard.Compare(b.Heard), a.ETA.From.Compare(b.ETA.From), a.ETA.To.Compare(b.ETA.To), cmp.Compare(a.ETA.Source, b.ETA.Source))
}

func (e ETA) equal(o ETA) bool {
	return e.From.Equal(o.From) && e.To.Equal(o.To) && e.DayOnly == o.DayOnly && e.Source == o.Source
}

// fillMissingNumbers fills the log of numbers of a record that was stored by a version which did not have that log.
func (r *Record) fillMissingNumbers() {
	if r.Shipment == nil || len(r.Named) > 0 {
		return
	}
	for _, p := range r.Shipment.Parcels {
		r.logNumber(p.Number, r.FirstHeard)
	}
}

// logNumber notes that a shipment names the number of a parcel, and reports whether the log changed.
func (r *Record) logNumber(number string, heard time.Time) bool {
	n := Named{NormalNumber(number), heard}
	return n.Number != "" && takeFirstHeard(&r.Named, n)
}

func (n Named) same(o Named) bool  { return n.Number == o.Number }
func (n Named) heardAt() time.Time { return n.Heard }
func (n Named) compare(o Named) int {
	return cmp.Or(n.Heard.Compare(o.Heard), cmp.Compare(n.Number, o.Number))
}

// namedAt returns when a shipment first named a number.
func (r *Record) namedAt(number string) time.Time {
	for _, n := range r.Named {
		if n.Number == NormalNumber(number) {
			return n.Heard
		}
	}
	return r.FirstHeard
}

// added reports whether the shipment named a number after others, and in place of none: another parcel, and no correction.
func (r *Record) added(number string) bool {
	at := r.namedAt(number)
	for _, n := range r.Named {
		kept := slices.ContainsFunc(r.Shipment.Parcels, func(p ParcelSaid) bool { return NormalNumber(p.Number) == n.Number })
		if !kept && !n.Heard.After(at) {
			return false
		}
	}
	return len(r.Named) > 0 && at.Sub(r.Named[0].Heard) > historyGrace
}

// maxFirstHeard bounds a log of firstHeardEntries; the oldest are kept.
const maxFirstHeard = 128

// firstHeardEntry is an entry of a log that has each thing once, with the time at which it was first heard.
type firstHeardEntry[E any] interface {
	same(E) bool
	heardAt() time.Time
	compare(E) int // for sorting, the oldest first
}

// takeFirstHeard adds an entry to the log, or the earlier time of one that is known, and reports whether the log changed.
func takeFirstHeard[E firstHeardEntry[E]](log *[]E, one E) bool {
	i := slices.IndexFunc(*log, one.same)
	switch {
	case i >= 0 && !one.heardAt().Before((*log)[i].heardAt()):
		return false
	case i >= 0:
		(*log)[i] = one
	default:
		*log = append(*log, one)
	}
	slices.SortFunc(*log, E.compare)
	*log = (*log)[:min(len(*log), maxFirstHeard)]
	return true
}
