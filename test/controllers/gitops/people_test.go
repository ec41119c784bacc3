package gitops

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// asPeople gives a user each of the cluster's own roles in the namespace, with what our roles add to them. Aggregation
// itself is a controller's work, which does not run here: edit has what view has, and admin what edit has.
func asPeople(t *testing.T, namespace string) {
	t.Helper()
	roles := &rbacv1.ClusterRoleList{}
	if err := suite.Kube.List(t.Context(), roles); err != nil {
		t.Fatal(err)
	}
	ranks := []string{"view", "edit", "admin"}
	for i, rank := range ranks {
		for _, role := range roles.Items {
			ours := strings.HasPrefix(role.Name, "wismo-") && slices.ContainsFunc(ranks[:i+1], func(r string) bool {
				return role.Labels["rbac.authorization.k8s.io/aggregate-to-"+r] == "true"
			})
			if !ours {
				continue
			}
			suite.Create(t, &rbacv1.RoleBinding{
				ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: rank + "-" + role.Name},
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
				Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: rank + "@" + namespace}},
			})
		}
	}
}

func allowed(t *testing.T, user, namespace, verb, resource, subresource string) bool {
	t.Helper()
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user, Groups: []string{"system:authenticated"},
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: verb, Group: "tracking.wismo.dev", Resource: resource, Subresource: subresource, Name: "linden",
		},
	}}
	if err := suite.Kube.Create(t.Context(), review); err != nil {
		t.Fatal(err)
	}
	return review.Status.Allowed
}

func TestWhoMayViewEditAndAdministerMayDoThatAndNoMore(t *testing.T) {
	namespace, other := suite.InNamespace(t), suite.InNamespace(t)
	asPeople(t, namespace)
	reading, editing := []string{"get", "list", "watch"}, []string{"create", "update", "patch", "delete"}
	may := map[string][]string{
		"view":  reading,
		"edit":  append(slices.Clone(reading), editing...),
		"admin": append(append(slices.Clone(reading), editing...), "deletecollection"),
	}
	for _, kind := range []string{"shops", "carrierintegrations", "notificationpolicies"} {
		for rank, verbs := range may {
			user := rank + "@" + namespace
			for _, verb := range may["admin"] {
				suite.Eventually(t, fmt.Sprintf("who may %s may, or may not, %s %s", rank, verb, kind), func() error {
					if got, want := allowed(t, user, namespace, verb, kind, ""), slices.Contains(verbs, verb); got != want {
						return fmt.Errorf("allowed is %v", got)
					}
					return nil
				})
				for _, subresource := range []string{"status", "finalizers"} {
					if verb != "get" && allowed(t, user, namespace, verb, kind, subresource) {
						t.Errorf("who may %s may %s %s/%s: that is the operator's", rank, verb, kind, subresource)
					}
				}
				if allowed(t, user, other, verb, kind, "") {
					t.Errorf("who may %s here may %s %s elsewhere", rank, verb, kind)
				}
			}
		}
	}
}
