package dnscheck_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
)

var shop = types.NamespacedName{Namespace: "linden", Name: "linden"}

// running starts a prober in the bubble of time around the test.
func running(t *testing.T, look func(context.Context, dnscheck.Target) []dnscheck.Result) *dnscheck.Prober {
	t.Helper()
	p := dnscheck.New(look)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestAReachableShopIsLookedAtOnceInFiveMinutesAndABrokenOneEverMoreSeldom(t *testing.T) {
	for name, c := range map[string]struct {
		state    v1alpha1.DNSRecordState
		min, max int64
	}{
		"reachable": {v1alpha1.DNSRecordFound, 10, 16},
		"broken":    {v1alpha1.DNSRecordMissing, 14, 23},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var looks atomic.Int64
				p := running(t, func(context.Context, dnscheck.Target) []dnscheck.Result {
					looks.Add(1)
					return []dnscheck.Result{{Hostname: host, DNS: c.state}}
				})
				p.Track(shop, dnscheck.Target{Hostnames: []string{host}})
				time.Sleep(time.Hour)
				if n := looks.Load(); n < c.min || n > c.max {
					t.Errorf("%d looks in an hour", n)
				}
				p.Track(shop, dnscheck.Target{Hostnames: []string{host}}) // the same again is no reason to look
				synctest.Wait()
				before := looks.Load()
				p.Track(shop, dnscheck.Target{Hostnames: []string{alias}})
				synctest.Wait()
				if looks.Load() != before+1 {
					t.Error("another hostname is not looked at at once")
				}
				p.Forget(shop)
				before = looks.Load()
				time.Sleep(time.Hour)
				if looks.Load() != before {
					t.Error("a forgotten Shop is looked at")
				}
			})
		})
	}
}

func TestOnlyNewsIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var state atomic.Value
		state.Store(v1alpha1.DNSRecordMissing)
		p := running(t, func(context.Context, dnscheck.Target) []dnscheck.Result {
			return []dnscheck.Result{{Hostname: host, DNS: state.Load().(v1alpha1.DNSRecordState)}}
		})
		news := p.Subscribe()
		p.Track(shop, dnscheck.Target{Hostnames: []string{host}})
		time.Sleep(20 * time.Minute)
		state.Store(v1alpha1.DNSRecordFound)
		time.Sleep(20 * time.Minute)
		for _, want := range []bool{true, true, false} {
			select {
			case e := <-news:
				if !want || e.Object.Namespace != shop.Namespace || e.Object.Name != shop.Name {
					t.Errorf("told of %v", e.Object)
				}
			default:
				if want {
					t.Error("news was not told")
				}
			}
		}
		if looks := p.Latest(shop); len(looks) != 1 || looks[0].DNS != v1alpha1.DNSRecordFound {
			t.Errorf("latest is %v", looks)
		}
	})
}

func TestALookAtAnEarlierTargetIsNotBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := running(t, func(_ context.Context, where dnscheck.Target) []dnscheck.Result {
			time.Sleep(time.Minute)
			return []dnscheck.Result{{Hostname: where.Hostnames[0], DNS: v1alpha1.DNSRecordFound}}
		})
		p.Track(shop, dnscheck.Target{Hostnames: []string{host}})
		time.Sleep(30 * time.Second)
		p.Track(shop, dnscheck.Target{Hostnames: []string{alias}})
		time.Sleep(45 * time.Second)
		if looks := p.Latest(shop); looks != nil {
			t.Errorf("what was seen of the earlier hostname is believed: %v", looks)
		}
		time.Sleep(2 * time.Minute)
		if looks := p.Latest(shop); len(looks) != 1 || looks[0].Hostname != alias {
			t.Errorf("latest is %v", looks)
		}
	})
}
