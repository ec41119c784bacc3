package decision

import (
	"fmt"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

const (
	// maxAge is how long after it happened news may be sent: later it is of no use, and imported history must not be told. The age of the
	// order does not count: a pre-order is shipped months after it was placed.
	maxAge = 72 * time.Hour
	// outForDeliveryAge is maxAge of "out for delivery today": from the first scan in the morning until drivers stop.
	outForDeliveryAge = 16 * time.Hour
)

// Age returns how long after it happened news of the occasion may be sent, unless the news itself has an end.
func Age(occasion tracking.Occasion) time.Duration {
	if occasion == tracking.Occasion(tracking.OutForDelivery) {
		return outForDeliveryAge
	}
	return maxAge
}

// expires returns when the news is too old to be sent; zero = never.
func (q *question) expires() time.Time {
	n := q.News
	round := n.Occasion == tracking.Occasion(tracking.OutForDelivery)
	if n.At.IsZero() || (!n.Until.IsZero() && !round) {
		return n.Until
	}
	end := n.At.Add(Age(n.Occasion))
	if !round {
		return end
	}
	if midnight := locale.DayOf(n.At, q.Journey.Zone).End(q.Journey.Zone); midnight.Before(end) {
		end = midnight // the driver comes "today"
	}
	if !n.Until.IsZero() && n.Until.Before(end) {
		end = n.Until
	}
	return end
}

func tooOld(q *question) objection {
	end := q.expires()
	if end.IsZero() || !q.Now.After(end) {
		return objection{}
	}
	return objectionOf(fmt.Sprintf("It happened %d hours ago, and a message on %s could be sent until %d hours ago.",
		int(q.Now.Sub(q.News.At)/time.Hour), q.News.Occasion, int(q.Now.Sub(end)/time.Hour)))
}
