package tracking

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/testing/mutants"
)

// Each rule of the model, left out on purpose, is noticed by the test that is named for it.
func TestEveryMutantOfTheModelIsKilled(t *testing.T) {
	mutants.Kill(t, []mutants.Mutant{
		{
			Name: "min(told, heard) dropped", File: "statement.go",
			Code: "if s.Told.IsZero() || s.Told.After(s.Heard) {", Mistake: "if s.Told.IsZero() {",
			Killer: "TestNothingHappensAfterItWasHeard",
		},
		{
			Name: "window of a number off at its start", File: "assemble.go",
			Code: "return !t.Before(p.Begins) && (p.Ends.IsZero() || t.Before(p.Ends))", Mistake: "return p.Ends.IsZero() || t.Before(p.Ends)",
			Killer: "TestScansOfAnEarlierUseOfANumberAreNotTheParcels",
		},
		{
			Name: "window of a number without end", File: "scans.go",
			Code: "if pause > numberWindow || (ended && pause > afterEnd) {", Mistake: "if pause < 0 && ended {",
			Killer: "TestScansOfALaterUseOfANumberAreNotTheParcels",
		},
		{
			Name: "window of a bare order number off", File: "join.go",
			Code: "return x.placed().Sub(y.placed()).Abs() <= orderWindow && !j.incompatible(a, b)", Mistake: "return !j.incompatible(a, b)",
			Killer: "TestANumberThatIsUsedAgainIsAnotherOrder",
		},
		{
			Name: "window of a carrier's hint off", File: "join.go",
			Code: "(confirmed || begins.Before(g.placed.Add(hintWindow)))", Mistake: "(confirmed || !begins.IsZero())",
			Killer: "TestACarriersBareNumberJoinsNoOldOrder",
		},
		{
			Name: "contradiction not looked at", File: "join.go",
			Code: "return !inTime || g.people.contradicts(hint)", Mistake: "return !inTime",
			Killer: "TestACarriersWordForAStrangerWaitsVisibly",
		},
		{
			Name: "strangers joined through a third word", File: "join.go",
			Code: "if !j.atOdds(together) {", Mistake: "if true {",
			Killer: "TestNoTwoPeopleAreEverJoined",
		},
		{
			Name: "a shared number shows its place", File: "ship.go",
			Code: "if p.Shared {", Mistake: "if p.Shared && p.Number == \"\" {",
			Killer: "TestOneNumberInOrdersOfTwoPeopleShowsNothingPersonal",
		},
		{
			Name: "direction dropped", File: "scans.go",
			Code: "	if !returning {\n		return s", Mistake: "	if !returning || s != \"\" {\n		return s",
			Killer: "TestAReturnIsNeverDelivered",
		},
		{
			Name: "direction of the shipment dropped", File: "ship.go",
			Code: "l.parcel.Returning = l.parcel.Returning || s.Direction == Return", Mistake: "",
			Killer: "TestTheShoppersReturnDoesNotReopenTheOrder",
		},
		{
			Name: "whole statement taken for a partial one", File: "ship.go",
			Code: "if !a.withdrawn(r) {", Mistake: "if true {",
			Killer: "TestAShipmentThatTheOrderNoLongerListsIsGone",
		},
		{
			Name: "planned steps count", File: "scans.go",
			Code: "if s.Ahead() || s.Status == \"\" {", Mistake: "if s.Status == \"\" {",
			Killer: "TestAPlannedStepIsNoStatus",
		},
		{
			Name: "headline by the first parcel", File: "headline.go",
			Code: "lead := slices.MinFunc(all, func(a, b candidate) int {", Mistake: "lead := slices.MinFunc(all[len(all)-1:], func(a, b candidate) int {",
			Killer: "TestTheHeadlineIsWhatComesNext",
		},
		{
			Name: "an old day outlives a failed attempt", File: "project.go",
			Code: "case d.ETA.Source == ETAFromCarrier && !d.At.Before(undone):", Mistake: "case d.ETA.Source == ETAFromCarrier:",
			Killer: "TestAfterAnAttemptOnlyTheCarriersNewWordCounts",
		},
		{
			Name: "out for delivery for ever", File: "project.go",
			Code: "case p.Status == OutForDelivery && p.roundEnd(zone).Before(now):", Mistake: "case p.Status == OutForDelivery && now.IsZero():",
			Killer: "TestOutForDeliveryEndsWithItsDay",
		},
		{
			Name: "two sources are two attempts", File: "scans.go",
			Code: "return s.Status == o.Status && apart <= sameScan", Mistake: "return s.Status == o.Status && apart <= 0",
			Killer: "TestTwoSourcesTellOneAttempt",
		},
		{
			Name: "a replaced parcel counts", File: "headline.go",
			Code: "s.ReplacedBy != \"\" || s.Phase == Cancelled", Mistake: "s.Phase == Cancelled",
			Killer: "TestAShipmentThatWasReplacedBeforeItLeftIsNotWaitedFor",
		},
		{
			Name: "instance of an attempt dropped", File: "newsparcel.go",
			Code: "n.Instance, n.At, n.Heard = day.String(), scan.At(), scan.Heard", Mistake: "n.At, n.Heard = scan.At(), scan.Heard",
			Killer: "TestEveryParcelAndEveryDayIsNewsOfItsOwn",
		},
	})
}
