package corpus

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// check reports what contradicts itself in a truth.
func (t Truth) check() error {
	var problems []error
	if len(t.Orders) == 0 {
		problems = append(problems, errors.New("truth.orders is empty: add an order"))
	}
	if t.Until.IsZero() {
		problems = append(problems, errors.New("truth.until is missing: set the end of the journey"))
	}
	for _, parcel := range t.Parcels {
		if err := parcel.check(t); err != nil {
			problems = append(problems, fmt.Errorf("parcel %q: %w", parcel.ID, err))
		}
	}
	return errors.Join(problems...)
}

func (p Parcel) check(truth Truth) error {
	var problems []error
	if _, err := time.LoadLocation(p.Zone); err != nil || p.Zone == "" {
		problems = append(problems, fmt.Errorf("zone %q is not an IANA time zone", p.Zone))
	}
	for _, number := range p.Orders {
		if _, found := truth.Order(number); !found {
			problems = append(problems, fmt.Errorf("its order %q is not in truth.orders", number))
		}
	}
	if _, found := truth.Parcel(p.Replaces); p.Replaces != "" && !found {
		problems = append(problems, fmt.Errorf("it replaces %q, which is not in truth.parcels", p.Replaces))
	}
	for _, day := range p.Days {
		if StartOf(day.Day, p.Zone).IsZero() {
			problems = append(problems, fmt.Errorf("day %q is not written as YYYY-MM-DD, such as 2026-11-30", day.Day))
		}
	}
	return errors.Join(append(problems, p.checkSteps(), p.checkContents(truth))...)
}

func (p Parcel) checkSteps() error {
	var problems []error
	for i, step := range p.Steps {
		if !slices.Contains(states, step.State) {
			problems = append(problems, fmt.Errorf("steps[%d].state %q is not a state", i, step.State))
		}
		if !step.HeardAt.IsZero() && step.HeardAt.Before(step.At) && !step.Planned {
			problems = append(problems, fmt.Errorf("steps[%d].heardAt is before at: set planned, or correct the times", i))
		}
		if i > 0 && step.At.Before(p.Steps[i-1].At) {
			problems = append(problems, fmt.Errorf("steps[%d] happens before the one above it: sort them by at", i))
		}
	}
	return errors.Join(problems...)
}

func (p Parcel) checkContents(truth Truth) error {
	var problems []error
	for _, content := range p.Contents {
		order, _ := truth.Order(content.Order)
		if !slices.ContainsFunc(order.Lines, func(l Line) bool { return l.ID == content.Line }) {
			problems = append(problems, fmt.Errorf("its line %q is not in order %q", content.Line, content.Order))
		}
	}
	return errors.Join(problems...)
}

// states are all states of parcels.
var states = []State{
	StateLabelCreated, StateHandedToCarrier, StateInTransit, StateInCustoms, StateOutForDelivery, StateAttemptFailed,
	StateAtPickup, StatePickupExpired, StateDelivered, StateReturning, StateReturned, StateLost, StateDamaged,
	StateDisposed, StateCancelled, StateException, StateReadyToCollect, StateSentByLetter, StateSentElectronical,
}
