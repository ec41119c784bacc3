//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/backup"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

func itemsOf(t *testing.T, list client.ObjectList) []client.Object {
	t.Helper()
	var all []client.Object
	err := meta.EachListItem(list, func(item runtime.Object) error {
		if o, ok := item.(client.Object); ok {
			all = append(all, o)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// allOf returns the objects of all kinds in a namespace.
func allOf(t *testing.T, namespace string) []unstructured.Unstructured {
	t.Helper()
	all, err := backup.Take(t.Context(), cluster, namespace)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// keepVolume makes the volume outlive its claim and be free for the next one, as a restore of its data would have it.
func keepVolume(t *testing.T, claim client.ObjectKey) (free func()) {
	t.Helper()
	pvc, pv := corev1.PersistentVolumeClaim{}, corev1.PersistentVolume{}
	if err := cluster.Get(t.Context(), claim, &pvc); err != nil {
		t.Fatal(err)
	}
	edit := func(change func(*corev1.PersistentVolume)) {
		t.Helper()
		if err := cluster.Get(t.Context(), client.ObjectKey{Name: pvc.Spec.VolumeName}, &pv); err != nil {
			t.Fatal(err)
		}
		before := pv.DeepCopy()
		change(&pv)
		if err := cluster.Patch(t.Context(), &pv, client.MergeFrom(before)); err != nil {
			t.Fatal(err)
		}
	}
	edit(func(pv *corev1.PersistentVolume) {
		pv.Spec.PersistentVolumeReclaimPolicy = corev1.PersistentVolumeReclaimRetain
	})
	return func() {
		t.Helper()
		edit(func(pv *corev1.PersistentVolume) { pv.Spec.ClaimRef.UID, pv.Spec.ClaimRef.ResourceVersion = "", "" })
	}
}

// secretsOf are the generated keys of a namespace, by name.
func secretsOf(t *testing.T, namespace string) map[string]string {
	t.Helper()
	list := &corev1.SecretList{}
	if err := cluster.List(t.Context(), list, client.InNamespace(namespace), client.HasLabels{v1alpha1.LabelKeyPurpose}); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, s := range list.Items {
		all[s.Name] = string(s.Data["key"])
	}
	return all
}

func endpointsOf(t *testing.T, key client.ObjectKey) []v1alpha1.Endpoint {
	t.Helper()
	var shop v1alpha1.Shop
	if err := cluster.Get(t.Context(), key, &shop); err != nil {
		t.Fatal(err)
	}
	return shop.Status.Endpoints
}

// The whole way with the cluster's own garbage collector: a namespace is backed up, lost, and restored by the rules of
// Velero in an order by chance, while the operator is away.
func TestBackupRestoredAfterTheNamespaceWasLost(t *testing.T) {
	m := live(t, "backup", "")
	number := newNumber()
	mail := m.firstMail(t, number)
	endpoints, keys := endpointsOf(t, m.key()), secretsOf(t, m.name)
	saved := allOf(t, m.name)
	free := keepVolume(t, client.ObjectKey{Namespace: m.name, Name: m.name + "-data"})

	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: m.name}}
	remove(t, namespace)
	awaitGone(t, namespace)
	scaleManager(t, 0)
	t.Cleanup(func() { scaleManager(t, 1) })
	free()
	if err := cluster.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: m.name}}); err != nil {
		t.Fatal(err)
	}
	rand.Shuffle(len(saved), func(i, j int) { saved[i], saved[j] = saved[j], saved[i] })
	for again := range 2 { // a pod may come before its ServiceAccount
		for _, o := range saved {
			err := cluster.Create(t.Context(), backup.Restored(o))
			if again > 0 && client.IgnoreAlreadyExists(err) != nil {
				t.Fatalf("restoring %s %s: %v", o.GetKind(), o.GetName(), err)
			}
		}
	}
	time.Sleep(10 * time.Second) // garbage collection looks at everything; nothing may be to its taste
	wantKeys(t, m, keys, "before the operator is back")
	scaleManager(t, 1)
	awaitReady(t, m.key())
	m.open(t)
	m.opens(t, mail, number)
	if got := endpointsOf(t, m.key()); !reflect.DeepEqual(got, endpoints) {
		t.Errorf("endpoints are %v, were %v", got, endpoints)
	}
	awaitIntegration(t, m, metav1.ConditionTrue)
	m.opens(t, m.firstMail(t, newNumber()), "")
	wantKeys(t, m, keys, "when all is done")

	// What is deleted is deleted, although a backup has no owners.
	shop := shopOf(m.key(), "")
	remove(t, shop)
	awaitGone(t, shop)
	err := kube.Await(t.Context(), "the workloads to be gone", goneTime, func(context.Context) (bool, string) {
		left := append(names(t, &corev1.PodList{}, m.name), names(t, &corev1.ServiceList{}, m.name)...)
		return len(left) == 0, fmt.Sprint(left)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func wantKeys(t *testing.T, m merchant, want map[string]string, when string) {
	t.Helper()
	if got := secretsOf(t, m.name); !maps.Equal(got, want) { // never said: the bytes
		t.Errorf("%s there are the keys %v, want %v as they were", when, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
}
