package notifier_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/notifier"
)

// fickle refuses the log-in for as long as it is told to.
type fickle struct {
	*channel.SMTP
	refuses atomic.Bool
}

func (f *fickle) Greet(ctx context.Context) error {
	if f.refuses.Load() {
		return &channel.Failure{Sender: bundle.SenderRefused, Words: "the relay refused the connection or log-in with 535"}
	}
	return f.SMTP.Greet(ctx)
}

func TestAWrongPasswordIsReportedBeforeTheFirstMailAndItsMendingToo(t *testing.T) {
	s := newShop(t)
	sender := &fickle{SMTP: channel.NewSMTP(s.doc.Email, func() (string, string) { return "", "" })}
	sender.refuses.Store(true)
	n := s.notifier(s.store, func(c *notifier.Config) {
		c.Sender, c.Retry = sender, notifier.Backoff{First: time.Millisecond, Longest: time.Millisecond}
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()

	awaitSender(t, n, bundle.SenderRefused)
	sender.refuses.Store(false)
	awaitSender(t, n, bundle.SenderAccepted)
	if got := len(s.relay.mails()); got != 0 {
		t.Errorf("%d mails were sent to find that out", got)
	}
}

func awaitSender(t *testing.T, n *notifier.Notifier, want bundle.SenderState) {
	t.Helper()
	for {
		report, err := n.Report(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if report.Sender == want {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
