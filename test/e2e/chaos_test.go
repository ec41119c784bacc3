//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

// onboarded is how many Shops are under way while everything is killed.
const onboarded = 20

// chaosLabel marks the namespaces of one run.
const chaosLabel = "e2e.example.com/chaos"

// What shoppers see does not hang on the control plane, and what is half done when it dies is done once when it is back.
func TestOperatorAPIServerAndEtcdKilledWhileShopsAreOnboarded(t *testing.T) {
	if !kube.IsLocal() {
		t.Skip("only the processes of the local cluster can be killed")
	}
	root, err := kube.FindRoot()
	if err != nil {
		t.Fatal(err)
	}
	command := func(args ...string) {
		t.Helper()
		if err := kube.LocalCommand(t.Context(), root, os.Stdout, args...); err != nil {
			t.Fatal(err)
		}
	}
	page := linden.knownPage(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	opening := startTraffic(ctx, linden.baseURL+page)
	awaitNoNamespaceEnding(t)
	shops := onboard(t)
	kill(t, managers, 0)
	time.Sleep(2 * time.Second)
	command("kill", "apiserver")
	command("up")
	time.Sleep(2 * time.Second)
	command("kill", "etcd")
	command("up")
	kill(t, managers, 0)
	start, left := time.Now(), notReady(t, shops)
	for _, key := range shops {
		if err := cluster.AwaitShopReady(t.Context(), key, 5*time.Minute, func(string) {}); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d Shops were not Ready when the last process was killed; all were %.1f s later", left, len(shops), time.Since(start).Seconds())
	stop()
	opening.finish(t)
	for _, key := range shops {
		oneSecretForEachPurpose(t, key)
	}
	offboard(t, shops)
}

// onboard applies Shops, each in a namespace of its own, and does not wait for them.
func onboard(t *testing.T) []client.ObjectKey {
	t.Helper()
	var shops []client.ObjectKey
	for i := range onboarded {
		name := ofThisRun(fmt.Sprintf("chaos-%d", i))
		key := client.ObjectKey{Namespace: name, Name: name}
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{chaosLabel: fmt.Sprint(run.Unix())}}}
		for _, object := range []client.Object{namespace, shopOf(key, v1alpha1.DeletionDelete)} {
			if err := cluster.Create(t.Context(), object); err != nil {
				t.Fatal(err)
			}
		}
		t.Cleanup(func() { remove(t, namespace) })
		shops = append(shops, key)
	}
	return shops
}

// awaitNoNamespaceEnding waits until what earlier tests delete is gone. An API server that has just started does not know yet
// which custom resources it serves, and a namespace that ends in that moment leaves them behind.
func awaitNoNamespaceEnding(t *testing.T) {
	t.Helper()
	err := kube.Await(t.Context(), "no namespace to be on its end", 3*time.Minute, func(ctx context.Context) (bool, string) {
		var all corev1.NamespaceList
		err := cluster.List(ctx, &all)
		ending := slices.DeleteFunc(all.Items, func(n corev1.Namespace) bool { return n.Status.Phase != corev1.NamespaceTerminating })
		return err == nil && len(ending) == 0, fmt.Sprintf("%d end (%v)", len(ending), err)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// notReady counts the Shops that are still under way.
func notReady(t *testing.T, shops []client.ObjectKey) int {
	t.Helper()
	left := 0
	for _, key := range shops {
		var shop v1alpha1.Shop
		if err := cluster.Get(t.Context(), key, &shop); err != nil {
			t.Fatal(err)
		}
		if !meta.IsStatusConditionTrue(shop.Status.Conditions, v1alpha1.ConditionReady) {
			left++
		}
	}
	return left
}

// offboard deletes the Shops with all they had, and waits until they are gone.
func offboard(t *testing.T, shops []client.ObjectKey) {
	t.Helper()
	for _, key := range shops {
		remove(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: key.Namespace}})
	}
	err := kube.Await(t.Context(), "the Shops' namespaces to be gone", 3*time.Minute, func(ctx context.Context) (bool, string) {
		var left corev1.NamespaceList
		err := cluster.List(ctx, &left, client.MatchingLabels{chaosLabel: fmt.Sprint(run.Unix())})
		return err == nil && len(left.Items) == 0, fmt.Sprintf("%d are left (%v)", len(left.Items), err)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// oneSecretForEachPurpose holds the generated Secrets to their records: none is double, and none has lost its record.
func oneSecretForEachPurpose(t *testing.T, key client.ObjectKey) {
	t.Helper()
	secrets := &corev1.SecretList{}
	if err := cluster.List(t.Context(), secrets, client.InNamespace(key.Namespace), client.HasLabels{v1alpha1.LabelKeyPurpose}); err != nil {
		t.Fatal(err)
	}
	purposes := map[string][]string{}
	for _, secret := range secrets.Items {
		purpose := secret.Labels[v1alpha1.LabelKeyPurpose]
		purposes[purpose] = append(purposes[purpose], secret.Name)
		for _, owner := range secret.OwnerReferences {
			record := &corev1.ConfigMap{}
			if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: key.Namespace, Name: owner.Name}, record); err != nil || record.UID != owner.UID {
				t.Errorf("the Secret %s/%s has lost its record %s: %v", key.Namespace, secret.Name, owner.Name, err)
			}
		}
	}
	if len(purposes) == 0 {
		t.Errorf("%s has no key", key.Namespace)
	}
	for purpose, names := range purposes {
		if len(names) > 1 {
			t.Errorf("%s has several Secrets for %s: %s", key.Namespace, purpose, strings.Join(names, ", "))
		}
	}
}
