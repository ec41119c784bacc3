package channel

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// server is a mail server that asks for a log-in where it has TLS, and answers each step as it is told.
type server struct {
	mailFrom, rcptTo, data error
	recipients, taken      []string
}

type session struct{ *server }

func (s session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "relay-user" || password != "right" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s session) Reset()                               {}
func (s session) Logout() error                        { return nil }
func (s session) Mail(string, *smtp.MailOptions) error { return s.mailFrom }

func (s session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.recipients = append(s.recipients, to)
	return s.rcptTo
}

func (s session) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err == nil && s.data == nil {
		s.taken = append(s.taken, string(content))
	}
	return cmp.Or(err, s.data)
}

// start returns the settings of a client that trusts the server.
func start(t *testing.T, s *server, mode string) *SMTP {
	t.Helper()
	certificate, roots := certificate(t)
	smtpServer := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return session{s}, nil }))
	smtpServer.Domain = "relay.example"
	smtpServer.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	if mode == "StartTLS" {
		smtpServer.TLSConfig = config
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if mode == "Implicit" {
		listener = tls.NewListener(listener, config)
	}
	go func() { _ = smtpServer.Serve(listener) }()
	t.Cleanup(func() { _ = smtpServer.Close() })
	sender := NewSMTP(bundle.Email{
		FromName: "Fjällro", FromAddress: "shop@fjallro.example", Host: "127.0.0.1", Port: port, TLS: mode,
	}, func() (string, string) { return "", "" })
	sender.roots = &tls.Config{RootCAs: roots, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	return sender
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func letter() Mail {
	return Mail{
		ID: "abc@fjallro.example", To: "astrid@example.org", Subject: "På väg: Fjällkängor", Text: "Hej", HTML: "<p>Hej</p>",
		Unsubscribe: "https://track.fjallro.example/u/token", Date: time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC),
	}
}

func TestMailLeavesOverEveryTLSModeWithALogIn(t *testing.T) {
	for _, mode := range []string{"Implicit", "StartTLS", "None"} {
		t.Run(mode, func(t *testing.T) {
			relay := &server{}
			sender := start(t, relay, mode)
			if mode != "None" {
				sender.login = func() (string, string) { return "relay-user", "right" }
			}
			if err := sender.Send(t.Context(), letter()); err != nil {
				t.Fatal(err)
			}
			if len(relay.taken) != 1 || !strings.Contains(relay.taken[0], "Message-ID: <abc@fjallro.example>") {
				t.Errorf("taken: %q", relay.taken)
			}
		})
	}
}

func TestAWrongPasswordIsToldFromEveryOtherRefusal(t *testing.T) {
	sender := start(t, &server{}, "StartTLS")
	for name, c := range map[string]struct {
		login   Login
		refused bool
	}{
		"wrong": {func() (string, string) { return "relay-user", "wrong" }, true},
		"right": {func() (string, string) { return "relay-user", "right" }, false},
	} {
		sender.login = c.login
		for what, err := range map[string]error{"greeting": sender.Greet(t.Context()), "a mail": sender.Send(t.Context(), letter())} {
			failure, failed := errors.AsType[*Failure](err)
			if failed != c.refused || (failed && !failure.LogIn) {
				t.Errorf("%s password, %s: %+v", name, what, err)
			}
		}
	}
	if f := failure(&textproto.Error{Code: 554, Msg: "no service here"}); f.LogIn || f.Sender != bundle.SenderRefused {
		t.Errorf("a mail server that refuses every client: %+v", f)
	}
}

func TestEveryNameOfAShopCanSign(t *testing.T) {
	for _, name := range []string{"Fjällro", `Linden "Living"`, `24" Stools`, `Back\slash`, "Stool, Oak & Sons <Ltd>", "Ünder 株式会社", "a\r\nBcc: b@example.org"} {
		relay := &server{}
		sender := start(t, relay, "None")
		sender.config.FromName = name
		if err := sender.Send(t.Context(), letter()); err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		m, err := mail.ReadMessage(strings.NewReader(relay.taken[0]))
		if err != nil {
			t.Fatal(err)
		}
		from, err := m.Header.AddressList("From")
		if err != nil || len(from) != 1 || from[0].Name != name || from[0].Address != "shop@fjallro.example" || m.Header.Get("Bcc") != "" {
			t.Errorf("%q became %q, %v", name, m.Header.Get("From"), err)
		}
	}
}

func TestAnInternationalDomainGetsItsMailFromEveryRelay(t *testing.T) {
	for given, want := range map[string]string{
		"astrid@fjällro.example":        "astrid@xn--fjllro-cua.example",
		"astrid@FJÄLLRO.example":        "astrid@xn--fjllro-cua.example",
		"astrid@straße.example":         "astrid@xn--strae-oqa.example",
		"astrid@Post_Box.fjall.example": "astrid@Post_Box.fjall.example",
	} {
		relay := &server{}
		m := letter()
		m.To = given
		if err := start(t, relay, "None").Send(t.Context(), m); err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		if diff := gocmp.Diff([]string{want}, relay.recipients); diff != "" {
			t.Errorf("%s: %s", given, diff)
		}
		if !strings.Contains(relay.taken[0], "To: <"+want+">") {
			t.Errorf("%s: %s", given, relay.taken[0])
		}
	}
}

func TestEachFailureMeansTheRightThing(t *testing.T) {
	refusal := func(code int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "not astrid@example.org"}
	}
	policy := func(code int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 7, 26}, Message: "not astrid@example.org"}
	}
	for _, c := range []struct {
		name      string
		relay     server
		change    func(*SMTP)
		mail      func(*Mail)
		permanent bool
		sender    bundle.SenderState
	}{
		{name: "recipient unknown", relay: server{rcptTo: refusal(550)}, permanent: true, sender: bundle.SenderAccepted},
		{name: "recipient greylisted", relay: server{rcptTo: refusal(451)}, sender: bundle.SenderAccepted},
		{name: "content refused", relay: server{data: refusal(554)}, permanent: true, sender: bundle.SenderAccepted},
		{name: "sender not authorised, said after the content", relay: server{data: policy(550)}, sender: bundle.SenderRefused},
		{name: "content held back by policy for now", relay: server{data: policy(451)}, sender: bundle.SenderAccepted},
		{name: "sender not allowed", relay: server{mailFrom: refusal(550)}, sender: bundle.SenderRefused},
		{name: "wrong password", change: func(s *SMTP) { s.login = func() (string, string) { return "relay-user", "wrong" } }, sender: bundle.SenderRefused},
		{name: "nobody listens", change: func(s *SMTP) { s.config.Port = 1 }, sender: bundle.SenderUnreachable},
		{name: "an unknown certificate", change: func(s *SMTP) { s.roots = nil }, sender: bundle.SenderUnreachable},
		{name: "a sender's address that is none", change: func(s *SMTP) { s.config.FromAddress = "shop" }, sender: bundle.SenderRefused},
		{name: "a reply address that is none", change: func(s *SMTP) { s.config.ReplyTo = "help" }, sender: bundle.SenderRefused},
		{name: "a domain that none can have", mail: func(m *Mail) { m.To = "astrid@\u200d-ä.example" }, permanent: true, sender: bundle.SenderUnknown},
		{name: "no address at all", mail: func(m *Mail) { m.To = "nobody" }, permanent: true, sender: bundle.SenderUnknown},
		{name: "an address that would smuggle a header", mail: func(m *Mail) { m.To = "a@example.org\r\nBcc: b@example.org" }, permanent: true, sender: bundle.SenderUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			sender, m := start(t, &c.relay, "StartTLS"), letter()
			if c.change != nil {
				c.change(sender)
			}
			if c.mail != nil {
				c.mail(&m)
			}
			var failure *Failure
			if err := sender.Send(t.Context(), m); !errors.As(err, &failure) {
				t.Fatalf("got %v", err)
			}
			if failure.Permanent != c.permanent || failure.Sender != c.sender {
				t.Errorf("permanent %t, sender %s: %s", failure.Permanent, failure.Sender, failure.Words)
			}
			if strings.Contains(failure.Words, "astrid") || strings.Contains(failure.Words, "right") {
				t.Errorf("the words hold personal data: %s", failure.Words)
			}
		})
	}
}

func TestWithoutAddressOrRelayNothingCanBeSent(t *testing.T) {
	for want, config := range map[bool]bundle.Email{false: {Host: "relay.example"}, true: {Host: "relay.example", FromAddress: "a@b.example"}} {
		if got := NewSMTP(config, nil).Configured(); got != want {
			t.Errorf("%+v: configured %t", config, got)
		}
	}
}

func TestAWrongPasswordIsFoundOutWithoutAMail(t *testing.T) {
	relay := &server{}
	sender := start(t, relay, "StartTLS")
	sender.login = func() (string, string) { return "relay-user", "right" }
	if err := sender.Greet(t.Context()); err != nil {
		t.Errorf("the right password: %v", err)
	}
	sender.login = func() (string, string) { return "relay-user", "wrong" }
	failure, ok := errors.AsType[*Failure](sender.Greet(t.Context()))
	if !ok || failure.Sender != bundle.SenderRefused {
		t.Errorf("the wrong password: %+v", failure)
	}
	if len(relay.recipients) != 0 {
		t.Errorf("a greeting named recipients: %d", len(relay.recipients))
	}
}
