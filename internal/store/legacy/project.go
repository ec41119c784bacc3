package legacy

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// Lead holds the fields of the previous version that come from an order's leading record.
type Lead struct {
	ExternalID string
	UpdatedAt  time.Time // version of its newest statement: an older one only adds what is missing
}

// Of returns an order in the form of the previous version, which has no returns, no replaced shipments and one phase for the whole
// order.
func Of(o tracking.Order, lead Lead) Order {
	old := Order{
		ID: o.ID, Number: o.Number, PlacedAt: o.PlacedAt, PhaseTimes: phaseTimes(o), Locale: o.Locale,
		Customer: Customer{Name: o.Buyer.Name, Email: o.Buyer.Email, Phone: o.Buyer.Phone},
		To:       Address{Street: o.To.Street, Postcode: o.To.Postcode, City: o.To.City, Country: o.To.Country},
		Currency: o.Money.Currency, TotalMinor: o.Money.TotalMinor, Promise: etaOf(o.Promise), UpdatedAt: lead.UpdatedAt,
	}
	if len(o.Sources) > 0 {
		old.Source, old.ExternalID = o.Sources[0].Source, lead.ExternalID
	}
	for _, phase := range Phases() {
		if !old.PhaseTimes[phase].IsZero() {
			old.Phase = phase
		}
	}
	for _, l := range o.Lines {
		old.Items = append(old.Items, Item{Name: l.Name, SKU: l.SKU, Quantity: pieces(l.Quantity), PriceMinor: l.PriceMinor})
	}
	for _, s := range o.Shipments {
		if s.Direction == tracking.Return || s.ReplacedBy != "" {
			continue
		}
		for _, p := range s.Parcels {
			if NormalNumber(p.Number) != "" {
				old.Parcels = append(old.Parcels, parcelOf(s, p))
			}
		}
	}
	return old
}

// phaseTimes returns when the order reached its own phases, and those that all of its outbound shipments have reached.
func phaseTimes(o tracking.Order) map[string]time.Time {
	times := map[string]time.Time{}
	add := func(phase tracking.Phase, at time.Time) {
		known := times[string(phase)]
		if slices.Contains(Phases(), string(phase)) && !at.IsZero() && (known.IsZero() || at.Before(known)) {
			times[string(phase)] = at
		}
	}
	for _, p := range o.Phases {
		add(p.Phase, p.At)
	}
	for _, phase := range tracking.Phases() {
		if at, all := reachedByAll(o.Shipments, phase); all {
			add(phase, at)
		}
	}
	delete(times, string(tracking.OrderCancelled)) // it may have been taken back
	if o.Cancelled {
		add(tracking.OrderCancelled, o.CancelledAt)
	}
	return times
}

// reachedByAll returns when the last outbound shipment reached the phase.
func reachedByAll(shipments []tracking.Shipment, phase tracking.Phase) (at time.Time, all bool) {
	for _, s := range shipments {
		if s.Direction == tracking.Return || s.ReplacedBy != "" || s.Phase == tracking.Cancelled {
			continue
		}
		i := slices.IndexFunc(s.Phases, func(p tracking.PhaseChange) bool { return p.Phase == phase })
		if i < 0 {
			return time.Time{}, false
		}
		if all = true; s.Phases[i].At.After(at) {
			at = s.Phases[i].At
		}
	}
	return at, all
}

// pieces returns the whole number of a quantity, at least 1 for a positive one.
func pieces(q tracking.Quantity) int {
	whole, fraction, _ := strings.Cut(q.String(), ".")
	n := 0
	for _, digit := range whole {
		if digit < '0' || digit > '9' || n > 1<<20 {
			return n
		}
		n = 10*n + int(digit-'0')
	}
	if n == 0 && fraction != "" {
		return 1
	}
	return n
}

func parcelOf(s tracking.Shipment, p tracking.Parcel) Parcel {
	old := Parcel{Carrier: p.Carrier, Number: p.Number, URL: p.URL, FirstAt: firstSet(p.Begins, p.Heard), ShipmentID: s.Ref}
	if strings.HasSuffix(s.Ref, OwnParcels) {
		old.ShipmentID = ""
	}
	dates := slices.Clone(p.Dates)
	for _, scan := range p.Scans {
		if scan.Ahead() {
			continue
		}
		e := event(scan)
		dates = slices.DeleteFunc(dates, func(d tracking.StatedDate) bool {
			if e.ETA != nil || !d.At.Equal(scan.Told) {
				return false
			}
			e.ETA = etaOf(&d.ETA)
			return true
		})
		old.Events = append(old.Events, e)
	}
	for _, d := range dates {
		if d.ETA.Source == tracking.ETAFromCarrier {
			old.Events = append(old.Events, Event{Key: dateKey(d), Time: d.At, ETA: etaOf(&d.ETA)})
		}
	}
	return old
}

// event returns a scan with the fields that the previous version uses. It has the carrier's own words only if there is no status.
func event(s tracking.Scan) Event {
	e := Event{
		Key: s.ID, Status: string(s.Status), Reason: string(s.Reason), Delayed: s.Delayed, Returning: s.Returning,
		ActionRequired: s.ActionRequired, Time: s.At(), Location: s.Location,
	}
	if s.Status == "" {
		e.Text = s.Text
	}
	return e
}

// dateKey identifies a date that came with no scan.
func dateKey(d tracking.StatedDate) string {
	sum := sha256.Sum256([]byte(d.At.UTC().Format(time.RFC3339Nano) + d.ETA.From.UTC().Format(time.RFC3339) + d.ETA.To.UTC().Format(time.RFC3339)))
	return "d" + hex.EncodeToString(sum[:8])
}

func etaOf(e *tracking.ETA) *ETA {
	if e == nil {
		return nil
	}
	return &ETA{From: e.From, To: e.To, DayOnly: e.DayOnly, Source: string(e.Source)}
}
