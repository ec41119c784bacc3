//go:build e2e

package e2e

import (
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
)

const managerUser = "system:serviceaccount:wismo-system:wismo-manager"

func TestTheManagerCanCreateSecretsAndNothingElseWithThem(t *testing.T) {
	type right struct{ verb, resource, subresource string }
	denied := []right{{"create", "pods", "exec"}, {"get", "pods", "exec"}, {"create", "serviceaccounts", "token"}, {"update", "pods", "ephemeralcontainers"}}
	for _, verb := range []string{"get", "list", "watch", "patch", "update", "delete", "deletecollection"} {
		denied = append(denied, right{verb, "secrets", ""})
	}
	for _, namespace := range []string{"", "linden", "wismo-system", "wismo-library", "kube-system"} {
		for _, r := range denied {
			if allowed(t, namespace, r.verb, r.resource, r.subresource) {
				t.Errorf("the manager may %s %s/%s in namespace %q", r.verb, r.resource, r.subresource, namespace)
			}
		}
	}
	if !allowed(t, "linden", "create", "secrets", "") {
		t.Error("the manager may not create Secrets: this test would prove nothing")
	}
}

func allowed(t *testing.T, namespace, verb, resource, subresource string) bool {
	t.Helper()
	review := authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User:   managerUser,
		Groups: []string{"system:serviceaccounts", "system:serviceaccounts:wismo-system", "system:authenticated"},
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: verb, Resource: resource, Subresource: subresource,
		},
	}}
	if err := cluster.Create(t.Context(), &review); err != nil {
		t.Fatal(err)
	}
	return review.Status.Allowed
}
