package decision

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// rule objects with words, or has none.
type rule struct {
	name    string
	objects func(Input, Decision) string
}

const supersededRule = "superseded"

// rules stand in the order in which they are asked: what concerns the whole Shop, the order, the occasion, then the shopper's wishes.
var rules = []rule{
	{"suspended", suspended},
	{"page-only", pageOnly},
	{"no-address", noAddress},
	{"already-told", alreadyTold},
	{"cancelled", cancelled},
	{supersededRule, superseded},
	{"too-old", tooOld},
	{"unsubscribed", unsubscribed},
	{"budget", budget},
}

func suspended(in Input, _ Decision) string {
	if in.Activity == bundle.Suspended {
		return "The shop's activity is Suspended: nothing is sent."
	}
	return ""
}

func pageOnly(in Input, d Decision) string {
	if d.Level == bundle.PageOnly {
		return fmt.Sprintf("The policy shows %s on the page only.", in.Occurrence.Occasion)
	}
	return ""
}

func noAddress(in Input, _ Decision) string {
	if !in.HasAddress {
		return "The order has no mail address."
	}
	return ""
}

func alreadyTold(in Input, d Decision) string {
	for _, told := range in.History {
		if told.Occasion == in.Occurrence.Occasion && told.Parcel == d.Parcel {
			return fmt.Sprintf("%s has been told already; only the first occurrence is.", in.Occurrence.Occasion)
		}
	}
	return ""
}

func cancelled(in Input, _ Decision) string {
	end := tracking.Occasion(tracking.OrderCancelled)
	if in.Journey.State == end && in.Occurrence.Occasion != end {
		return "The order has been cancelled meanwhile."
	}
	return ""
}

func superseded(in Input, _ Decision) string {
	if by := supersededBy(in.Occurrence, in.Journey); by != "" {
		return fmt.Sprintf("Newer news has made it stale: %s.", by)
	}
	return ""
}

func tooOld(in Input, _ Decision) string {
	if in.Occurrence.At.IsZero() {
		return ""
	}
	allowed := MaxAge
	if in.Occurrence.Occasion == tracking.Occasion(tracking.OutForDelivery) {
		allowed = courierDay
	}
	if age := in.Now.Sub(in.Occurrence.At); age > allowed {
		return fmt.Sprintf("It happened %d hours ago; %s is told for %d hours at most.",
			int(age/time.Hour), in.Occurrence.Occasion, int(allowed/time.Hour))
	}
	return ""
}

// unsubscribed keeps what is critical: a shopper who wants no news still wants the parcel that is about to go back.
func unsubscribed(in Input, d Decision) string {
	if in.Unsubscribed && d.Level != bundle.Critical {
		return "The shopper has unsubscribed; only critical news is still sent."
	}
	return ""
}

func budget(in Input, d Decision) string {
	if d.Level != bundle.Routine {
		return ""
	}
	used := 0
	for _, told := range in.History {
		if told.Level == bundle.Routine {
			used++
		}
	}
	if limit := in.Policy.Budget.RoutinePerOrder; used >= limit {
		return fmt.Sprintf("The order's budget of %d routine messages is used up.", limit)
	}
	return ""
}

// channel names the way out; what is not active yet falls through to mail.
func channel(r bundle.Rule) (name, words string) {
	if len(r.Channels) > 0 && r.Channels[0] != Email {
		skipped := r.Channels
		if at := slices.Index(skipped, Email); at >= 0 {
			skipped = skipped[:at]
		}
		return "channel-not-active", fmt.Sprintf("Sent by Email; not yet active: %s.", strings.Join(skipped, ", "))
	}
	return "first-occurrence", fmt.Sprintf("The policy rates %s as %s and it has not been told before.", r.Occasion, r.Level)
}
