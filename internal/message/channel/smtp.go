package channel

import (
	"context"
	"crypto/tls"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// stepTimeout bounds each of a delivery's four steps: connect, greeting, log-in, transfer.
// go-mail applies the timeout to each of them anew.
const stepTimeout = 15 * time.Second

// MaxDelivery bounds one whole delivery to the mail server. The lease of a message must be longer.
const MaxDelivery = 4 * stepTimeout

// Mail is one message to one recipient.
type Mail struct {
	ID          string // without angle brackets; equal for every attempt at the same message, so that a mail server or reader can drop a second
	To          string
	Subject     string
	Text, HTML  string
	Unsubscribe string // URL that unsubscribes on POST (RFC 8058); "" = none
	Date        time.Time
}

// Login returns the user and password of the mail server; empty = none is needed. It is called for each message because secrets rotate.
type Login func() (user, password string)

// SMTP sends mail through one mail server.
type SMTP struct {
	config bundle.Email
	login  Login
	roots  *tls.Config // nil = the system's
}

// NewSMTP returns the sender of a Shop.
func NewSMTP(config bundle.Email, login Login) *SMTP {
	return &SMTP{config: config, login: login}
}

// Configured reports whether there is a mail server and an address to send from; otherwise messages wait.
func (s *SMTP) Configured() bool {
	return s.config.FromAddress != "" && s.config.Host != ""
}

// Send hands the mail to the mail server. It returns nil only when the mail server has accepted it, else a *Failure.
func (s *SMTP) Send(ctx context.Context, m Mail) error {
	msg, broken := s.compose(m)
	if broken != nil {
		return broken
	}
	client, err := s.client()
	if err != nil {
		return unusable()
	}
	// What follows the mail server's 250 (RSET, QUIT) may fail without harm: the mail is sent, and must not be sent again.
	if err := client.DialAndSendWithContext(ctx, msg); err != nil && !msg.IsDelivered() {
		return failure(err)
	}
	return nil
}

// Greet opens a session with the mail server, logs in and closes it. It returns nil, or the *Failure that a mail would have.
func (s *SMTP) Greet(ctx context.Context) error {
	client, err := s.client()
	if err != nil {
		return unusable()
	}
	if err := client.DialWithContext(ctx); err != nil {
		return failure(err)
	}
	_ = client.Close() // the greeting has succeeded already
	return nil
}

func unusable() *Failure {
	return &Failure{Sender: bundle.SenderRefused, Words: "the mail server's settings cannot be used: check host, port and TLS mode"}
}

// compose writes the mail. A wrong address of the shop's own concerns every message and is fixed in the configuration.
func (s *SMTP) compose(m Mail) (*mail.Msg, *Failure) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	// The name is any text: net/mail quotes and encodes it, FromFormat would not.
	from := netmail.Address{Name: s.config.FromName, Address: s.config.FromAddress}
	if err := msg.From(from.String()); err != nil {
		return nil, &Failure{Sender: bundle.SenderRefused, Words: "the sender's address is not valid"}
	}
	if err := msg.To(asciiDomain(m.To)); err != nil {
		return nil, &Failure{Permanent: true, Sender: bundle.SenderUnknown, Words: "the recipient's address is not valid"}
	}
	if s.config.ReplyTo != "" {
		if err := msg.ReplyTo(s.config.ReplyTo); err != nil {
			return nil, &Failure{Sender: bundle.SenderRefused, Words: "the reply address is not valid"}
		}
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.ID)
	msg.SetDateWithValue(m.Date)
	// RFC 3834: no vacation responder may answer.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Unsubscribe != "" {
		msg.SetGenHeader(mail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
		msg.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	return msg, nil
}

// asciiDomain writes an international domain as the DNS has it (RFC 5890, 2.3.2.1): only few mail servers take the other form. A domain
// that has no such form cannot exist; it is left out, so that the address is refused.
func asciiDomain(address string) string {
	at := strings.LastIndexByte(address, '@')
	domain := address[at+1:]
	if at < 0 || !strings.ContainsFunc(domain, func(r rune) bool { return r > unicode.MaxASCII }) {
		return address
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return ""
	}
	return address[:at+1] + ascii
}

func (s *SMTP) client() (*mail.Client, error) {
	options := []mail.Option{mail.WithTimeout(stepTimeout)}
	switch s.config.TLS {
	case "Implicit":
		options = append(options, mail.WithSSL())
	case "None":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.config.Port != 0 {
		options = append(options, mail.WithPort(s.config.Port))
	}
	if s.roots != nil {
		options = append(options, mail.WithTLSConfig(s.roots))
	}
	if user, password := s.login(); user != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(user), mail.WithPassword(password))
	}
	return mail.NewClient(s.config.Host, options...)
}
