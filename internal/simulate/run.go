package simulate

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sort"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/corpus"
	"github.com/wismo-dev/wismo/internal/simulate/check"
)

// Config says what is simulated.
type Config struct {
	Document *bundle.Document // as Prepare returns it
	Limits   check.Limits
	Looks    []string       // times of day at which each page is read, in the destination's zone; nil = DefaultLooks
	Chunk    int            // journeys that share a database; 0 = 200
	Workers  int            // databases at a time; 0 = one a processor
	Diary    bool           // keep what was decided on each order
	Progress func(done int) // is told how many journeys are done; nil = it is not told
	Spoil    Spoil          // changes what is read; for testing the checker
}

// Spoil changes what the shopper reads on its way to the checker. Nil leaves it as it is.
type Spoil struct {
	Page func(order string, body []byte) []byte
	Mail func(check.Mail) []check.Mail
}

// DefaultLooks are in the morning, and in the evening after the courier's round.
var DefaultLooks = []string{"08:30", "18:30"}

const defaultChunk = 200

// Result is what came of a run.
type Result struct {
	Journeys int
	Orders   int
	Kinds    map[corpus.Kind]int
	Mix      []Share
	Findings []check.Finding
	Tally    check.Tally
	Levels   Levels
	Diary    []Entry
}

// Run plays the journeys and checks what is read of them. Equal journeys give equal results for any number of workers.
func Run(ctx context.Context, c Config, journeys iter.Seq[corpus.Journey]) (Result, error) {
	if c.Chunk == 0 {
		c.Chunk = defaultChunk
	}
	if c.Looks == nil {
		c.Looks = DefaultLooks
	}
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	var all collector
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(c.Workers)
	n := 0
	for chunk := range chunks(journeys, c.Chunk) {
		if ctx.Err() != nil {
			break
		}
		place := n
		n++
		group.Go(func() error {
			done, err := play(ctx, c, chunk)
			if err == nil {
				all.add(place, done, c.Progress)
			}
			return err
		})
	}
	if err := errors.Join(group.Wait(), ctx.Err()); err != nil && n > 0 && len(all.chunks) < n {
		return Result{}, err
	}
	return all.result(), nil
}

// chunks cuts a sequence.
func chunks(journeys iter.Seq[corpus.Journey], size int) iter.Seq[[]corpus.Journey] {
	return func(yield func([]corpus.Journey) bool) {
		var chunk []corpus.Journey
		for j := range journeys {
			if chunk = append(chunk, j); len(chunk) == size {
				if !yield(chunk) {
					return
				}
				chunk = nil
			}
		}
		if len(chunk) > 0 {
			yield(chunk)
		}
	}
}

// played is what came of one chunk.
type played struct {
	journeys []corpus.Journey
	findings []check.Finding
	tally    check.Tally
	perOrder []count
	diary    []Entry
}

// collector puts the chunks back into their order.
type collector struct {
	mu     sync.Mutex
	chunks map[int]played
	done   int
}

func (a *collector) add(place int, p played, progress func(int)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.chunks == nil {
		a.chunks = map[int]played{}
	}
	a.chunks[place] = p
	a.done += len(p.journeys)
	if progress != nil {
		progress(a.done)
	}
}

func (a *collector) result() Result {
	r := Result{Kinds: map[corpus.Kind]int{}}
	var perOrder []count
	var counts []int
	for place := range len(a.chunks) {
		p := a.chunks[place]
		r.Journeys += len(p.journeys)
		for _, j := range p.journeys {
			r.Orders += len(j.Truth.Orders)
			counts = tallyMix(counts, j)
			for _, kind := range j.Kinds {
				r.Kinds[kind]++
			}
		}
		r.Findings = append(r.Findings, p.findings...)
		r.Tally = r.Tally.Add(p.tally)
		perOrder = append(perOrder, p.perOrder...)
		r.Diary = append(r.Diary, p.diary...)
	}
	r.Mix = shares(counts, r.Journeys)
	r.Levels = levels(r.Findings, r.Tally, perOrder)
	return r
}

// moment is something that happens in a run: deliveries arrive, or the page is looked at.
type moment struct {
	at         time.Time
	journey    int
	deliveries []corpus.Delivery // of one instant; nil = the page is looked at
	serial     int               // of the first of them in its journey
}

// moments are all of a chunk, in order.
func moments(journeys []corpus.Journey, looks []string) []moment {
	var all []moment
	for i, j := range journeys {
		for k := 0; k < len(j.Deliveries); {
			end := k + 1
			for end < len(j.Deliveries) && j.Deliveries[end].At.Equal(j.Deliveries[k].At) {
				end++
			}
			all = append(all, moment{at: j.Deliveries[k].At, journey: i, deliveries: j.Deliveries[k:end], serial: k})
			k = end
		}
		for _, at := range lookTimes(j, looks) {
			all = append(all, moment{at: at, journey: i})
		}
	}
	slices.SortStableFunc(all, func(a, b moment) int { return a.at.Compare(b.at) })
	return all
}

// closeLooks is for how many days after the last delivery a page is read each day; then once a week is enough.
const closeLooks = 14

// lookTimes are the instants at which the pages of a journey are read, besides after each delivery.
func lookTimes(j corpus.Journey, looks []string) []time.Time {
	if len(j.Deliveries) == 0 || len(j.Truth.Orders) == 0 {
		return nil
	}
	zone := "UTC"
	if to := j.Truth.Orders[0].Destinations; len(to) > 0 {
		zone = to[len(to)-1].Zone
	}
	var all []time.Time
	first, last := j.Deliveries[0].At, j.Truth.Until
	for day := corpus.StartOf(corpus.DayOf(first, zone), zone); day.Before(last); day = corpus.EndOf(corpus.DayOf(day, zone), zone) {
		if silent := silentDays(j, day); silent > closeLooks && silent%7 != 0 {
			continue
		}
		for _, at := range onDay(day, zone, looks) {
			if at.After(first) && at.Before(last) {
				all = append(all, at)
			}
		}
	}
	return append(all, last)
}

// silentDays is for how many days nothing has arrived.
func silentDays(j corpus.Journey, day time.Time) int {
	n := sort.Search(len(j.Deliveries), func(i int) bool { return !j.Deliveries[i].At.Before(day) })
	return int(day.Sub(j.Deliveries[max(n-1, 0)].At).Hours() / 24)
}

// onDay are times of day as instants; what is no time of day is left out.
func onDay(day time.Time, zone string, looks []string) []time.Time {
	var all []time.Time
	for _, look := range looks {
		at, err := time.ParseInLocation(time.DateOnly+" 15:04", string(corpus.DayOf(day, zone))+" "+look, corpus.Location(zone))
		if err == nil {
			all = append(all, at.UTC())
		}
	}
	return all
}

// errStuck says that the notifier has something due that it never does.
var errStuck = errors.New("the notifier says that something is due and does not do it")

// patience is how often something may stay due without any effect.
const patience = 50

// play runs one chunk on a data plane of its own.
func play(ctx context.Context, c Config, journeys []corpus.Journey) (_ played, err error) {
	all := moments(journeys, c.Looks)
	if len(all) == 0 {
		return played{journeys: journeys}, nil
	}
	plane, err := openPlane(ctx, c.Document, all[0].at)
	if err != nil {
		return played{}, fmt.Errorf("starting the data plane: %w", err)
	}
	defer func() { err = errors.Join(err, plane.close()) }()
	s := newStage(c, plane, journeys)
	plane.sent = s.taken
	for _, m := range all {
		if err := s.until(ctx, m.at); err != nil {
			return played{}, err
		}
		if err := s.moment(ctx, m); err != nil {
			return played{}, err
		}
	}
	return s.end(ctx)
}
