package chaos_test

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/manager"
	"github.com/wismo-dev/wismo/internal/operator/config"
	"github.com/wismo-dev/wismo/internal/operator/reports"
	"github.com/wismo-dev/wismo/internal/testing/installed"
)

// configuration is the operator's: without looks at DNS, whose answers are of this machine and come when they like.
const configuration = `houseRelay: {host: relay.mail.svc, port: 25, tls: None, domain: mail.platform.example}
exposure: {checkDomains: Disabled}
`

// process is one start of the operator.
type process struct {
	wire   *wire
	cancel context.CancelFunc
	done   chan struct{}
}

// start starts the operator; all its requests go over a wire of their own. Without a Lease: who leads is what the test
// says, and two may believe that they do.
func start(ctx context.Context, trouble *trouble) (*process, error) {
	return startWith(ctx, trouble, func(context.Context, netip.Addr) (*bundle.Report, error) { return nil, errors.New("no connection") })
}

// startWith starts an operator to which pods answer by fetch.
func startWith(ctx context.Context, trouble *trouble, fetch reports.Fetcher) (*process, error) {
	p := &process{wire: &wire{trouble: trouble, died: make(chan struct{})}, done: make(chan struct{})}
	as := cluster.AsOperator()
	as.Wrap(func(next http.RoundTripper) http.RoundTripper {
		// one wire has several transports, one for each kind of connection
		return roundTripper(func(request *http.Request) (*http.Response, error) { return p.wire.over(next, request) })
	})
	c, err := config.Parse([]byte(configuration), func(string) string { return "image:1" })
	if err != nil {
		return nil, err
	}
	ctx, p.cancel = context.WithCancel(ctx)
	mgr, err := manager.New(ctx, as, manager.Options{
		Config: config.Fixed(c), Namespace: installed.Namespace, Version: "1.0.0", MetricsAddress: "0", ProbeAddress: "0",
		Fetch: fetch, SkipNameValidation: true,
	})
	if err != nil {
		p.cancel()
		return nil, err
	}
	go func() {
		defer close(p.done)
		_ = mgr.Start(ctx) // it may end in any way: it is killed
	}()
	return p, nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// kill ends the process; nothing that it still has in hand arrives.
func (p *process) kill() {
	p.wire.die()
	p.cancel()
	<-p.done
}

// supervisor keeps an operator running: after each death another one is started, as a Deployment does.
type supervisor struct {
	cancel  context.CancelFunc
	running sync.WaitGroup
	deaths  int // in mid-work
	two     int // how often two worked at the same time
}

func supervise(t *testing.T, trouble *trouble) *supervisor {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &supervisor{cancel: cancel}
	s.running.Go(func() {
		var old *process
		for ctx.Err() == nil {
			p, err := start(ctx, trouble)
			if err != nil {
				time.Sleep(20 * time.Millisecond) // even its start met trouble
				continue
			}
			if old != nil {
				time.Sleep(trouble.pause(time.Second))
				old.kill()
				old = nil
			}
			old = s.watch(ctx, p, trouble)
		}
		if old != nil {
			old.kill()
		}
	})
	return s
}

// watch waits for the end of the process. It returns it alive where another one takes over although this one does not
// know it yet: a leader that hangs loses its Lease, and comes back with what it had in hand.
func (s *supervisor) watch(ctx context.Context, p *process, trouble *trouble) *process {
	enough := trouble.some(20, 120)
	for {
		select {
		case <-p.wire.died:
			s.deaths++
			p.kill()
			return nil
		case <-ctx.Done():
			p.kill()
			return nil
		case <-time.After(50 * time.Millisecond):
			if p.wire.writes.Load() >= enough && trouble.chance(1) {
				s.two++
				return p
			}
		}
	}
}

func (s *supervisor) stop() {
	s.cancel()
	s.running.Wait()
}
