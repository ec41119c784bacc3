package tracking

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// findParcel finds what is news of a parcel that goes to the shopper, or should.
func (f *finder) findParcel(sh *Shipment, p *Parcel) {
	w := f.watchParcel(sh, p)
	f.findStatuses(w)
	if w.returning {
		return
	}
	f.findAction(w)
	f.findDelay(w)
	f.findDates(w)
	f.findLocation(w)
	f.findLate(w)
	f.findLastAttempt(w)
	f.findPickupExpiring(w)
	f.findNoProgress(w)
}

// findStatuses adds news of each stay in a status.
func (f *finder) findStatuses(w *watchedParcel) {
	for i, st := range w.stays {
		n := News{Occasion: w.told(st.Status), Subject: w.subject, At: st.From.At(), Heard: st.From.Heard}
		switch {
		case n.Occasion == "":
		case n.Occasion != Occasion(st.Status):
			if n.Occasion == Occasion(ReturnReceived) && len(w.shipment.Parcels) == 1 {
				n.Also = []string{News{Occasion: n.Occasion, Subject: w.shipment.Subject}.ID()}
			}
			f.add(n)
		default:
			f.findStay(w, n, st, i)
		}
	}
}

// findStay adds news of one stay, identified by what distinguishes it from another one in the same status.
func (f *finder) findStay(w *watchedParcel, n News, st stay, i int) {
	f.findReopened(w, n, i)
	switch st.Status {
	case OutForDelivery, DeliveryAttemptFailed:
		f.findDays(n, st)
	case AvailableForPickup, PickupExpired:
		f.findPlaces(w, n, st, i)
	case Delivered:
		if w.parcel.Pieces != nil {
			f.findPieces(w, n, st)
			return
		}
		f.findDelivered(w, n, st, i)
	case Lost, Damaged, Exception, Disposed, ParcelCancelled:
		f.addByFirstDay(n, st)
	default:
		f.add(n)
	}
}

// addByFirstDay adds news of a stay, identified by the day on which the stay began. The ids of its other days go into Also, so that an
// earlier scan that arrives later does not make the same news again.
func (f *finder) addByFirstDay(n News, st stay) {
	n.Instance = f.day(n.At)
	n.Also = f.otherDays(n, st.Scans, n.Instance)
	f.add(n)
}

// findDelivered adds news of a delivery, identified by its day; a second one of the day, after the carrier took the first one back, by its
// time as well.
func (f *finder) findDelivered(w *watchedParcel, n News, st stay, i int) {
	first := func(before stay) bool { return before.Status == Delivered && f.day(before.From.At()) == f.day(n.At) }
	if !slices.ContainsFunc(w.stays[:i], first) {
		f.addByFirstDay(n, st)
		return
	}
	n.Instance = n.At.In(f.zone).Format("2006-01-02T15:04")
	f.add(n)
}

// reopenedPrefix begins the instance of an exception that takes back a delivery.
const reopenedPrefix = "reopened:"

// Reopens reports whether the news is that a parcel has not been delivered after all.
func (n News) Reopens() bool {
	return n.Occasion == Occasion(Exception) && strings.HasPrefix(n.Instance, reopenedPrefix)
}

// findReopened adds the news that a parcel which was called delivered is still on its way. News of a failed attempt, of a place at which it
// waits and of what is worse say so themselves.
func (f *finder) findReopened(w *watchedParcel, n News, i int) {
	st := w.stays[i]
	onItsWay := moves(st.Status) || st.Status == OutForDelivery || st.Status == Exception
	if i == 0 || w.stays[i-1].Status != Delivered || !onItsWay || w.returning {
		return
	}
	n.Occasion, n.Instance = Occasion(Exception), reopenedPrefix+f.day(n.At)
	f.add(n)
}

// told returns the word for a status by the way the parcel goes; "" where there is nothing to say. What the shopper sends back is on its way
// until the shop has it, or the carrier has lost or damaged it.
func (w *watchedParcel) told(s Status) Occasion {
	switch {
	case s == LabelCreated && w.returning:
		return ""
	case w.shipment.Direction != Return:
		return Occasion(s)
	case s == Delivered || s == ReturnedToSender:
		return Occasion(ReturnReceived)
	case s == Lost || s == Damaged:
		return Occasion(s)
	case s.Carried() && !s.Terminal():
		return Occasion(ReturnInTransit)
	default:
		return ""
	}
}

// findPieces adds news of the delivery of several pieces under one number once the last of them has come.
func (f *finder) findPieces(w *watchedParcel, n News, st stay) {
	if w.partlyDelivered() {
		return
	}
	last := st.lastSaid()
	n.Instance, n.At, n.Heard = f.day(last.At()), last.At(), last.Heard
	n.Also = f.otherDays(n, st.Scans, n.Instance)
	f.add(n)
}

// findDays adds news of a status for every day on which it is scanned, whatever happened in between.
func (f *finder) findDays(n News, st stay) {
	told := map[string]bool{}
	for _, scan := range st.Scans {
		day := locale.DayOf(scan.At(), f.zone)
		if told[day.String()] {
			continue
		}
		told[day.String()] = true
		n.Instance, n.At, n.Heard = day.String(), scan.At(), scan.Heard
		if st.Status == OutForDelivery {
			n.Until = day.End(f.zone)
		}
		f.add(n)
	}
}

func (f *finder) otherDays(n News, scans []Scan, but string) []string {
	var also []string
	for _, scan := range scans {
		n.Instance = f.day(scan.At())
		if n.Instance != but && !slices.Contains(also, n.ID()) {
			also = append(also, n.ID())
		}
	}
	return also
}

// findPlaces adds news of each place at which a parcel waits, or waited, within one stay, identified by the place; without one, by its day.
//
// A place at which the parcel waits again after it was said not to have been collected is news again, identified by its day as well.
func (f *finder) findPlaces(w *watchedParcel, n News, st stay, at int) {
	last := at == len(w.stays)-1
	again := slices.ContainsFunc(w.stays[:at], func(before stay) bool { return before.Status == PickupExpired })
	groups := byPlace(st)
	for i, scans := range groups {
		now := last && i == len(groups)-1
		g := n
		g.At, g.Heard = scans[0].At(), scans[0].Heard
		if g.Instance = f.placeOf(w, scans, now); g.Instance == "" {
			if !last {
				continue // it was told by a name that is no longer known, or it is no longer news
			}
			g.Instance = f.day(g.At)
		}
		if again {
			g.Instance += " " + f.day(g.At)
		} else {
			g.Also = append(f.otherDays(g, scans, g.Instance), otherPlaces(g, scans)...)
		}
		if now && st.Status == AvailableForPickup {
			g.Until = w.pickupUntil(f).End(f.zone)
		}
		f.add(g)
	}
}

// otherPlaces returns the ids of the same place by other names.
func otherPlaces(n News, scans []Scan) []string {
	var also []string
	but := n.Instance
	for _, scan := range scans {
		n.Instance = normalPlace(scan.Location)
		if n.Instance != "" && n.Instance != but && !slices.Contains(also, n.ID()) {
			also = append(also, n.ID())
		}
	}
	return also
}

func (f *finder) placeOf(w *watchedParcel, scans []Scan, last bool) string {
	if w.parcel.Shared {
		return ""
	}
	if point := w.parcel.Pickup; last && point != nil && normalPlace(point.Name) != "" {
		return normalPlace(point.Name)
	}
	for _, scan := range scans {
		if place := normalPlace(scan.Location); place != "" {
			return place
		}
	}
	return ""
}

// byPlace cuts a stay where the place changes.
func byPlace(st stay) [][]Scan {
	var groups [][]Scan
	place := ""
	for _, scan := range st.Scans {
		here := normalPlace(scan.Location)
		if len(groups) == 0 || (here != "" && place != "" && here != place) {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], scan)
		if here != "" {
			place = here
		}
	}
	return groups
}

// normalPlace makes two spellings of a place one.
func normalPlace(place string) string {
	return strings.Join(strings.Fields(strings.ToLower(place)), " ")
}

// findAction adds news of what the shopper must do, while it is to be done.
func (f *finder) findAction(w *watchedParcel) {
	if w.status.Terminal() {
		return
	}
	open := w.openActionScans()
	if len(open) == 0 {
		return
	}
	reason := actionOf(open[0]).Reason
	n := News{Occasion: ActionRequired, Subject: w.subject, At: open[0].At(), Heard: open[0].Heard}
	n.Instance = string(reason) + " " + f.day(n.At)
	asked := actionOf(open[0])
	for _, scan := range open[1:] {
		asked = actionOf(scan).after(asked)
		other := n
		other.Instance = string(reason) + " " + f.day(scan.At())
		if other.Instance != n.Instance && !slices.Contains(n.Also, other.ID()) {
			n.Also = append(n.Also, other.ID())
		}
	}
	n.Until = asked.Ends(f.zone)
	f.add(n)
}

// Ends returns when it is too late; zero = not said.
func (a *RequiredAction) Ends(zone *time.Location) time.Time {
	if !a.By.IsZero() {
		return a.By
	}
	return a.ByDay.End(zone)
}

// findDelay adds news of the present delay, if there is one.
func (f *finder) findDelay(w *watchedParcel) {
	if !w.outstanding() {
		return
	}
	episode := w.delayScans()
	if len(episode) == 0 {
		return
	}
	first := episode[0]
	n := News{Occasion: Delayed, Subject: w.subject, Instance: f.day(first.At()), At: first.At(), Heard: first.Heard}
	n.Also = f.otherDays(n, episode, n.Instance)
	f.add(n)
}

// findDates adds news of each date that names another day than what was said before it.
func (f *finder) findDates(w *watchedParcel) {
	if !w.outstanding() {
		return
	}
	said, saidAt, attempt, last := w.promise, time.Time{}, w.lastScanTime(DeliveryAttemptFailed), News{}
	for _, d := range w.validDates(f.zone) {
		at := earliest(d.At, d.Heard)
		void := saidAt.Before(attempt) && !at.Before(attempt) // the attempt has ended what was said before
		occasion, instance := f.compare(said, d.ETA, void)
		if occasion == "" {
			continue
		}
		last = News{Occasion: occasion, Subject: w.subject, Instance: instance, At: at, Heard: d.Heard, Until: d.ETA.End(f.zone)}
		eta := d.ETA
		said, saidAt = &eta, at
	}
	if w.currentDate() != nil && !w.toldWith(last) {
		f.add(last)
	}
}

// toldWith reports whether the receipt that named a date brought bad news too, which is told with the date.
func (w *watchedParcel) toldWith(date News) bool {
	var before Scan
	for _, s := range w.scans {
		if s.Heard.Equal(date.Heard) && s.badAfter(before) {
			return true
		}
		if s.Status == "" || (underWay(s.Status) && before.Delayed) {
			s.Delayed = s.Delayed || before.Delayed
		}
		s.Status = cmp.Or(s.Status, before.Status)
		before = s
	}
	return false
}

// badAfter reports whether a scan is bad news that the one before was not.
func (s Scan) badAfter(before Scan) bool {
	switch s.Status {
	case DeliveryAttemptFailed:
		return true
	case Exception:
		return before.Status != Exception || (s.Delayed && !before.Delayed)
	default:
		return s.Delayed && !before.Delayed
	}
}

// compare says what a date is beside what was said before; "" where it promises nothing else.
func (f *finder) compare(said *ETA, is ETA, void bool) (Occasion, string) {
	switch {
	case said == nil:
		return EtaFirstKnown, ""
	case void:
		return EtaMoved, is.LastDay(f.zone).String()
	case said.holds(is, f.zone):
		return "", ""
	}
	if moved := f.move(*said, is); moved != "" {
		return EtaMoved, moved
	}
	return "", ""
}

// move names the new day of a date, with the hour where only that has moved; "" where it has moved too little to be news.
func (f *finder) move(was, is ETA) string {
	day := is.LastDay(f.zone)
	if day != was.LastDay(f.zone) {
		return day.String()
	}
	shift := is.End(f.zone).Sub(was.End(f.zone)).Abs()
	if is.DayOnly || was.DayOnly || f.s.Watch.EtaShiftHours == 0 || shift < hoursOf(f.s.Watch.EtaShiftHours) {
		return ""
	}
	return is.End(f.zone).In(f.zone).Format("2006-01-02T15:04")
}

// findLocation tells where the parcel was last seen, when that is another place than before.
func (f *finder) findLocation(w *watchedParcel) {
	if !w.outstanding() || w.parcel.Shared {
		return
	}
	var n News
	place := ""
	for _, scan := range w.scans {
		here := normalPlace(scan.Location)
		if here == "" {
			continue
		}
		if place != "" && here != place {
			n = News{Occasion: LocationChanged, Subject: w.subject, Instance: scan.ID, At: scan.At(), Heard: scan.Heard}
		}
		place = here
	}
	f.add(n)
}
