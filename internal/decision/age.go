package decision

import (
	"fmt"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

const (
	// maxAge ends what could not be told in time, and keeps backfills mute. The order's own age does not count: a pre-order is
	// shipped months after it was placed.
	maxAge = 72 * time.Hour
	// courierDay is how long "out for delivery today" is true: from the first morning scan to the end of the rounds.
	courierDay = 16 * time.Hour
)

// Age returns for how long after it came about news of the occasion is told, where the news itself does not say when it ends.
func Age(occasion tracking.Occasion) time.Duration {
	if occasion == tracking.Occasion(tracking.OutForDelivery) {
		return courierDay
	}
	return maxAge
}

// expires returns when the news stops to be worth telling; zero where it has no time.
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
	return object(fmt.Sprintf("It came about %d hours ago, and %s was worth telling until %d hours ago.",
		int(q.Now.Sub(q.News.At)/time.Hour), q.News.Occasion, int(q.Now.Sub(end)/time.Hour)))
}
