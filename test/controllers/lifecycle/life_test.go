package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/uninstall"
	"github.com/wismo-dev/wismo/internal/testing/installed"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// shopNamed returns a minimal Shop of another name, with a hostname of its own.
func shopNamed(namespace, name string) *v1alpha1.Shop {
	shop := suite.MinimalShop(namespace)
	shop.Name, shop.Spec.Hostname = name, v1alpha1.Hostname(name+"."+namespace+".example")
	return shop
}

func TestOperatorUninstalledFirst(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	shop.Spec.Storage = &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, DeletionPolicy: v1alpha1.DeletionDelete}
	suite.ReadyShop(t, shop)
	suite.Operator.Stop()
	t.Cleanup(func() {
		suite.Operator.MustStart(t)
	})
	if err := suite.Kube.Delete(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil || shop.DeletionTimestamp == nil {
		t.Fatalf("without the operator the finalizer must hold the Shop (%v)", err)
	}
	held, err := uninstall.Release(t.Context(), suite.Kube)
	if err != nil || !slices.ContainsFunc(held, func(h uninstall.Held) bool { return h.Namespace == shop.Namespace && h.Kind == "Shop" }) {
		t.Fatalf("released were %v (%v)", held, err)
	}
	gone(t, shop)
	volume := &corev1.PersistentVolumeClaim{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: "linden-data"}, volume); err != nil || volume.DeletionTimestamp != nil {
		t.Errorf("the data was deleted although no operator ran that could decide so (%v)", err)
	}
}

func TestCarrierIntegrationBeforeItsShopAndAfter(t *testing.T) {
	ns := suite.InNamespace(t)
	ci := suite.Easypost(ns)
	suite.Create(t, ci)
	suite.WantCondition(t, ci, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonMissingReference)
	shop := suite.MinimalShop(ns)
	suite.ReadyShop(t, shop)
	suite.WantCondition(t, ci, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	endpoint := ci.Status.Endpoints[0].URL

	// The Shop goes while the integration stays, and comes back.
	if err := suite.Kube.Delete(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	gone(t, shop)
	suite.WantCondition(t, ci, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonMissingReference)
	sweep(t, ns)
	again := suite.MinimalShop(ns)
	suite.ReadyShop(t, again)
	suite.WantCondition(t, ci, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	if got := ci.Status.Endpoints[0].URL; got != endpoint {
		t.Errorf("the provider would have to learn another endpoint: %s instead of %s", got, endpoint)
	}

	// The Shop goes first, and the integration after it: nothing was registered, so nothing holds it.
	if len(ci.Finalizers) > 0 {
		t.Errorf("the integration has the finalizers %v", ci.Finalizers)
	}
	if err := suite.Kube.Delete(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	gone(t, again)
	if err := suite.Kube.Delete(t.Context(), ci); err != nil {
		t.Fatal(err)
	}
	gone(t, ci)
}

// sweep removes objects whose owners are gone, as garbage collection does: no garbage collector runs here.
func sweep(t *testing.T, namespace string) {
	t.Helper()
	suite.Eventually(t, "nothing is left to collect", func() error {
		all := everything(t, namespace)
		there, collected := map[types.UID]bool{}, 0
		for _, o := range all {
			there[o.GetUID()] = true
		}
		for i := range all {
			o := &all[i]
			owners := o.GetOwnerReferences()
			if len(owners) == 0 || slices.ContainsFunc(owners, func(owner metav1.OwnerReference) bool { return there[owner.UID] }) {
				continue
			}
			collected++
			if err := discard(t, o); err != nil {
				return err
			}
		}
		if collected > 0 {
			return fmt.Errorf("%d objects were collected just now", collected)
		}
		return nil
	})
}

func TestDeletionPolicyChangedRightBeforeTheDeletion(t *testing.T) {
	for from, to := range map[v1alpha1.DeletionPolicy]v1alpha1.DeletionPolicy{
		v1alpha1.DeletionDelete: v1alpha1.DeletionRetain, v1alpha1.DeletionRetain: v1alpha1.DeletionDelete,
	} {
		t.Run(string(from)+" to "+string(to), func(t *testing.T) {
			shop := suite.MinimalShop(suite.InNamespace(t))
			shop.Spec.Storage = &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, DeletionPolicy: from}
			suite.ReadyShop(t, shop)
			suite.Settled(t)
			suite.Operator.Stop() // as slow as an operator can be
			suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Storage.DeletionPolicy = to })
			if err := suite.Kube.Delete(t.Context(), shop); err != nil {
				t.Fatal(err)
			}
			suite.Operator.MustStart(t)
			gone(t, shop)
			suite.Settled(t)
			// Where the operator never saw the wish to delete, the data stays: it can be removed later, not had back.
			volume, key := &corev1.PersistentVolumeClaim{}, &corev1.ConfigMap{}
			if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: "linden-data"}, volume); err != nil || volume.DeletionTimestamp != nil {
				t.Errorf("the volume went (%v)", err)
			}
			if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: "linden-key-links-1"}, key); err != nil {
				t.Errorf("the link keys went: %v", err)
			}
		})
	}
}

func TestDeletionWhileItIsUnderWayCanStillBeTurnedIntoRetain(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	shop.Spec.Storage = &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, DeletionPolicy: v1alpha1.DeletionDelete}
	suite.ReadyShop(t, shop)
	suite.Operator.Stop()
	if err := suite.Kube.Delete(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Storage.DeletionPolicy = v1alpha1.DeletionRetain })
	suite.Operator.MustStart(t)
	gone(t, shop)
	volume := &corev1.PersistentVolumeClaim{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: "linden-data"}, volume); err != nil || volume.DeletionTimestamp != nil {
		t.Errorf("the volume went (%v)", err)
	}
}

func TestNamespaceDeletedFirst(t *testing.T) {
	ns := suite.InNamespace(t)
	shop, ci := suite.MinimalShop(ns), suite.Easypost(ns)
	shop.Spec.Storage = &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, DeletionPolicy: v1alpha1.DeletionDelete}
	suite.Create(t, ci)
	suite.ReadyShop(t, shop)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}}
	if err := suite.Kube.Delete(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	// What the namespace controller deletes first may be anything: here the notifier, then all but the Shop.
	if err := suite.Kube.Delete(t.Context(), suite.DeploymentOf(t, shop, "notifier")); err != nil {
		t.Fatal(err)
	}
	suite.Settled(t)
	list := &appsv1.DeploymentList{}
	if err := suite.Kube.List(t.Context(), list, client.InNamespace(ns)); err != nil || len(list.Items) != 1 {
		t.Errorf("%d Deployments in a namespace that goes away (%v)", len(list.Items), err)
	}
	for _, object := range []client.Object{
		suite.DeploymentOf(t, shop, "page"), &networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: shop.Name}}, ci, shop,
	} {
		if err := suite.Kube.Delete(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	gone(t, ci)
	gone(t, shop)
	suite.Eventually(t, "its hostname is free", func() error {
		if held := suite.Claims(t, ns); len(held) != 0 {
			return fmt.Errorf("held are %v", held)
		}
		return nil
	})
}

func TestHostnameMovedBetweenShopsInOneApply(t *testing.T) {
	first, second := suite.MinimalShop(suite.InNamespace(t)), suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, first)
	suite.ReadyShop(t, second)
	moved := first.Spec.Hostname
	// The one that gets it comes first in the file.
	suite.Edit(t, second, func(s *v1alpha1.Shop) { s.Spec.Aliases = []v1alpha1.Alias{{Hostname: moved}} })
	suite.Edit(t, first, func(s *v1alpha1.Shop) { s.Spec.Hostname = "new." + moved })
	wantHostnames(t, second, string(second.Spec.Hostname), string(moved))
	wantHostnames(t, first, "new."+string(moved))
}

func TestHostnamesSwappedInOneApply(t *testing.T) {
	for _, n := range []int{2, 3} {
		t.Run(fmt.Sprintf("%d Shops in a ring", n), func(t *testing.T) {
			ring := make([]*v1alpha1.Shop, n)
			for i := range ring {
				ring[i] = suite.MinimalShop(suite.InNamespace(t))
				suite.ReadyShop(t, ring[i])
			}
			suite.Settled(t)
			names := make([]v1alpha1.Hostname, n)
			for i, shop := range ring {
				names[i] = shop.Spec.Hostname
			}
			for i, shop := range ring {
				suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Hostname = names[(i+1)%n] })
			}
			for i, shop := range ring {
				wantHostnames(t, shop, string(names[(i+1)%n]))
			}
		})
	}
}

// Who only looks as if it gave a hostname up gets no other's for it.
func TestAHostnameIsNotHandedOverToOneThatOnlyWaits(t *testing.T) {
	holder, other, third := suite.MinimalShop(suite.InNamespace(t)), suite.MinimalShop(suite.InNamespace(t)), suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, holder)
	suite.ReadyShop(t, other)
	suite.ReadyShop(t, third)
	// other wants what holder keeps; third wants what other still serves.
	wanted := other.Spec.Hostname
	suite.Edit(t, other, func(s *v1alpha1.Shop) { s.Spec.Hostname = holder.Spec.Hostname })
	suite.WantCondition(t, other, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonHostnameConflict)
	suite.Edit(t, third, func(s *v1alpha1.Shop) { s.Spec.Hostname = wanted })
	suite.WantCondition(t, third, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonHostnameConflict)
	suite.Settled(t)
	if held := suite.Claims(t, other.Namespace); !slices.Equal(held, []string{string(wanted)}) {
		t.Errorf("the Shop that serves on holds %v", held)
	}
}

// wantHostnames waits until the Shop holds and routes exactly these hostnames, and is Ready.
func wantHostnames(t *testing.T, shop *v1alpha1.Shop, want ...string) {
	t.Helper()
	slices.Sort(want)
	suite.Eventually(t, "the hostnames are where they belong", func() error {
		ingress := &networkingv1.Ingress{}
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), ingress); err != nil {
			return err
		}
		var routed []string
		for _, rule := range ingress.Spec.Rules {
			routed = append(routed, rule.Host)
		}
		held := suite.Claims(t, shop.Namespace)
		slices.Sort(routed)
		slices.Sort(held)
		if !slices.Equal(slices.Compact(routed), want) || !slices.Equal(held, want) {
			return fmt.Errorf("routed are %v, held %v, want %v", routed, held, want)
		}
		return nil
	})
	suite.RollOut(t, shop.Namespace)
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
}

func TestFiftyShopsInOneNamespace(t *testing.T) {
	ns := suite.InNamespace(t)
	names := []string{"a", "a-page", "a-notifier", "a-data", "a-key", "a-key-links", "a-bundle", strings.Repeat("n", 40)}
	for i := len(names); i < 50; i++ {
		names = append(names, fmt.Sprintf("shop-%02d", i))
	}
	shops := map[string]*v1alpha1.Shop{}
	for _, name := range names {
		shops[name] = shopNamed(ns, name)
		suite.Create(t, shops[name])
	}
	suite.Eventually(t, "every Shop has its Deployments", func() error {
		list := &appsv1.DeploymentList{}
		if err := suite.Kube.List(t.Context(), list, client.InNamespace(ns)); err != nil || len(list.Items) != 2*len(names) {
			return fmt.Errorf("%d Deployments (%w)", len(list.Items), err)
		}
		return nil
	})
	suite.RollOut(t, ns)
	for _, shop := range shops {
		suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	}
	wantNoCrossTalk(t, ns, shops)
	suite.Settled(t)

	if err := suite.Kube.Delete(t.Context(), shops["a"]); err != nil {
		t.Fatal(err)
	}
	gone(t, shops["a"])
	delete(shops, "a")
	suite.Settled(t)
	wantNoCrossTalk(t, ns, shops)
	before := len(suite.Writes(ns))
	suite.Resync(t, shops["a-page"], 5)
	suite.Settled(t)
	if after := len(suite.Writes(ns)); after != before {
		t.Errorf("%d writes after a Shop beside others was deleted", after-before)
	}
}

// wantNoCrossTalk holds every object to one Shop: by its owner, its label and what its selectors match.
func wantNoCrossTalk(t *testing.T, namespace string, shops map[string]*v1alpha1.Shop) {
	t.Helper()
	deployments, services, configMaps := &appsv1.DeploymentList{}, &corev1.ServiceList{}, &corev1.ConfigMapList{}
	policies := &networkingv1.NetworkPolicyList{}
	for _, list := range []client.ObjectList{deployments, services, configMaps, policies} {
		if err := suite.Kube.List(t.Context(), list, client.InNamespace(namespace), client.HasLabels{v1alpha1.LabelShop}); err != nil {
			t.Fatal(err)
		}
	}
	var selectors []labels.Selector
	for _, s := range services.Items {
		selectors = append(selectors, labels.SelectorFromSet(s.Spec.Selector))
	}
	for _, p := range policies.Items {
		selector, err := metav1.LabelSelectorAsSelector(&p.Spec.PodSelector)
		if err != nil {
			t.Fatal(err)
		}
		selectors = append(selectors, selector)
	}
	for i := range configMaps.Items {
		wantItsShop(t, &configMaps.Items[i], shops)
	}
	for i := range deployments.Items {
		d := &deployments.Items[i]
		wantItsShop(t, d, shops)
		others := slices.DeleteFunc(slices.Clone(selectors), func(s labels.Selector) bool { return !s.Matches(labels.Set(d.Spec.Template.Labels)) })
		if len(others) != 2 {
			t.Errorf("the pods of %s are behind %d Services and NetworkPolicies, want one of each", d.Name, len(others))
		}
	}
}

// wantItsShop holds an object to the Shop that its label names.
func wantItsShop(t *testing.T, o client.Object, shops map[string]*v1alpha1.Shop) {
	t.Helper()
	shop, known := shops[o.GetLabels()[v1alpha1.LabelShop]]
	if !known {
		return // what a deleted Shop had; garbage collection takes it, but not here
	}
	if owner := metav1.GetControllerOf(o); owner != nil && owner.UID != shop.UID {
		t.Errorf("%T %s is labelled %s and owned by %s", o, o.GetName(), shop.Name, owner.Name)
	}
	if !strings.HasPrefix(o.GetName(), shop.Name) {
		t.Errorf("%T %s is not named after its Shop %s", o, o.GetName(), shop.Name)
	}
}

func TestNodeThatTakesNoSecondPodOfAVolume(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	suite.Settled(t)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden & Co" })
	suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonProgressing)
	minuteAgo := metav1.NewTime(time.Now().Add(-61 * time.Second))
	homelessPod(t, shop, "page", minuteAgo)
	suite.Hold(t, shop, "page", minuteAgo, true)
	suite.Eventually(t, "the old pod may go first", func() error {
		if got := suite.DeploymentOf(t, shop, "page").Spec.Strategy.RollingUpdate.MaxUnavailable.IntValue(); got != 1 {
			return fmt.Errorf("maxUnavailable is %d", got)
		}
		return nil
	})
	if got := suite.DeploymentOf(t, shop, "notifier").Spec.Strategy.RollingUpdate.MaxUnavailable.IntValue(); got != 0 {
		t.Errorf("the notifier, which waits for nothing, got maxUnavailable %d", got)
	}
	suite.Eventually(t, "an event tells of it once", func() error {
		told := 0
		for _, e := range suite.EventsOf(t, shop) {
			if e.Reason == v1alpha1.EventSurgeUnschedulable {
				told++
			}
		}
		if told != 1 {
			return fmt.Errorf("%d events", told)
		}
		return nil
	})
	// Only this roll: the next one has no gap again.
	suite.RollOut(t, shop.Namespace)
	suite.Eventually(t, "the next roll tries a pod more again", func() error {
		suite.RollOut(t, shop.Namespace)
		if got := suite.DeploymentOf(t, shop, "page").Spec.Strategy.RollingUpdate.MaxUnavailable.IntValue(); got != 0 {
			return fmt.Errorf("maxUnavailable is %d", got)
		}
		return nil
	})
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, "") // to go back to it was one more edit of the Deployment
}

func TestNodeDrainedUnderAShop(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	aWhile := metav1.NewTime(time.Now().Add(-15 * time.Second))
	homelessPod(t, shop, "page", aWhile)
	suite.Hold(t, shop, "page", aWhile, false)
	c := suite.WantCondition(t, shop, v1alpha1.ConditionWorkloadsAvailable, metav1.ConditionFalse, v1alpha1.ReasonPodsUnschedulable)
	if !strings.Contains(c.Message, "were unschedulable") {
		t.Errorf("the message does not quote the scheduler: %s", c.Message)
	}
	suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonPodsUnschedulable)
	suite.RollOut(t, shop.Namespace)
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	if got := suite.DeploymentOf(t, shop, "page").Spec.Strategy.RollingUpdate.MaxUnavailable.IntValue(); got != 0 {
		t.Errorf("maxUnavailable is %d", got)
	}
}

// homelessPod is a pod of the component that no node takes since then.
func homelessPod(t *testing.T, shop *v1alpha1.Shop, component string, since metav1.Time) {
	t.Helper()
	template := suite.DeploymentOf(t, shop, component).Spec.Template
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, GenerateName: shop.Name + "-" + component + "-", Labels: template.Labels},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "image:1"}}},
	}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "default"}}
	if err := suite.Kube.Create(t.Context(), account); client.IgnoreAlreadyExists(err) != nil {
		t.Fatal(err)
	}
	suite.Create(t, pod)
	pod.Status.Conditions = []corev1.PodCondition{{
		Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable,
		Message: "0/1 nodes are available: 1 node(s) were unschedulable.", LastTransitionTime: since,
	}}
	if err := suite.Kube.Status().Update(t.Context(), pod); err != nil {
		t.Fatal(err)
	}
}

func TestOperatorUpgradedAndDowngradedTouchesNoObject(t *testing.T) {
	ns := suite.InNamespace(t)
	shop := suite.MinimalShop(ns)
	suite.Create(t, suite.Easypost(ns))
	suite.ReadyShop(t, shop)
	suite.Settled(t)
	before, writes := versionsOf(t, ns), len(suite.Changes(ns))
	for _, version := range []string{"1.1.0", "1.0.0", "2.0.0-rc.1+build.7"} {
		suite.Operator.Stop()
		suite.Operator.Version = version
		suite.Operator.MustStart(t)
		suite.Settled(t)
		if diff := cmp.Diff(before, versionsOf(t, ns)); diff != "" {
			t.Errorf("version %s touched objects (-before +after):\n%s", version, diff)
		}
		if after := suite.Changes(ns); len(after) != writes {
			t.Errorf("version %s wrote %v", version, after[writes:])
		}
	}
	suite.Operator.Version = ""
}

// versionsOf returns the resource versions of everything that the Shops of a namespace have, and of the Shops.
func versionsOf(t *testing.T, namespace string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, o := range everything(t, namespace) {
		all[o.GetKind()+"/"+o.GetName()] = o.GetResourceVersion()
	}
	return all
}

func TestARefusedVolumeChangeIsSentOnce(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	size := func(text string) *v1alpha1.Storage {
		s := &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, SQLite: &v1alpha1.SQLiteStorage{Size: quantity(text)}}
		return s
	}
	sent := func() int {
		return len(slices.DeleteFunc(suite.Writes(shop.Namespace), func(s installed.Request) bool {
			return s.Query.Get("force") != "true" || !strings.HasSuffix(s.Path, "/persistentvolumeclaims/linden-data")
		}))
	}
	before := sent()
	for i, wish := range []string{"2Gi", "3Gi"} {
		suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Storage = size(wish) })
		suite.Eventually(t, "the wish is sent", func() error {
			if got := sent() - before; got != i+1 {
				return fmt.Errorf("sent %d times", got)
			}
			return nil
		})
		suite.Resync(t, shop, 10)
		suite.Settled(t)
		if got := sent() - before; got != i+1 {
			t.Errorf("%d wishes were sent %d times", i+1, got)
		}
	}
}
