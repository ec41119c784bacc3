package tracking

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Before reports whether s is the older of two stamps: by version, then by when it was heard, then by its place in a receipt.
func (s Stamp) Before(o Stamp) bool { return s.compare(o) < 0 }

func (s Stamp) compare(o Stamp) int {
	return cmp.Or(s.Version.Compare(o.Version), s.Heard.Compare(o.Heard), cmp.Compare(s.Position, o.Position))
}

// NormalNumber returns the form in which order and parcel numbers are compared: letters and digits only, in upper case. "" = no number.
func NormalNumber(number string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, number)
}

var (
	countryBefore = regexp.MustCompile(`^[A-Z]{1,2}-\d`)  // as people write one: "NL-1015 CJ", "D-10115"
	deliveryPoint = regexp.MustCompile(`^(\d{5})-\d{4}$`) // of the United States: "90001-1234" lies in 90001
)

// NormalPostcode returns the form in which postcodes are compared. "" = no postcode.
func NormalPostcode(postcode string) string {
	postcode = strings.ToUpper(strings.TrimSpace(postcode))
	if found := countryBefore.FindString(postcode); found != "" {
		postcode = postcode[len(found)-1:]
	}
	if found := deliveryPoint.FindStringSubmatch(postcode); found != nil {
		postcode = found[1]
	}
	return NormalNumber(postcode)
}

// Take merges a statement into what is known of its resource. A whole statement replaces every field that an older one gave, a
// partial one only those that it names; the logs are united. The result does not depend on the order in which statements are taken,
// nor on how often. It reports whether anything but the time of hearing changed, such as the stamp of a value: what an older statement
// may not take back depends on it.
func (r *Record) Take(s Statement) (changed bool) {
	if r.Key == (Key{}) {
		*r = Record{Key: s.Key, Speaker: s.Speaker, FirstHeard: s.Stamp.Heard, LastHeard: s.Stamp.Heard}
		changed = true
	}
	r.seedNamed()
	r.seedWanted()
	changed = r.takeEnding(s) || changed
	r.FirstHeard, r.LastHeard = earliest(r.FirstHeard, s.Stamp.Heard), latest(r.LastHeard, s.Stamp.Heard)
	if r.takeFields(s) {
		changed = true
	}
	if s.Shipment != nil {
		for _, p := range s.Shipment.Parcels {
			changed = r.name(p.Number, s.Stamp.Heard) || changed
		}
	}
	if s.Order != nil {
		changed = r.takePurchase(s.Order, s.Stamp.Heard) || changed
	}
	for _, scan := range s.Scans {
		changed = takeScan(&r.Scans, scan) || changed
	}
	for _, p := range s.Phases {
		changed = takePhase(&r.Phases, p) || changed
	}
	for _, d := range s.Dates {
		changed = takeDate(&r.Dates, d) || changed
	}
	return changed
}

// seedWanted notes it of a record that was written before it was noted.
func (r *Record) seedWanted() { r.Wanted = r.Wanted || r.Order != nil && r.Order.wants() }

// takePurchase notes what an order has said once, whatever it says now.
func (r *Record) takePurchase(said *OrderSaid, heard time.Time) (changed bool) {
	if said.wants() && !r.Wanted {
		r.Wanted, changed = true, true
	}
	for _, one := range said.listed(heard) {
		changed = takeFirst(&r.Repaid, one) || changed
	}
	return changed
}

func (r *Record) takeFields(s Statement) bool {
	known, said := r.said(s)
	if !said.IsValid() {
		return false
	}
	fields := s.Fields
	if fields == nil {
		fields = fieldNames(said.Type())
	}
	var taken []string
	for _, name := range parted(fields) {
		field := fieldAt(known, name)
		if !field.IsValid() {
			continue
		}
		value := fieldAt(said, name)
		same := reflect.DeepEqual(field.Interface(), value.Interface())
		if order := r.stampOf(name).compare(s.Stamp); order > 0 || (order == 0 && (same || !outweighs(value, field))) {
			continue
		}
		taken = append(taken, name)
		if !same {
			field.Set(value)
		}
	}
	r.stamp(s, taken)
	return len(taken) > 0
}

// outweighs chooses between two values of one stamp, so that the choice does not depend on their order.
func outweighs(a, b reflect.Value) bool {
	x, errX := json.Marshal(a.Interface())
	y, errY := json.Marshal(b.Interface())
	return errors.Join(errX, errY) == nil && bytes.Compare(x, y) > 0
}

// said returns the known and the stated form of the resource, ready to be read field by field.
func (r *Record) said(s Statement) (known, said reflect.Value) {
	switch {
	case s.Order != nil:
		if r.Order == nil {
			r.Order = &OrderSaid{}
		}
		return reflect.ValueOf(r.Order).Elem(), reflect.ValueOf(s.Order).Elem()
	case s.Shipment != nil:
		if r.Shipment == nil {
			r.Shipment = &ShipmentSaid{}
		}
		return reflect.ValueOf(r.Shipment).Elem(), reflect.ValueOf(s.Shipment).Elem()
	case s.Tracker != nil:
		if r.Tracker == nil {
			r.Tracker = &TrackerSaid{}
		}
		return reflect.ValueOf(r.Tracker).Elem(), reflect.ValueOf(s.Tracker).Elem()
	}
	return reflect.Value{}, reflect.Value{}
}

// moneyFields are the parts of the field Money, each of which a source may state alone: a partial statement names them so.
var moneyFields = []string{"Money.Currency", "Money.TotalMinor", "Money.RefundedMinor"}

// parted replaces a field that has parts by them.
func parted(fields []string) []string {
	i := slices.Index(fields, "Money")
	if i < 0 {
		return fields
	}
	return slices.Concat(fields[:i], moneyFields, fields[i+1:])
}

// fieldAt returns a field by its name, or a part of one by the names of both with a dot.
func fieldAt(v reflect.Value, name string) reflect.Value {
	outer, part, nested := strings.Cut(name, ".")
	field := v.FieldByName(outer)
	if nested && field.IsValid() {
		return field.FieldByName(part)
	}
	return field
}

func fieldNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Name
	}
	return names
}

// stampOf returns the stamp of the statement that a field's value is from.
func (r *Record) stampOf(field string) Stamp {
	for _, g := range r.Given {
		if slices.Contains(g.Fields, field) {
			return g.Stamp
		}
	}
	return r.Whole
}

// stamp writes down whose the taken fields are now.
func (r *Record) stamp(s Statement, taken []string) {
	if len(taken) == 0 {
		return
	}
	for i := range r.Given {
		r.Given[i].Fields = slices.DeleteFunc(slices.Clone(r.Given[i].Fields), func(f string) bool { return slices.Contains(taken, f) })
	}
	r.Given = slices.DeleteFunc(r.Given, func(g Given) bool { return len(g.Fields) == 0 })
	if s.Fields == nil {
		r.Whole = s.Stamp // fields that partial statements gave later keep theirs
		return
	}
	r.Given = append(r.Given, Given{Stamp: s.Stamp, Fields: slices.Sorted(slices.Values(taken))})
	slices.SortFunc(r.Given, func(a, b Given) int { return a.Stamp.compare(b.Stamp) })
}

// newest returns the stamp of the newest statement about the resource.
func (r *Record) newest() Stamp {
	newest := r.Whole
	for _, g := range r.Given {
		if newest.Before(g.Stamp) {
			newest = g.Stamp
		}
	}
	return newest
}

// takeScan adds a scan to the log, or completes the one that is known: it counts from when it was first heard, in the words in
// which it was told last, so that a corrected definition rewrites its meaning and never its time. A step that was planned, and is told
// again once it has happened, was first heard of then.
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
	if retold := scan.told(); retold.After(known.told()) || (retold.Equal(known.told()) && wordier(scan, known)) {
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

// told returns when the receipt was committed that the text of the scan is from.
func (s Scan) told() time.Time { return latest(s.Heard, s.Retold) }

// wordier chooses between two tellings of one instant, so that the choice does not depend on their order. A replay of the same
// receipt with a corrected definition says more than nothing.
func wordier(a, b Scan) bool {
	return cmp.Or(cmp.Compare(len(a.Status), len(b.Status)), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Reason, b.Reason),
		cmp.Compare(a.Text, b.Text), cmp.Compare(a.Location, b.Location)) > 0
}

// compareScans sorts scans by Scan.At; those of one instant by their place in the source's list, then by how far the parcel got.
func compareScans(a, b Scan) int {
	return cmp.Or(a.At().Compare(b.At()), cmp.Compare(a.Sequence, b.Sequence), a.Told.Compare(b.Told),
		cmp.Compare(progress(a.Status), progress(b.Status)), cmp.Compare(a.ID, b.ID))
}

// progress returns a number that grows on a parcel's way: its statuses in their order, the terminal ones last.
func progress(s Status) int {
	at := slices.Index(Statuses(), s)
	if s.Terminal() {
		return at + len(Statuses())
	}
	return at
}

// takePhase keeps the earliest entry of each phase; a cancellation may happen again on another day.
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

func comparePhases(a, b PhaseChange) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(slices.Index(Phases(), a.Phase), slices.Index(Phases(), b.Phase)), a.Heard.Compare(b.Heard))
}

// maxDates bounds the log of a resource; the first and the newest are kept.
const maxDates = 64

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

// seedNamed begins the log of a record that was written before there was one.
func (r *Record) seedNamed() {
	if r.Shipment == nil || len(r.Named) > 0 {
		return
	}
	for _, p := range r.Shipment.Parcels {
		r.name(p.Number, r.FirstHeard)
	}
}

// name logs that a shipment names a number.
func (r *Record) name(number string, heard time.Time) bool {
	n := Named{NormalNumber(number), heard}
	return n.Number != "" && takeFirst(&r.Named, n)
}

func (n Named) same(o Named) bool  { return n.Number == o.Number }
func (n Named) heardAt() time.Time { return n.Heard }
func (n Named) compare(o Named) int {
	return cmp.Or(n.Heard.Compare(o.Heard), cmp.Compare(n.Number, o.Number))
}

// maxFirsts bounds a log of what was heard first; the oldest are kept.
const maxFirsts = 128

// first is an entry of a log in which each thing stands once, from when it was first heard.
type first[E any] interface {
	same(E) bool
	heardAt() time.Time
	compare(E) int // the oldest first
}

func takeFirst[E first[E]](log *[]E, one E) bool {
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
	*log = (*log)[:min(len(*log), maxFirsts)]
	return true
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

func compareDates(a, b StatedDate) int {
	return cmp.Or(a.At.Compare(b.At), a.Heard.Compare(b.Heard), a.ETA.From.Compare(b.ETA.From), a.ETA.To.Compare(b.ETA.To), cmp.Compare(a.ETA.Source, b.ETA.Source))
}

func (e ETA) equal(o ETA) bool {
	return e.From.Equal(o.From) && e.To.Equal(o.To) && e.DayOnly == o.DayOnly && e.Source == o.Source
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
