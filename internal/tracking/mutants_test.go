package tracking_test

import (
	"testing"

	. "github.com/wismo-dev/wismo/internal/testing/mutants"
)

// Each rule of the model, left out on purpose, is noticed by the test that is named for it.
func TestEveryMutantOfTheModelIsKilled(t *testing.T) {
	Kill(t, []Mutant{
		{
			Name: "min(told, heard) dropped", Killer: "TestNothingHappensAfterItWasHeard",
			In: "Scan.At", At: If(1), Mistake: "s.Told.IsZero()",
		},
		{
			Name: "window of a number off at its start", Killer: "TestScansOfAnEarlierUseOfANumberAreNotTheParcels",
			In: "Parcel.within", At: Return(1), Mistake: "p.Ends.IsZero() || t.Before(p.Ends)",
		},
		{
			Name: "window of a number without end", Killer: "TestScansOfALaterUseOfANumberAreNotTheParcels",
			In: "Parcel.cut", At: If(2), Mistake: "pause < 0 && ended",
		},
		{
			Name: "window of a bare order number off", Killer: "TestANumberThatIsUsedAgainIsAnotherOrder",
			In: "joiner.onePurchase", At: Return(2), Mistake: "!j.incompatible(a, b)",
		},
		{
			Name: "window of a carrier's hint off", Killer: "TestACarriersBareNumberJoinsNoOldOrder",
			In: "joiner.hinted", At: Var("inTime"), Mistake: "!ends.Before(g.placed.Add(-early)) && (confirmed || !begins.IsZero())",
		},
		{
			Name: "contradiction not looked at", Killer: "TestACarriersWordForAStrangerWaitsVisibly",
			In: "joiner.hinted", At: Return(6), Mistake: "!inTime",
		},
		{
			Name: "strangers joined through a third word", Killer: "TestNoTwoPeopleAreEverJoined",
			In: "joiner.uniteOrders", At: If(2), Mistake: "true",
		},
		{
			Name: "a shared number shows its place", Killer: "TestOneNumberInOrdersOfTwoPeopleShowsNothingPersonal",
			In: "loaded.complete", At: If(2), Mistake: `p.Shared && p.Number == ""`,
		},
		{
			Name: "direction dropped", Killer: "TestAReturnIsNeverDelivered",
			In: "heading", At: If(1), Mistake: `!returning || s != ""`,
		},
		{
			Name: "direction of the shipment dropped", Killer: "TestTheShoppersReturnDoesNotReopenTheOrder",
			In: "shipper.finish", At: Field("Returning"), Mistake: "l.parcel.Returning",
		},
		{
			Name: "whole statement taken for a partial one", Killer: "TestAShipmentThatTheOrderNoLongerListsIsGone",
			In: "assembly.ship", At: If(1), Mistake: "true",
		},
		{
			Name: "planned steps count", Killer: "TestAPlannedStepIsNoStatus",
			In: "stays", At: If(1), Mistake: `s.Status == ""`,
		},
		{
			Name: "headline by the first parcel", Killer: "TestTheHeadlineIsWhatComesNext",
			In: "Journey.headline", At: Var("lead"), Mistake: "all[len(all)-1]",
		},
		{
			Name: "an old day outlives a failed attempt", Killer: "TestAfterAnAttemptOnlyTheCarriersNewWordCounts",
			In: "ParcelJourney.currentDate", At: Case(1), Mistake: "d.ETA.Source == ETAFromCarrier",
		},
		{
			Name: "out for delivery for ever", Killer: "TestOutForDeliveryEndsWithItsDay",
			In: "ParcelJourney.stateWord", At: Case(2), Mistake: "p.Status == OutForDelivery && now.IsZero()",
		},
		{
			Name: "two sources are two attempts", Killer: "TestTwoSourcesTellOneAttempt",
			In: "Scan.repeats", At: Return(1), Mistake: "s.Status == o.Status && apart <= 0",
		},
		{
			Name: "a replaced parcel counts", Killer: "TestAShipmentThatWasReplacedBeforeItLeftIsNotWaitedFor",
			In: "Shipment.Dropped", At: Return(1), Mistake: "s.Phase == Cancelled && !s.Carried()",
		},
		{
			Name: "a cancellation begins when it is said last", Killer: "TestACancellationThatIsRepeatedBeganOnce",
			In: "Record.ended", At: Return(2), Mistake: "r.Endings[len(r.Endings)-1], true",
		},
		{
			Name: "a reinstatement is not heard", Killer: "TestACancellationThatIsRepeatedBeganOnce",
			In: "Record.takeEnding", At: Return(2), Mistake: "false",
		},
		{
			Name: "a handover is a delivery", Killer: "TestADeliveryToTheNextCarrierIsAHandover",
			In: "loaded.handsOver", At: If(1), Mistake: "true",
		},
		{
			Name: "what the next carrier scanned is not looked at", Killer: "TestADeliveryToTheNextCarrierIsAHandover",
			In: "loaded.handsOver", At: Return(3), Mistake: "next(s) || true",
		},
		{
			Name: "instance of an attempt dropped", Killer: "TestEveryParcelAndEveryDayIsNewsOfItsOwn",
			In: "finder.findDays", At: Field("Instance"), Mistake: "n.Instance",
		},
	})
}
