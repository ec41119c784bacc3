//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

// goneTime is how long a deletion may take, the pods' graceful end included.
const goneTime = 3 * time.Minute

// merchantIn creates a namespace with a Shop and a CarrierIntegration, and waits until they are Ready.
func merchantIn(t *testing.T, name string, policy v1alpha1.DeletionPolicy) client.ObjectKey {
	t.Helper()
	name = ofThisRun(name)
	key := client.ObjectKey{Namespace: name, Name: name}
	for _, object := range []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}}},
		anyHour(name),
		atAnyHour(shopOf(key, policy)),
		&v1alpha1.CarrierIntegration{
			ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: "easypost"},
			Spec: v1alpha1.CarrierIntegrationSpec{
				ShopRef:    v1alpha1.ShopReference{Name: name},
				Definition: v1alpha1.DefinitionReference{Name: "easypost", Source: v1alpha1.DefinitionCatalog},
				Intake:     v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook},
			},
		},
	} {
		if err := cluster.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if err := cluster.Delete(context.WithoutCancel(t.Context()), namespace); client.IgnoreNotFound(err) != nil {
			t.Error(err)
		}
	})
	awaitReady(t, key)
	return key
}

// anyHour is a policy for tests that run by night, too: its quiet hours are one minute, and what is late is told at once.
func anyHour(namespace string) *v1alpha1.NotificationPolicy {
	return &v1alpha1.NotificationPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "any-hour"},
		Spec: v1alpha1.NotificationPolicySpec{
			QuietHours: &v1alpha1.QuietHours{Start: "03:00", End: "03:01"}, Watch: &v1alpha1.Watch{LateNoticeTime: "00:00"},
		},
	}
}

// atAnyHour has the Shop follow that policy.
func atAnyHour(shop *v1alpha1.Shop) *v1alpha1.Shop {
	shop.Spec.NotificationPolicyRef = &v1alpha1.PolicyReference{Name: "any-hour", Source: v1alpha1.SourceLocal}
	return shop
}

func shopOf(key client.ObjectKey, policy v1alpha1.DeletionPolicy) *v1alpha1.Shop {
	shop := &v1alpha1.Shop{
		ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name},
		Spec: v1alpha1.ShopSpec{
			DisplayName: "Deletion test", Hostname: v1alpha1.Hostname(key.Name + ".shops.example"), HomeCountry: "NL",
		},
	}
	if policy != "" {
		shop.Spec.Storage = &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, DeletionPolicy: policy}
	}
	return shop
}

// awaitGone waits until the object does not exist any more.
func awaitGone(t *testing.T, object client.Object) {
	t.Helper()
	start := time.Now()
	what := fmt.Sprintf("%T %s to be gone", object, client.ObjectKeyFromObject(object))
	err := kube.Await(t.Context(), what, goneTime, func(ctx context.Context) (bool, string) {
		err := cluster.Get(ctx, client.ObjectKeyFromObject(object), object)
		return apierrors.IsNotFound(err), fmt.Sprintf("finalizers %q, deleted %v", object.GetFinalizers(), object.GetDeletionTimestamp())
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: after %.1f s", what, time.Since(start).Seconds())
}

func remove(t *testing.T, object client.Object) {
	t.Helper()
	if err := cluster.Delete(context.WithoutCancel(t.Context()), object); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
}

func TestADeletedShopIsGoneAndItsOrdersAreKeptByDefault(t *testing.T) {
	t.Parallel()
	key := merchantIn(t, "retain", "")
	volume := corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name + "-data"}}
	if err := cluster.Get(t.Context(), client.ObjectKeyFromObject(&volume), &volume); err != nil {
		t.Fatal(err)
	}
	kept := volume.UID
	shop := shopOf(key, "")
	remove(t, shop)
	awaitGone(t, shop)
	awaitGone(t, &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name + "-page"}})

	if err := cluster.Create(t.Context(), atAnyHour(shopOf(key, ""))); err != nil {
		t.Fatal(err)
	}
	awaitReady(t, key)
	if err := cluster.Get(t.Context(), client.ObjectKeyFromObject(&volume), &volume); err != nil || volume.UID != kept {
		t.Errorf("the Shop that was made again did not adopt its volume (%v)", err)
	}
}

func TestADeletedShopTakesItsOrdersAlongWhereThatIsAskedFor(t *testing.T) {
	t.Parallel()
	key := merchantIn(t, "delete", v1alpha1.DeletionDelete)
	shop := shopOf(key, "")
	remove(t, shop)
	awaitGone(t, shop)
	awaitGone(t, &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name + "-data"}})
}

func TestADeletedNamespaceTakesEverythingAndDoesNotHang(t *testing.T) {
	t.Parallel()
	key := merchantIn(t, "namespace", v1alpha1.DeletionDelete)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: key.Namespace}}
	remove(t, namespace)
	awaitGone(t, namespace)
	// Its hostname is free for others.
	other := merchantIn(t, "successor", "")
	var shop v1alpha1.Shop
	if err := cluster.Get(t.Context(), other, &shop); err != nil {
		t.Fatal(err)
	}
	changed := shop.DeepCopy()
	changed.Spec.Hostname = v1alpha1.Hostname(key.Name + ".shops.example")
	if err := cluster.Patch(t.Context(), changed, client.MergeFrom(&shop)); err != nil {
		t.Fatal(err)
	}
	awaitReady(t, other)
}

func TestWithoutTheOperatorShopsAndNamespacesCanStillBeDeleted(t *testing.T) {
	first, second := merchantIn(t, "orphan", ""), merchantIn(t, "orphans", "")
	scaleManager(t, 0)
	t.Cleanup(func() { scaleManager(t, 1) })

	shop := shopOf(first, "")
	remove(t, shop)
	awaitGone(t, shop)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: second.Namespace}}
	remove(t, namespace)
	awaitGone(t, namespace)
}

func scaleManager(t *testing.T, replicas int32) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	for _, args := range [][]string{
		{"scale", "deployment/wismo-manager", fmt.Sprintf("--replicas=%d", replicas)},
		{"rollout", "status", "deployment/wismo-manager", "--timeout=60s"},
	} {
		if _, err := cluster.Kubectl(ctx, append([]string{"-n", "wismo-system"}, args...)...); err != nil {
			t.Fatal(err)
		}
	}
	if replicas > 0 {
		return
	}
	err := kube.Await(ctx, "the operator to end", time.Minute, func(context.Context) (bool, string) {
		left := len(allPods(ctx, t, "wismo-system", managerLabels)) // one that ends may still write
		return left == 0, fmt.Sprintf("%d pods left", left)
	})
	if err != nil {
		t.Fatal(err)
	}
}
