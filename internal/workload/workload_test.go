package workload_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/workload"
)

var start = time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC)

// mounts are the directories of a pod and its clock.
type mounts struct {
	t                 *testing.T
	keys, credentials string
	now               time.Time
	secrets           *workload.Secrets
}

func mount(t *testing.T) *mounts {
	t.Helper()
	m := &mounts{t: t, keys: t.TempDir(), credentials: t.TempDir(), now: start}
	m.secrets = workload.NewSecrets(m.keys, m.credentials, func() time.Time { return m.now })
	return m
}

func (m *mounts) write(content string, path ...string) {
	m.t.Helper()
	file := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

func TestARotatedSecretIsSeenWithinFiveSecondsAndNotReadMoreOften(t *testing.T) {
	m := mount(t)
	m.write("old", m.keys, "links", "1", "key")
	m.write("old", m.credentials, "shop", "client-secret")
	read := func() string {
		value, _ := m.secrets.Credential("shop", "client-secret")
		return string(m.secrets.Keys("links")[0].Secret) + "," + string(value)
	}
	first := read()
	m.write("new", m.keys, "links", "1", "key")
	m.write("new", m.credentials, "shop", "client-secret")
	m.now = start.Add(4 * time.Second)
	cached := read()
	m.now = start.Add(5 * time.Second)
	if got := []string{first, cached, read()}; !cmp.Equal(got, []string{"old,old", "old,old", "new,new"}) {
		t.Errorf("got %q", got)
	}
	m.write("newer", m.credentials, "shop", "client-secret")
	m.now = start.Add(-time.Hour)
	if got := read(); got != "new,newer" {
		t.Errorf("after the clock went back: %q", got)
	}
}

func TestACredentialsStateIsTold(t *testing.T) {
	m := mount(t)
	m.write("s3cret\r\n", m.credentials, "shop", "there")
	m.write("\n", m.credentials, "shop", "empty")
	m.write("top", m.credentials, "outside")
	tests := []struct {
		source, key, want string
		state             bundle.CredentialState
	}{
		{"shop", "there", "s3cret", bundle.Present},
		{"shop", "empty", "", bundle.Malformed},
		{"shop", "absent", "", bundle.Missing},
		{"", "there", "", bundle.Missing},
		{"shop", "../outside", "", bundle.Missing},
		{"..", "x", "", bundle.Missing},
		{".", "outside", "", bundle.Missing},
	}
	for range 2 { // from the file, then from memory
		for _, test := range tests {
			value, state := m.secrets.Credential(test.source, test.key)
			if string(value) != test.want || state != test.state {
				t.Errorf("%q/%q: %q %s", test.source, test.key, value, state)
			}
		}
	}
}

var document = bundle.Document{
	Sources: []bundle.Source{
		{Name: "api", Definition: "api"},
		{Name: "webshop", Definition: "shopify", Credential: "webshop"},
		{Name: "carrier-easypost", Definition: "easypost", Credential: "easypost"},
		{Name: "carrier-sendcloud", Definition: "sendcloud", Credential: "sendcloud"},
	},
	Email: bundle.Email{Type: bundle.SMTP, Credential: "email"},
}

func TestAReportNamesEverySecretThatIsMissingOrCannotBeRight(t *testing.T) {
	m := mount(t)
	m.write("hush", m.credentials, "webshop", "client-secret")
	m.write("short", m.credentials, "sendcloud", "webhook-signature-key")
	m.write("too", m.credentials, "easypost", "webhook-secret")
	m.write("mailer", m.credentials, "email", bundle.EmailUsernameKey)
	page, err := m.secrets.CredentialReports(&document, bundle.PageComponent)
	if err != nil {
		t.Fatal(err)
	}
	notifier, err := m.secrets.CredentialReports(&document, bundle.NotifierComponent)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]bundle.CredentialReport{
		{Source: "webshop", Key: "client-secret", State: bundle.Present},
		{Source: "carrier-easypost", Key: "webhook-secret", State: bundle.Malformed},
		{Source: "carrier-sendcloud", Key: "webhook-signature-key", State: bundle.Malformed},
	}, page); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]bundle.CredentialReport{
		{Source: "email", Key: bundle.EmailUsernameKey, State: bundle.Present},
		{Source: "email", Key: bundle.EmailPasswordKey, State: bundle.Missing},
	}, notifier); diff != "" {
		t.Errorf("notifier, whose API keys are optional (-want +got):\n%s", diff)
	}
	if _, err := m.secrets.CredentialReports(&bundle.Document{Sources: []bundle.Source{{Name: "x", Definition: "x"}}}, bundle.PageComponent); err == nil {
		t.Error("an unknown definition is no problem")
	}
}

func TestEverySecretThatMayHaveSignedAWebhookIsTried(t *testing.T) {
	m := mount(t)
	m.write("generated-1", m.keys, "hook-carrier-easypost", "1", "key")
	m.write("generated-2", m.keys, "hook-carrier-easypost", "2", "key")
	m.write("of the merchant's own", m.credentials, "easypost", "webhook-secret")
	d, err := definition.Load("easypost")
	if err != nil {
		t.Fatal(err)
	}
	got := m.secrets.VerificationSecrets(document.Sources[2], d)
	if diff := cmp.Diff("generated-2,generated-1,of the merchant's own", string(bytes.Join(got, []byte(",")))); diff != "" {
		t.Error(diff)
	}
	m.now = start.Add(30 * time.Second)
	m.write("of the merchant before", m.credentials, "easypost", "webhook-secret-previous")
	if got := m.secrets.VerificationSecrets(document.Sources[2], d); len(got) != 4 || string(got[3]) != "of the merchant before" {
		t.Errorf("the secret that is being replaced does not count: %q", got)
	}
	m.now = start.Add(time.Minute)
	m.write("short", m.credentials, "easypost", "webhook-secret")
	m.write("short", m.credentials, "easypost", "webhook-secret-previous")
	if got := m.secrets.VerificationSecrets(document.Sources[2], d); len(got) != 2 {
		t.Errorf("a secret that is too short still counts: %q", got)
	}
}

func TestFlagsAndEnvironment(t *testing.T) {
	t.Setenv(workload.EnvBundle, "/b")
	t.Setenv(workload.EnvDrain, "0")
	got, err := workload.ParseOptions("tracking-page", "v1", []string{"--data", "/d", "--listen=127.0.0.1:1"}, io.Discard)
	want := workload.Options{
		Data: "/d", Listen: "127.0.0.1:1", InternalListen: ":9090", BundlePath: "/b",
		ActivityPath: bundle.ActivityPath, KeysDir: bundle.KeysDir, CredentialsDir: bundle.CredentialsDir,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestHelpAndVersionArePrintedAndAWrongStartIsRefused(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"--version"}} {
		var out bytes.Buffer
		if _, err := workload.ParseOptions("tracking-page", "v1", args, &out); !errors.Is(err, workload.ErrDone) || out.Len() == 0 {
			t.Errorf("%s: %v %q", args, err, &out)
		}
	}
	for _, args := range [][]string{{"--nonsense"}, {"stray"}} {
		if _, err := workload.ParseOptions("tracking-page", "v1", args, io.Discard); err == nil || errors.Is(err, workload.ErrDone) {
			t.Errorf("%s: %v", args, err)
		}
	}
	for _, drain := range []string{"-1", "21", "soon"} {
		t.Setenv(workload.EnvDrain, drain)
		if _, err := workload.ParseOptions("tracking-page", "v1", nil, io.Discard); err == nil {
			t.Errorf("a drain of %q was accepted", drain)
		}
	}
}

func TestABundleThatIsNotThereIsExplained(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bundle.json.gz")
	if _, _, err := workload.LoadBundle(path); err == nil || !strings.Contains(err.Error(), workload.EnvBundle) {
		t.Errorf("got %v", err)
	}
	data, hash, err := bundle.Encode(&bundle.Document{SchemaVersion: bundle.SchemaVersion, Name: "linden"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	doc, got, err := workload.LoadBundle(path)
	if err != nil || got != hash || doc.Name != "linden" {
		t.Errorf("%v, hash %q, %v", doc, got, err)
	}
}

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

// process is an internal server whose check and report can be made to fail.
type process struct {
	*workload.Internal
	log              bytes.Buffer
	storage, failure error
	report           bundle.Report
}

func newProcess() *process {
	p := &process{report: bundle.Report{Version: bundle.ReportVersion, Component: bundle.PageComponent, Storage: bundle.Healthy}}
	p.Internal = workload.NewInternal(workload.NewLogger(&p.log),
		func(context.Context) (bundle.Report, error) { return p.report, p.failure },
		workload.Check{Name: "storage", Test: func(context.Context) error { return p.storage }})
	return p
}

// expect asks the internal server and compares the status; it returns the body.
func (p *process) expect(t *testing.T, path string, status int) string {
	t.Helper()
	w := get(t, p.Handler(), path)
	if w.Code != status {
		t.Errorf("%s: %d %q, want %d", path, w.Code, w.Body, status)
	}
	return w.Body.String()
}

func TestTheInternalServerTellsHowTheProcessIs(t *testing.T) {
	p := newProcess()
	p.expect(t, "/healthz", 200)
	p.expect(t, "/readyz", 200)
	if body := p.expect(t, "/metrics", 200); !strings.Contains(body, "go_goroutines") {
		t.Errorf("metrics: %s", body)
	}
	var got bundle.Report
	if err := json.Unmarshal([]byte(p.expect(t, "/report", 200)), &got); err != nil || !cmp.Equal(got, p.report) {
		t.Errorf("report: %+v (%v)", got, err)
	}
}

func TestAFailingCheckMakesThePodUnreadyAndIsLoggedOnce(t *testing.T) {
	p := newProcess()
	p.storage = errors.New("disk full")
	for range 3 {
		if body := p.expect(t, "/readyz", 503); body != "storage: disk full\n" {
			t.Errorf("/readyz: %q", body)
		}
	}
	if lines := strings.Count(p.log.String(), "disk full"); lines != 1 {
		t.Errorf("the failing check was logged %d times", lines)
	}
	p.expect(t, "/healthz", 200) // a restart would not fix it
	p.storage = nil
	p.expect(t, "/readyz", 200)
	p.Drain()
	p.expect(t, "/readyz", 503)
}

func TestAReportThatCannotBeMadeOrIsTooLargeIsAnError(t *testing.T) {
	p := newProcess()
	p.failure = errors.New("secret detail")
	if body := p.expect(t, "/report", 500); strings.Contains(body, "detail") {
		t.Errorf("/report: %s", body)
	}
	p.failure, p.report.Credentials = nil, make([]bundle.CredentialReport, 5000)
	p.expect(t, "/report", 500)
}

// The order of the end: unready at once, still serving for the drain, requests under way are finished.
func TestAProcessLeavesInOrder(t *testing.T) {
	log, writer := io.Pipe()
	i := workload.NewInternal(workload.NewLogger(writer), nil)
	entered, release := make(chan struct{}), make(chan struct{})
	public := http.NewServeMux()
	public.HandleFunc("/quick", func(http.ResponseWriter, *http.Request) {})
	public.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		_, _ = io.WriteString(w, "finished")
	})
	ctx, sigterm := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		err := i.Run(ctx, []*http.Server{workload.NewServer(anyAddress, public, slog.New(slog.DiscardHandler))}, 10*time.Second)
		_ = writer.CloseWithError(err)
		ended <- err
	}()
	url := "http://" + served(t, log)
	if got := fetch(t, url+"/quick"); got != "" {
		t.Errorf("at first: %q", got)
	}

	slow := make(chan string, 1)
	go func() { slow <- fetch(t, url+"/slow") }()
	<-entered
	sigterm()
	waitFor(t, "it is not ready", func() bool { return get(t, i.Handler(), "/readyz").Code == 503 })
	if got := fetch(t, url+"/quick"); got != "" {
		t.Errorf("while draining: %q", got)
	}
	waitFor(t, "no request is served any more", func() bool { return fetch(t, url+"/quick") == "refused" })
	select {
	case err := <-ended:
		t.Fatalf("ended with a request under way: %v", err)
	default:
	}
	close(release)
	if got := <-slow; got != "finished" {
		t.Errorf("the request under way got %q", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAnAddressThatIsTakenEndsTheProcess(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", anyAddress)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	i := workload.NewInternal(slog.New(slog.DiscardHandler), nil)
	log := slog.New(slog.DiscardHandler)
	err = i.Run(t.Context(), []*http.Server{
		workload.NewServer(anyAddress, http.NotFoundHandler(), log),
		workload.NewServer(l.Addr().String(), http.NotFoundHandler(), log),
	}, 0)
	if err == nil || !strings.Contains(err.Error(), "listening") {
		t.Errorf("got %v", err)
	}
}

// anyAddress is one that is free.
const anyAddress = "127.0.0.1:0"

// served is the address that a process says it serves, and reads on what it logs.
func served(t *testing.T, log io.Reader) string {
	t.Helper()
	var line struct{ Address string }
	if err := json.NewDecoder(log).Decode(&line); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, log) }()
	return line.Address
}

// fetch returns the body, or "refused". Each request has a connection of its own, as a new visitor's.
func fetch(t *testing.T, url string) string {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	r.Close = true
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return "refused"
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

func waitFor(t *testing.T, what string, condition func() bool) {
	t.Helper()
	const longest = 2 * time.Minute
	for deadline := time.Now().Add(longest); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s", what, longest)
		}
	}
}

func TestARequestThatBreaksItsHandlerIsAnsweredAndLogged(t *testing.T) {
	var log bytes.Buffer
	registry := prometheus.NewRegistry()
	broken := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("noor@shopper.example") })
	served := workload.NewServer(anyAddress, workload.Measured(registry, workload.NewLogger(&log), broken), workload.NewLogger(&log)).Handler
	if got := get(t, served, "/o/secret").Code; got != http.StatusInternalServerError {
		t.Errorf("answered %d, want 500", got)
	}
	told := log.String()
	if !strings.Contains(told, `"level":"ERROR"`) || !strings.Contains(told, "workload_test.go") {
		t.Errorf("the log does not say where it broke: %s", told)
	}
	if strings.Contains(told, "noor") || strings.Contains(told, "secret") {
		t.Errorf("the log holds personal data: %s", told)
	}
	want := "# HELP wismo_page_requests_total Requests to the tracking page that were answered, by HTTP method and status code. Webhooks are not among them.\n" +
		"# TYPE wismo_page_requests_total counter\nwismo_page_requests_total{code=\"500\",method=\"get\"} 1\n"
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "wismo_page_requests_total"); err != nil {
		t.Error(err)
	}
}
