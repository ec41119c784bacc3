package notifier_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/workload"
)

// fickle refuses the log-in for as long as it is told to.
type fickle struct {
	*channel.SMTP
	refuses atomic.Bool
}

func (f *fickle) Greet(ctx context.Context) error {
	if f.refuses.Load() {
		return &channel.Failure{Sender: bundle.SenderRefused, LogIn: true, Words: "the mail server refused the connection or log-in with 535"}
	}
	return f.SMTP.Greet(ctx)
}

// begin has the notifier run until the test ends.
func begin(t *testing.T, n *notifier.Notifier) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestAWrongPasswordIsReportedBeforeTheFirstMailAndItsMendingToo(t *testing.T) {
	s := newShop(t)
	sender := &fickle{SMTP: channel.NewSMTP(s.doc.Email, func() (string, string) { return "", "" })}
	sender.refuses.Store(true)
	n := s.notifier(s.store, func(c *notifier.Config) {
		c.Sender, c.Retry = sender, notifier.Backoff{First: time.Millisecond, Longest: time.Millisecond}
	})
	begin(t, n)
	awaitSender(t, n, bundle.SenderRefused)
	sender.refuses.Store(false)
	awaitSender(t, n, bundle.SenderAccepted)
	if got := len(s.relay.mails()); got != 0 {
		t.Errorf("%d mails were sent to find that out", got)
	}
}

// A person who replaces a wrong password need not wait for the next attempt, which may be half an hour away.
func TestARefusedPasswordIsReportedAndItsReplacementTriedAtOnce(t *testing.T) {
	s := newShop(t)
	s.doc.Email.Credential = "email"
	credentials := t.TempDir()
	mount := func(password string) {
		write(t, filepath.Join(credentials, "email", bundle.EmailUsernameKey), "mailer")
		write(t, filepath.Join(credentials, "email", bundle.EmailPasswordKey), password)
	}
	mount("wrong")
	sender := &fickle{SMTP: channel.NewSMTP(s.doc.Email, func() (string, string) { return "", "" })}
	sender.refuses.Store(true)
	n := s.notifier(s.store, func(c *notifier.Config) {
		c.Sender, c.Retry = sender, notifier.Backoff{First: time.Hour, Longest: time.Hour}
		c.Secrets = workload.NewSecrets(t.TempDir(), credentials, time.Now)
	})
	begin(t, n)
	awaitSender(t, n, bundle.SenderRefused)
	if got := passwordState(t, n); got != bundle.Rejected {
		t.Errorf("the password is reported as %s", got)
	}
	sender.refuses.Store(false)
	mount("right")
	awaitSender(t, n, bundle.SenderAccepted)
	if got := passwordState(t, n); got != bundle.Present {
		t.Errorf("the right password is reported as %s", got)
	}
}

func passwordState(t *testing.T, n *notifier.Notifier) bundle.CredentialState {
	t.Helper()
	report, err := n.Report(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range report.Credentials {
		if c.Key == bundle.EmailPasswordKey {
			return c.State
		}
	}
	return ""
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
