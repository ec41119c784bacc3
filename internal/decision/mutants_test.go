package decision_test

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/testing/mutants"
)

// TestEveryMutantIsKilled makes mistakes that could be made in this package, and expects the named test to notice.
func TestEveryMutantIsKilled(t *testing.T) {
	const invariants = "TestNoStreamOfNewsBreaksAnInvariant"
	mutants.Kill(t, []mutants.Mutant{
		{
			Name: "quiet hours in the destination's zone", Killer: "TestQuietHoursAreThoseOfTheRecipient",
			File: "decision.go", Code: "if q.Recipient.Zone != nil {", Mistake: "if false {",
		},
		{
			Name: "quiet hours forgotten", Killer: invariants,
			File: "rules.go", Code: "if quiet == nil || q.rule.Level", Mistake: "if quiet != nil || q.rule.Level",
		},
		{
			Name: "critical news waits for the morning", Killer: invariants,
			File: "rules.go", Code: "quiet == nil || q.rule.Level == bundle.Critical", Mistake: "quiet == nil",
		},
		{
			Name: "instance dropped from what was told", Killer: "TestToldIsWhatAChannelAcceptedForThisRecipient/another_instance",
			File: "told.go", Code: "if len(t.IDs) == 0 && t.Instance == \"\" {", Mistake: "if q.sameSubject(t) {\n\t\treturn true\n\t}\n\tif len(t.IDs) == 0 {",
		},
		{
			Name: "told when queued", Killer: "TestToldIsWhatAChannelAcceptedForThisRecipient/failed",
			File: "told.go", Code: "if t.Waiting && q.Stage == AtQueue {\n\t\t\treturn object(\"A message", Mistake: "if true {\n\t\t\treturn object(\"A message",
		},
		{
			Name: "told once more", Killer: invariants,
			File: "told.go", Code: "if !t.Accepted.IsZero() {\n\t\t\treturn object(fmt.Sprintf(\"%s was told on", Mistake: "if false {\n\t\t\treturn object(fmt.Sprintf(\"%s was told on",
		},
		{
			Name: "queued once more", Killer: "TestToldIsWhatAChannelAcceptedForThisRecipient/waiting",
			File: "told.go", Code: "if t.Waiting && q.Stage == AtQueue {\n\t\t\treturn object(\"A message", Mistake: "if false {\n\t\t\treturn object(\"A message",
		},
		{
			Name: "former identities forgotten", Killer: "TestNewsWhoseFactsWereCompletedIsNotToldAgain",
			File: "told.go", Code: "append(slices.Clone(q.News.Also), q.News.ID())", Mistake: "[]string{q.News.ID()}",
		},
		{
			Name: "one message a box forgotten", Killer: "TestToldIsWhatAChannelAcceptedForThisRecipient/another_order_in_the_same_box",
			File: "told.go", Code: "if t.OrderID != q.Order.ID {\n\t\t//", Mistake: "if t.OrderID != q.Order.ID {\n\t\treturn false\n\t\t//",
		},
		{
			Name: "superseded by the order's headline", Killer: "TestAnotherParcelsProgressDoesNotMakeNewsStale",
			File: "superseded.go", Code: "func (q *question) staleBy() string {\n", Mistake: "func (q *question) staleBy() string {\n\tif q.Journey.State == tracking.Occasion(tracking.Delivered) {\n\t\treturn \"delivered\"\n\t}\n",
		},
		{
			Name: "superseded by another parcel", Killer: "TestAnotherParcelsProgressDoesNotMakeNewsStale",
			File: "superseded.go", Code: "p := q.Journey.Parcel(q.News.Subject)", Mistake: "p := &q.Journey.Parcels[len(q.Journey.Parcels)-1]",
		},
		{
			Name: "superseded by one parcel of several", Killer: "TestNewsOfSeveralParcelsIsStaleWithTheLast",
			File: "superseded.go", Code: "by == \"\" {\n\t\t\treturn \"\"", Mistake: "by != \"\" {\n\t\t\treturn by",
		},
		{
			Name: "an earlier stay supersedes", Killer: "TestAnAttemptThatIsHeardLateIsStaleOnTheNextRound",
			File: "superseded.go", Code: "return p.Since.After(at) || p.Status.Terminal()", Mistake: "return true",
		},
		{
			Name: "a later stay does not supersede", Killer: "TestNewsOfAStayEndsWithTheStay",
			File: "superseded.go", Code: "return p.Since.After(at) || p.Status.Terminal()", Mistake: "return p.Status.Terminal()",
		},
		{
			Name: "24 hours for another day", Killer: "TestAMovedDayIsComparedWithTheDayThatThisRecipientWasTold",
			File: "told.go", Code: "last.Day == eta.LastDay(q.Journey.Zone) &&", Mistake: "eta.LastDay(q.Journey.Zone).Sub(last.Day) < 2 &&",
		},
		{
			Name: "a day that passed is told", Killer: "TestAMovedDayIsComparedWithTheDayThatThisRecipientWasTold/the_new_day_has_passed",
			File: "told.go", Code: "if eta == nil || q.passed(*eta) {", Mistake: "if eta == nil {",
		},
		{
			Name: "late although another day was told", Killer: "TestALateNoticeIsNotNeededWhereTheRecipientKnows/a_later_day_was_told",
			File: "told.go", Code: "case tracking.EtaMoved:\n\t\treturn t.Day.After(due)", Mistake: "case tracking.EtaMoved:\n\t\treturn false",
		},
		{
			Name: "no late notice for a day that was told", Killer: "TestALateNoticeIsNotNeededWhereTheRecipientKnows/the_day_that_is_broken_now_was_told",
			File: "told.go", Code: "case tracking.EtaMoved:\n\t\treturn t.Day.After(due)", Mistake: "case tracking.EtaMoved:\n\t\treturn !t.Day.Before(due)",
		},
		{
			Name: "the address used up", Killer: "TestNewsWaitsForAnAddressUntilItIsStale",
			File: "rules.go", Code: "objects: noAddress, waits: true", Mistake: "objects: noAddress",
		},
		{
			Name: "critical news to who wants nothing", Killer: "TestPreferencesEndWhatTheySay",
			File: "rules.go", Code: "case Nothing:\n", Mistake: "case Nothing:\n\t\tif q.rule.Level == bundle.Critical {\n\t\t\treturn objection{}\n\t\t}\n",
		},
		{
			Name: "budget off by one", Killer: invariants,
			File: "budget.go", Code: "used >= limit", Mistake: "used > limit",
		},
		{
			Name: "daily budget of the order alone", Killer: "TestTheDailyBudgetCountsAllOrdersOnTheRecipientsDay",
			File: "budget.go", Code: "func(Told) bool { return true }", Mistake: "func(t Told) bool { return t.OrderID == q.Order.ID }",
		},
		{
			Name: "daily budget off by one", Killer: invariants,
			File: "budget.go", Code: "func(Told) bool { return true }) < limit", Mistake: "func(Told) bool { return true }) <= limit",
		},
		{
			Name: "a suspended shop sends", Killer: invariants,
			File: "rules.go", Code: "if q.Activity == bundle.Suspended {", Mistake: "if q.Activity == bundle.Rehearsal {",
		},
		{
			Name: "late only when the day is over", Killer: "TestAParcelThatDoesNotComeOnItsDayIsToldThatEvening",
			File: "superseded.go", Code: "tracking.LateWithoutNews: (*question).lateNoMore,", Mistake: "tracking.LateWithoutNews: func(q *question, p *tracking.ParcelJourney) string {\n\t\tif p.Late && p.Due != nil && q.Now.After(p.Due.End(q.zone())) {\n\t\t\treturn \"\"\n\t\t}\n\t\treturn \"not late\"\n\t},",
		},
		{
			Name: "gap forgotten", Killer: invariants,
			File: "budget.go", Code: "!latest.IsZero() && until.After(q.Now)", Mistake: "false && until.After(q.Now)",
		},
		{
			Name: "a whole burst suppressed", Killer: "TestABurstOfRoutineNewsBecomesTheNewestOfIt",
			File: "budget.go", Code: "&& q.newer(t) && q.related(t)", Mistake: "&& q.related(t)",
		},
		{
			Name: "out for delivery kept for the morning", Killer: "TestOutForDeliveryIsNotKeptForTheNextMorning",
			File: "decision.go", Code: "!end.IsZero() && o.until.After(end)", Mistake: "false && o.until.After(end)",
		},
		{
			Name: "a queued message muted by an upgrade", Killer: "TestEachRuleHasItsCase/queued_before_the_upgrade",
			File: "rules.go", Code: "q.Stage == AtQueue && !q.MutedUntil.IsZero()", Mistake: "!q.MutedUntil.IsZero()",
		},
		{
			Name: "an import told", Killer: "TestEachRuleHasItsCase/true_at_the_import",
			File: "rules.go", Code: "!q.News.At.After(q.MutedUntil)", Mistake: "q.News.At.Before(q.MutedUntil)",
		},
	}, "-rapid.checks=1000", "-rapid.seed=1", "-rapid.nofailfile")
}
