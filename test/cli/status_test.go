package cli_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/status"
)

func condition(name string, s metav1.ConditionStatus, reason, message string) metav1.Condition {
	return metav1.Condition{Type: name, Status: s, Reason: reason, Message: message, LastTransitionTime: metav1.Now()}
}

// observe gives a Shop the status that an operator would.
func observe(t *testing.T, shop *v1alpha1.Shop, conditions ...metav1.Condition) {
	t.Helper()
	shop.Status.ObservedGeneration = shop.Generation
	shop.Status.Conditions = conditions
	shop.Status.Endpoints = []v1alpha1.Endpoint{{Name: "api", URL: "https://track.linden.example/hooks/abc"}}
	shop.Status.DNS = &v1alpha1.DNS{Records: []v1alpha1.DNSRecord{{Name: "track.linden.example", Type: "CNAME", Value: "edge.platform.example", State: v1alpha1.DNSRecordMissing}}}
	if err := api.Status().Update(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
}

// admitViewer gives the viewer the rights that wismo's viewer roles give.
func admitViewer(t *testing.T) {
	t.Helper()
	for role, file := range map[string]string{
		"wismo-shop-viewer": "config/rbac/shop_roles.yaml", "wismo-carrierintegration-viewer": "config/rbac/carrierintegration_roles.yaml",
	} {
		if err := api.Get(t.Context(), client.ObjectKey{Name: role}, &rbacv1.ClusterRole{}); apierrors.IsNotFound(err) {
			install(t, file) // this test runs alone
		} else if err != nil {
			t.Fatal(err)
		}
		create(t, &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: role}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects: []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: viewer}},
		})
	}
}

// needs are the Shops of a fleet in its order, each with what it needs.
func needs(f status.Fleet) []string {
	var all []string
	for _, s := range f.Shops {
		all = append(all, s.Name+" "+string(s.Need))
	}
	return all
}

func TestStatusPutsTheShopsThatNeedHandsFirstWithTheRightsOfAViewer(t *testing.T) {
	namespace := newNamespace(t, "glance")
	admitViewer(t)
	fine, broken := newShop(namespace, "aster"), newShop(namespace, "linden")
	create(t, fine, broken, newShop(namespace, "new"))
	observe(t, fine,
		condition(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady, "ready"),
		condition(v1alpha1.ConditionOperational, metav1.ConditionTrue, v1alpha1.ReasonOperational, "operational"))
	observe(t, broken,
		condition(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady, "ready"),
		condition(v1alpha1.ConditionOperational, metav1.ConditionFalse, v1alpha1.ReasonDNSRecordMissing, "no record"),
		condition(v1alpha1.ConditionDomainReady, metav1.ConditionFalse, v1alpha1.ReasonDNSRecordMissing, "track.linden.example has no DNS record"))

	eventually(t, func() error {
		if _, errs, code := run(t, "status", "-n", namespace, "--as", viewer); code == 2 {
			return errors.New(errs)
		}
		return nil
	})
	out, _, code := run(t, "status", "-n", namespace, "-o", "json", "--as", viewer)
	var f status.Fleet
	if err := json.Unmarshal([]byte(out), &f); err != nil || code != 1 {
		t.Fatalf("exit code %d, %v:\n%s", code, err, out)
	}
	if got := needs(f); !slices.Equal(got, []string{"linden Hands", "new Time", "aster Nothing"}) {
		t.Errorf("the Shops are %v", got)
	}
	if s := f.Summary; s.Shops != 3 || s.Ready != 2 || s.Operational != 1 || s.NeedHands != 1 {
		t.Errorf("the summary is %+v", s)
	}
	says(t, 1, []string{
		"What to do next", "1. Shop linden: DomainReady DNSRecordMissing", "-> At the DNS provider, create each record whose state in `status.dns.records` is `Missing`.",
		"https://track.linden.example/hooks/abc", "CNAME  track.linden.example  edge.platform.example  Missing",
	}, "status", "linden", "-n", namespace, "--as", viewer)
	says(t, 0, []string{"Nothing to do"}, "status", "aster", "-n", namespace)
	says(t, 1, []string{"3 Shops: 2 ready, 1 operational, 0 stalled, 1 to act on", "To act on (1)", "2 more Shops with nothing to do"}, "status", "-n", namespace)
	says(t, 1, []string{"Healthy (1)", "glance"}, "status", "-A", "-o", "wide")
	says(t, 2, []string{"there is no Shop lindn"}, "status", "lindn", "-n", namespace)
	says(t, 2, []string{"forbidden"}, "status", "-A", "--as", "nobody@platform.example")
	// The shell completes the names.
	says(t, 0, []string{"aster\tLinden Living", "linden\t"}, "__complete", "status", "-n", namespace, "")
}
