package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
)

const sampleMail = "From: =?utf-8?q?Fj=C3=A4llro?= <order@fjallro.example>\r\n" +
	"To: astrid@shopper.example\r\n" +
	"Subject: =?utf-8?q?Ditt_paket_=C3=A4r_p=C3=A5_v=C3=A4g?=\r\n" +
	"List-Unsubscribe: <https://spara.fjallro.example/u/abc>\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/alternative; boundary=b1\r\n\r\n" +
	"--b1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nHej p=C3=A5 dig\r\n" +
	"--b1\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+SGVqPC9iPjxzY3JpcHQ+YWxlcnQoMSk8L3NjcmlwdD4=\r\n" +
	"--b1--\r\n"

func startMail(t *testing.T, box *box) string {
	t.Helper()
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := newSMTPServer(box)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

func send(t *testing.T, address, to, password string) error {
	t.Helper()
	client, err := smtp.Dial(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	if password != "" {
		if err := client.Auth(sasl.NewPlainClient("", "shop", password)); err != nil {
			return err
		}
	}
	return client.SendMail("order@fjallro.example", []string{to}, strings.NewReader(sampleMail))
}

func TestAMailIsKeptWithBothItsPartsAndItsHeadersDecoded(t *testing.T) {
	box := newBox(10)
	address := startMail(t, box)
	if err := send(t, address, "astrid@shopper.example", ""); err != nil {
		t.Fatal(err)
	}
	got := box.list()
	if len(got) != 1 {
		t.Fatalf("kept %d mails, want 1", len(got))
	}
	m := got[0]
	if m.Subject != "Ditt paket är på väg" || strings.TrimSpace(m.Text) != "Hej på dig" || !strings.HasPrefix(m.HTML, "<b>Hej</b>") {
		t.Errorf("got subject %q, text %q, html %q", m.Subject, m.Text, m.HTML)
	}
	if diff := cmp.Diff([]string{"text/plain", "text/html"}, m.Types); diff != "" {
		t.Errorf("parts: %s", diff)
	}
	if diff := cmp.Diff([]string{"astrid@shopper.example"}, m.To); diff != "" {
		t.Errorf("recipients: %s", diff)
	}
	if got := m.Headers["List-Unsubscribe"]; len(got) != 1 || got[0] != "<https://spara.fjallro.example/u/abc>" {
		t.Errorf("List-Unsubscribe: %q", got)
	}
}

func TestARecipientCanAskForTheFailuresThatRealRelaysHave(t *testing.T) {
	box := newBox(10)
	address := startMail(t, box)
	for to, code := range map[string]int{"tempfail+1@shopper.example": 451, "nosuchuser+1@shopper.example": 550, "mailboxfull+1@shopper.example": 452} {
		var refused *smtp.SMTPError
		if err := send(t, address, to, ""); !errors.As(err, &refused) || refused.Code != code {
			t.Errorf("%s: got %v, want %d", to, err, code)
		}
	}
	if kept := box.list(); len(kept) != 0 {
		t.Errorf("kept %d refused mails", len(kept))
	}
}

func TestEveryPasswordIsAcceptedExceptRefusedPassword(t *testing.T) {
	box := newBox(10)
	address := startMail(t, box)
	if err := send(t, address, "a@shopper.example", "anything"); err != nil {
		t.Errorf("a password was refused: %v", err)
	}
	var refused *smtp.SMTPError
	if err := send(t, address, "a@shopper.example", refusedPassword); !errors.As(err, &refused) || refused.Code != 535 {
		t.Errorf("got %v, want 535", err)
	}
}

func TestTheBoxForgetsTheOldestAndNeverGivesAnIDTwice(t *testing.T) {
	box := newBox(2)
	for range 3 {
		box.add(message{})
	}
	box.clear()
	box.add(message{})
	box.add(message{})
	box.add(message{})
	var ids []int
	for _, m := range box.list() {
		ids = append(ids, m.ID)
	}
	if diff := cmp.Diff([]int{5, 6}, ids); diff != "" {
		t.Error(diff)
	}
}

func get(t *testing.T, server *httptest.Server, method, path string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// filled returns a box with the sample mail, and its web server.
func filled(t *testing.T) (*box, *httptest.Server) {
	t.Helper()
	m, err := parse(strings.NewReader(sampleMail))
	if err != nil {
		t.Fatal(err)
	}
	m.To = []string{"astrid@shopper.example"}
	box := newBox(10)
	box.add(m)
	server := httptest.NewServer(newHandler(box))
	t.Cleanup(server.Close)
	return box, server
}

func TestMailsAreListedForPrograms(t *testing.T) {
	box, server := filled(t)
	var listed []message
	if _, body := get(t, server, http.MethodGet, "/messages"); json.Unmarshal([]byte(body), &listed) != nil || len(listed) != 1 || listed[0].HTML == "" {
		t.Errorf("listed %q", body)
	}
	if code, _ := get(t, server, http.MethodDelete, "/messages"); code != http.StatusNoContent || len(box.list()) != 0 {
		t.Errorf("DELETE answered %d and left %d mails", code, len(box.list()))
	}
	if _, body := get(t, server, http.MethodGet, "/messages"); strings.TrimSpace(body) != "[]" {
		t.Errorf("an empty box is %q, want []", body)
	}
}

func TestMailsAreShownToPeopleWithoutLettingThemDoHarm(t *testing.T) {
	_, server := filled(t)
	if _, body := get(t, server, http.MethodGet, "/"); !strings.Contains(body, "Ditt paket är på väg") || !strings.Contains(body, "/messages/1") {
		t.Errorf("the list lacks the mail: %q", body)
	}
	_, body := get(t, server, http.MethodGet, "/messages/1")
	if !strings.Contains(body, "<iframe sandbox ") || strings.Contains(body, "<script>") {
		t.Errorf("the mail's HTML is not confined: %q", body)
	}
	if code, _ := get(t, server, http.MethodGet, "/messages/9"); code != http.StatusNotFound {
		t.Errorf("an unknown mail answers %d", code)
	}
}

func TestAMailThatCannotBeReadIsRefusedNotKept(t *testing.T) {
	for name, raw := range map[string]string{
		"no header":     "\x00\x01",
		"bad type":      "Content-Type: ;;;\r\n\r\nx",
		"cut multipart": "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nx",
		"nested bombs":  strings.Repeat("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", 9),
	} {
		if _, err := parse(strings.NewReader(raw)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- serve(ctx, "127.0.0.1:0", "127.0.0.1:0", newBox(1)) }()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
