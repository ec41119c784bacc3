package decision_test

import (
	"testing"

	. "github.com/wismo-dev/wismo/internal/testing/mutants"
)

// TestEveryMutantIsKilled makes mistakes that could be made in this package, and expects the named test to notice.
func TestEveryMutantIsKilled(t *testing.T) {
	const invariants = "TestNoStreamOfNewsBreaksAnInvariant"
	Kill(t, []Mutant{
		{
			Name: "quiet hours in the destination's zone", Killer: "TestQuietHoursAreThoseOfTheRecipient",
			In: "question.zone", At: If(1), Mistake: "false",
		},
		{
			Name: "quiet hours forgotten", Killer: invariants,
			In: "quietHours", At: If(1), Mistake: "quiet != nil || q.rule.Level == bundle.Critical",
		},
		{
			Name: "critical news waits for the morning", Killer: invariants,
			In: "quietHours", At: If(1), Mistake: "quiet == nil",
		},
		{
			Name: "instance dropped from what was told", Killer: "TestToldIsWhatAChannelAcceptedForThisRecipient/another_instance",
			In: "question.isSameNews", At: Return(5), Mistake: "q.sameSubject(t) || slices.ContainsFunc(append(slices.Clone(q.News.Also), q.News.ID()), func(id string) bool { return slices.Contains(known, id) })",
		},
		{
			Name: "told when queued", Killer: "TestToldIsWhatAChannelAcceptedForThisRecipient/failed",
			In: "alreadyTold", At: If(3), Mistake: "true",
		},
		{
			Name: "told once more", Killer: invariants,
			In: "alreadyTold", At: If(2), Mistake: "false",
		},
		{
			Name: "queued once more", Killer: "TestToldIsWhatAChannelAcceptedForThisRecipient/waiting",
			In: "alreadyTold", At: If(3), Mistake: "false",
		},
		{
			Name: "former identities forgotten", Killer: "TestNewsWhoseFactsWereCompletedIsNotToldAgain",
			In: "question.isSameNews", At: Return(5), Mistake: "slices.Contains(known, q.News.ID())",
		},
		{
			Name: "one message a box forgotten", Killer: "TestToldIsWhatAChannelAcceptedForThisRecipient/another_order_in_the_same_box",
			In: "question.isSameNews", At: Return(2), Mistake: "false",
		},
		{
			Name: "superseded by the order's headline", Killer: "TestAnotherParcelsProgressDoesNotMakeNewsStale",
			In: "question.whyStale", At: Return(1), Mistake: `map[bool]string{true: "delivered", false: q.whyParcelNewsIsStale()}[q.Journey.State == tracking.Occasion(tracking.Delivered)]`,
		},
		{
			Name: "superseded by another parcel", Killer: "TestAnotherParcelsProgressDoesNotMakeNewsStale",
			In: "question.whyParcelNewsIsStale", At: Var("p"), Mistake: "&q.Journey.Parcels[len(q.Journey.Parcels)-1]",
		},
		{
			Name: "superseded by one parcel of several", Killer: "TestNewsOfSeveralParcelsIsStaleWithTheLast",
			In: "question.whyStaleForAllParcels", At: Return(1), Mistake: `func() string { for _, p := range q.parcels { if by := q.whyStaleForParcel(p); by != "" { return by } }; return "" }()`,
		},
		{
			Name: "an earlier stay supersedes", Killer: "TestAnAttemptThatIsHeardLateIsStaleOnTheNextRound",
			In: "changedSince", At: Return(1), Mistake: "true",
		},
		{
			Name: "a later stay does not supersede", Killer: "TestNewsOfAStayEndsWithTheStay",
			In: "changedSince", At: Return(1), Mistake: "p.Status.Terminal()",
		},
		{
			Name: "24 hours for another day", Killer: "TestAMovedDayIsComparedWithTheDayThatThisRecipientWasTold",
			In: "question.dayUnchanged", At: If(1), Mistake: "last != nil && eta.LastDay(q.Journey.Zone).Sub(last.Day) < 2 && !q.shifted(*last, eta)",
		},
		{
			Name: "a day that passed is told", Killer: "TestAMovedDayIsComparedWithTheDayThatThisRecipientWasTold/the_new_day_has_passed",
			In: "dayTold", At: If(2), Mistake: "eta == nil",
		},
		{
			Name: "late although another day was told", Killer: "TestALateNoticeIsNotNeededWhereTheRecipientKnows/a_later_day_was_told",
			In: "question.tellsLate", At: Return(1), Mistake: "false",
		},
		{
			Name: "no late notice for a day that was told", Killer: "TestALateNoticeIsNotNeededWhereTheRecipientKnows/the_day_that_is_broken_now_was_told",
			In: "question.tellsLate", At: Return(1), Mistake: "!t.Day.Before(due)",
		},
		{
			Name: "the address used up", Killer: "TestNewsWaitsForAnAddressUntilItIsStale",
			In: "Decide", At: Field("WaitsForAddress"), Mistake: "false",
		},
		{
			Name: "critical news to who wants nothing", Killer: "TestPreferencesEndWhatTheySay",
			In: "preference", At: Return(1), Mistake: `map[bool]objection{false: objectionOf("none")}[q.rule.Level == bundle.Critical]`,
		},
		{
			Name: "budget off by one", Killer: invariants,
			In: "budget", At: If(2), Mistake: "used > limit",
		},
		{
			Name: "daily budget of the order alone", Killer: "TestTheDailyBudgetCountsAllOrdersOnTheRecipientsDay",
			In: "dailyBudget", At: If(2), Mistake: "q.routineMessages(midnight.Add(-time.Nanosecond), func(t Told) bool { return t.OrderID == q.Order.ID }) < limit",
		},
		{
			Name: "daily budget off by one", Killer: invariants,
			In: "dailyBudget", At: If(2), Mistake: "q.routineMessages(midnight.Add(-time.Nanosecond), func(Told) bool { return true }) <= limit",
		},
		{
			Name: "a suspended shop sends", Killer: invariants,
			In: "suspended", At: If(1), Mistake: "q.Activity == bundle.Rehearsal",
		},
		{
			Name: "late only when the day is over", Killer: "TestAParcelThatDoesNotComeOnItsDayIsToldThatEvening",
			In: "question.whyLateParcelIsStale", At: If(1), Mistake: "!p.Late || p.Due == nil || !q.Now.After(p.Due.End(q.zone()))",
		},
		{
			Name: "gap forgotten", Killer: invariants,
			In: "minimumGap", At: If(3), Mistake: "false && until.After(q.Now)",
		},
		{
			Name: "a whole burst suppressed", Killer: "TestABurstOfRoutineNewsBecomesTheNewestOfIt",
			In: "burst", At: If(2), Mistake: "near && t.OrderID == q.Order.ID && t.Level == bundle.Routine && q.related(t)",
		},
		{
			Name: "out for delivery kept for the morning", Killer: "TestOutForDeliveryIsNotKeptForTheNextMorning",
			In: "question.postpone", At: If(1), Mistake: "false && o.until.After(end)",
		},
		{
			Name: "a queued message muted by an upgrade", Killer: "TestEachRuleHasItsCase/queued_before_the_upgrade",
			In: "muted", At: If(1), Mistake: "!q.MutedUntil.IsZero() && !q.News.At.After(q.MutedUntil)",
		},
		{
			Name: "an import told", Killer: "TestEachRuleHasItsCase/true_at_the_import",
			In: "muted", At: If(1), Mistake: "q.Stage == AtQueue && !q.MutedUntil.IsZero() && q.News.At.Before(q.MutedUntil)",
		},
	}, "-rapid.checks=1000", "-rapid.seed=1", "-rapid.nofailfile")
}
