package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/ingest"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/workload"
)

func document() *bundle.Document {
	return &bundle.Document{
		SchemaVersion: bundle.SchemaVersion, Namespace: "linden", Name: "linden", DisplayName: "Linden Living",
		Hostname: "track.linden.example", BaseURL: "https://track.linden.example", HomeCountry: "NL", Locales: []string{"nl"},
		TimeZone: "Europe/Amsterdam", Activity: bundle.Live, Page: bundle.Page{VerifyBy: []string{"Postcode"}},
		Sources: []bundle.Source{{Name: "api", Kind: bundle.Orders, EndpointID: "abcdefghij", Definition: "api", Intake: "Webhook"}},
	}
}

// pod is the process without its listeners.
type pod struct {
	public, internal http.Handler
	logs             *bytes.Buffer
}

func start(t *testing.T, doc *bundle.Document) pod {
	t.Helper()
	dir := t.TempDir()
	key := filepath.Join(dir, "keys", bundle.LinkKeys, "1")
	if err := os.MkdirAll(key, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(key, "key"), bytes.Repeat([]byte("k"), 32), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(dir, store.FileName)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	p := pod{logs: &bytes.Buffer{}}
	log := slog.New(slog.NewTextHandler(p.logs, nil))
	secrets := workload.NewSecrets(filepath.Join(dir, "keys"), filepath.Join(dir, "credentials"), time.Now)
	endpoints, err := ingest.Endpoints(doc.Sources)
	if err != nil {
		t.Fatal(err)
	}
	r := &reporter{doc: doc, hash: "0123456789", db: db, secrets: secrets, log: log, endpoints: endpoints, now: time.Now}
	internal := workload.NewInternal(log, r.report, workload.Check{Name: "texts", Test: rendersCompletely(doc)}, workload.Check{Name: "storage", Test: db.Ping})
	p.public, err = publicHandler(r, internal, &workload.Lanes{}, workload.NewActivity(r.doc, "", r.log))
	if err != nil {
		t.Fatal(err)
	}
	p.internal = internal.Handler()
	return p
}

func get(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(body)
}

func TestAFreshShopServesItsPageAndIsReady(t *testing.T) {
	p := start(t, document())
	if code, body := get(t, p.public, "/"); code != 200 || !strings.Contains(body, "Waar is je bestelling?") {
		t.Errorf("the page: %d", code)
	}
	if code, body := get(t, p.internal, "/readyz"); code != 200 {
		t.Errorf("readiness: %d %s", code, body)
	}
	if code, body := get(t, p.internal, "/report"); code != 200 || !strings.Contains(body, `"bundleHash":"0123456789"`) || !strings.Contains(body, `"component":"Page"`) {
		t.Errorf("the report: %d %s", code, body)
	}
}

func TestAnUnknownEndpointLooksLikeAnyPathThatDoesNotExist(t *testing.T) {
	p := start(t, document())
	hookCode, hook := get(t, p.public, "/hooks/zzzzzzzzzz")
	pathCode, path := get(t, p.public, "/zzzzzzzzzz")
	if hookCode != http.StatusNotFound || pathCode != hookCode || hook != path {
		t.Errorf("an unknown endpoint is %d, an unknown path %d", hookCode, pathCode)
	}
}

func TestAnUnsignedWebhookIsRefusedAndNotLogged(t *testing.T) {
	p := start(t, document())
	w := httptest.NewRecorder()
	p.public.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hooks/abcdefghij", strings.NewReader(`{"email":"robin@shopper.example"}`)))
	if w.Code < 400 || strings.Contains(p.logs.String(), "robin") || strings.Contains(p.logs.String(), "abcdefghij") {
		t.Errorf("%d, log %s", w.Code, p.logs)
	}
	if _, body := get(t, p.internal, "/report"); !strings.Contains(body, `{"name":"api","refusedSignatures":1}`) {
		t.Errorf("the report does not tell of it: %s", body)
	}
}

func TestAPodThatCannotRenderEverythingIsNotReady(t *testing.T) {
	doc := document()
	doc.Texts = map[string]bundle.Texts{"nl": {"page.state.InTransit": "{{if .Eta}}Hij komt {{.Eta}}.{{end}}"}}
	p := start(t, doc)
	if code, body := get(t, p.internal, "/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(body, "page.state.InTransit") {
		t.Errorf("%d %s", code, body)
	}
}
