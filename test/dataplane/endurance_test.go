package dataplane_test

import (
	"context"
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

var monday = time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)

// begin returns a data plane on a Monday morning, with one order of the api that was received.
func begin(t *testing.T) *dataPlane {
	t.Helper()
	p := newDataPlane(t, document())
	p.until(monday)
	p.deliver("api", `{"like": "api-order"}`)
	return p
}

// deliver sends a webhook that is written as in testdata, and lets nothing work it off.
func (p *dataPlane) deliver(source, raw string) {
	p.t.Helper()
	t, ok := p.t.(*testing.T)
	if !ok {
		p.t.Fatal("not a test")
	}
	if got := p.post(source, "", body(t, []byte(raw), p.now())); got != http.StatusOK {
		p.t.Fatalf("answered %d", got)
	}
}

func (p *dataPlane) subjects() []string {
	var all []string
	for _, m := range p.relay.mails {
		all = append(all, m.Subject)
	}
	return all
}

func expectMails(t *testing.T, p *dataPlane, want ...string) {
	t.Helper()
	got := p.subjects()
	if len(got) != len(want) {
		t.Fatalf("mails: %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("mail %d: %q, want %q", i+1, got[i], want[i])
		}
	}
}

// knowing is a notifier whose bundle has the first n sources only.
func (p *dataPlane) knowing(n int) *notifier.Notifier {
	p.t.Helper()
	whole := p.doc
	less := *whole
	less.Sources = whole.Sources[:n]
	p.doc = &less
	defer func() { p.doc = whole }()
	return p.notifier(p.relay)
}

func TestAReceiptOfASourceThatAnotherProcessKnowsWaitsForIt(t *testing.T) {
	const event = `{"like": "sendcloud", "parcel": {"status": {"id": 92, "message": "Driver en route"}}}`
	for name, sources := range map[string]int{"the old notifier knows two sources": 2, "it knows one": 1, "it knows all but the last": 3} {
		t.Run(name, func(t *testing.T) {
			p := begin(t)
			p.settle()
			whole := p.worker
			p.worker = p.knowing(sources)
			p.deliver("sendcloud", event)
			p.settle()
			p.until(monday.Add(2 * time.Hour))
			expectMails(t, p, "We have received your order #1001")
			counts, err := p.store.Counts(t.Context())
			if err != nil || counts.Inbox.Quarantined != 0 {
				t.Errorf("inbox %+v, %v", counts.Inbox, err)
			}
			p.worker = whole
			p.settle()
			expectMails(t, p, "We have received your order #1001", "Your order #1001 is out for delivery")
		})
	}
}

func TestADatabaseThatFailsForAnHourPutsNothingAsideForGood(t *testing.T) {
	for table, orders := range map[string]int{"orders": 1, "records": 3} {
		t.Run(table, func(t *testing.T) {
			p := begin(t)
			for range orders - 1 {
				p.deliver("api", `{"like": "api-order"}`)
			}
			db, err := sql.Open("sqlite", "file:"+filepath.Join(p.dir, store.FileName)+"?_pragma=busy_timeout(5000)")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			exec := func(statement string) {
				if _, err := db.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			exec(`CREATE TRIGGER broken BEFORE INSERT ON ` + table + ` BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END`)
			for range 60 {
				_ = p.worker.ReceiveAll(t.Context()) // fails, because the database does
				p.set(p.now().Add(time.Minute))
			}
			exec(`DROP TRIGGER broken`)
			p.until(p.now().Add(time.Hour))
			expectMails(t, p, "We have received your order #1001")
		})
	}
}

// held is a renderer that takes its time, during which others work.
type held struct {
	notifier.Renderer
	meanwhile func()
}

// Mail implements notifier.Renderer.
func (h held) Mail(n tracking.News, o tracking.Order, j tracking.Journey, to tracking.Recipient, links message.Links, now time.Time) (message.Mail, error) {
	h.meanwhile()
	return h.Renderer.Mail(n, o, j, to, links, now)
}

func TestAWorkerThatStoodStillSendsNothingThatAnotherHasSent(t *testing.T) {
	for name, pause := range map[string]time.Duration{"for eighty seconds": 80 * time.Second, "for ten minutes": 10 * time.Minute, "for a day": 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			p := begin(t)
			if err := p.worker.ReceiveAll(t.Context()); err != nil {
				t.Fatal(err)
			}
			other := p.worker
			asleep := p.notifierWith(p.relay, func(c *notifier.Config) {
				c.Renderer = held{c.Renderer, func() {
					p.set(p.now().Add(pause))
					if err := other.SendAll(t.Context()); err != nil {
						t.Error(err)
					}
				}}
			})
			if err := asleep.SendAll(t.Context()); err != nil {
				t.Error(err)
			}
			expectMails(t, p, "We have received your order #1001")
		})
	}
}

// away takes no mail for as long as it is away.
type away struct{ *relay }

// Send implements notifier.Sender.
func (away) Send(context.Context, channel.Mail) error {
	return &channel.Failure{Sender: bundle.SenderUnreachable, Words: "no session with the mail server"}
}

func TestARelayThatWasAwayForADayGetsEachMailOnce(t *testing.T) {
	p := begin(t)
	here := p.worker
	p.worker = p.notifier(away{p.relay})
	p.settle()
	p.until(monday.Add(24 * time.Hour))
	expectMails(t, p)
	p.worker = here
	p.until(monday.Add(48 * time.Hour))
	expectMails(t, p, "We have received your order #1001")
}
