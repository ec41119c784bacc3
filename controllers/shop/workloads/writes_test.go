package workloads

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

func TestAShopIsLookedAtOnceTheCacheShowsWhatWasWrittenOfIt(t *testing.T) {
	written := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		before, now string // versions of the page's Deployment: when it was written as version 20, and in the cache since; "" = none
		after       time.Duration
		want        bool
	}{
		"as it was before":                     {before: "10", now: "10"},
		"as somebody else wrote it in between": {before: "10", now: "15"},
		"as it was written":                    {before: "10", now: "20", want: true},
		"as somebody else wrote it since":      {before: "10", now: "120", want: true},
		"deleted since":                        {before: "10", want: true},
		"not yet made":                         {},
		"never, so that nobody waits for ever": {before: "10", now: "10", after: catchUp, want: true},
	} {
		shop := &v1alpha1.Shop{ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "linden"}}
		s := State{Shop: shop, Now: written, Deployments: map[bundle.Component]*appsv1.Deployment{}}
		if tc.before != "" {
			s.Deployments[bundle.PageComponent] = &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{ResourceVersion: tc.before}}
		}
		cache := fake.NewClientBuilder()
		if tc.now != "" {
			cache.WithObjects(&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "linden-page", ResourceVersion: tc.now}})
		}
		writes := &Writes{}
		writes.Note(s, bundle.PageComponent, "20")
		got, err := writes.Visible(t.Context(), cache.Build(), client.ObjectKeyFromObject(shop), written.Add(tc.after))
		if err != nil || got != tc.want {
			t.Errorf("%s: looked at: %t, want %t (%v)", name, got, tc.want, err)
		}
	}
}
