package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/config/rbac"
)

// permission is one verb on one resource of the API.
type permission struct{ group, resource, subresource, verb string }

func (r permission) String() string {
	name := r.resource
	if r.subresource != "" {
		name += "/" + r.subresource
	}
	if r.group != "" {
		name += "." + r.group
	}
	return r.verb + " " + name
}

// forbiddenPermissions lists the permissions that the operator must not have: they read Secrets, or allow it to get permissions that do.
var forbiddenPermissions = []permission{
	{"", "secrets", "", "get"}, {"", "secrets", "", "list"}, {"", "secrets", "", "watch"}, {"", "secrets", "", "update"},
	{"", "secrets", "", "patch"}, {"", "secrets", "", "delete"}, {"", "secrets", "", "deletecollection"},
	{"", "pods", "exec", "create"}, {"", "pods", "ephemeralcontainers", "patch"}, {"", "serviceaccounts", "token", "create"},
	{"rbac.authorization.k8s.io", "clusterroles", "", "escalate"}, {"rbac.authorization.k8s.io", "clusterrolebindings", "", "create"},
}

// requiredPermissions returns the permissions in the Role that wismo ships for the operator.
func requiredPermissions() ([]permission, error) {
	role, err := rbac.ManagerRole()
	if err != nil {
		return nil, err
	}
	var all []permission
	for _, rule := range role.Rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				name, subresource, _ := strings.Cut(resource, "/")
				for _, verb := range rule.Verbs {
					all = append(all, permission{group, name, subresource, verb})
				}
			}
		}
	}
	return all, nil
}

// checkPermissions checks by SubjectAccessReviews that the operator has every required permission and no forbidden one.
func (e *examiner) checkPermissions(ctx context.Context) {
	if e.deployment == nil {
		return
	}
	wanted, err := requiredPermissions()
	if err != nil {
		e.cannot("rights", err)
		return
	}
	namespaces := e.watchedNamespaces()
	lacks, err := e.permissionsWhere(ctx, wanted, namespaces, false)
	if err != nil {
		e.cannot("rights", err)
		return
	}
	has, err := e.permissionsWhere(ctx, forbiddenPermissions, namespaces, true)
	if err != nil {
		e.cannot("rights", err)
		return
	}
	if len(lacks) > 0 {
		e.add("rights", Fail, "Apply the roles again: kubectl apply --server-side -k config/rbac, or helm upgrade", "the operator lacks %s", some(lacks))
	}
	if len(has) > 0 {
		e.add("rights", Fail, "Remove the binding that grants it. To find it: kubectl get clusterrolebindings,rolebindings -A -o wide | grep "+operatorName, "the operator may %s, and must not", some(has))
	}
	if len(lacks)+len(has) == 0 {
		e.add("rights", OK, "", "the operator has all the permissions that it needs %s, and cannot read a Secret", where(namespaces))
	}
}

// watchedNamespaces returns the namespaces of the operator's flag --watch-namespaces; one empty name = all namespaces.
func (e *examiner) watchedNamespaces() []string {
	for _, arg := range e.deployment.Spec.Template.Spec.Containers[0].Args {
		if list, ok := strings.CutPrefix(strings.TrimLeft(arg, "-"), "watch-namespaces="); ok && list != "" {
			return strings.Split(list, ",")
		}
	}
	return []string{""}
}

func where(namespaces []string) string {
	if slices.Equal(namespaces, []string{""}) {
		return "in every namespace"
	}
	return "in " + some(namespaces)
}

// permissionsWhere returns those permissions which the operator has in one of the namespaces (allowed true), or lacks in one (false).
func (e *examiner) permissionsWhere(ctx context.Context, permissions []permission, namespaces []string, allowed bool) ([]string, error) {
	user := fmt.Sprintf("system:serviceaccount:%s:%s", e.namespace, e.serviceAccount())
	var found []string
	for _, r := range permissions {
		for _, namespace := range namespaces {
			review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
				User:   user,
				Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + e.namespace, "system:authenticated"},
				ResourceAttributes: &authorizationv1.ResourceAttributes{
					Namespace: namespace, Group: r.group, Resource: r.resource, Subresource: r.subresource, Verb: r.verb,
				},
			}}
			if err := e.Create(ctx, review, &client.CreateOptions{}); err != nil {
				return nil, err
			}
			if review.Status.Allowed == allowed {
				found = append(found, r.String())
				break
			}
		}
	}
	return found, nil
}

func (e *examiner) serviceAccount() string {
	if name := e.deployment.Spec.Template.Spec.ServiceAccountName; name != "" {
		return name
	}
	return "default"
}
