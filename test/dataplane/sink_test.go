package dataplane_test

import (
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// sink is an SMTP server that takes every mail, and counts them by recipient.
type sink struct {
	port int

	mu    sync.Mutex
	total int
	byTo  map[string]int
}

func newSink(t testing.TB) *sink {
	t.Helper()
	s := &sink{byTo: map[string]int{}}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &smtpSession{sink: s}, nil }))
	server.Domain = "relay.example"
	server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = listener.Addr().(*net.TCPAddr).Port
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

func (s *sink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// to is how many mails an address has received.
func (s *sink) to(address string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byTo[address]
}

type smtpSession struct {
	sink *sink
	to   string
}

func (s *smtpSession) Reset() { s.to = "" }

func (*smtpSession) Logout() error { return nil }

func (*smtpSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *smtpSession) Data(in io.Reader) error {
	if _, err := io.Copy(io.Discard, in); err != nil {
		return err
	}
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.total++
	s.sink.byTo[s.to]++
	return nil
}
