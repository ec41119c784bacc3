package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// maxFuture is how far ahead of its receipt an event may lie. A wrong zone explains up to 26 hours; what is beyond is a
// planned step or a broken clock, and believed as it stands it would outlast every true event that follows.
const maxFuture = 48 * time.Hour

// staleETA is how old an expected delivery may be when it is told: a carrier that recycles its numbers tells years.
const staleETA = 30 * 24 * time.Hour

func (r *run) readParcels(p parcelsPrograms) {
	if !p.when.absent() && !r.flag(p.when) {
		return
	}
	r.each(p.list, varParcel, MaxParcels, func() {
		if r.parcels++; r.parcels > MaxParcels {
			r.fail(p.list.path, "the payload has more than %d parcels", MaxParcels)
			return
		}
		r.parcel(p)
	})
}

func (r *run) parcel(p parcelsPrograms) {
	said := tracking.ParcelEvents{
		Carrier:     slug(r.raw(p.carrier)),
		Number:      parcelNumber(r.raw(p.number)),
		ShipmentID:  r.text(p.shipmentID, maxWord),
		OrderNumber: r.text(p.orderNumber, maxWord),
		ExternalID:  r.text(p.externalID, maxWord),
		URL:         webURL(r.raw(p.url)),
	}
	if said.Number == "" && said.ShipmentID == "" {
		r.fail(p.number.path, "the parcel has neither a number nor a shipment id")
	}
	var phases []tracking.OrderChange
	r.each(p.events.list, varEvent, MaxEvents, func() {
		if r.events++; r.events > MaxEvents {
			r.fail(p.events.list.path, "the payload has more than %d events", MaxEvents)
			return
		}
		e, phase := r.event(p.events, said)
		said.Events = append(said.Events, e)
		if change, ok := phaseChange(phase, said, e.Time); ok {
			phases = append(phases, change)
		}
	})
	slices.SortStableFunc(said.Events, func(a, b tracking.Event) int { return a.Time.Compare(b.Time) })
	if e, ok := r.etaEvent(p, said); ok {
		said.Events = append(said.Events, e)
	}
	r.update.Orders = append(r.update.Orders, phases...)
	r.update.Events = append(r.update.Events, said)
}

func (r *run) event(p eventsPrograms, of tracking.ParcelEvents) (tracking.Event, tracking.Phase) {
	raw := code(r.raw(p.code))
	meaning := r.meaning(p, raw)
	told := r.time(p.time)
	e := tracking.Event{
		Status:         meaning.Status,
		Reason:         meaning.Reason,
		Delayed:        meaning.Delayed || r.flag(p.delayed),
		Returning:      meaning.Returning || r.flag(p.returning),
		ActionRequired: meaning.ActionRequired || r.flag(p.actionRequired),
		Time:           r.notInTheFuture(told),
		Recorded:       r.receivedAt,
		Location:       r.joined(p.location, maxLocation),
		Text:           r.text(p.text, maxText),
		Code:           raw,
		ETA:            fresh(r.eta(p.eta, tracking.ETAFromCarrier), told),
	}
	if reason := oneOf(r, p.reason, tracking.Reasons()); reason != "" {
		e.Reason = reason
	}
	parts := []string{of.Carrier, of.Number, raw, stamp(told), e.Location, e.Text}
	if of.Number == "" {
		parts = append(parts, of.ShipmentID)
	}
	if e.ETA != nil {
		parts = append(parts, stampETA(*e.ETA))
	}
	if id := r.joined(p.id, maxName); id != "" {
		parts = []string{of.Carrier, of.Number, of.ShipmentID, "id", id}
	}
	e.Key = key(parts...)
	return e, meaning.Phase
}

// meaning looks the code up. What nobody has described keeps the last status, and is reported.
func (r *run) meaning(p eventsPrograms, raw string) definition.Outcome {
	keys := []string{raw}
	if !p.codes.absent() {
		keys = r.texts(p.codes)
	}
	meaning, known := firstOf(r.definition.Mapping.Codes, keys)
	if !known && r.err == nil {
		r.unmapped[unknownCode(raw, keys)] = true
	}
	for _, q := range r.texts(p.qualifiers) {
		more, ok := r.definition.Mapping.Qualifiers[q]
		if !ok {
			r.unmapped[code(q)] = true
			continue
		}
		meaning = refine(meaning, more)
	}
	return meaning
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

// phaseChange tells the order's phase, where a code speaks of the order and the payload names it.
func phaseChange(phase tracking.Phase, said tracking.ParcelEvents, at time.Time) (tracking.OrderChange, bool) {
	if phase == "" || (said.OrderNumber == "" && said.ExternalID == "") {
		return tracking.OrderChange{}, false
	}
	return tracking.OrderChange{Order: tracking.Order{Number: said.OrderNumber, ExternalID: said.ExternalID, Phase: phase}, At: at}, true
}

// etaEvent tells the parcel's expected delivery in an event of its own, without a status: a changed expectation over
// the same scans must not look like another scan, nor be lost because the scans are known.
func (r *run) etaEvent(p parcelsPrograms, said tracking.ParcelEvents) (tracking.Event, bool) {
	newest, scan := r.receivedAt, ""
	if n := len(said.Events); n > 0 {
		last := said.Events[n-1]
		if last.Status.Terminal() {
			return tracking.Event{}, false
		}
		newest, scan = last.Time, last.Key
	}
	eta := fresh(r.eta(p.eta, tracking.ETAFromCarrier), newest)
	if eta == nil {
		return tracking.Event{}, false
	}
	at := newest
	if told := r.time(p.at); told.After(newest) {
		at = r.notInTheFuture(told)
	}
	return tracking.Event{
		Key:  key(said.Carrier, said.Number, "eta", scan, stampETA(*eta)),
		Time: at, Recorded: r.receivedAt, ETA: eta,
	}, true
}

// eta reads an expected delivery; nil is absent.
func (r *run) eta(p etaPrograms, source tracking.ETASource) *tracking.ETA {
	if text := r.raw(p.day); text != "" {
		day, err := parseDay(text, r.zone)
		if err != nil {
			r.fail(p.day.path, "%w", err)
		}
		if !day.IsZero() {
			return &tracking.ETA{From: day, To: day, DayOnly: true, Source: source}
		}
	}
	from, to := r.time(p.from), r.time(p.to)
	if from.IsZero() {
		from = to
	}
	if from.IsZero() {
		return nil
	}
	if to.IsZero() {
		midnight := from.Equal(from.Truncate(24 * time.Hour)) // in UTC, as Truncate counts from the zero time
		return &tracking.ETA{From: from, To: from, DayOnly: midnight, Source: source}
	}
	if to.Before(from) {
		from, to = to, from
	}
	return &tracking.ETA{From: from, To: to, Source: source}
}

// fresh drops an expectation that was long past when it was told.
func fresh(eta *tracking.ETA, told time.Time) *tracking.ETA {
	if eta != nil && eta.To.Before(told.Add(-staleETA)) {
		return nil
	}
	return eta
}

// notInTheFuture replaces a time that is absent or too far ahead by that of the receipt.
func (r *run) notInTheFuture(t time.Time) time.Time {
	if t.IsZero() || t.After(r.receivedAt.Add(maxFuture)) {
		return r.receivedAt.UTC()
	}
	return t
}

// joined evaluates to a text, or joins a list of them: with ", ", and lists within it with " ".
func (r *run) joined(p program, limit int) string {
	v := r.value(p)
	if v == nil {
		return ""
	}
	return plain(join(v, ", "), limit)
}

func join(v ref.Val, separator string) string {
	list, ok := v.(traits.Lister)
	if !ok {
		s, _ := asText(v)
		return s
	}
	var parts []string
	for it := list.Iterator(); it.HasNext() == types.True; {
		if part := strings.TrimSpace(join(unwrap(it.Next()), " ")); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, separator)
}

// key is the identity of an event: equal for a redelivery, different for another scan. It is made of what the carrier
// told, not of what wismo derives, so that a mended mapping does not double the history.
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

func stampETA(e tracking.ETA) string { return stamp(e.From) + "/" + stamp(e.To) }
