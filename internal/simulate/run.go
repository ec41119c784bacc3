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

// Config configures a run.
type Config struct {
	Document *bundle.Document // as Prepare returns it
	Limits   check.Limits
	Looks    []string       // times of day at which each page is read, in the destination's zone; nil = DefaultLooks
	Chunk    int            // journeys that share a database; 0 = 200
	Workers  int            // databases at a time; 0 = one per processor
	Diary    bool           // keep the decisions on each order
	Progress func(done int) // called with the number of journeys that are done; nil = not called
	Spoil    Spoil          // changes what is read; for testing the checker
}

// Spoil changes what the shopper reads before it is checked; nil = no change.
type Spoil struct {
	Page func(order string, body []byte) []byte
	Mail func(check.Mail) []check.Mail
}

// DefaultLooks are in the morning, and in the evening after the courier's round.
var DefaultLooks = []string{"08:30", "18:30"}

const defaultChunk = 200

// Result is the result of a run.
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

// Run runs the journeys and checks what shoppers read. Equal journeys give equal results for any number of workers.
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

// chunks splits a sequence into slices of at most that size.
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

// played is the result of one chunk.
type played struct {
	journeys []corpus.Journey
	findings []check.Finding
	tally    check.Tally
	perOrder []count
	diary    []Entry
}

// collector joins the results of chunks in the order of the chunks.
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

// action is one step of a run: deliveries arrive, or the pages of a journey are read.
type action struct {
	at         time.Time
	journey    int
	deliveries []corpus.Delivery // that arrive at the same time; nil = the pages are read
	serial     int               // of the first of them in its journey
}

// actionsOf returns the actions of a chunk, in order.
func actionsOf(journeys []corpus.Journey, looks []string) []action {
	var all []action
	for i, j := range journeys {
		for k := 0; k < len(j.Deliveries); {
			end := k + 1
			for end < len(j.Deliveries) && j.Deliveries[end].At.Equal(j.Deliveries[k].At) {
				end++
			}
			all = append(all, action{at: j.Deliveries[k].At, journey: i, deliveries: j.Deliveries[k:end], serial: k})
			k = end
		}
		for _, at := range lookTimes(j, looks) {
			all = append(all, action{at: at, journey: i})
		}
	}
	slices.SortStableFunc(all, func(a, b action) int { return a.at.Compare(b.at) })
	return all
}

// closeLooks is for how many days after the last delivery a page is read each day; later it is read once a week.
const closeLooks = 14

// lookTimes returns when the pages of a journey are read, beside after each delivery.
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

// silentDays returns for how many days nothing has arrived.
func silentDays(j corpus.Journey, day time.Time) int {
	n := sort.Search(len(j.Deliveries), func(i int) bool { return !j.Deliveries[i].At.Before(day) })
	return int(day.Sub(j.Deliveries[max(n-1, 0)].At).Hours() / 24)
}

// onDay returns times of day on a day; it leaves out a text that is not a time of day.
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

// errStuck is returned if the notifier never does what is due.
var errStuck = errors.New("the notifier reports due work, and runs without doing it: this is a bug of the notifier")

// maxIdleRounds is how often the notifier may run without the clock moving on.
const maxIdleRounds = 50

// play runs one chunk on a data plane of its own.
func play(ctx context.Context, c Config, journeys []corpus.Journey) (_ played, err error) {
	all := actionsOf(journeys, c.Looks)
	if len(all) == 0 {
		return played{journeys: journeys}, nil
	}
	dp, err := openDataPlane(ctx, c.Document, all[0].at)
	if err != nil {
		return played{}, fmt.Errorf("starting the data plane: %w", err)
	}
	defer func() { err = errors.Join(err, dp.close()) }()
	s := newChunkRun(c, dp, journeys)
	dp.sent = s.mailSent
	for _, a := range all {
		if err := s.until(ctx, a.at); err != nil {
			return played{}, err
		}
		if err := s.do(ctx, a); err != nil {
			return played{}, err
		}
	}
	return s.end(ctx)
}
