//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/hack/demo/kube"
)

// onboarded is how many Shops are under way while everything is killed.
const onboarded = 20

// What shoppers see does not hang on the control plane, and what is half done when it dies is done once when it is back.
func TestOperatorAPIServerAndEtcdKilledWhileShopsAreOnboarded(t *testing.T) {
	long(t)
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
	stop := linden.watchPage(t, page)
	shops := onboard(t)
	kill(t, managers, 0)
	time.Sleep(2 * time.Second)
	command("kill", "apiserver")
	command("up")
	time.Sleep(2 * time.Second)
	command("kill", "etcd")
	command("up")
	kill(t, managers, 0)
	for _, key := range shops {
		awaitCondition(t, key, v1alpha1.ConditionReady, metav1.ConditionTrue, "", 10*time.Minute)
	}
	opened, failed := stop()
	t.Logf("the page of a Shop was opened %d times meanwhile", opened)
	if len(failed) > 0 {
		t.Errorf("%d of %d times it did not open, first %s", len(failed), opened, failed[0])
	}
	for _, key := range shops {
		oneSecretForEachPurpose(t, key)
	}
}

// onboard applies Shops, each in a namespace of its own, and does not wait for them.
func onboard(t *testing.T) []client.ObjectKey {
	t.Helper()
	var shops []client.ObjectKey
	for i := range onboarded {
		name := fmt.Sprintf("e2e-chaos-%d-%d", i, run.Unix()%100000)
		key := client.ObjectKey{Namespace: name, Name: name}
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
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

// watchPage opens a page five times a second, and returns what tells how often it did and what failed.
func (m merchant) watchPage(t *testing.T, path string) func() (int, []string) {
	t.Helper()
	done := make(chan struct{})
	var opening sync.WaitGroup
	opened, failed := 0, []string{}
	opening.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(200 * time.Millisecond):
				opened++
				if status, body := m.get(t, path); status != 200 {
					failed = append(failed, fmt.Sprintf("%d %.200s", status, body))
				}
			}
		}
	})
	return func() (int, []string) { close(done); opening.Wait(); return opened, failed }
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
