package hostnames

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	coordinationv1 "k8s.io/api/coordination/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// leaseOf returns the claim of a hostname, as the operator names it.
func leaseOf(hostname v1alpha1.Hostname) client.ObjectKey {
	sum := sha256.Sum256([]byte(hostname))
	return client.ObjectKey{Namespace: suite.OperatorNamespace, Name: "host-" + hex.EncodeToString(sum[:])[:20]}
}

// holderOf returns the Shop that holds the hostname, as namespace/name; "" = no Shop.
func holderOf(t *testing.T, hostname v1alpha1.Hostname) string {
	t.Helper()
	lease := &coordinationv1.Lease{}
	if err := suite.Kube.Get(t.Context(), leaseOf(hostname), lease); err != nil || lease.Spec.HolderIdentity == nil {
		return ""
	}
	parts := strings.Split(*lease.Spec.HolderIdentity, "/")
	return parts[0] + "/" + parts[1]
}

func wantHolder(t *testing.T, hostname v1alpha1.Hostname, shop *v1alpha1.Shop) {
	t.Helper()
	want := ""
	if shop != nil {
		want = client.ObjectKeyFromObject(shop).String()
	}
	suite.Eventually(t, fmt.Sprintf("%s is held by %q", hostname, want), func() error {
		if got := holderOf(t, hostname); got != want {
			return fmt.Errorf("it is held by %q", got)
		}
		return nil
	})
}

// claimAs writes a claim as the operator would have, for a Shop with some uid.
func claimAs(t *testing.T, shop *v1alpha1.Shop, hostname v1alpha1.Hostname) {
	t.Helper()
	key := leaseOf(hostname)
	suite.Create(t, &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: key.Namespace, Name: key.Name,
			Labels: map[string]string{
				"app.kubernetes.io/managed-by": "wismo", v1alpha1.LabelShop: shop.Name, "tracking.wismo.dev/shop-namespace": shop.Namespace,
			},
			Annotations: map[string]string{"tracking.wismo.dev/hostname": string(hostname)},
		},
		Spec: coordinationv1.LeaseSpec{HolderIdentity: new(fmt.Sprintf("%s/%s/%s", shop.Namespace, shop.Name, shop.UID))},
	})
}

func deleteClaim(t *testing.T, hostname v1alpha1.Hostname) {
	t.Helper()
	key := leaseOf(hostname)
	if err := suite.Kube.Delete(t.Context(), &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}); err != nil {
		t.Fatal(err)
	}
}

// named returns a Shop of some name that wants some hostnames, the first for its page.
func named(namespace, name string, hostnames ...v1alpha1.Hostname) *v1alpha1.Shop {
	shop := suite.MinimalShop(namespace)
	shop.Name, shop.Spec.Hostname = name, hostnames[0]
	for _, alias := range hostnames[1:] {
		shop.Spec.Aliases = append(shop.Spec.Aliases, v1alpha1.Alias{Hostname: alias})
	}
	return shop
}

// remove deletes a Shop and its route.
func remove(t *testing.T, shop *v1alpha1.Shop) {
	t.Helper()
	if err := errors.Join(suite.Kube.Delete(t.Context(), shop), collectRoute(t, shop)); err != nil {
		t.Fatal(err)
	}
}

// collectRoute does what garbage collection does to the route of a Shop that is gone.
func collectRoute(t *testing.T, shop *v1alpha1.Shop) error {
	t.Helper()
	return client.IgnoreNotFound(suite.Kube.Delete(t.Context(), &networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: shop.Name}}))
}

// inherits removes the Shop that holds the hostname, and waits until the other one does. A reconciliation that had read the
// Shop before may make its route anew, as often as it is collected, until the claim is free.
func inherits(t *testing.T, next, holder *v1alpha1.Shop) {
	t.Helper()
	remove(t, holder)
	suite.Eventually(t, fmt.Sprintf("%s is inherited", next.Spec.Hostname), func() error {
		if got := holderOf(t, next.Spec.Hostname); got != client.ObjectKeyFromObject(next).String() {
			return errors.Join(fmt.Errorf("it is held by %q", got), collectRoute(t, holder))
		}
		return nil
	})
}

func wantAccepted(t *testing.T, shops ...*v1alpha1.Shop) {
	t.Helper()
	for _, shop := range shops {
		suite.WantCondition(t, shop, v1alpha1.ConditionHostnameAccepted, metav1.ConditionTrue, v1alpha1.ReasonClaimed)
	}
}

// wantServed waits until the Shops have a route.
func wantServed(t *testing.T, shops ...*v1alpha1.Shop) {
	t.Helper()
	for _, shop := range shops {
		suite.Eventually(t, "the hostname is led to the page", func() error {
			return suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), &networkingv1.Ingress{})
		})
	}
}

func wantConflict(t *testing.T, shops ...*v1alpha1.Shop) {
	t.Helper()
	for _, shop := range shops {
		c := suite.WantCondition(t, shop, v1alpha1.ConditionHostnameAccepted, metav1.ConditionFalse, v1alpha1.ReasonHostnameConflict)
		suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonHostnameConflict)
		if strings.Contains(c.Message, "test-") { // as every namespace here begins
			t.Errorf("the message names another Shop: %s", c.Message)
		}
	}
}

// decided waits until one of the two has the hostname and the other one has not, and returns them in this order.
func decided(t *testing.T, a, b *v1alpha1.Shop) (winner, loser *v1alpha1.Shop) {
	t.Helper()
	is := func(shop *v1alpha1.Shop) (metav1.ConditionStatus, error) {
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
			return "", err
		}
		c := meta.FindStatusCondition(shop.Status.Conditions, v1alpha1.ConditionHostnameAccepted)
		if c == nil {
			return "", errors.New("not checked yet")
		}
		return c.Status, nil
	}
	suite.Eventually(t, "one of two has the hostname", func() error {
		first, err := is(a)
		second, err2 := is(b)
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		if first == second {
			return fmt.Errorf("it is %s and %s", first, second)
		}
		winner, loser = a, b
		if first != metav1.ConditionTrue {
			winner, loser = b, a
		}
		return nil
	})
	return winner, loser
}

func TestOfTwoShopsThatClaimAHostnameAtOnceOneGetsItFiftyTimes(t *testing.T) {
	const times = 50
	left, right := suite.InNamespace(t), suite.InNamespace(t)
	var pairs [times][2]*v1alpha1.Shop
	start, all := make(chan struct{}), sync.WaitGroup{}
	for i := range pairs {
		host := v1alpha1.Hostname(fmt.Sprintf("race-%d.example", i))
		pairs[i] = [2]*v1alpha1.Shop{named(left, fmt.Sprintf("race-%d", i), host), named(right, fmt.Sprintf("race-%d", i), host)}
		for _, shop := range pairs[i] {
			all.Go(func() {
				<-start
				if err := suite.Kube.Create(context.WithoutCancel(t.Context()), shop); err != nil {
					t.Error(err)
				}
			})
		}
	}
	close(start)
	all.Wait()
	wins := map[string]int{}
	for _, pair := range pairs {
		winner, loser := decided(t, pair[0], pair[1])
		wins[winner.Namespace]++
		wantHolder(t, winner.Spec.Hostname, winner)
		wantConflict(t, loser)
		wantServed(t, winner)
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(loser), &networkingv1.Ingress{}); client.IgnoreNotFound(err) != nil || err == nil {
			t.Errorf("the loser has a route (%v)", err)
		}
		inherits(t, loser, winner)
		wantAccepted(t, loser)
	}
	t.Logf("of %d races, %v were won", times, wins)
}

// Twelve ways in which claims, deletions, restarts and restores can interleave.
func TestAHostnameNeverChangesHandsByAccident(t *testing.T) {
	for name, play := range map[string]func(t *testing.T, host v1alpha1.Hostname){
		"01 deleted and created again by the same name, while another waits":        inherited,
		"02 created again by the same name, with another hostname":                  renounced,
		"03 the operator ends between the claim and the status":                     endedAfterClaim,
		"04 the operator ends between two claims, and the second one is lost":       endedBetweenClaims,
		"05 restored from a backup with new uids, the loser first":                  restored,
		"06 restored without the claims":                                            restoredWithoutClaims,
		"07 moved from one Shop to another":                                         moved,
		"08 two Shops exchange theirs":                                              exchanged,
		"09 an alias that another one holds":                                        aliasTaken,
		"10 the claim deleted by hand":                                              claimDeleted,
		"11 the winner deleted while the operator is away":                          deletedMeanwhile,
		"12 three in a ring, each with a hostname that the next one wants, as well": ring,
	} {
		t.Run(name, func(t *testing.T) {
			play(t, v1alpha1.Hostname("track.story-"+name[:2]+".example"))
		})
	}
}

// contested returns two Shops that want a hostname: one has it, and the other one waits.
func contested(t *testing.T, host v1alpha1.Hostname) (holder, waiting *v1alpha1.Shop) {
	t.Helper()
	holder, waiting = named(suite.InNamespace(t), "a", host), named(suite.InNamespace(t), "b", host)
	suite.Create(t, holder)
	wantAccepted(t, holder)
	suite.Create(t, waiting)
	wantConflict(t, waiting)
	return holder, waiting
}

func inherited(t *testing.T, host v1alpha1.Hostname) {
	first, waiting := contested(t, host)
	suite.Operator.Stop() // so that it does not see the moment in between
	if err := suite.Kube.Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	again := named(first.Namespace, "a", host)
	suite.Create(t, again)
	suite.Operator.MustStart(t)
	wantAccepted(t, again)
	wantConflict(t, waiting)
}

func renounced(t *testing.T, host v1alpha1.Hostname) {
	first, waiting := contested(t, host)
	if err := suite.Kube.Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	again := named(first.Namespace, "a", "new."+host)
	suite.Create(t, again)
	wantAccepted(t, again, waiting)
}

func endedAfterClaim(t *testing.T, host v1alpha1.Hostname) {
	first, waiting := named(suite.InNamespace(t), "a", host), named(suite.InNamespace(t), "b", host)
	suite.Operator.Stop()
	suite.Create(t, waiting, first)
	claimAs(t, first, host)
	suite.Operator.MustStart(t)
	wantAccepted(t, first)
	wantConflict(t, waiting)
}

func endedBetweenClaims(t *testing.T, host v1alpha1.Hostname) {
	rival := named(suite.InNamespace(t), "b", "second."+host)
	suite.Create(t, rival)
	wantAccepted(t, rival)
	loser := named(suite.InNamespace(t), "a", "first."+host, "second."+host)
	suite.Operator.Stop()
	suite.Create(t, loser)
	claimAs(t, loser, "first."+host)
	suite.Operator.MustStart(t)
	wantConflict(t, loser)
	wantHolder(t, "first."+host, nil)
	third := named(suite.InNamespace(t), "c", "first."+host)
	suite.Create(t, third)
	wantAccepted(t, third)
}

func restored(t *testing.T, host v1alpha1.Hostname) {
	winner, loser := contested(t, host)
	wantServed(t, winner)
	suite.Operator.Stop()
	remove(t, winner)
	remove(t, loser)
	loser, winner = named(loser.Namespace, "b", host), named(winner.Namespace, "a", host)
	suite.Create(t, loser, winner) // the loser is the older one now
	suite.Operator.MustStart(t)
	wantAccepted(t, winner)
	wantConflict(t, loser)
}

func restoredWithoutClaims(t *testing.T, host v1alpha1.Hostname) {
	a, b := contested(t, host)
	wantServed(t, a)
	suite.Operator.Stop()
	remove(t, a)
	remove(t, b)
	deleteClaim(t, host)
	a, b = named(a.Namespace, "a", host), named(b.Namespace, "b", host)
	suite.Create(t, b, a)
	suite.Operator.MustStart(t)
	winner, loser := decided(t, a, b) // nothing tells who it was, but there is one
	wantHolder(t, host, winner)
	wantConflict(t, loser)
}

func moved(t *testing.T, host v1alpha1.Hostname) {
	from, to := named(suite.InNamespace(t), "a", host), named(suite.InNamespace(t), "b", "other."+host)
	suite.Create(t, from, to)
	wantAccepted(t, from, to)
	suite.Edit(t, to, func(s *v1alpha1.Shop) { s.Spec.Hostname = host })
	wantConflict(t, to)
	suite.Edit(t, from, func(s *v1alpha1.Shop) { s.Spec.Hostname = "new." + host })
	wantAccepted(t, from, to)
	wantHolder(t, host, to)
	wantHolder(t, "new."+host, from)
	wantHolder(t, "other."+host, nil)
}

func exchanged(t *testing.T, host v1alpha1.Hostname) {
	a, b := named(suite.InNamespace(t), "a", "a."+host), named(suite.InNamespace(t), "b", "b."+host)
	suite.Create(t, a, b)
	wantServed(t, a, b)
	suite.Edit(t, a, func(s *v1alpha1.Shop) { s.Spec.Hostname = "b." + host })
	suite.Edit(t, b, func(s *v1alpha1.Shop) { s.Spec.Hostname = "a." + host })
	suite.Eventually(t, "both have what they want", func() error {
		if left, right := holderOf(t, "a."+host), holderOf(t, "b."+host); left != client.ObjectKeyFromObject(b).String() || right != client.ObjectKeyFromObject(a).String() {
			return fmt.Errorf("held by %q and %q", left, right)
		}
		return nil
	})
	wantAccepted(t, a, b)
}

func aliasTaken(t *testing.T, host v1alpha1.Hostname) {
	holder := named(suite.InNamespace(t), "a", host)
	suite.Create(t, holder)
	wantAccepted(t, holder)
	greedy := named(suite.InNamespace(t), "b", "own."+host)
	suite.Create(t, greedy)
	wantServed(t, greedy)
	suite.Edit(t, greedy, func(s *v1alpha1.Shop) {
		s.Spec.Aliases = []v1alpha1.Alias{{Hostname: "free." + host}, {Hostname: host}}
	})
	wantConflict(t, greedy)
	wantHolder(t, host, holder)
	wantHolder(t, "own."+host, greedy) // it serves there
	wantHolder(t, "free."+host, nil)
}

func claimDeleted(t *testing.T, host v1alpha1.Hostname) {
	holder := named(suite.InNamespace(t), "a", host)
	suite.Create(t, holder)
	wantAccepted(t, holder)
	var waiting []*v1alpha1.Shop
	for i := range 5 {
		shop := named(suite.InNamespace(t), fmt.Sprintf("b-%d", i), host)
		suite.Create(t, shop)
		waiting = append(waiting, shop)
	}
	wantConflict(t, waiting...)
	wantServed(t, holder)
	for range 10 {
		deleteClaim(t, host)
		wantHolder(t, host, holder)
	}
	wantConflict(t, waiting...)
}

func deletedMeanwhile(t *testing.T, host v1alpha1.Hostname) {
	winner, waiting := contested(t, host)
	wantServed(t, winner)
	suite.Operator.Stop()
	remove(t, winner)
	suite.Operator.MustStart(t)
	wantAccepted(t, waiting)
	wantHolder(t, host, waiting)
}

func ring(t *testing.T, host v1alpha1.Hostname) {
	h := []v1alpha1.Hostname{"x." + host, "y." + host, "z." + host}
	var shops []*v1alpha1.Shop
	for i := range h {
		shops = append(shops, named(suite.InNamespace(t), fmt.Sprintf("ring-%d", i), h[i], h[(i+1)%len(h)]))
	}
	suite.Create(t, shops[0], shops[1], shops[2])
	var winners []*v1alpha1.Shop
	suite.Eventually(t, "one of the ring has all it wants", func() error {
		winners = slices.DeleteFunc(slices.Clone(shops), func(s *v1alpha1.Shop) bool {
			return suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(s), s) != nil || !meta.IsStatusConditionTrue(s.Status.Conditions, v1alpha1.ConditionHostnameAccepted)
		})
		if len(winners) != 1 {
			return fmt.Errorf("%d have", len(winners))
		}
		return nil
	})
	suite.Settled(t)
	for i, hostname := range h {
		want := ""
		if winners[0] == shops[i] || winners[0] == shops[(i+len(h)-1)%len(h)] {
			want = client.ObjectKeyFromObject(winners[0]).String()
		}
		if got := holderOf(t, hostname); got != want {
			t.Errorf("%s is held by %q, want %q", hostname, got, want)
		}
	}
}
