package dataplane_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/page"
)

// visit is what a shopper does in a step, and reads then.
func (p *player) visit(t *testing.T, s step) {
	t.Helper()
	if s.Look != nil {
		p.lookUp(t, *s.Look)
	}
	if s.Open != nil {
		p.follow(t, *s.Open)
	}
}

// lookUp fills in the form and follows the answer.
func (p *player) lookUp(t *testing.T, l look) {
	t.Helper()
	answer := p.browse(t, http.MethodPost, "/", url.Values{"number": {l.Number}, "factor": {l.Factor}})
	if l.Miss {
		if answer.Code != http.StatusNotFound {
			t.Errorf("the look-up of %s with %s was answered %d, want 404", l.Number, l.Factor, answer.Code)
		}
		return
	}
	if answer.Code != http.StatusSeeOther {
		t.Errorf("the look-up of %s with %s was answered %d, want a redirect", l.Number, l.Factor, answer.Code)
		return
	}
	p.readPage(t, answer.Header().Get("Location"), l.Says, l.Not)
}

// follow opens the link to the page in a mail.
func (p *player) follow(t *testing.T, o open) {
	t.Helper()
	path := p.linkIn(t, o.Mail, link.OrderPath)
	if o.Closed {
		if answer := p.browse(t, http.MethodGet, path, nil); answer.Code == http.StatusOK {
			t.Errorf("the link in mail %d opens the order still:\n%s", o.Mail, indent(readable(answer.Body.String())))
		}
		return
	}
	p.readPage(t, path, o.Says, o.Not)
}

// unsubscribe does what a mail program does when its reader clicks on "Unsubscribe" (RFC 8058).
func (p *player) unsubscribe(t *testing.T, n int) {
	t.Helper()
	answer := p.browse(t, http.MethodPost, p.linkIn(t, n, link.UnsubscribePath), url.Values{"List-Unsubscribe": {"One-Click"}})
	if answer.Code != http.StatusOK {
		t.Errorf("unsubscribing was answered %d", answer.Code)
	}
}

// choose saves a choice on the page to which the mail's link leads.
func (p *player) choose(t *testing.T, c choose) {
	t.Helper()
	answer := p.browse(t, http.MethodPost, p.linkIn(t, c.Mail, link.UnsubscribePath), url.Values{"choice": {c.Choice}, "scope": {c.Scope}})
	if answer.Code != http.StatusOK {
		t.Errorf("the choice was answered %d", answer.Code)
	}
}

// linkIn is the path of the first link of that kind in a mail, from 1.
func (p *player) linkIn(t *testing.T, n int, prefix string) string {
	t.Helper()
	if n < 1 || n > len(p.relay.mails) {
		t.Fatalf("there is no mail %d", n)
	}
	m := p.relay.mails[n-1]
	for _, word := range append([]string{m.Unsubscribe}, strings.Fields(m.Text)...) {
		if path, ok := strings.CutPrefix(word, p.doc.BaseURL); ok && strings.HasPrefix(path, prefix) {
			return path
		}
	}
	t.Fatalf("mail %d has no link to %s", n, prefix)
	return ""
}

func (p *player) readPage(t *testing.T, path string, want, not []string) {
	t.Helper()
	answer := p.browse(t, http.MethodGet, path, nil)
	if answer.Code != http.StatusOK {
		t.Errorf("the page was answered %d", answer.Code)
		return
	}
	text := readable(answer.Body.String())
	p.pages = append(p.pages, text)
	says(t, "the page", text, want, not)
	if *diary {
		t.Logf("the page at %s:\n%s", p.now().In(p.zone).Format("Mon 2 Jan 15:04"), indent(text))
	}
}

// browse asks the page; each visit comes from another address, so that no limit is met.
func (p *player) browse(t *testing.T, method, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	p.visits++
	r := httptest.NewRequestWithContext(t.Context(), method, p.doc.BaseURL+path, strings.NewReader(form.Encode()))
	r.RemoteAddr = fmt.Sprintf("192.0.2.%d:4711", p.visits%250+1)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	p.shopPage(t).ServeHTTP(w, r)
	return w
}

func (p *player) shopPage(t *testing.T) http.Handler {
	t.Helper()
	if p.site == nil {
		site, err := page.New(page.Config{
			Document: p.doc, Orders: p.store, Keys: func() []link.Key { return []link.Key{linkKey} }, Now: p.now,
			Log: slog.New(slog.NewTextHandler(io.Discard, nil)), MissDelay: time.Nanosecond,
		})
		if err != nil {
			t.Fatal(err)
		}
		p.site = site
	}
	return p.site
}
