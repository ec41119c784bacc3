package shop

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apply"
)

// activities keep the ConfigMaps that tell the pods of Shops their activity.
type activities struct {
	Client  client.Reader // reads come from the cache
	Live    client.Reader // the API server itself
	Applier apply.Applier
}

// keep makes the Shop's ConfigMap say what its spec and annotation say, and reports whether it changed. It depends on nothing else of
// the Shop: it works while the spec is invalid, a release waits, or a rollout is under way.
func (a activities) keep(ctx context.Context, shop *v1alpha1.Shop, now time.Time) (changed bool, err error) {
	live := &corev1.ConfigMap{}
	err = a.Client.Get(ctx, client.ObjectKey{Namespace: shop.Namespace, Name: desired.ActivityName(shop.Name)}, live)
	exists := !apierrors.IsNotFound(err)
	if exists && err != nil {
		return false, fmt.Errorf("reading the activity of the Shop: %w", err)
	}
	before, unreadable := bundle.DecodeActivity([]byte(live.Data[bundle.ActivityKey]))
	if unreadable != nil {
		before.Activity = bundle.Suspended // what pods make of it
	}
	want := compile.ActivityOf(shop)
	if exists && loosens(before, want) {
		if want, err = a.asked(ctx, shop); err != nil {
			return false, err
		}
	}
	want.MuteUntil = before.MuteUntil
	if exists && loosens(before, want) {
		want.MuteUntil = now.UTC().Truncate(time.Second)
	}
	object, err := desired.Activity(shop, want)
	if err != nil {
		return false, err
	}
	version, err := a.Applier.Apply(ctx, object)
	if err == nil && version != "" && before.Activity != want.Activity {
		ctrl.LoggerFrom(ctx).Info("Wrote the Shop's changed activity to the ConfigMap that its pods read", "activity", want.Activity, "previous", before.Activity)
	}
	return version != "", err
}

func loosens(before, want bundle.ActivityDocument) bool {
	return before.Activity != want.Activity && bundle.Stricter(before.Activity, want.Activity) == before.Activity
}

// asked returns the activity by the Shop as the API server has it: only that may loosen, because the cache may not show yet that a person
// has stopped the messages.
func (a activities) asked(ctx context.Context, cached *v1alpha1.Shop) (bundle.ActivityDocument, error) {
	shop := &v1alpha1.Shop{}
	if err := a.Live.Get(ctx, client.ObjectKeyFromObject(cached), shop); err != nil {
		return bundle.ActivityDocument{}, fmt.Errorf("reading the Shop before its messages go on: %w", err)
	}
	return compile.ActivityOf(shop), nil
}
