package corpus

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// builder builds one journey: first what happens and when a source sends it, then the webhooks.
type builder struct {
	rng       *rand.Rand
	seed      uint64
	index     int
	kinds     []Kind
	shop      Shop
	home      *country
	platform  Source // of the shop: api or shopify
	start     date   // the day of the first order
	numbers   int    // tracking numbers given out
	messages  int    // message ids given out
	orders    []*purchase
	parcels   []*parcel
	extra     []Delivery // webhooks beside those of the orders and parcels
	foreign   []Foreign
	notBefore time.Time // the journey ends no earlier
}

// firstDay and lastDay bound the days of orders: a year that has every holiday and both changes of the clock.
var firstDay, lastDay = on(2025, time.November, 3), on(2026, time.November, 20)

func newBuilder(seed uint64, index int) *builder {
	s := &builder{rng: newRand(seed, index), seed: seed, index: index}
	s.start = firstDay.AddDate(0, 0, s.rng.IntN(int(lastDay.Sub(firstDay).Hours())/24))
	s.platform = pick(s, SourceAPI, SourceShopify)
	s.setCountry(s.drawHome())
	return s
}

func (s *builder) drawHome() string {
	draw := s.rng.IntN(100)
	for _, home := range homes {
		if draw -= home.share; draw < 0 {
			return home.code
		}
	}
	return homes[0].code
}

// setCountry sets the country of the shop.
func (s *builder) setCountry(code string) {
	s.home = countries[code]
	s.shop = Shop{Name: pick(s, "Linden", "Fjällro", "Haven", "Osier"), Country: code, Zone: s.home.zone, Locale: s.home.locale}
}

// addKinds adds kinds.
func (s *builder) addKinds(kinds ...Kind) {
	for _, kind := range kinds {
		if !slices.Contains(s.kinds, kind) {
			s.kinds = append(s.kinds, kind)
		}
	}
}

// watchUntil makes the journey last until t at least, to check that nothing more is sent.
func (s *builder) watchUntil(t time.Time) { s.notBefore = maxTime(s.notBefore, t) }

// journey assembles the journey.
func (s *builder) journey() Journey {
	name := fmt.Sprintf("seed-%d-%06d", s.seed, s.index)
	if len(s.kinds) > 0 {
		name += "-" + string(s.kinds[0])
	}
	journey := Journey{Format: Format, Name: name, Seed: s.seed, Index: s.index, Kinds: s.kinds, Shop: s.shop}
	journey.Deliveries = s.extra
	for _, order := range s.orders {
		journey.Deliveries = append(journey.Deliveries, order.deliveries()...)
		if order.fixup != nil {
			order.fixup()
		}
	}
	for _, parcel := range s.parcels {
		parcel.settle()
		journey.Deliveries = append(journey.Deliveries, parcel.deliveries()...)
	}
	for _, order := range s.orders {
		journey.Truth.Orders = append(journey.Truth.Orders, order.Order)
	}
	for _, parcel := range s.parcels {
		journey.Truth.Parcels = append(journey.Truth.Parcels, parcel.Parcel)
	}
	slices.SortStableFunc(journey.Deliveries, func(a, b Delivery) int { return a.At.Compare(b.At) })
	journey.Truth.Foreign = s.foreign
	journey.Truth.Until = s.lastInstant(journey)
	return journey
}

// lastInstant returns the end of the journey, three days after its last event.
func (s *builder) lastInstant(journey Journey) time.Time {
	end := s.notBefore
	for _, delivery := range journey.Deliveries {
		end = maxTime(end, delivery.At)
	}
	for _, parcel := range journey.Truth.Parcels {
		for _, step := range parcel.Steps {
			end = maxTime(end, step.At)
		}
		for _, day := range parcel.Days {
			end = maxTime(end, EndOf(day.Day, parcel.Zone))
		}
	}
	return end.Add(72 * time.Hour).Truncate(time.Hour)
}

// id returns a number as platforms give them; equal arguments give the same number within the journey.
func (s *builder) id(kind int, n int) int64 {
	return 5_000_000_000_000 + int64(s.index)*10_000 + int64(kind)*1000 + int64(n)
}

// Kinds of ids.
const (
	idOrder = iota
	idLine
	idFulfillment
	idEvent
	idRefund
	idTracker
	idMessage
)

// earliest returns the earliest time that is set; zero if none is.
func earliest(instants ...time.Time) time.Time {
	set := slices.DeleteFunc(instants, time.Time.IsZero)
	if len(set) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(set, time.Time.Compare)
}

// sortSteps puts steps into the order in which they happen, without changing that of simultaneous ones.
func sortSteps(steps []*scan) {
	slices.SortStableFunc(steps, func(a, b *scan) int { return cmp.Compare(a.At.Unix(), b.At.Unix()) })
}
