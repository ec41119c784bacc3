package keys

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/testing/inmemory"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func linden() *v1alpha1.Shop {
	return &v1alpha1.Shop{ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "linden", UID: "uid-of-linden"}}
}

// wish asks for the key of one order source.
func wish(at time.Time) Request {
	return Request{Shop: linden(), Now: at, Complete: true, Wanted: []compile.GeneratedKey{{Purpose: bundle.HookKeys + "api", IntervalDays: 90, OverlapHours: 24}}}
}

func keeper(t *testing.T, objects ...client.Object) (*Manager, *int) {
	t.Helper()
	created := 0
	kube := interceptor.NewClient(inmemory.NewClientBuilder(t, objects...).Build(), interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			created++
			if o.GetUID() == "" {
				o.SetUID("uid-of-a-record")
			}
			return c.Create(ctx, o, opts...)
		},
	})
	return &Manager{
		Client: kube, Live: kube, Applier: apply.Applier{Reader: kube, Live: kube, Writer: kube, Scheme: kube.Scheme()}, Recorder: events.NewFakeRecorder(10),
	}, &created
}

func TestAKeyIsARecordItsSecretAndANameInTheKeyring(t *testing.T) {
	k, created := keeper(t)
	kept, out := k.Keep(t.Context(), wish(start))
	if out.Stops() || len(kept.Keys) != 1 {
		t.Fatalf("%d keys: %+v", len(kept.Keys), out)
	}
	secret := &corev1.Secret{}
	if err := k.Client.Get(t.Context(), client.ObjectKey{Namespace: "linden", Name: kept.Keys[0].Secret}, secret); err != nil {
		t.Fatal(err)
	}
	ring := &corev1.ConfigMap{}
	if err := k.Client.Get(t.Context(), client.ObjectKey{Namespace: "linden", Name: desired.KeyringName("linden")}, ring); err != nil {
		t.Fatal(err)
	}
	before := *created
	again, out := k.Keep(t.Context(), wish(start.Add(time.Hour)))
	if out.Stops() || len(again.Keys) != 1 || *created != before {
		t.Errorf("a key that is not due made %d objects: %+v", *created-before, out)
	}
}

func TestAKeyThatIsDueIsMadeAnewWhileTheOneBeforeStillCounts(t *testing.T) {
	k, _ := keeper(t)
	if _, out := k.Keep(t.Context(), wish(start)); out.Stops() {
		t.Fatal(out)
	}
	kept, out := k.Keep(t.Context(), wish(start.AddDate(0, 0, 91)))
	if out.Stops() || len(kept.Keys) != 2 {
		t.Errorf("%d keys: %+v", len(kept.Keys), out)
	}
}

func TestARecordOfAnotherShopUnderTheSameNameIsAMistakeOfThisOne(t *testing.T) {
	k, _ := keeper(t, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
		Namespace: "linden", Name: desired.KeyRecordName("linden", bundle.HookKeys+"api", 1), Labels: map[string]string{v1alpha1.LabelShop: "other"},
	}})
	if _, out := k.Keep(t.Context(), wish(start)); out.Kind() != outcome.KindStalled {
		t.Errorf("%+v", out)
	}
}

func TestAShopThatNeverHadAKeyGetsNoneWhileItsSpecCannotBeUsed(t *testing.T) {
	k, created := keeper(t)
	if out := k.KeepExisting(t.Context(), wish(start)); out.Stops() || *created > 0 {
		t.Errorf("%d objects: %+v", *created, out)
	}
}
