package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

const (
	maxMessageBytes = 2 << 20
	maxRecipients   = 50

	// refusedPassword is the only password that AUTH refuses, so that a test can use a wrong credential.
	refusedPassword = "refused"
)

// failures are the errors returned for a recipient, by the prefix of its local part, e.g. tempfail+1001@shopper.example.
var failures = map[string]*smtp.SMTPError{
	"tempfail+":    {Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Try again later"},
	"nosuchuser+":  {Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user here"},
	"mailboxfull+": {Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "Mailbox full"},
}

func newSMTPServer(box *box) *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{box: box, now: time.Now}, nil
	}))
	server.Domain = "mailbox"
	server.AllowInsecureAuth = true
	server.EnableSMTPUTF8 = true
	server.MaxMessageBytes = maxMessageBytes
	server.MaxRecipients = maxRecipients
	server.ReadTimeout = 30 * time.Second
	server.WriteTimeout = 30 * time.Second
	return server
}

// session is one SMTP conversation.
type session struct {
	box  *box
	now  func() time.Time
	from string
	to   []string
}

// AuthMechanisms offers PLAIN, which clients may ignore.
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth accepts any user with any password but refusedPassword.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if mechanism != sasl.Plain {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user == "" || password == "" || password == refusedPassword {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

// Mail stores the envelope's sender.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

// Rcpt stores a recipient, or returns the failure that its prefix asks for.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	for prefix, failure := range failures {
		if strings.HasPrefix(to, prefix) {
			return failure
		}
	}
	s.to = append(s.to, to)
	return nil
}

// Data reads, parses and stores the mail.
func (s *session) Data(r io.Reader) error {
	m, err := parse(r)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: fmt.Sprintf("failed to parse the message: %v", err)}
	}
	m.From, m.To, m.Received = s.from, s.to, s.now().UTC()
	s.box.add(m)
	return nil
}

// Reset clears the envelope.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout has nothing to release.
func (s *session) Logout() error { return nil }
