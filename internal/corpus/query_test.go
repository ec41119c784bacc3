package corpus

import (
	"slices"
	"testing"
	"time"
)

const amsterdam = "Europe/Amsterdam"

// hour returns an instant on a Tuesday in Amsterdam.
func hour(day, h int) time.Time { return clock(on(2026, time.November, day), amsterdam, h*60) }

func parcelOf(steps ...Step) Parcel {
	return Parcel{ID: "p1", Direction: Outbound, Method: MethodParcel, Carrier: "PostNL", Zone: amsterdam, Steps: steps}
}

func TestAStateIsKnownOnlyWhenItWasHeard(t *testing.T) {
	p := parcelOf(
		Step{State: StateInTransit, At: hour(23, 22), HeardAt: hour(23, 23), Place: "Zwolle"},
		Step{State: StateDelivered, At: hour(24, 11), HeardAt: hour(26, 9), Place: "Utrecht"},
	)
	if step, _ := p.StateAt(hour(25, 9)); step.State != StateDelivered {
		t.Errorf("it really is %s", step.State)
	}
	if step, _ := p.KnownStateAt(hour(25, 9)); step.State != StateInTransit {
		t.Errorf("it is known as %s", step.State)
	}
	if places := p.PlacesKnownAt(hour(25, 9)); !slices.Equal(places, []string{"Zwolle"}) {
		t.Errorf("places = %v", places)
	}
	if p.Over(hour(25, 9)) || !p.Over(hour(26, 9)) {
		t.Error("it is over when the delivery is heard")
	}
}

func TestAPlannedStepAndADepotsBookingAreNoState(t *testing.T) {
	p := parcelOf(
		Step{State: StateDelivered, At: hour(24, 11), HeardAt: hour(24, 11)},
		Step{State: StateInTransit, At: hour(24, 17), HeardAt: hour(24, 17), NoChange: true},
		Step{State: StateOutForDelivery, At: hour(24, 18), HeardAt: hour(24, 12), Planned: true},
	)
	for name, step := range map[string]func(time.Time) (Step, bool){"really": p.StateAt, "known": p.KnownStateAt} {
		if got, _ := step(hour(25, 9)); got.State != StateDelivered {
			t.Errorf("%s: %s", name, got.State)
		}
	}
}

func TestALateParcelMissedTheFirstDayThatWasStated(t *testing.T) {
	promised := StatedDay{Day: "2026-11-24", By: ByShop, At: hour(20, 9), HeardAt: hour(20, 9)}
	until := hour(30, 0)
	tests := map[string]struct {
		change func(*Parcel)
		late   bool
	}{
		"delivered on the day":    {func(p *Parcel) { p.Steps = []Step{{State: StateDelivered, At: hour(24, 23)}} }, false},
		"at the point on the day": {func(p *Parcel) { p.Steps = []Step{{State: StateAtPickup, At: hour(24, 18)}} }, false},
		"delivered the day after": {func(p *Parcel) { p.Steps = []Step{{State: StateDelivered, At: hour(25, 1)}} }, true},
		"never delivered":         {func(*Parcel) {}, true},
		"only planned":            {func(p *Parcel) { p.Steps = []Step{{State: StateDelivered, At: hour(24, 9), Planned: true}} }, true},
		"cancelled before":        {func(p *Parcel) { p.CancelledAt = hour(22, 9) }, false},
		"a return":                {func(p *Parcel) { p.Direction = Return }, false},
		"a letter":                {func(p *Parcel) { p.Method = MethodLetter }, false},
		"another day later changes nothing": {func(p *Parcel) {
			p.Days = append(p.Days, StatedDay{Day: "2026-11-29", By: ByCarrier, HeardAt: hour(23, 9)})
		}, true},
		"the day was heard when it was over": {func(p *Parcel) { p.Days[0].HeardAt = hour(25, 9) }, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := parcelOf()
			p.Days = []StatedDay{promised}
			test.change(&p)
			if day, late := p.Late(until); late != test.late || late && day != promised.Day {
				t.Errorf("late = %t, %q", late, day)
			}
		})
	}
}

func TestAParcelWhoseDeliveryIsHeardLateIsKnownAsLate(t *testing.T) {
	p := parcelOf(Step{State: StateDelivered, At: hour(24, 11), HeardAt: hour(26, 9)})
	p.Days = []StatedDay{{Day: "2026-11-24", By: ByCarrier, At: hour(23, 9), HeardAt: hour(23, 9)}}
	if _, late := p.Late(hour(30, 0)); late {
		t.Error("it was in time")
	}
	if day, late := p.KnownLate(hour(30, 0)); !late || day != "2026-11-24" {
		t.Errorf("as far as the sources tell it is late: %t, %q", late, day)
	}
}

func TestTheCarriersDayStandsBeforeTheShopsUntilAnAttemptFails(t *testing.T) {
	p := parcelOf(Step{State: StateAttemptFailed, At: hour(24, 12), HeardAt: hour(24, 12)})
	p.Days = []StatedDay{
		{Day: "2026-11-24", By: ByShop, At: hour(20, 9), HeardAt: hour(20, 9)},
		{Day: "2026-11-25", By: ByCarrier, At: hour(22, 9), HeardAt: hour(22, 9)},
		{Day: "2026-11-26", By: ByCarrier, At: hour(24, 12), HeardAt: hour(24, 15)},
	}
	for at, want := range map[time.Time]Day{hour(21, 9): "2026-11-24", hour(23, 9): "2026-11-25", hour(24, 13): "", hour(24, 16): "2026-11-26", hour(27, 9): ""} {
		if day, _ := p.DayKnownAt(at); day.Day != want {
			t.Errorf("at %s the day is %q, want %q", at, day.Day, want)
		}
	}
}

func TestADoneActionAndALeftPointAreNotOpen(t *testing.T) {
	p := parcelOf()
	p.Actions = []Action{{What: ReasonDutiesDue, HeardAt: hour(24, 9), DoneAt: hour(25, 9)}}
	p.Pickups = []Pickup{{Name: "Kiosk Noord", HeardAt: hour(24, 9), DoneAt: hour(25, 9)}}
	for at, open := range map[time.Time]bool{hour(24, 8): false, hour(24, 10): true, hour(25, 10): false} {
		if got := len(p.ActionsOpenAt(at)) == 1; got != open {
			t.Errorf("at %s an action is open: %t", at, got)
		}
		if _, got := p.PickupKnownAt(at); got != open {
			t.Errorf("at %s it waits at a point: %t", at, got)
		}
	}
}

func TestACarrierIsKnownWhenASourceNamesIt(t *testing.T) {
	p := parcelOf()
	p.CarrierHeardAt = hour(24, 9)
	p.Legs = []Leg{{Number: "9400", Carrier: "USPS", HeardAt: hour(26, 9)}}
	for at, want := range map[time.Time][]string{hour(23, 9): nil, hour(25, 9): {"PostNL"}, hour(27, 9): {"PostNL", "USPS"}} {
		if got := p.CarriersKnownAt(at); !slices.Equal(got, want) {
			t.Errorf("at %s: %v", at, got)
		}
	}
}

func TestADayIsTheDestinationsDay(t *testing.T) {
	at := time.Date(2026, time.November, 26, 2, 0, 0, 0, time.UTC)
	if day := DayOf(at, "America/Los_Angeles"); day != "2026-11-25" {
		t.Errorf("day = %s", day)
	}
	if end := EndOf("2026-10-25", amsterdam); end.Sub(StartOf("2026-10-25", amsterdam)) != 25*time.Hour {
		t.Errorf("the day on which the clocks go back ends at %s", end)
	}
}

func TestHolidaysAreNoWorkdays(t *testing.T) {
	for country, day := range map[string]date{
		"NL": on(2026, time.April, 6), "SE": on(2026, time.April, 3), "US": on(2026, time.November, 26), "DE": on(2026, time.May, 14), "PL": on(2026, time.June, 4),
	} {
		if isWorkday(day, country) {
			t.Errorf("%s: %s is a holiday", country, day.Format(time.DateOnly))
		}
	}
}
