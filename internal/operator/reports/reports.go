// Package reports polls every pod of every Shop for its report, keeps the last reports, and notifies the controllers when they change in
// a way that matters to a condition. A pod that does not answer has no report. The package must not know conditions, and never blocks
// a reconciliation.
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

// Intervals at which the pods of a Shop are asked. After a change it is firstInterval, which doubles each time up to calmInterval, or
// to urgentInterval for a Shop with a problem. A relay of the platform that fails makes every Shop urgent, so a thousand of them must be
// able to ask that often.
const (
	firstInterval  = 5 * time.Second
	urgentInterval = 20 * time.Second
	calmInterval   = 60 * time.Second
	// doubtInterval is after how long a pod that did not answer is asked again, before its report counts as missing: a NetworkPolicy
	// may not be in force yet, or the pod is just starting.
	doubtInterval = 2 * time.Second
	// workers limits how many Shops are asked at once, maxQuestions how many pods in total, and maxQuestionsOfShop how many of one Shop.
	workers            = 8
	maxQuestions       = 32
	maxQuestionsOfShop = 16
	// roundTimeout limits how long all pods of one Shop have to answer, so that silent ones do not block a worker.
	roundTimeout = 2 * fetchTimeout
)

// MaxPods limits how many pods of one Shop are asked: the most that the API allows, and those that a rollout adds. More can only be
// foreign EndpointSlices, which must not block the polling of other Shops.
const MaxPods = 64

// Poller asks the pods of all tracked Shops periodically, and notifies its subscribers of a Shop whose reports changed.
type Poller struct {
	*poll.Worker[watched]
	fetch Fetcher
	slots chan struct{} // one element for each request that is in flight
}

// watched is one Shop.
type watched struct {
	pods    []netip.Addr
	urgent  bool
	wanted  bool          // notify of the next answer even if it did not change
	pause   time.Duration // before the next question, without jitter; 0 = ask again soon
	reports []bundle.Report
	asked   bool
	doubted bool // a pod did not answer, and is asked again before that counts
}

// New returns a Poller that asks pods with fetch.
func New(fetch Fetcher) *Poller {
	p := &Poller{fetch: fetch, slots: make(chan struct{}, maxQuestions)}
	p.Worker = poll.NewWorker(workers, func(ctx context.Context, w watched) poll.Update[watched] {
		return conclude(len(w.pods), p.ask(ctx, w.pods))
	})
	return p
}

// Track sets the pods of the Shop, and whether to ask them at urgentInterval. Changed pods are asked at once.
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

// Latest returns the last reports of the Shop's pods; none if no pod has answered. The reports are shared: do not change them.
func (p *Poller) Latest(shop types.NamespacedName) []bundle.Report {
	w, _ := p.Get(shop)
	return w.reports
}

// Silent reports whether a pod of the Shop did not answer when all were asked last, or the Shop has no pods.
func (p *Poller) Silent(shop types.NamespacedName) bool {
	w, _ := p.Get(shop)
	return len(w.reports) < len(w.pods) || len(w.pods) == 0
}

// Asked reports whether the Shop's pods have been asked since this operator started, even if none answered.
func (p *Poller) Asked(shop types.NamespacedName) bool {
	w, _ := p.Get(shop)
	return w.asked
}

// ask asks the pods, many at once, for up to roundTimeout. It returns the reports in the order of the pods, without the pods that did
// not answer in time.
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

// acquireSlot waits until the channel has room for one more request, and reports whether it got it before the context ended.
func acquireSlot(ctx context.Context, places chan<- struct{}) bool {
	select {
	case places <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// conclude returns an Update that stores the reports of the pods, of which so many were asked. The Update reports whether the reports
// changed in meaning or AskNow was called, and after how long to ask again. If an answer is missing for the first time, it keeps the
// old reports and asks again after doubtInterval.
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

// meaning returns the reports without what changes with every parcel: a time only shows that there was one, a count that it is not 0.
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

// pauseAfter returns the next interval.
func pauseAfter(pause time.Duration, urgent bool) time.Duration {
	longest := calmInterval
	if urgent {
		longest = urgentInterval
	}
	return min(max(2*pause, firstInterval), longest)
}
