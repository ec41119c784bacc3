package notifier

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message/channel"
)

// loginInterval is how often the mounted log-in is read, so that a change by the kubelet is noticed within 10 s.
const loginInterval = 4 * time.Second

// greet connects to the mail server until it succeeds once, so that a wrong host or password is reported before the first shopper
// waits for a mail, and again whenever another log-in is mounted. The result of a mail replaces that of the greeting.
func (n *Notifier) greet(ctx context.Context) error {
	for ctx.Err() == nil {
		login := n.login()
		known, _ := n.sender.Load().(bundle.SenderState)
		for attempt := 1; ; attempt++ {
			state := n.connect(ctx)
			if ctx.Err() != nil || !n.sender.CompareAndSwap(known, state) || state == bundle.SenderAccepted {
				break
			}
			known = state
			if n.waitForNewLogin(ctx, login, time.After(n.Retry.After(attempt))) {
				break
			}
		}
		n.waitForNewLogin(ctx, login, nil)
	}
	return ctx.Err()
}

// waitForNewLogin waits until another log-in is mounted, and returns true, or until the time is over.
func (n *Notifier) waitForNewLogin(ctx context.Context, login [sha256.Size]byte, over <-chan time.Time) bool {
	look := time.NewTicker(loginInterval)
	defer look.Stop()
	for n.login() == login {
		select {
		case <-ctx.Done():
			return false
		case <-over:
			return false
		case <-look.C:
		}
	}
	return true
}

// login returns a hash of the mounted log-in, to notice a change.
func (n *Notifier) login() [sha256.Size]byte {
	credential := n.Document.Email.Credential
	user, _ := n.Secrets.Credential(credential, bundle.EmailUsernameKey)
	password, _ := n.Secrets.Credential(credential, bundle.EmailPasswordKey)
	return sha256.Sum256(append(append(user[:len(user):len(user)], 0), password...))
}

func (n *Notifier) connect(ctx context.Context) bundle.SenderState {
	ctx, cancel := context.WithTimeout(ctx, channel.MaxDelivery)
	defer cancel()
	err := n.Sender.Greet(ctx)
	if err == nil {
		n.loginRefused.Store(false)
		return bundle.SenderAccepted
	}
	failure := &channel.Failure{Sender: bundle.SenderUnreachable, Words: "an unexpected failure"}
	_ = errors.As(err, &failure)
	n.loginRefused.Store(failure.LogIn)
	n.Log.Warn("failed to connect or log in to the mail server; messages wait, trying again", "problem", failure.Words)
	return failure.Sender
}
