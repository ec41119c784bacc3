package mapping

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// maxFuture is how far ahead of its receipt a scan may lie. A wrong zone explains up to 26 hours; what is beyond is a
// planned step or a broken clock, and believed as it stands it would outlast every true scan that follows.
const maxFuture = 48 * time.Hour

var errNoCode = errors.New("the event has no code")

// event reads one event: a scan, or a phase of the shipment, and the date that it states.
func (r *run) event(p *definition.Parcels, of *tracking.TrackerSaid, what *told) error {
	e := &p.Events
	raw, meaning, err := r.meaning(&e.Code, &e.Codes, &e.Qualifiers)
	if err != nil {
		return err
	}
	s := r.scan(e, of, meaning)
	s.Code = raw
	s.ID = scanID(of, s, r.joined(&e.ID, maxName))
	if s.Returning {
		s = returned(s)
	}
	if !s.Planned {
		r.eventETA(e, s, what)
	}
	if meaning.Phase != "" {
		what.phases = append(what.phases, r.phaseChange(meaning.Phase, s.At().UTC(), time.Time{})...)
		return nil
	}
	what.scans = append(what.scans, s)
	return nil
}

// scan reads what an event tells, by the meaning of its code.
func (r *run) scan(e *definition.Events, of *tracking.TrackerSaid, meaning definition.Outcome) tracking.Scan {
	at := r.moment(&e.Time, r.zoneOf(&e.Zone))
	s := tracking.Scan{
		Status:    meaning.Status,
		Reason:    cmp.Or(oneOf(r, &e.Reason, tracking.Reasons()), meaning.Reason),
		Delayed:   meaning.Delayed || r.flag(&e.Delayed),
		Returning: meaning.Returning || of.Returning || r.flag(&e.Returning),
		Action:    r.action(&e.Action),
		Told:      at.inOwnOffset(),
		Guessed:   at.IsZero() || !at.zoned,
		Heard:     r.receipt.Heard,
		Location:  r.joined(&e.Location, maxLocation),
		Country:   r.country(&e.Country),
		Text:      r.text(&e.Text, maxText),
		Language:  r.language(&e.Language),
	}
	s.ActionRequired = s.Action != nil || meaning.ActionRequired || r.flag(&e.ActionRequired)
	s.Planned = r.flag(&e.Planned) || s.Status != "" && s.Told.After(r.receipt.Heard.Add(maxFuture))
	return s
}

// zoneOf returns the clock with the zone that the payload names for one event.
func (r *run) zoneOf(e *definition.Expr) clock {
	c := r.clock
	name := r.word(e)
	if name == "" {
		return c
	}
	zone, err := loadZone(name)
	if err != nil {
		r.bad(e, err.Error())
		return c
	}
	c.zone, c.zoneKnown = zone, true
	return c
}

func (r *run) action(p *definition.Action) *tracking.RequiredAction {
	action := tracking.RequiredAction{Reason: oneOf(r, &p.Reason, tracking.Reasons()), URL: r.url(&p.URL)}
	switch by := r.date(&p.By); {
	case by.IsZero() || by.After(r.receipt.Heard.Add(farFuture)):
	case by.isDay():
		action.ByDay = by.day()
	default:
		action.By, action.Guessed = by.inOwnOffset(), !by.zoned
	}
	if action == (tracking.RequiredAction{}) {
		return nil
	}
	return &action
}

// meaning looks up the code. A code that the definition does not have keeps the last status, and is reported.
func (r *run) meaning(codeExpr, codesExpr, qualifiers *definition.Expr) (string, definition.Outcome, error) {
	text, err := r.must(codeExpr)
	if err != nil {
		return "", definition.Outcome{}, err
	}
	raw := code(text)
	keys := r.texts(codesExpr)
	if len(keys) == 0 {
		keys = []string{raw}
	}
	if raw == "" && strings.Join(keys, "") == "" {
		return "", definition.Outcome{}, errNoCode
	}
	meaning, known := firstOf(r.definition.Mapping.Codes, keys)
	if !known && r.fatal == nil {
		r.unmapped[unknownCode(raw, keys)] = true
	}
	for _, q := range r.texts(qualifiers) {
		more, ok := r.definition.Mapping.Qualifiers[q]
		if !ok {
			r.unmapped[code(q)] = true
			continue
		}
		meaning = refine(meaning, more)
	}
	return raw, meaning, nil
}

func firstOf(table map[string]definition.Outcome, keys []string) (definition.Outcome, bool) {
	for _, k := range keys {
		if o, ok := table[k]; ok {
			return o, true
		}
	}
	return definition.Outcome{}, false
}

// unknownCode names a code that has no meaning yet; one that says nothing itself is named by what was looked up.
func unknownCode(raw string, keys []string) string {
	if raw == "" && len(keys) > 0 {
		return code(keys[0])
	}
	return raw
}

func refine(o, more definition.Outcome) definition.Outcome {
	if more.Status != "" && !o.Status.Terminal() {
		o.Status, o.Phase = more.Status, ""
	}
	if more.Reason != "" {
		o.Reason = more.Reason
	}
	o.Delayed = o.Delayed || more.Delayed
	o.Returning = o.Returning || more.Returning
	o.ActionRequired = o.ActionRequired || more.ActionRequired
	return o
}

// scanID returns the identity of a scan: equal for a redelivery, different for another scan. It is made of what the carrier
// told, not of what wismo derives, so that a corrected mapping does not double the history.
func scanID(of *tracking.TrackerSaid, s tracking.Scan, own string) string {
	if own != "" {
		return key(of.Carrier, of.Number, of.Shipment, "id", own)
	}
	told := s.Told
	if s.Guessed {
		told = handsAsUTC(told)
	}
	parts := []string{of.Carrier, of.Number, s.Code, stamp(told), s.Location, s.Text}
	if of.Number == "" {
		parts = append(parts, of.Shipment)
	}
	if of.Instance != "" {
		parts = append(parts, of.Instance)
	}
	return key(parts...)
}

func key(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "|")))
	return hex.EncodeToString(sum[:])
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// current adds the carrier's own word for the present state, where the newest scan does not say the same. Without such a word the
// end of a list whose order is known is the present state.
func (r *run) current(p *definition.Parcels, of *tracking.TrackerSaid, what *told, asOf time.Time) {
	present, ok := r.presentState(p, of, what, asOf)
	if !ok || present.Status == "" {
		return
	}
	latest := latestState(what.scans)
	if latest != nil && (latest.Status == present.Status || latest.Code == present.Code) {
		return
	}
	if latest != nil && present.At().Before(latest.At()) {
		present.Told = latest.At()
	}
	present.Current = len(what.scans) > 0 // where no event is listed it is all there is: a scan like any other
	present.Sequence = len(what.scans)
	what.scans = append(what.scans, present)
}

func (r *run) presentState(p *definition.Parcels, of *tracking.TrackerSaid, what *told, asOf time.Time) (tracking.Scan, bool) {
	c := &p.Current
	switch {
	case c.Code.Absent() && what.special:
		return lastListed(what.scans)
	case c.Code.Absent():
		return tracking.Scan{}, false
	}
	raw, meaning, err := r.meaning(&c.Code, &c.Codes, &c.Qualifiers)
	if errors.Is(err, errNoCode) {
		return tracking.Scan{}, false
	}
	if err != nil {
		r.degrade(err)
		return tracking.Scan{}, false
	}
	return r.currentScan(c, raw, meaning, of, what, asOf), true
}

func (r *run) currentScan(c *definition.Current, raw string, meaning definition.Outcome, of *tracking.TrackerSaid, what *told, asOf time.Time) tracking.Scan {
	s := tracking.Scan{
		Status: meaning.Status, Reason: meaning.Reason, Delayed: meaning.Delayed, Returning: meaning.Returning || of.Returning,
		ActionRequired: meaning.ActionRequired, Heard: r.receipt.Heard, Current: true, Code: raw,
		Location: r.joined(&c.Location, maxLocation), Text: r.text(&c.Text, maxText),
	}
	at := r.moment(&c.Time, r.clock)
	s.Told, s.Guessed = at.inOwnOffset(), !at.IsZero() && !at.zoned
	if s.Told.IsZero() {
		s.Told = asOf
	}
	s.ID = scanID(of, s, "")
	if s.Returning || s.Status == tracking.Delivered && goesBack(what.scans) {
		s = returned(s)
	}
	return s
}

// goesBack reports whether the parcel was on its way back when it was last seen.
func goesBack(scans []tracking.Scan) bool {
	latest := latestState(scans)
	return latest != nil && latest.Returning
}

// latestState returns the scan that tells the state by the clocks; nil where none does.
func latestState(scans []tracking.Scan) *tracking.Scan {
	var latest *tracking.Scan
	for i := range scans {
		s := &scans[i]
		if s.Status == "" || s.Ahead() {
			continue
		}
		if latest == nil || !s.At().Before(latest.At()) {
			latest = s
		}
	}
	return latest
}

// lastListed returns the state by the list's own order, as a word of its own.
func lastListed(scans []tracking.Scan) (tracking.Scan, bool) {
	for i := len(scans) - 1; i >= 0; i-- {
		if s := scans[i]; s.Status != "" && !s.Ahead() {
			s.Current = true
			s.ID = key(s.ID, "current")
			return s, true
		}
	}
	return tracking.Scan{}, false
}
