package tracking

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// lane fills a history with parcels that take the days in turn.
func lane(parcels int, days ...int) LaneSamples {
	samples := LaneSamples{}
	for i := range parcels {
		samples.AddDelivery(Delivery{Lane: Lane{"NL", "NL", "postnl"}, Days: days[i%len(days)], Gaps: []time.Duration{time.Duration(i%10) * 6 * time.Hour}})
	}
	return samples
}

func TestALaneOfFewParcelsTellsNothing(t *testing.T) {
	if lanes := lane(MinLaneParcels-1, 1).Lanes(); len(lanes) != 0 {
		t.Errorf("lanes: %v", lanes)
	}
	history := lane(100, 1, 1, 1, 1, 1, 1, 1, 2, 2, 9).Lanes()[Lane{"NL", "NL", "postnl"}]
	if history.Parcels != 100 || history.P10 != 1 || history.P50 != 1 || history.P90 != 2 {
		t.Errorf("history: %+v", history)
	}
	if history.GapHoursP95 < 54 || history.GapHoursP95 > 60 {
		t.Errorf("95 of 100 pauses stay below %g hours, want 54 to 60", history.GapHoursP95)
	}
}

func TestAnEstimateCountsBusinessDaysFromTheFirstScan(t *testing.T) {
	friday := locale.Day{Year: 2026, Month: 11, Day: 27}
	e := Estimate(lane(100, 1, 2, 3).Lanes(), Lane{"NL", "NL", "postnl"}, friday, locale.NewCalendar([]string{"NL"}, nil))
	if e == nil || e.Source != ETAFromEstimate || e.From.Format(time.DateOnly) != "2026-11-30" || e.To.Format(time.DateOnly) != "2026-12-02" {
		t.Errorf("estimate: %+v", e)
	}
	few := Lanes{{"NL", "NL", "postnl"}: {Parcels: MinLaneParcels - 1, P10: 1, P90: 2}}
	if e := Estimate(few, Lane{"NL", "NL", "postnl"}, friday, locale.Calendar{}); e != nil {
		t.Errorf("a guess from too few parcels: %+v", e)
	}
	if e := Estimate(lane(100, 1).Lanes(), Lane{"NL", "DE", "postnl"}, friday, locale.Calendar{}); e != nil {
		t.Errorf("a guess for a lane without history: %+v", e)
	}
}

func TestAnEstimateIsShownWhereItSaysMoreThanThePromise(t *testing.T) {
	o := hear(with(sent("3S1"), "3S1", scanned(HandedToCarrier, hours(26), ""))...).only(t)
	tests := map[string]struct {
		days   []int
		source ETASource
		last   string
	}{
		"a quick lane": {days: []int{1}, source: ETAFromEstimate, last: "2026-11-26"},
		"a wide lane":  {days: []int{1, 2, 3, 4, 5}, source: ETAFromPromise, last: "2026-11-27"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := testSetting()
			s.Lanes = lane(100, test.days...).Lanes()
			e := Project(o, s, hours(27)).Parcels[0].ETA
			if e == nil || e.Source != test.source || e.To.Format(time.DateOnly) != test.last {
				t.Errorf("expected %+v, want the %s until %s", e, test.source, test.last)
			}
			if p := Project(o, s, hours(24*3-10)).Parcels[0]; p.ETA == nil || p.Late {
				t.Errorf("the promise holds when the estimate has passed: %+v, late %t", p.ETA, p.Late)
			}
		})
	}
}

func TestOnlyParcelsThatReachedTheShopperAreHistory(t *testing.T) {
	s := testSetting()
	delivered := []Scan{scanned(HandedToCarrier, hours(24), ""), scanned(InTransit, hours(34), ""), scanned(Delivered, hours(24*6), "")}
	o := hear(with(sent("3S1"), "3S1", delivered...)...).only(t)
	d, ok := DeliveryOf(o, o.Shipments[0], o.Shipments[0].Parcels[0], s)
	want := Delivery{Lane: Lane{"NL", "NL", "postnl"}, Days: 3, Gaps: []time.Duration{10 * time.Hour, 62 * time.Hour}}
	if !ok || !reflect.DeepEqual(d, want) {
		t.Errorf("history: %+v, %t; want %+v", d, ok, want)
	}
	for name, scans := range map[string][]Scan{
		"under way": delivered[:2], "back": append(delivered[:2:2], scanned(ReturnInTransit, hours(50), ""), delivered[2]),
	} {
		o := hear(with(sent("3S1"), "3S1", scans...)...).only(t)
		if d, ok := DeliveryOf(o, o.Shipments[0], o.Shipments[0].Parcels[0], s); ok {
			t.Errorf("%s: %+v is history", name, d)
		}
	}
}

func TestHistorySurvivesStorageAndFades(t *testing.T) {
	samples := lane(maxLaneParcels, 9)
	for range maxLaneParcels {
		samples.AddDelivery(Delivery{Lane: Lane{"NL", "NL", "postnl"}, Days: 2})
	}
	bytes, err := json.Marshal(samples)
	if err != nil {
		t.Fatal(err)
	}
	var stored LaneSamples
	if err := json.Unmarshal(bytes, &stored); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(stored.Lanes(), samples.Lanes()) {
		t.Error("the stored history says something else")
	}
	if p50 := stored.Lanes()[Lane{"NL", "NL", "postnl"}].P50; p50 != 2 {
		t.Errorf("the median is %g days though as many new parcels as the history holds took 2", p50)
	}
	if len(bytes) > 2000 {
		t.Errorf("a lane takes %d bytes", len(bytes))
	}
}

func TestEstimatesHoldForFourOfFiveParcels(t *testing.T) {
	r := rand.New(rand.NewPCG(79, 1))
	calendar := locale.NewCalendar([]string{"NL"}, nil)
	zone := testSetting().Zone
	draw := func() int { // mostly two days, with a long tail
		return 1 + int(r.ExpFloat64()*1.2)
	}
	samples := LaneSamples{}
	for range 400 {
		samples.AddDelivery(Delivery{Lane: Lane{"NL", "NL", "postnl"}, Days: draw()})
	}
	var predictions []Prediction
	first := locale.DayOf(t0, zone)
	for range 1000 {
		e := Estimate(samples.Lanes(), Lane{"NL", "NL", "postnl"}, first, calendar)
		came := calendar.AddBusinessDays(first, draw()).In(zone).Add(15 * time.Hour)
		predictions = append(predictions, Prediction{ETA: *e, Delivered: came, Zone: zone})
	}
	inside, all := Coverage(predictions)
	if share := float64(inside) / float64(all); share < 0.8 || share > 0.97 {
		t.Errorf("%d of %d parcels came inside their estimate", inside, all)
	}
}
