// Package reports keeps what the workloads say of themselves: it asks every pod of every Shop for its report, again
// and again, and wakes the controllers when the answer has changed its meaning. A pod that cannot be asked
// is simply unknown. It knows no conditions and never waits inside a reconciliation.
package reports

import (
	"context"
	"net/netip"
	"reflect"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/operator/poll"
)

// How often a Shop is asked. One that just changed is asked sooner, and then each time after twice as long; one that is
// not in order no less often than urgentInterval, which a thousand of them at once must be able to do: they have one mail
// relay in common.
const (
	firstInterval  = 5 * time.Second
	urgentInterval = 20 * time.Second
	calmInterval   = 60 * time.Second
	// doubtInterval is when a pod that did not answer is asked again, before that is believed: a wall that is not up to
	// date yet, or a pod that is just starting.
	doubtInterval = 2 * time.Second
	// workers is how many Shops are asked at once, and maxQuestions how many pods: of all of them, and of one.
	workers            = 8
	maxQuestions       = 32
	maxQuestionsOfShop = 16
	// roundTimeout is how long one Shop's pods have to answer, all of them: silent ones hold a worker no longer.
	roundTimeout = 2 * fetchTimeout
)

// MaxPods is how many pods of one Shop are asked at most: as many as the API lets it have, with room for those that a
// roll adds. A real one has no more, and no Shop may block the poller for the others.
const MaxPods = 64

// Poller asks, and has news of a Shop whose reports changed.
type Poller struct {
	*poll.Worker[watched]
	fetch Fetcher
	slots chan struct{} // a place for each that may be open
}

// watched is one Shop.
type watched struct {
	pods    []netip.Addr
	urgent  bool
	wanted  bool          // the next answer counts as news, whatever it says
	pause   time.Duration // before the next question, without jitter; 0 = ask again soon
	reports []bundle.Report
	asked   bool
	doubted bool // a pod did not answer, and that is not believed yet
}

// New returns a Poller that asks by fetch.
func New(fetch Fetcher) *Poller {
	p := &Poller{fetch: fetch, slots: make(chan struct{}, maxQuestions)}
	p.Worker = poll.NewWorker(workers, func(ctx context.Context, w watched) poll.Update[watched] {
		return conclude(len(w.pods), p.ask(ctx, w.pods))
	})
	return p
}

// Track returns which pods the Shop has now, and whether it is worth asking often. New pods are asked at once.
func (p *Poller) Track(shop types.NamespacedName, pods []netip.Addr, urgent bool) {
	pods = slices.Clone(pods[:min(len(pods), MaxPods)])
	p.Worker.Track(shop, func(w *watched, first bool) (atOnce bool) {
		atOnce = first || !slices.Equal(w.pods, pods) || (urgent && !w.urgent)
		w.pods, w.urgent = pods, urgent
		if atOnce {
			w.pause = 0
		}
		return atOnce
	})
}

// AskNow asks the Shop's pods at once, and names the Shop to the subscribers whatever they answer.
func (p *Poller) AskNow(shop types.NamespacedName) {
	p.Enqueue(shop, func(w *watched) { w.wanted = true })
}

// Latest returns what the Shop's pods said last; none if no pod could be asked. The reports are shared: do not change them.
func (p *Poller) Latest(shop types.NamespacedName) []bundle.Report {
	w, _ := p.Get(shop)
	return w.reports
}

// Asked reports whether the Shop's pods have been asked since this operator started, whatever came of it.
func (p *Poller) Asked(shop types.NamespacedName) bool {
	w, _ := p.Get(shop)
	return w.asked
}

// ask asks many pods at once, and those that had no turn within roundTimeout count as silent. The reports are in the
// order of the pods, without those that could not be asked.
func (p *Poller) ask(ctx context.Context, pods []netip.Addr) []bundle.Report {
	ctx, stop := context.WithTimeout(ctx, roundTimeout)
	defer stop()
	answers := make([]*bundle.Report, len(pods))
	ours := make(chan struct{}, maxQuestionsOfShop)
	var asking sync.WaitGroup
	for i, pod := range pods {
		asking.Go(func() {
			if !acquireSlot(ctx, ours) {
				return
			}
			defer func() { <-ours }()
			if !acquireSlot(ctx, p.slots) {
				return
			}
			defer func() { <-p.slots }()
			if report, err := p.fetch(ctx, pod); err == nil {
				answers[i] = report
			}
		})
	}
	asking.Wait()
	reports := make([]bundle.Report, 0, len(pods))
	for _, answer := range answers {
		if answer != nil {
			reports = append(reports, *answer)
		}
	}
	return reports
}

// acquireSlot waits for one of the places; false when the time is over before.
func acquireSlot(ctx context.Context, places chan<- struct{}) bool {
	select {
	case places <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// conclude keeps the reports of so many pods that were asked. It reports whether they mean something else than those before, or
// they were requested; and when to ask again. The first missing answer is not believed yet.
func conclude(asked int, reports []bundle.Report) poll.Update[watched] {
	return func(w *watched) (changed bool, again time.Duration) {
		if len(reports) < asked && !w.doubted {
			w.doubted = true
			return false, doubtInterval
		}
		changed = !w.asked || !reflect.DeepEqual(meaning(w.reports), meaning(reports))
		if changed {
			w.pause = 0
		}
		w.pause = pauseAfter(w.pause, w.urgent)
		news := changed || w.wanted
		w.reports, w.asked, w.doubted, w.wanted = reports, true, false, false
		return news, w.pause
	}
}

// meaning leaves out what moves with every parcel: times become whether there was one, counts whether there are any.
func meaning(reports []bundle.Report) []bundle.Report {
	plain := make([]bundle.Report, 0, len(reports))
	for _, r := range reports {
		r.Inbox, r.Messages = bundle.InboxReport{}, bundle.MessageReport{}
		r.Sources = slices.Clone(r.Sources)
		for i, s := range r.Sources {
			if s.LastReceived != nil {
				r.Sources[i].LastReceived = &time.Time{}
			}
			r.Sources[i].Quarantined, r.Sources[i].RefusedSignatures = min(s.Quarantined, 1), 0
		}
		plain = append(plain, r)
	}
	return plain
}

// pauseAfter returns the pause after another one, see the intervals.
func pauseAfter(pause time.Duration, urgent bool) time.Duration {
	longest := calmInterval
	if urgent {
		longest = urgentInterval
	}
	return min(max(2*pause, firstInterval), longest)
}
