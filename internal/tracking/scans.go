package tracking

import (
	"cmp"
	"slices"
	"time"
)

// sameScan is how far apart two sources may tell one scan: they round times, and guess zones.
const sameScan = 12 * time.Hour

// addScans adds a tracker's scans that lie in the parcel's window. What a better source has told already is not told again, so that
// no attempt counts twice.
//
// A time without a zone is the wall clock's where the parcel is, and that is mostly near its end: it is read in the destination's
// zone, where that is known.
func (p *Parcel) addScans(t *Record, zone *time.Location, handover func(*Record, Scan) bool) {
	said := settled(localised(t.Scans, zone))
	better := slices.Clone(p.Scans)
	for _, s := range said {
		if handover(t, s) {
			s.Status = HandedToCarrier
		}
		if !p.within(s.At()) || slices.ContainsFunc(better, func(b Scan) bool { return b.repeats(s) }) {
			continue
		}
		s.Source, s.Number = t.Key.Source, t.Tracker.Number
		p.Scans = append(p.Scans, s)
	}
}

// localised reads guessed times in the zone.
func localised(scans []Scan, zone *time.Location) []Scan {
	if zone == nil {
		return scans
	}
	all := slices.Clone(scans)
	for i := range all {
		s := &all[i]
		if s.Guessed {
			s.Told = handsIn(zone, s.Told)
		}
		if s.Action != nil && s.Action.Guessed {
			action := *s.Action
			action.By = handsIn(zone, action.By)
			s.Action = &action
		}
	}
	slices.SortStableFunc(all, compareScans)
	return all
}

// handsIn returns when a clock in the zone shows what a clock shows where the time was read.
func handsIn(zone *time.Location, t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, zone)
}

// repeats reports whether a scan of another source tells the same.
func (s Scan) repeats(o Scan) bool {
	apart := s.At().Sub(o.At()).Abs()
	if s.Status != "" || o.Status != "" {
		return s.Status == o.Status && apart <= sameScan
	}
	return apart <= time.Minute
}

// settled applies a provider's own word for the present state to its list of scans: what the list tells behind the scan of that
// state, and is less advanced, was booked late and changes nothing. Where no scan has that state, the word itself counts as one.
func settled(scans []Scan) []Scan {
	all, current := presentWord(scans)
	if current == nil || current.Status == "" {
		return all
	}
	at := -1
	for i, s := range all {
		if s.Status == current.Status {
			at = i
		}
	}
	if at < 0 {
		return append(all, *current)
	}
	for i := at + 1; i < len(all); i++ {
		if late := &all[i]; !late.Heard.After(current.told()) && progress(late.Status) < progress(current.Status) {
			late.Status, late.Reason, late.Delayed, late.ActionRequired, late.Action = "", "", false, false, nil
		}
	}
	return all
}

// presentWord parts the scans from the provider's newest word for the present state; nil where it gives none.
func presentWord(scans []Scan) (all []Scan, current *Scan) {
	all = make([]Scan, 0, len(scans))
	for i, s := range scans {
		switch {
		case !s.Current:
			all = append(all, s)
		case current == nil || !s.told().Before(current.told()):
			current = &scans[i]
		}
	}
	return all, current
}

// handsOver reports whether a delivery is one to the carrier of the next leg. Once that carrier has scanned the parcel, a delivery that
// the first one tells is the shopper's.
func (l *loaded) handsOver(t *Record, s Scan) bool {
	if s.Status != Delivered || !l.passesOn(t.Tracker.Number) {
		return false
	}
	next := func(o Scan) bool {
		return o.Status.Carried() && !o.Ahead() && l.parcel.within(o.At()) && o.At().Before(s.At())
	}
	return !slices.ContainsFunc(l.trackers, func(o *Record) bool {
		other := NormalNumber(o.Tracker.Number)
		return other != "" && other != NormalNumber(t.Tracker.Number) && slices.ContainsFunc(o.Scans, next)
	})
}

// passesOn reports whether a leg follows the one of the number: its role says so, or that of another one.
func (l *loaded) passesOn(number string) bool {
	var legs []Leg
	for _, t := range l.trackers {
		if l.parcel.within(t.stampOf("Legs").Version) {
			legs = append(legs, t.Tracker.Legs...)
		}
	}
	if NormalNumber(number) == "" || slices.ContainsFunc(legs, func(l Leg) bool { return l.hasNumber(number) && l.Role.isLast() }) {
		return false
	}
	return slices.ContainsFunc(legs, func(l Leg) bool {
		return l.hasNumber(number) && l.Role == RoleFirstMile || l.Role.isLast() && NormalNumber(l.Number) != ""
	})
}

// afterEnd is how long after its end a parcel's number may still bring a scan of it.
const afterEnd = 30 * 24 * time.Hour

// cut ends the parcel's window where the number falls silent for so long that the next scan is of another parcel.
func (p *Parcel) cut() {
	ended := false
	for i, s := range p.Scans {
		if i > 0 {
			pause := s.At().Sub(p.Scans[i-1].At())
			if pause > numberWindow || (ended && pause > afterEnd) {
				p.Ends = s.At()
				p.Scans = p.Scans[:i]
				break
			}
		}
		if !s.Ahead() && s.Status != "" {
			ended = s.Status.Terminal()
		}
	}
	p.Dates = slices.DeleteFunc(p.Dates, func(d StatedDate) bool { return !p.Ends.IsZero() && !d.At.Before(p.Ends) })
}

// stay is a run of scans that all show one status.
type stay struct {
	Status Status
	Reason Reason
	From   Scan // the first of Scans
	Scans  []Scan
}

// last returns the newest scan of the stay.
func (s stay) last() Scan { return s.Scans[len(s.Scans)-1] }

// lastSaid returns the last scan that tells the stay's own status.
func (s stay) lastSaid() Scan {
	last := s.From
	for _, scan := range s.Scans {
		if scan.Status == s.Status {
			last = scan
		}
	}
	return last
}

// stays folds the parcel's scans into what it went through, oldest first. Planned steps are left out, and so are scans that tell no
// status. A parcel that goes back is never delivered, however its carrier words it.
func stays(p Parcel) []stay {
	var all []stay
	var booked *Scan // by a depot after the latest delivery, which it has not undone
	returning := p.Returning
	for _, s := range p.Scans {
		if s.Ahead() || s.Status == "" {
			continue
		}
		returning = returning || s.turnsBack()
		s.Status = heading(s.Status, returning)
		switch n := len(all); {
		case n > 0 && all[n-1].Status == s.Status && !deliveredAgain(s, booked):
			all[n-1].Scans = append(all[n-1].Scans, s)
			all[n-1].Reason = cmp.Or(s.Reason, all[n-1].Reason)
		case n > 0 && all[n-1].Status == s.Status:
			all = append(all, stayOf(*booked), stayOf(s))
			booked = nil
		case n > 0 && !all[n-1].leftBy(s):
			if all[n-1].Status == Delivered && moves(s.Status) {
				booked = &s
			}
		default:
			all, booked = append(all, stayOf(s)), nil
		}
	}
	return all
}

func stayOf(s Scan) stay { return stay{Status: s.Status, Reason: s.Reason, From: s, Scans: []Scan{s}} }

// lateBooking is by how much a scan that is made on the same round may be booked late.
const lateBooking = time.Hour

// deliveredAgain reports whether a delivery is another one than that before it: the parcel was in the depot in between, booked there
// well before.
func deliveredAgain(s Scan, booked *Scan) bool {
	return s.Status == Delivered && booked != nil && s.At().Sub(booked.At()) > lateBooking
}

// moves reports whether a parcel of the status is in its carrier's network and at no one's door.
func moves(s Status) bool { return slices.Contains([]Status{HandedToCarrier, InTransit, InCustoms}, s) }

// turnsBack reports whether from this scan on the parcel goes back.
func (s Scan) turnsBack() bool {
	return s.Returning || s.Status == ReturnInTransit || s.Status == ReturnedToSender
}

// heading returns what a status means for a parcel that goes back.
func heading(s Status, returning bool) Status {
	if !returning {
		return s
	}
	switch s {
	case Delivered, ReturnedToSender:
		return ReturnedToSender
	case LabelCreated, Lost, Damaged, Disposed, ParcelCancelled:
		return s
	default:
		return ReturnInTransit
	}
}

// leftBy reports whether a scan ends the stay. Depots book late, and drivers at loading: what is told on the day of a delivery of an
// earlier stage does not undo it, unless it says why the parcel is there. A label that is announced again says nothing of a parcel
// that is under way.
func (s stay) leftBy(scan Scan) bool {
	const day = 12 * time.Hour
	after := scan.At().Sub(s.last().At())
	switch {
	case scan.Status == LabelCreated:
		return !s.Status.Carried() || s.Status == Lost
	case s.Status == ReturnedToSender:
		return scan.Status == Lost || scan.Status == Disposed
	case s.Status != Delivered:
		return true
	case scan.Status == OutForDelivery, scan.Status == AvailableForPickup:
		return after > lateBooking
	case moves(scan.Status):
		return after > day || after > 0 && scan.Reason != ""
	default:
		return true
	}
}
