package ingest_test

import (
	"encoding/hex"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/ingest"
	"github.com/wismo-dev/wismo/internal/store"
)

// hours is a receiver whose clock is turned by hand.
type hours struct {
	*shop

	clock     time.Time
	refusals  ingest.Refusals
	endpoints []ingest.Endpoint
}

func turned(t *testing.T) *hours {
	t.Helper()
	h := &hours{shop: open(t), clock: now}
	var err error
	h.endpoints, err = ingest.Endpoints([]bundle.Source{
		{Name: "carrier-sendcloud", Kind: bundle.Carrier, EndpointID: "sendcloudcloud", Definition: "sendcloud", Intake: "Webhook"},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.handler = ingest.New(ingest.Config{
		Endpoints: h.endpoints, Inbox: h.inbox, Refusals: &h.refusals, Now: func() time.Time { return h.clock },
		Secrets: func(bundle.Source, *definition.Definition) [][]byte { return [][]byte{[]byte(secret)} },
	})
	return h
}

// refused posts a webhook that is signed with another secret.
func (h *hours) refused(t *testing.T) {
	t.Helper()
	if w := h.post(t, "sendcloudcloud", []byte("{}"), "Sendcloud-Signature", hex.EncodeToString(make([]byte, 32))); w.Code != http.StatusUnauthorized {
		t.Fatalf("answered %d", w.Code)
	}
}

// flow is what the report says of the source.
func (h *hours) flow(t *testing.T, sources ...bundle.SourceReport) bundle.SourceReport {
	t.Helper()
	reports := h.refusals.Report(sources, h.endpoints, nil, h.clock)
	i := slices.IndexFunc(reports, func(s bundle.SourceReport) bool { return s.Name == "carrier-sendcloud" })
	if i < 0 {
		return bundle.SourceReport{}
	}
	return reports[i]
}

func TestASenderWithAnotherSecretIsToldApartFromOneWrongGuess(t *testing.T) {
	h := turned(t)
	for range 3 {
		h.refused(t)
	}
	if s := h.flow(t); s.Flow != "" || s.RefusedSignatures != 3 {
		t.Errorf("three within a moment, as in a rotation: %+v", s)
	}
	h.clock = h.clock.Add(5 * time.Minute)
	if s := h.flow(t); s.Flow != bundle.SignaturesRejected {
		t.Errorf("and nothing else for five minutes: %+v", s)
	}
	h.clock = h.clock.Add(6 * 24 * time.Hour)
	if s := h.flow(t); s.Flow != bundle.SignaturesRejected {
		t.Errorf("a provider that gave up is forgotten: %+v", s)
	}
	h.clock = h.clock.Add(24 * time.Hour)
	if s := h.flow(t); s.Flow != "" {
		t.Errorf("a week without another one: %+v", s)
	}
}

func TestOneRightSignatureEndsTheRowOfRefusedOnes(t *testing.T) {
	h := turned(t)
	for range 3 {
		h.refused(t)
		h.clock = h.clock.Add(5 * time.Minute)
	}
	h.sendcloud(t, "{}")
	h.refused(t)
	if s := h.flow(t); s.Flow != "" || s.RefusedSignatures != 1 {
		t.Errorf("got %+v", s)
	}
}

// The database has what another pod accepted.
func TestWhatAnotherPodAcceptedEndsTheRowToo(t *testing.T) {
	h := turned(t)
	for range 3 {
		h.refused(t)
		h.clock = h.clock.Add(5 * time.Minute)
	}
	accepted := h.clock.Add(-time.Minute)
	if s := h.flow(t, bundle.SourceReport{Name: "carrier-sendcloud", LastReceived: &accepted}); s.Flow != "" || s.RefusedSignatures != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestASourceIsSilentAfterTwiceItsLongestPause(t *testing.T) {
	const day = 24 * time.Hour
	h, start := turned(t), now.Add(-100*day)
	for name, c := range map[string]struct {
		flow  store.Flow
		quiet time.Duration // after the last receipt, or after it is expected
		want  bundle.FlowState
	}{
		"a weekend":                       {store.Flow{Since: start, LongestPause: time.Hour}, 3*day - time.Second, ""},
		"longer than a weekend":           {store.Flow{Since: start, LongestPause: time.Hour}, 3 * day, bundle.Silent},
		"one that is seldom heard":        {store.Flow{Since: start, LongestPause: 5 * day}, 10*day - time.Second, ""},
		"longer than twice its pause":     {store.Flow{Since: start, LongestPause: 5 * day}, 10 * day, bundle.Silent},
		"a month, whatever its pauses":    {store.Flow{Since: start, LongestPause: 40 * day}, 30 * day, bundle.Silent},
		"heard once":                      {store.Flow{Since: start}, 14*day - time.Second, ""},
		"heard once, a fortnight ago":     {store.Flow{Since: start}, 14 * day, bundle.Silent},
		"back in the spec since a moment": {store.Flow{Since: now, LongestPause: time.Hour}, 50 * day, ""},
	} {
		last := now.Add(-c.quiet)
		c.flow.Source, c.flow.LastReceived = "carrier-sendcloud", last
		got := h.refusals.Report([]bundle.SourceReport{{Name: "carrier-sendcloud", LastReceived: &last}}, h.endpoints, []store.Flow{c.flow}, now)
		if len(got) != 1 || got[0].Flow != c.want {
			t.Errorf("%s: got %+v, want %q", name, got, c.want)
		}
	}
}

func TestASourceThatNeverSentIsSilentAfterAFortnight(t *testing.T) {
	h, since := turned(t), now.Add(-14*24*time.Hour)
	flows := []store.Flow{{Source: "carrier-sendcloud", Since: since}}
	if got := h.refusals.Report(nil, h.endpoints, flows, now.Add(-time.Second)); got != nil {
		t.Errorf("before: %+v", got)
	}
	want := []bundle.SourceReport{{Name: "carrier-sendcloud", Flow: bundle.Silent, ExpectedSince: &since}}
	if diff := cmp.Diff(want, h.refusals.Report(nil, h.endpoints, flows, now)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheBuiltInSourceIsExpectedOnlyWhereThereIsNoOtherForOrders(t *testing.T) {
	api := bundle.Source{Name: "api", Kind: bundle.Orders, EndpointID: "a", Definition: "api", Intake: "Webhook"}
	webshop := bundle.Source{Name: "webshop", Kind: bundle.Orders, EndpointID: "w", Definition: "shopify", Intake: "Webhook"}
	carrier := bundle.Source{Name: "carrier-x", Kind: bundle.Carrier, EndpointID: "c", Definition: "sendcloud", Intake: "Webhook"}
	polled := bundle.Source{Name: "carrier-y", Kind: bundle.Carrier, EndpointID: "p", Definition: "sendcloud", Intake: "Poll"}
	for name, c := range map[string]struct {
		sources []bundle.Source
		want    []string
	}{
		"alone":              {[]bundle.Source{api}, []string{"api"}},
		"beside a carrier":   {[]bundle.Source{api, carrier, polled}, []string{"api", "carrier-x"}},
		"beside a shop's":    {[]bundle.Source{api, webshop, carrier}, []string{"webshop", "carrier-x"}},
		"nothing that sends": {[]bundle.Source{polled}, nil},
	} {
		endpoints, err := ingest.Endpoints(c.sources)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, ingest.Expected(endpoints)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
