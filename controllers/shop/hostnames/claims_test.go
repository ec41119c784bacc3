package hostnames

import (
	"context"
	"slices"
	"testing"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
	"github.com/wismo-dev/wismo/internal/testing/inmemory"
)

// led are the hostnames that routes lead, by Shop.
type led map[types.NamespacedName][]string

func (l led) HasRoute(_ context.Context, shop types.NamespacedName, hostname string) (bool, error) {
	return slices.Contains(l[shop], hostname), nil
}

func (led) ByHostname(context.Context, string) ([]metav1.Object, error) { return nil, nil }

func shopWanting(name, hostname string) *v1alpha1.Shop {
	return &v1alpha1.Shop{
		ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: name, UID: types.UID("uid-of-" + name)},
		Spec:       v1alpha1.ShopSpec{Hostname: v1alpha1.Hostname(hostname)},
	}
}

func claimsOf(t *testing.T, routes led, shops ...client.Object) Claims {
	t.Helper()
	builder := inmemory.NewClientBuilder(t, shops...)
	inmemory.Indexes(t, builder, Index)
	kube := builder.Build()
	return Claims{Client: kube, Live: kube, Routes: routes, Namespace: "wismo-system"}
}

// take returns what HostnameAccepted says of a Shop that asks.
func take(t *testing.T, c Claims, shop *v1alpha1.Shop, grants ...dnscheck.Grant) string {
	t.Helper()
	finding, out := c.Acquire(t.Context(), shop, grants)
	if out.Err() != nil {
		t.Fatal(out.Err())
	}
	return finding.Reason
}

func free(t *testing.T, c Claims, shop *v1alpha1.Shop, kept ...string) {
	t.Helper()
	if out := c.Free(t.Context(), client.ObjectKeyFromObject(shop), kept); out.Err() != nil {
		t.Fatal(out.Err())
	}
}

func TestAHostnameIsOfWhoClaimsItFirstUntilItIsGivenUp(t *testing.T) {
	linden, fjallro := shopWanting("linden", "track.example"), shopWanting("fjallro", "track.example")
	c := claimsOf(t, nil, linden, fjallro)
	if got := take(t, c, linden); got != v1alpha1.ReasonClaimed {
		t.Fatalf("who comes first has it: %s", got)
	}
	if got := take(t, c, fjallro); got != v1alpha1.ReasonHostnameConflict {
		t.Errorf("who comes second has it, too: %s", got)
	}
	if got := take(t, c, linden); got != v1alpha1.ReasonClaimed {
		t.Errorf("who holds it asks again: %s", got)
	}
	free(t, c, linden)
	if got := take(t, c, fjallro); got != v1alpha1.ReasonClaimed {
		t.Errorf("it was given up: %s", got)
	}
}

func TestAHostnameThatARouteStillLeadsIsKept(t *testing.T) {
	linden := shopWanting("linden", "track.example")
	routes := led{client.ObjectKeyFromObject(linden): {"track.example"}}
	c := claimsOf(t, routes, linden)
	take(t, c, linden)
	if out := c.Free(t.Context(), client.ObjectKeyFromObject(linden), nil); out.Stops() {
		t.Fatalf("%+v", out)
	}
	leases := &coordinationv1.LeaseList{}
	if err := c.Client.List(t.Context(), leases); err != nil || len(leases.Items) != 1 {
		t.Errorf("%d claims, %v", len(leases.Items), err)
	}
}

func TestAShopThatCannotHaveAllHostnamesKeepsNone(t *testing.T) {
	linden, fjallro := shopWanting("linden", "b.example"), shopWanting("fjallro", "a.example")
	fjallro.Spec.Aliases = []v1alpha1.Alias{{Hostname: "b.example"}}
	c := claimsOf(t, nil, linden, fjallro)
	take(t, c, linden)
	if got := take(t, c, fjallro); got != v1alpha1.ReasonHostnameConflict {
		t.Fatal(got)
	}
	leases := &coordinationv1.LeaseList{}
	if err := c.Client.List(t.Context(), leases); err != nil || len(leases.Items) != 1 {
		t.Errorf("%d claims, %v", len(leases.Items), err)
	}
}

func TestAHostnameThatIsNotGrantedIsRefused(t *testing.T) {
	linden := shopWanting("linden", "track.example")
	c := claimsOf(t, nil, linden)
	if got := take(t, c, linden, dnscheck.Grant{Namespaces: []string{"other"}, Suffixes: []string{"example"}}); got != v1alpha1.ReasonHostnameNotGranted {
		t.Error(got)
	}
}

func TestTwoShopsThatSwapTheirHostnamesDoNotWaitForEachOther(t *testing.T) {
	linden, fjallro := shopWanting("linden", "a.example"), shopWanting("fjallro", "b.example")
	routes := led{client.ObjectKeyFromObject(linden): {"a.example"}, client.ObjectKeyFromObject(fjallro): {"b.example"}}
	c := claimsOf(t, routes, linden, fjallro)
	take(t, c, linden)
	take(t, c, fjallro)
	for shop, hostname := range map[*v1alpha1.Shop]v1alpha1.Hostname{linden: "b.example", fjallro: "a.example"} {
		shop.Spec.Hostname = hostname
		if err := c.Client.Update(t.Context(), shop); err != nil {
			t.Fatal(err)
		}
	}
	if got := take(t, c, linden); got != v1alpha1.ReasonClaimed {
		t.Errorf("the first of a ring: %s", got)
	}
}

func TestAnEarlierShopOfTheSameNameIsInheritedFrom(t *testing.T) {
	before, now := shopWanting("linden", "track.example"), shopWanting("linden", "track.example")
	now.UID = "another uid"
	c := claimsOf(t, nil, now)
	take(t, c, before)
	if got := take(t, c, now); got != v1alpha1.ReasonClaimed {
		t.Error(got)
	}
}
