package reports

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/config/crd"
	"github.com/wismo-dev/wismo/internal/bundle"
)

func TestAPodIsBelievedNoFurtherThanTheContract(t *testing.T) {
	good, err := json.Marshal(bundle.Report{
		Version: bundle.ReportVersion, Component: bundle.PageComponent, Storage: bundle.Healthy,
		Credentials: []bundle.CredentialReport{{Source: "carrier-easypost", Key: "webhookSecret", State: bundle.Missing}},
		Sources:     []bundle.SourceReport{{Name: "api"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		body string
		ok   bool
	}{
		"a report":            {string(good), true},
		"not JSON":            {"<html>", false},
		"another version":     {`{"version":2}`, false},
		"something after it":  {string(good) + string(good), false},
		"a text for a key":    {strings.Replace(string(good), "webhookSecret", "call 0900 for a new key", 1), false},
		"a text for a source": {strings.Replace(string(good), `"api"`, `"a b"`, 1), false},
		"longer than allowed": {`{"version":1,"bundleHash":"` + strings.Repeat("a", bundle.MaxReportBytes) + `"}`, false},
	} {
		if _, err := Decode(strings.NewReader(tc.body)); (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheReportOfALaterBuildIsReadAsFarAsItIsUnderstood(t *testing.T) {
	const later = `{"version":1,"component":"Notifier","bundleHash":"0123456789","storage":"Migrating","sender":"Throttled","queues":{"sms":3},
		"credentials":[{"source":"email","key":"password","state":"Expired","until":"2026-01-01"},{"source":"email","key":"username","state":"Missing"}],
		"sources":[{"name":"api","flow":"Trickling","lag":3},{"name":"webshop","flow":"Silent"}],"inbox":{"waiting":2,"poisoned":1}}`
	want := &bundle.Report{
		Version: bundle.ReportVersion, Component: bundle.NotifierComponent, BundleHash: "0123456789", Storage: bundle.UnknownHealth, Sender: bundle.SenderUnknown,
		Credentials: []bundle.CredentialReport{{Source: "email", Key: "password", State: bundle.UnknownCredential}, {Source: "email", Key: "username", State: bundle.Missing}},
		Sources:     []bundle.SourceReport{{Name: "api", Flow: bundle.UnknownFlow}, {Name: "webshop", Flow: bundle.Silent}},
		Inbox:       bundle.InboxReport{Waiting: 2},
	}
	got, err := Decode(strings.NewReader(later))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got, err = Decode(strings.NewReader(`{"version":1,"component":"Gateway"}`))
	if err != nil || got.Component != bundle.UnknownComponent || got.Storage != bundle.UnknownHealth || got.Sender != "" {
		t.Errorf("a component of tomorrow is %+v, %v", got, err)
	}
}

func TestNobodyPointsTheOperatorAtItselfOrAtTheCloud(t *testing.T) {
	for address, askable := range map[string]bool{
		"10.244.1.7": true, "fd00::7": true, "127.0.0.1": false, "::1": false, "169.254.169.254": false, "fe80::1": false,
		"224.0.0.1": false, "0.0.0.0": false,
	} {
		if got := Askable(netip.MustParseAddr(address)); got != askable {
			t.Errorf("%s is askable: %t", address, got)
		}
	}
}

// pod answers what it is told to.
type pod struct {
	mu     sync.Mutex
	report *bundle.Report
	asked  int
}

func (p *pod) fetch(context.Context, netip.Addr) (*bundle.Report, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	if p.report == nil {
		return nil, errors.New("no connection")
	}
	copied := *p.report
	return &copied, nil
}

func TestAnAnswerThatMeansTheSameWakesNobody(t *testing.T) {
	now := time.Now()
	p := &pod{report: &bundle.Report{Component: bundle.PageComponent}}
	poller := New(p.fetch)
	changes := poller.Subscribe()
	shop := types.NamespacedName{Namespace: "linden", Name: "linden"}
	running := make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	go func() { defer close(running); _ = poller.Start(ctx) }()
	defer func() { stop(); <-running }()

	ask := func() { poller.Enqueue(shop, func(*watched) {}) }
	answered := func(n int) {
		for {
			p.mu.Lock()
			asked := p.asked
			p.mu.Unlock()
			if asked >= n {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
	if poller.Asked(shop) {
		t.Error("a Shop that is not known yet counts as asked")
	}
	poller.Track(shop, []netip.Addr{netip.MustParseAddr("10.0.0.1")}, false)
	if woken := <-changes; woken.Object.Name != "linden" {
		t.Errorf("woken is %s", woken.Object.Name)
	}
	p.mu.Lock()
	p.report.Inbox.Waiting = 7
	p.mu.Unlock()
	ask()
	answered(2)
	p.mu.Lock()
	p.report.Sources = []bundle.SourceReport{{Name: "api", LastReceived: &now}}
	p.mu.Unlock()
	ask()
	<-changes // the first order; the count before it woke nobody, or there would be one more
	if len(changes) != 0 {
		t.Error("woken more often than something changed")
	}
	if !poller.Asked(shop) {
		t.Error("a Shop whose pod answered does not count as asked")
	}
	if latest := poller.Latest(shop); len(latest) != 1 || latest[0].Inbox.Waiting != 7 {
		t.Errorf("latest is %+v", latest)
	}
	poller.Forget(shop)
	if poller.Latest(shop) != nil {
		t.Error("a Shop that is gone is remembered")
	}
}

func TestOneMissedAnswerIsNotBelievedAndTheSecondIs(t *testing.T) {
	shop := types.NamespacedName{Namespace: "linden", Name: "linden"}
	p := &pod{report: &bundle.Report{Component: bundle.PageComponent}}
	poller := New(p.fetch)
	poller.Track(shop, []netip.Addr{netip.MustParseAddr("10.0.0.1")}, false)
	ask := func() { poller.Visit(t.Context(), shop) }
	ask()
	p.report = nil
	ask()
	if len(poller.Latest(shop)) != 1 {
		t.Error("one missed answer makes nobody know anything")
	}
	ask()
	if len(poller.Latest(shop)) != 0 {
		t.Error("a pod that stays silent is believed on its old word")
	}
	restarted := New(p.fetch)
	restarted.Track(shop, []netip.Addr{netip.MustParseAddr("10.0.0.1")}, false)
	restarted.Visit(t.Context(), shop)
	if restarted.Asked(shop) {
		t.Error("a new operator that missed one answer says that nobody knows")
	}
}

func TestAShopWithCountlessPodsIsNotAskedForAllOfThem(t *testing.T) {
	shop := types.NamespacedName{Namespace: "linden", Name: "linden"}
	p := &pod{report: &bundle.Report{Component: bundle.PageComponent}}
	poller := New(p.fetch)
	countless := make([]netip.Addr, 0, 250)
	for i := range byte(250) {
		countless = append(countless, netip.AddrFrom4([4]byte{10, 0, 0, i}))
	}
	poller.Track(shop, countless, false)
	poller.Visit(t.Context(), shop)
	if p.asked != MaxPods {
		t.Errorf("%d pods were asked, want %d", p.asked, MaxPods)
	}
}

// What the API lets a Shop have must be asked, during a roll too.
func TestEveryPodThatAShopMayHaveIsAsked(t *testing.T) {
	definitions, err := crd.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	most := 0.0
	for _, d := range definitions {
		if d.Spec.Names.Kind != "Shop" {
			continue
		}
		page := d.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"].Properties["page"].Properties
		most = max(*page["replicas"].Maximum, *page["autoscaling"].Properties["maxReplicas"].Maximum)
	}
	const surging, notifiers = 1, 2 // one more of the page while it rolls, and of the notifier
	if most == 0 || most+surging+notifiers > MaxPods {
		t.Errorf("a Shop may have %.0f pages, of all of its pods %d are asked", most, MaxPods)
	}
}

// Somebody may write EndpointSlices that lead to nothing.
func TestSilentPodsOfOneShopLeaveRoomForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var open, most int
		var mu sync.Mutex
		silent := func(ctx context.Context, _ netip.Addr) (*bundle.Report, error) {
			mu.Lock()
			open++
			most = max(most, open)
			mu.Unlock()
			select {
			case <-ctx.Done():
			case <-time.After(fetchTimeout):
			}
			mu.Lock()
			open--
			mu.Unlock()
			return nil, errors.New("no connection")
		}
		poller := &Poller{fetch: silent, slots: make(chan struct{}, maxQuestions)}
		pods := make([]netip.Addr, 0, MaxPods)
		for i := range byte(MaxPods) {
			pods = append(pods, netip.AddrFrom4([4]byte{10, 0, 0, i}))
		}
		start := time.Now()
		if answers := poller.ask(t.Context(), pods); len(answers) != 0 {
			t.Errorf("%d answers", len(answers))
		}
		if took := time.Since(start); took > roundTimeout || most != maxQuestionsOfShop || most >= maxQuestions {
			t.Errorf("they held %d places for %s", most, took)
		}
	})
}

func TestAShopIsAskedEveryMinuteAndSoonerWhereSomethingIsWrongOrNew(t *testing.T) {
	for name, tc := range map[string]struct {
		urgent bool
		want   []time.Duration
	}{
		"in order":     {false, []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, time.Minute, time.Minute}},
		"not in order": {true, []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 20 * time.Second}},
	} {
		var pause time.Duration
		for i, want := range tc.want {
			if pause = pauseAfter(pause, tc.urgent); pause != want {
				t.Errorf("%s: pause %d is %s, want %s", name, i, pause, want)
			}
		}
	}
}

func TestNoMoreQuestionsAreOpenThanThereArePlaces(t *testing.T) {
	var mu sync.Mutex
	var open, most int
	poller := New(func(context.Context, netip.Addr) (*bundle.Report, error) {
		mu.Lock()
		open++
		most = max(most, open)
		mu.Unlock()
		time.Sleep(time.Millisecond)
		mu.Lock()
		open--
		mu.Unlock()
		return &bundle.Report{Component: bundle.PageComponent}, nil
	})
	changes := poller.Subscribe()
	pods := make([]netip.Addr, 0, MaxPods)
	for i := range byte(MaxPods) {
		pods = append(pods, netip.AddrFrom4([4]byte{10, 0, 0, i}))
	}
	running := make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	go func() { defer close(running); _ = poller.Start(ctx) }()
	const shops = 100
	for i := range shops {
		poller.Track(types.NamespacedName{Namespace: "linden", Name: strconv.Itoa(i)}, pods, false)
	}
	for range shops {
		<-changes
	}
	stop()
	<-running
	if most > maxQuestions || most < workers {
		t.Errorf("%d pods were asked at the same time, want at most %d", most, maxQuestions)
	}
}

func TestWhoAsksForALookIsToldOfTheAnswerWhateverItSays(t *testing.T) {
	shop := types.NamespacedName{Namespace: "linden", Name: "linden"}
	p := &pod{report: &bundle.Report{Component: bundle.PageComponent}}
	poller := New(p.fetch)
	poller.Track(shop, []netip.Addr{netip.MustParseAddr("10.0.0.1")}, false)
	if news, _ := poller.Visit(t.Context(), shop); !news {
		t.Fatal("the first answer is told to nobody")
	}
	poller.AskNow(shop)
	if news, _ := poller.Visit(t.Context(), shop); !news {
		t.Fatal("an answer that was waited for is told to nobody")
	}
	if news, _ := poller.Visit(t.Context(), shop); news {
		t.Error("the next answer, for which nobody waits, is told as well")
	}
	poller.AskNow(types.NamespacedName{Namespace: "linden", Name: "another"}) // is no news and no harm
}
