package follow

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

func configMap(version string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "linden", ResourceVersion: version}}
}

// followed plays an API server whose watches show these events, each watch of them from the version that it asked for,
// and returns the versions that were seen, and whether any was missed.
func followed(t *testing.T, watches map[string][]watch.Event) ([]string, error) {
	t.Helper()
	kube := interceptor.NewClient(fake.NewClientBuilder().WithObjects(configMap("7")).Build(), interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			err := c.List(ctx, list, opts...)
			list.SetResourceVersion("7")
			return err
		},
		Watch: func(_ context.Context, _ client.WithWatch, _ client.ObjectList, opts ...client.ListOption) (watch.Interface, error) {
			options := (&client.ListOptions{}).ApplyOptions(opts)
			events := watch.NewFakeWithChanSize(10, false)
			for _, event := range watches[options.Raw.ResourceVersion] {
				events.Action(event.Type, event.Object)
			}
			events.Stop()
			return events, nil
		},
	})
	var seen []string
	stop, err := Versions(t.Context(), kube, &corev1.ConfigMapList{}, func(_ watch.EventType, cm *corev1.ConfigMap) {
		seen = append(seen, cm.ResourceVersion)
	})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(10 * time.Second)
	return seen, stop()
}

func TestAWatchThatTheAPIServerEndsGoesOnWhereItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen, err := followed(t, map[string][]watch.Event{
			"7": {{Type: watch.Modified, Object: configMap("8")}},
			"8": {{Type: watch.Modified, Object: configMap("9")}, {Type: watch.Deleted, Object: configMap("10")}},
		})
		if want := []string{"7", "8", "9", "10"}; err != nil || !slices.Equal(seen, want) {
			t.Errorf("saw %v, want %v (%v)", seen, want, err)
		}
	})
}

func TestAFollowerIsToldThatVersionsWereMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := apierrors.NewResourceExpired("too old").Status()
		seen, err := followed(t, map[string][]watch.Event{
			"7": {{Type: watch.Modified, Object: configMap("8")}},
			"8": {{Type: watch.Error, Object: &gone}},
		})
		if want := []string{"7", "8"}; !errors.Is(err, ErrMissed) || !slices.Equal(seen, want) {
			t.Errorf("saw %v, want %v, and heard %v", seen, want, err)
		}
	})
}
