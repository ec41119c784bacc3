package tracking

import (
	"encoding/json"
	"flag"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/locale"
)

// t0 is a Tuesday noon in Amsterdam.
var t0 = time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)

func hours(n float64) time.Time { return t0.Add(time.Duration(n * float64(time.Hour))) }

// testSetting is that of a Dutch shop that promises two to three business days.
func testSetting() Setting {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err)
	}
	return Setting{
		Zone: zone, HomeCountry: "NL",
		Promise: bundle.Promise{HandlingBusinessDays: 1, Transit: []bundle.Transit{{Name: "all", MinBusinessDays: 1, MaxBusinessDays: 2}}},
		Watch: bundle.Watch{
			SilentOrderHours: 48, NoFirstScanHours: 48, NoScanHours: 96, LateNoticeTime: "17:00", PickupReminderDays: 2, EtaShiftHours: 4,
		},
	}
}

// say begins a statement of a source about a resource, heard at an instant.
func say(source string, kind Kind, ref string, heard time.Time) Statement {
	s := Statement{Key: Key{source, kind, ref}, Stamp: Stamp{Version: heard, Heard: heard}, Speaker: RankShop}
	if kind == KindTracker {
		s.Speaker = RankAggregator
	}
	return s
}

func orderSaid(source, id, number string, heard time.Time, change func(*OrderSaid)) Statement {
	s := say(source, KindOrder, id, heard)
	s.Order = &OrderSaid{
		ExternalID: id, Number: number, PlacedAt: t0, Phase: OrderReceived,
		Customer:    Recipient{Name: "Noor Jansen", Email: "noor@example.org"},
		Destination: Address{Postcode: "1017 AB", City: "Amsterdam", Country: "NL"},
		Lines:       []Line{{ID: "l1", Name: "Boots", Quantity: locale.Units(1)}, {ID: "l2", Name: "Socks", Quantity: locale.Units(2)}},
	}
	if change != nil {
		change(s.Order)
	}
	return s
}

func shipmentSaid(source, ref string, heard time.Time, numbers ...string) Statement {
	s := say(source, KindShipment, ref, heard)
	s.Shipment = &ShipmentSaid{Order: OrderHint{ExternalID: "4501"}, CreatedAt: heard, Phase: ReadyToShip}
	for _, n := range numbers {
		s.Shipment.Parcels = append(s.Shipment.Parcels, ParcelSaid{Carrier: "postnl", Number: n})
	}
	return s
}

func trackerSaid(source, number string, heard time.Time, scans ...Scan) Statement {
	s := say(source, KindTracker, number, heard)
	s.Tracker = &TrackerSaid{Carrier: "postnl", Number: number}
	for i, scan := range scans {
		if scan.ID == "" {
			scan.ID = string(scan.Status) + scan.Told.String() + scan.Location
		}
		scan.Heard, scan.Sequence = heard, i
		s.Scans = append(s.Scans, scan)
	}
	return s
}

func scanned(status Status, told time.Time, place string) Scan {
	return Scan{Status: status, Told: told, Location: place}
}

// world is what all statements of a test come to.
type world struct {
	records []Record
	joined  Joined
}

func hear(statements ...Statement) world {
	known := map[Key]*Record{}
	var keys []Key
	for _, s := range statements {
		if known[s.Key] == nil {
			known[s.Key] = &Record{}
			keys = append(keys, s.Key)
		}
		known[s.Key].Take(s)
	}
	var w world
	for _, k := range keys {
		w.records = append(w.records, *known[k])
	}
	w.joined = Join(w.records)
	return w
}

// orders assembles every purchase, sorted by its leading record.
func (w world) orders() []Order {
	var all []Order
	for _, g := range w.joined.Groups {
		var records []Record
		for _, i := range g.Records {
			records = append(records, w.records[i])
		}
		all = append(all, Assemble("", records, g.Bounds))
	}
	slices.SortFunc(all, func(a, b Order) int { return a.Sources[0].compare(b.Sources[0]) })
	return all
}

func (w world) only(t *testing.T) Order {
	t.Helper()
	all := w.orders()
	if len(all) != 1 {
		t.Fatalf("%d orders, want 1", len(all))
	}
	return all[0]
}

// page is everything that is shown of all orders, as bytes.
func (w world) page(t *testing.T, now time.Time) string {
	t.Helper()
	var all []any
	for _, o := range w.orders() {
		j := Project(o, testSetting(), now)
		j.Zone = nil
		all = append(all, o, j)
	}
	var doubtful, waiting []Key
	for _, i := range w.joined.Doubtful {
		doubtful = append(doubtful, w.records[i].Key)
	}
	for _, i := range w.joined.Waiting {
		waiting = append(waiting, w.records[i].Key)
	}
	for _, keys := range [][]Key{doubtful, waiting} {
		slices.SortFunc(keys, Key.compare)
		all = append(all, keys)
	}
	bytes, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes)
}

// shuffled are the statements in another order, each twice.
func shuffled(random *rand.Rand, statements []Statement) []Statement {
	all := append(slices.Clone(statements), statements...)
	random.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	return all
}

var fullRuns = flag.Int("streams", 0, "how many generated streams each shuffling test plays; 0 = its own sample")

// seeds are the seeds of a test's sample, or of a full run.
func seeds(sample uint64) iter.Seq[uint64] {
	if *fullRuns > 0 {
		sample = uint64(*fullRuns)
	}
	return func(yield func(uint64) bool) {
		for seed := range sample {
			if !yield(seed) {
				return
			}
		}
	}
}
