package decision

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// Rule identifies the rule that decided; it is a label value of the metric wismo_decisions_total.
type Rule string

// The rules by which a message is not sent, or not now, in the order in which they are checked.
const (
	RuleSuspended      Rule = "suspended"
	RuleTestOrder      Rule = "test-order"
	RuleMarketplace    Rule = "marketplace"
	RuleGiftRecipient  Rule = "gift-recipient"
	RulePageOnly       Rule = "page-only"
	RuleMuted          Rule = "muted"
	RuleAlreadyTold    Rule = "already-told"
	RuleDayTold        Rule = "day-told"
	RuleHeardLately    Rule = "heard-lately"
	RuleLatenessTold   Rule = "lateness-told"
	RuleSuperseded     Rule = "superseded"
	RuleActionDone     Rule = "action-done"
	RuleCancelled      Rule = "cancelled"
	RuleTooOld         Rule = "too-old"
	RuleNoAddress      Rule = "no-address"
	RulePreference     Rule = "preference"
	RuleCarrierInforms Rule = "carrier-informs"
	RuleSaidTogether   Rule = "said-together"
	RuleBurst          Rule = "burst"
	RuleMessageLimit   Rule = "enough"
	RuleBudget         Rule = "budget"
	RuleDailyBudget    Rule = "daily-budget"
	RuleMinimumGap     Rule = "minimum-gap"
	RuleQuietHours     Rule = "quiet-hours"
)

// The rules by which a message is sent.
const (
	RuleNews             Rule = "news"
	RuleChannelNotActive Rule = "channel-not-active" // sent, but not on the channel that the policy prefers
)

// check is a rule with the function that applies it.
type check struct {
	name            Rule
	objects         func(*question) objection
	supersedes      bool // the news that it suppresses is stale, or another message has the same information
	waitsForAddress bool // the news that it suppresses is decided on again once the order has an address
}

// objection is why a message is not sent now; without words the rule does not object. A message with until is deferred to that time, one
// without is suppressed.
type objection struct {
	words string
	until time.Time
}

func objectionOf(words string) objection { return objection{words: words} }

// checks are applied in this order; the first that objects decides.
var checks = []check{
	{name: RuleSuspended, objects: suspended},
	{name: RuleTestOrder, objects: testOrder},
	{name: RuleMarketplace, objects: marketplace},
	{name: RuleGiftRecipient, objects: giftRecipient},
	{name: RulePageOnly, objects: pageOnly},
	{name: RuleMuted, objects: muted},
	{name: RuleAlreadyTold, objects: alreadyTold},
	{name: RuleDayTold, objects: dayTold},
	{name: RuleHeardLately, objects: heardLately},
	{name: RuleLatenessTold, objects: latenessTold},
	{name: RuleSuperseded, objects: superseded, supersedes: true},
	{name: RuleActionDone, objects: actionDone, supersedes: true},
	{name: RuleCancelled, objects: cancelled},
	{name: RuleTooOld, objects: tooOld},
	{name: RuleNoAddress, objects: noAddress, waitsForAddress: true},
	{name: RulePreference, objects: preference},
	{name: RuleCarrierInforms, objects: carrierInforms},
	{name: RuleSaidTogether, objects: saidTogether, supersedes: true},
	{name: RuleBurst, objects: burst, supersedes: true},
	{name: RuleMessageLimit, objects: messageLimitReached},
	{name: RuleBudget, objects: budget},
	{name: RuleDailyBudget, objects: dailyBudget},
	{name: RuleMinimumGap, objects: minimumGap},
	{name: RuleQuietHours, objects: quietHours},
}

func suspended(q *question) objection {
	if q.Activity == bundle.Suspended {
		return objectionOf("The activity of the shop is Suspended: no messages are sent.")
	}
	return objection{}
}

// testOrder suppresses messages about test orders, except in a rehearsal: then every message goes to the merchant.
func testOrder(q *question) objection {
	if q.Order.Test && q.Activity != bundle.Rehearsal {
		return objectionOf("It is a test order: no messages are sent about it.")
	}
	return objection{}
}

func marketplace(q *question) objection {
	if q.Order.Marketplace {
		return objectionOf("The order was placed on a marketplace, which sends messages to the shopper itself: it is shown on the page only.")
	}
	return objection{}
}

// buyerOccasions concern the buyer and not the recipient of a gift: they are about the order, money, or a return.
var buyerOccasions = occasions(tracking.OrderReceived, tracking.AwaitingProcessing, tracking.OrderCancelled, tracking.Refunded,
	tracking.ReturnRequested, tracking.ReturnReceived, tracking.ReturnInspected)

func giftRecipient(q *question) objection {
	if q.Recipient.Role == tracking.RoleGift && slices.Contains(buyerOccasions, q.News.Occasion) {
		return objectionOf(fmt.Sprintf("%s concerns the buyer only: the recipient of a gift gets messages about the parcel, not about the purchase.", q.News.Occasion))
	}
	return objection{}
}

func pageOnly(q *question) objection {
	if q.rule.Level == bundle.PageOnly {
		return objectionOf(fmt.Sprintf("The policy shows %s on the page only.", q.News.Occasion))
	}
	return objection{}
}

// muted applies when news is found, not when its message is sent: an upgrade does not cancel a message that was queued before.
func muted(q *question) objection {
	if q.Stage == AtQueue && !q.MutedUntil.IsZero() && !q.News.At.After(q.MutedUntil) {
		return objectionOf("It happened before the order was imported or the configuration of the shop changed: no messages are sent about what happened before.")
	}
	return objection{}
}

func cancelled(q *question) objection {
	phase, what := tracking.Phase(""), "order"
	if q.Order.Cancelled {
		phase = tracking.OrderCancelled
	} else if q.allParcels(func(p *tracking.ParcelJourney) bool { return p.Phase == tracking.Cancelled }) {
		phase, what = tracking.Cancelled, "shipment"
	} else if s := q.shipment(); s != nil && s.Phase == tracking.Cancelled {
		phase, what = tracking.Cancelled, "shipment"
	}
	if phase == "" || slices.Contains(afterCancellation, q.News.Occasion) {
		return objection{}
	}
	if carried(q.parcels) && isStatus(q.News.Occasion) {
		return objection{} // it was cancelled after it was sent: the shopper needs to know where it goes
	}
	return objectionOf(fmt.Sprintf("The %s has been cancelled since.", what))
}

// afterCancellation lists the occasions that are told of a cancelled order or shipment, beside the statuses of a parcel that was sent.
var afterCancellation = append(occasions(tracking.Cancelled, tracking.OrderCancelled, tracking.Refunded,
	tracking.ReturnRequested, tracking.ReturnReceived, tracking.ReturnInspected), tracking.ActionRequired)

func carried(parcels []*tracking.ParcelJourney) bool {
	return slices.ContainsFunc(parcels, func(p *tracking.ParcelJourney) bool { return p.Status.Carried() })
}

func isStatus(o tracking.Occasion) bool {
	return slices.Contains(tracking.Statuses(), tracking.Status(o))
}

// allParcels reports whether the subject has parcels and the condition is true for each.
func (q *question) allParcels(true func(*tracking.ParcelJourney) bool) bool {
	return len(q.parcels) > 0 && !slices.ContainsFunc(q.parcels, func(p *tracking.ParcelJourney) bool { return !true(p) })
}

// noAddress suppresses news until the order has an address: then it is decided on again, unless it is too old.
func noAddress(q *question) objection {
	if !q.Recipient.HasAddress {
		return objectionOf("The order has no e-mail address yet; the message is sent if the order gets one in time.")
	}
	return objection{}
}

// problemOccasions are the news that something went wrong, or that the shopper must act.
var problemOccasions = append(occasions(tracking.Cancelled, tracking.OrderCancelled, tracking.ReadyToCollect),
	append(occasions(tracking.DeliveryAttemptFailed, tracking.AvailableForPickup, tracking.PickupExpired, tracking.ReturnInTransit,
		tracking.ReturnedToSender, tracking.Lost, tracking.Damaged, tracking.Disposed, tracking.ParcelCancelled, tracking.Exception),
		tracking.EtaMoved, tracking.Delayed, tracking.LateWithoutNews, tracking.NoFirstScan, tracking.Stalled, tracking.LastAttempt,
		tracking.PickupExpiring, tracking.NextLegMissing, tracking.LocationChanged, tracking.ActionRequired)...)

// keyMomentOccasions are the milestones, beside problems, that a recipient with the preference KeyMoments is told of.
var keyMomentOccasions = append(occasions(tracking.Shipped, tracking.Refunded), occasions(tracking.OutForDelivery, tracking.Delivered)...)

func occasions[T ~string](names ...T) []tracking.Occasion {
	all := make([]tracking.Occasion, 0, len(names))
	for _, name := range names {
		all = append(all, tracking.Occasion(name))
	}
	return all
}

func preference(q *question) objection {
	problem := slices.Contains(problemOccasions, q.News.Occasion) && q.rule.Level != bundle.Routine
	wanted := true
	switch q.Preference {
	case PreferenceNothing:
		return objectionOf("The recipient has chosen to get no messages at all.")
	case PreferenceOnlyProblems:
		wanted = problem
	case PreferenceKeyMoments:
		wanted = problem || slices.Contains(keyMomentOccasions, q.News.Occasion)
	case PreferenceEverything:
	default:
	}
	if wanted {
		return objection{}
	}
	return objectionOf(fmt.Sprintf("The recipient has chosen %s, which does not include %s.", q.Preference, q.News.Occasion))
}

func carrierInforms(q *question) objection {
	if isOrder(q.News.Subject) || !q.allParcels(func(p *tracking.ParcelJourney) bool { return q.informsOfNews(p.Carrier) }) {
		return objection{}
	}
	return objectionOf(fmt.Sprintf("The carrier %s sends the recipient a message on %s itself.", q.parcels[0].Carrier, q.News.Occasion))
}

// informsOfNews reports whether the carrier itself tells the recipient of the occasion, by the first rule that names both.
func (q *question) informsOfNews(carrier string) bool {
	for _, c := range q.Carriers {
		if c.Name != carrier {
			continue
		}
		for _, n := range c.Notices {
			if n.Occasion == string(q.News.Occasion) {
				return n.Responsible == bundle.ResponsibleCarrier
			}
		}
	}
	return false
}

// quietHours objects in the quiet hours of the recipient's time zone.
func quietHours(q *question) objection {
	quiet := q.Policy.QuietHours
	if quiet == nil || q.rule.Level == bundle.Critical {
		return objection{}
	}
	until, now := locale.QuietUntil(q.Now, quiet.Start, quiet.End, q.zone())
	if !now {
		return objection{}
	}
	return objection{words: fmt.Sprintf("It is in the quiet hours, between %s and %s, for the recipient.", quiet.Start, quiet.End), until: until}
}

// sendingRule returns the rule of a message that is sent, and its words. A channel that is not active yet is replaced by e-mail.
func sendingRule(r bundle.Rule) (name Rule, words string) {
	if len(r.Channels) > 0 && r.Channels[0] != Email {
		skipped := r.Channels
		if at := slices.Index(skipped, Email); at >= 0 {
			skipped = skipped[:at]
		}
		return RuleChannelNotActive, fmt.Sprintf("Sent by Email; not yet active: %s.", strings.Join(skipped, ", "))
	}
	return RuleNews, fmt.Sprintf("%s is %s and has not been told before.", r.Occasion, r.Level)
}
