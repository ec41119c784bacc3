package tracking

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/locale"
)

// randomStream is what sources may say of one order in two weeks: also what no carrier would say in that order.
func randomStream(r *rand.Rand) []Statement {
	order := orderSaid("shopify", "4501", "#1001", t0, func(o *OrderSaid) {
		switch r.IntN(6) {
		case 0:
			o.Lines[0].AvailableFrom = locale.DayOf(t0, time.UTC).AddDays(10)
		case 1:
			o.Promise = day(hours(24 * float64(1+r.IntN(8))))
		case 2:
			o.MethodTitle = pick(r, []string{"Brief", "Ophalen"})
		}
	})
	all := []Statement{order}
	numbers := []string{"3S1", "3S2", "3S3"}[:r.IntN(4)]
	for i, n := range numbers {
		shipment := shipmentSaid("shopify", "7"+n, hours(float64(r.IntN(60))), n)
		if r.IntN(5) == 0 {
			shipment.Shipment.Direction = Return
		}
		if r.IntN(8) == 0 && i > 0 {
			shipment.Shipment.Replaces = "7" + numbers[0]
		}
		shipment.Shipment.Phase = pick(r, []Phase{Packed, Shipped, ReadyToCollect, Cancelled, ReturnRequested})
		shipment.Phases = []PhaseChange{{Phase: shipment.Shipment.Phase, At: shipment.Stamp.Heard, Heard: shipment.Stamp.Heard}}
		all = append(all, shipment)
		for range r.IntN(8) {
			all = append(all, randomWord(r, n))
		}
	}
	if r.IntN(8) == 0 {
		at := hours(float64(r.IntN(100)))
		cancel := orderSaid("shopify", "4501", "#1001", at, func(o *OrderSaid) { o.Phase = OrderCancelled })
		cancel.Phases = []PhaseChange{{Phase: OrderCancelled, At: at, Heard: at}}
		all = append(all, cancel)
	}
	return all
}

func randomWord(r *rand.Rand, number string) Statement {
	heard := hours(float64(r.IntN(14*24)) + float64(r.IntN(60))/60)
	scan := Scan{
		Status: pick(r, append(Statuses(), "", InTransit, OutForDelivery, DeliveryAttemptFailed)), Told: heard.Add(-time.Duration(r.IntN(600)) * time.Minute),
		Location: pick(r, []string{"", "Utrecht", "Amsterdam", "Kiosk Noord"}), Delayed: r.IntN(6) == 0, Returning: r.IntN(20) == 0,
	}
	if r.IntN(6) == 0 {
		scan.ActionRequired, scan.Reason = true, pick(r, []Reason{ReasonDutiesDue, ReasonAddressWrong})
		scan.Action = &RequiredAction{Reason: scan.Reason, By: heard.Add(72 * time.Hour)}
	}
	s := trackerSaid("easypost", number, heard, scan)
	if r.IntN(3) == 0 {
		eta := day(heard.AddDate(0, 0, r.IntN(6)-1))
		if r.IntN(2) == 0 {
			eta = &ETA{From: eta.From.Add(9 * time.Hour), To: eta.From.Add(13 * time.Hour), Source: ETAFromCarrier}
		}
		s.Dates = []StatedDate{{ETA: *eta, At: heard, Heard: heard}}
	}
	if r.IntN(10) == 0 {
		s.Tracker.Legs = []Leg{{Number: number, Role: RoleFirstMile}, {Number: "L" + number, Role: RoleLastMile}}
	}
	if r.IntN(10) == 0 {
		s.Tracker.Pieces = &Pieces{Total: 3, Delivered: r.IntN(4)}
	}
	return s
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func randomSetting(r *rand.Rand) Setting {
	s := testSetting()
	s.Carriers = []bundle.CarrierRules{{Name: "postnl", MaxDeliveryAttempts: 2 + r.IntN(2), PickupHoldDays: r.IntN(8)}}
	s.Methods = []bundle.DeliveryMethod{
		{Name: "letter", Titles: []string{"Brief"}, Method: bundle.MethodLetter},
		{Name: "counter", Titles: []string{"Ophalen"}, Method: bundle.MethodPickup},
	}
	s.Lanes = Lanes{{"NL", "NL", "postnl"}: {Parcels: 60, P10: 1, P50: 1, P90: 2, GapHoursP95: 30}}
	if r.IntN(5) == 0 {
		s.Watch = bundle.Watch{NoScanHours: 1 + r.IntN(200)}
	}
	return s
}

// eachStream runs a check on many random orders and settings; the seed of a failure is in the test's name.
func eachStream(t *testing.T, n int, check func(t *testing.T, r *rand.Rand, o Order, s Setting)) {
	t.Helper()
	for seed := range n {
		r := rand.New(rand.NewPCG(uint64(seed), 10))
		o := hear(randomStream(r)...).only(t)
		check(t, r, o, randomSetting(r))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func newsAt(o Order, s Setting, now time.Time) []News { return NewsOf(o, Project(o, s, now), s, now) }

func TestNewsIsToldOnceAndOnlyGrowsWithTime(t *testing.T) {
	end := hours(24 * 60)
	eachStream(t, 400, func(t *testing.T, r *rand.Rand, o Order, s Setting) {
		all := newsAt(o, s, end)
		seen := ids(all)
		slices.Sort(seen)
		if len(slices.Compact(slices.Clone(seen))) != len(seen) {
			t.Errorf("one identity twice: %v", seen)
		}
		now := o.LastHeard.Add(time.Duration(r.IntN(24*40)) * time.Hour)
		for _, n := range newsAt(o, s, now) {
			if n.At.After(now) {
				t.Errorf("%s is told before it is true", n.ID())
			}
			if _, known := slices.BinarySearch(seen, n.ID()); !known {
				t.Errorf("%s is news at %s and not later", n.ID(), now)
			}
		}
		for _, n := range all {
			if n.At.IsZero() || n.Heard.Before(n.At) {
				t.Errorf("%s is known at %s, before it is true at %s", n.ID(), n.Heard, n.At)
			}
		}
	})
}

func TestNothingOfAParcelThatGoesBackSaysThatItArrives(t *testing.T) {
	arriving := []Occasion{
		Occasion(Delivered), Occasion(OutForDelivery), Occasion(AvailableForPickup), Occasion(DeliveryAttemptFailed), LateWithoutNews, Stalled, EtaMoved,
		EtaFirstKnown, ArrivesTomorrow, LastAttempt, PickupExpiring, NoFirstScan, NextLegMissing, Delayed,
	}
	returning := 0
	eachStream(t, 400, func(t *testing.T, _ *rand.Rand, o Order, s Setting) {
		now := hours(24 * 60)
		j := Project(o, s, now)
		for _, n := range NewsOf(o, j, s, now) {
			p := j.Parcel(n.Subject)
			if p == nil || !p.Returning {
				continue
			}
			returning++
			back := p.Direction == Return || !n.At.Before(p.Since)
			if back && slices.Contains(arriving, n.Occasion) {
				t.Errorf("%s at %s of a parcel that goes back since %s", n.ID(), n.At, p.Since)
			}
		}
	})
	if returning < 50 {
		t.Errorf("%d news of returning parcels: the streams test nothing", returning)
	}
}

// shown is everything that depends on time, as text.
func shown(t *testing.T, o Order, s Setting, now time.Time) string {
	t.Helper()
	j := Project(o, s, now)
	news := NewsOf(o, j, s, now)
	j.Now, j.Zone = time.Time{}, nil
	bytes, err := json.Marshal(struct {
		News    []News
		Journey Journey
	}{news, j})
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes)
}

func TestNothingChangesBeforeTheNextLook(t *testing.T) {
	eachStream(t, 300, func(t *testing.T, r *rand.Rand, o Order, s Setting) {
		now := o.LastHeard
		for range 4 {
			now = now.Add(time.Duration(r.IntN(100)) * time.Hour)
			until := now.Add(60 * 24 * time.Hour)
			if next := NextLook(o, s, now); !next.IsZero() {
				until = next
			}
			between := now.Add(time.Duration(r.Int64N(int64(until.Sub(now)))).Truncate(time.Second))
			if a, b := shown(t, o, s, now), shown(t, o, s, between); a != b {
				t.Errorf("between %s and the next look at %s, at %s:\n%s\n%s", now, until, between, a, b)
			}
			if a, b := shown(t, o, s, now), shown(t, o, s, until.Add(-time.Millisecond)); a != b {
				t.Errorf("just before the next look at %s:\n%s\n%s", until, a, b)
			}
		}
	})
}

func TestLookingWhenToldMissesNothing(t *testing.T) {
	timed := 0
	eachStream(t, 300, func(t *testing.T, _ *rand.Rand, o Order, s Setting) {
		looks := map[int64]bool{}
		now := o.LastHeard
		for steps := 0; ; steps++ {
			next := NextLook(o, s, now)
			if next.IsZero() {
				break
			}
			if !next.After(now) || steps > 300 {
				t.Fatalf("the look after %s is at %s, step %d", now, next, steps)
			}
			looks[next.UnixNano()], now = true, next
		}
		for _, n := range newsAt(o, s, hours(24*400)) {
			if n.At.After(o.LastHeard) {
				timed++
				if !looks[n.At.UnixNano()] {
					t.Errorf("nothing looks when %s becomes true at %s", n.ID(), n.At)
				}
			}
		}
	})
	if timed < 100 {
		t.Errorf("%d news by time alone: the streams test nothing", timed)
	}
}

func TestNewsDoesNotDependOnTheOrderOfArrival(t *testing.T) {
	for seed := range 100 {
		r := rand.New(rand.NewPCG(uint64(seed), 11))
		statements, s, now := randomStream(r), randomSetting(r), hours(24*30)
		want := hear(statements...).only(t)
		for range 3 {
			got := hear(shuffled(r, statements)...).only(t)
			a, b := strings.Join(ids(newsAt(want, s, now)), "\n"), strings.Join(ids(newsAt(got, s, now)), "\n")
			if a != b {
				t.Fatalf("seed %d: news\n%s\nbut in another order of arrival\n%s", seed, a, b)
			}
		}
	}
}
