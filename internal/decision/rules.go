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

// Rule names what decided.
type Rule string

// The rules that object, in the order in which they are asked.
const (
	RuleSuspended      Rule = "suspended"
	RuleTestOrder      Rule = "test-order"
	RuleMarketplace    Rule = "marketplace"
	RuleGift           Rule = "gift-recipient"
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
	RuleEnough         Rule = "enough"
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

// check is a rule with its code.
type check struct {
	name       Rule
	objects    func(*question) objection
	supersedes bool // what it suppresses is stale, or is said by another message
	waits      bool // what it suppresses is asked about again
}

// objection says why not; no words = none. With until the message is deferred, without it is suppressed.
type objection struct {
	words string
	until time.Time
}

func object(words string) objection { return objection{words: words} }

// checks stand in the order in which they are asked.
var checks = []check{
	{name: RuleSuspended, objects: suspended},
	{name: RuleTestOrder, objects: testOrder},
	{name: RuleMarketplace, objects: marketplace},
	{name: RuleGift, objects: giftRecipient},
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
	{name: RuleNoAddress, objects: noAddress, waits: true},
	{name: RulePreference, objects: preference},
	{name: RuleCarrierInforms, objects: carrierInforms},
	{name: RuleSaidTogether, objects: saidTogether, supersedes: true},
	{name: RuleBurst, objects: burst, supersedes: true},
	{name: RuleEnough, objects: enough},
	{name: RuleBudget, objects: budget},
	{name: RuleDailyBudget, objects: dailyBudget},
	{name: RuleMinimumGap, objects: minimumGap},
	{name: RuleQuietHours, objects: quietHours},
}

func suspended(q *question) objection {
	if q.Activity == bundle.Suspended {
		return object("The shop's activity is Suspended: nothing is sent.")
	}
	return objection{}
}

// testOrder keeps a test from a real mailbox. In a rehearsal every message goes to the merchant, who may well try with a test order.
func testOrder(q *question) objection {
	if q.Order.Test && q.Activity != bundle.Rehearsal {
		return object("It is a test order: nothing is sent.")
	}
	return objection{}
}

func marketplace(q *question) objection {
	if q.Order.Marketplace {
		return object("The order was placed on a marketplace, which writes to the shopper itself: it is shown on the page only.")
	}
	return objection{}
}

// purchase are the occasions that concern who bought: they speak of the order, of money, or of sending something back.
var purchase = occasions(tracking.OrderReceived, tracking.AwaitingProcessing, tracking.OrderCancelled, tracking.Refunded,
	tracking.ReturnRequested, tracking.ReturnReceived, tracking.ReturnInspected)

func giftRecipient(q *question) objection {
	if q.Recipient.Role == tracking.RoleGift && slices.Contains(purchase, q.News.Occasion) {
		return object(fmt.Sprintf("%s concerns the buyer; whom the gift goes to is told of the parcel only.", q.News.Occasion))
	}
	return objection{}
}

func pageOnly(q *question) objection {
	if q.rule.Level == bundle.PageOnly {
		return object(fmt.Sprintf("The policy shows %s on the page only.", q.News.Occasion))
	}
	return objection{}
}

// muted is asked when news is found. A message that was queued before, say over the night, is not undone by an upgrade.
func muted(q *question) objection {
	if q.Stage == AtQueue && !q.MutedUntil.IsZero() && !q.News.At.After(q.MutedUntil) {
		return object("It was true already when the order was imported, or the shop's configuration changed: what was true by then is not told.")
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
		return objection{} // it was cancelled too late to be stopped: the shopper needs to know where it goes
	}
	return object(fmt.Sprintf("The %s has been cancelled meanwhile.", what))
}

// afterCancellation is what can still be told of something that was cancelled, besides where a parcel is that could not be stopped.
var afterCancellation = append(occasions(tracking.Cancelled, tracking.OrderCancelled, tracking.Refunded,
	tracking.ReturnRequested, tracking.ReturnReceived, tracking.ReturnInspected), tracking.ActionRequired)

func carried(parcels []*tracking.ParcelJourney) bool {
	return slices.ContainsFunc(parcels, func(p *tracking.ParcelJourney) bool { return p.Status.Carried() })
}

func isStatus(o tracking.Occasion) bool {
	return slices.Contains(tracking.Statuses(), tracking.Status(o))
}

// allParcels reports whether the subject has parcels and that something is true of each.
func (q *question) allParcels(true func(*tracking.ParcelJourney) bool) bool {
	return len(q.parcels) > 0 && !slices.ContainsFunc(q.parcels, func(p *tracking.ParcelJourney) bool { return !true(p) })
}

// noAddress does not use up the news: once the order has an address it is asked about again, until it is too old.
func noAddress(q *question) objection {
	if !q.Recipient.HasAddress {
		return object("There is no address to write to yet; it is told when there is one in time.")
	}
	return objection{}
}

// problems are what went wrong, and what the shopper must do.
var problems = append(occasions(tracking.Cancelled, tracking.OrderCancelled, tracking.ReadyToCollect),
	append(occasions(tracking.DeliveryAttemptFailed, tracking.AvailableForPickup, tracking.PickupExpired, tracking.ReturnInTransit,
		tracking.ReturnedToSender, tracking.Lost, tracking.Damaged, tracking.Disposed, tracking.ParcelCancelled, tracking.Exception),
		tracking.EtaMoved, tracking.Delayed, tracking.LateWithoutNews, tracking.NoFirstScan, tracking.Stalled, tracking.LastAttempt,
		tracking.PickupExpiring, tracking.NextLegMissing, tracking.LocationChanged, tracking.ActionRequired)...)

// moments change the shopper's day without being a problem.
var moments = append(occasions(tracking.Shipped, tracking.Refunded), occasions(tracking.OutForDelivery, tracking.Delivered)...)

func occasions[T ~string](names ...T) []tracking.Occasion {
	all := make([]tracking.Occasion, 0, len(names))
	for _, name := range names {
		all = append(all, tracking.Occasion(name))
	}
	return all
}

func preference(q *question) objection {
	problem := slices.Contains(problems, q.News.Occasion) && q.rule.Level != bundle.Routine
	wanted := true
	switch q.Preference {
	case Nothing:
		return object("The recipient wants no messages at all.")
	case OnlyProblems:
		wanted = problem
	case KeyMoments:
		wanted = problem || slices.Contains(moments, q.News.Occasion)
	case Everything:
	default:
	}
	if wanted {
		return objection{}
	}
	return object(fmt.Sprintf("The recipient chose %s, which leaves out %s.", q.Preference, q.News.Occasion))
}

func carrierInforms(q *question) objection {
	if whole(q.News.Subject) || !q.allParcels(func(p *tracking.ParcelJourney) bool { return q.informs(p.Carrier) }) {
		return objection{}
	}
	return object(fmt.Sprintf("%s tells the recipient of %s itself.", q.parcels[0].Carrier, q.News.Occasion))
}

// informs reports whether the carrier tells the recipient of the occasion; the first rules that name both count.
func (q *question) informs(carrier string) bool {
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
	return objection{words: fmt.Sprintf("It is between %s and %s for the recipient.", quiet.Start, quiet.End), until: until}
}

// channel names the rule of what is sent; a channel that is not active yet falls through to mail.
func channel(r bundle.Rule) (name Rule, words string) {
	if len(r.Channels) > 0 && r.Channels[0] != Email {
		skipped := r.Channels
		if at := slices.Index(skipped, Email); at >= 0 {
			skipped = skipped[:at]
		}
		return RuleChannelNotActive, fmt.Sprintf("Sent by Email; not yet active: %s.", strings.Join(skipped, ", "))
	}
	return RuleNews, fmt.Sprintf("%s is %s and has not been told before.", r.Occasion, r.Level)
}
