package tracking

import (
	"testing"
	"time"
)

func TestWhatHappenedIsAsOldAsItsSourceSaysWheneverItIsHeard(t *testing.T) {
	heard := hours(500)
	stamp := func(version time.Time) Stamp { return Stamp{Version: version, Heard: heard} }
	order := Record{Key: Key{"api", KindOrder, "1"}, Whole: stamp(hours(1)), FirstHeard: heard, LastHeard: heard, Order: &OrderSaid{Number: "1"}}
	tracker := Record{Key: Key{"api", KindTracker, "3S1"}, Whole: stamp(heard), FirstHeard: heard, LastHeard: heard,
		Tracker: &TrackerSaid{Number: "3S1"}, Scans: []Scan{{ID: "a", Told: hours(30), Heard: heard}, {ID: "b", Told: hours(600), Heard: heard, Planned: true}}}
	shipment := Record{Key: Key{"api", KindShipment, "s"}, Whole: stamp(hours(2)), FirstHeard: heard, LastHeard: heard,
		Shipment: &ShipmentSaid{Parcels: []ParcelSaid{{Number: "3S1"}}}, Given: []Given{{Stamp: stamp(hours(40)), Fields: []string{"Phase"}}}}
	for _, c := range []struct {
		name    string
		records []Record
		want    time.Time
	}{
		{"what a shop keeps is as old as its last change", []Record{order}, hours(1)},
		{"a scan counts, a planned step does not, nor when it was looked up", []Record{order, tracker}, hours(30)},
		{"a part that was given since counts", []Record{order, tracker, shipment}, hours(40)},
	} {
		o := Assemble("id", c.records, Bounds{})
		if !o.LastHappened.Equal(c.want) || !o.LastHeard.Equal(heard) {
			t.Errorf("%s: happened %v, heard %v, want %v and %v", c.name, o.LastHappened, o.LastHeard, c.want, heard)
		}
	}
}
